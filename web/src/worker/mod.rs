//! The worker's side: holds the only [`Session`], answers requests in the order in which they come, and fetches what is
//! known of the packages that the files import.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64};

use gloo::timers::callback::Timeout;
use gopeer_engine::config::{self, Fault, Read};
use gopeer_engine::manifest::{self, Entry};
use gopeer_engine::protocol::{Answer, Ask, PersonaCard, Request, Response};
use gopeer_engine::{Progress, Session, questions};
use js_sys::{Promise, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// What the worker posts, as bytes: both ends are Rust, and a decoder for them is a fraction of one for objects.
#[derive(Debug, Serialize, Deserialize)]
pub enum Signal {
    /// The engine is there and takes requests.
    Ready {
        /// Its version.
        engine: String,
    },
    /// An answer.
    Answer(Response),
    /// A request is being carried out, which takes a while.
    Working,
    /// More is known of imported packages than when the last review was made, or that it cannot be.
    Learned,
    /// A configuration among the files was read.
    Configured {
        /// Name of the file.
        file: String,
        /// The persona that it names.
        persona: Option<String>,
    },
    /// A reviewer among the files was read.
    Brought {
        /// Name of the file.
        file: String,
        /// Who that is; none where the file has faults.
        card: Option<PersonaCard>,
    },
    /// The engine panicked; this is the last message.
    Panic {
        /// Message and place.
        report: String,
    },
}

/// Answers until the page ends the worker.
pub fn serve() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        post(&Signal::Panic { report: info.to_string() });
    }));
    let testing = scope.location().search() == "?test";
    let mut session = Session::new();
    session.set_progress(progress());
    let desk = Desk {
        session,
        delay: 0,
        requests: VecDeque::new(),
        asked: Vec::new(),
        fetching: 0,
        patient_until: 0.0,
        is_waiting: false,
        is_early: false,
        is_reading: false,
        is_asking: false,
        is_silent: true,
    };
    let desk = Rc::new(RefCell::new(desk));
    let first = Rc::clone(&desk);
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        desk.borrow_mut().hear(&event.data(), testing);
        work(&desk);
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
    post(&Signal::Ready { engine: gopeer_engine::VERSION.to_owned() });
    // At once: nearly every file imports the standard library, and by then there may be no network.
    learn(&first, manifest::module_for("fmt").into_iter().collect());
}

/// How long a review waits for what is known of packages that the files import, in milliseconds: without it, all would be reviewed
/// twice.
const PATIENCE: f64 = 1_000.0;

/// Answers the requests that need not wait, and comes back to those that do.
fn work(desk: &Rc<RefCell<Desk>>) {
    loop {
        let Some(request) = desk.borrow_mut().next() else { break };
        desk.borrow_mut().answer(request);
        let wanted = desk.borrow_mut().session.wanted();
        learn(desk, wanted);
        configure(desk);
        ask(desk);
    }
    if desk.borrow_mut().begins_to_wait() {
        post(&Signal::Working);
        let desk = Rc::clone(desk);
        let again = move || {
            desk.borrow_mut().is_waiting = false;
            work(&desk);
        };
        Timeout::new(SIGN_EVERY as u32, again).forget();
    }
}

/// Fetches modules, each once.
fn learn(desk: &Rc<RefCell<Desk>>, modules: Vec<&'static Entry>) {
    let modules = desk.borrow_mut().not_asked(modules);
    if modules.is_empty() {
        return;
    }
    desk.borrow_mut().wait_for_modules();
    let desk = Rc::clone(desk);
    spawn_local(async move {
        fetch(&desk, modules).await;
        if desk.borrow_mut().has_modules() {
            post(&Signal::Learned);
        }
        work(&desk);
    });
}

/// Fetches modules side by side and adds them together, so that one new review knows all of them. What cannot be had stays
/// unknown, which the review says.
async fn fetch(desk: &Rc<RefCell<Desk>>, modules: Vec<&'static Entry>) {
    let files: Vec<(&Entry, JsFuture)> = modules.into_iter().map(|entry| (entry, load(&entry.file()).into())).collect();
    for (entry, file) in files {
        let bytes = file.await.map_or_else(|_| Vec::new(), |bytes| Uint8Array::new(&bytes).to_vec());
        desk.borrow_mut().session.learn(entry, &bytes);
    }
}

/// Has configurations and reviewers read that nobody has read, one after the other.
fn configure(desk: &Rc<RefCell<Desk>>) {
    let Some((name, text)) = desk.borrow_mut().next_config() else { return };
    let desk = Rc::clone(desk);
    spawn_local(async move {
        let read = desk.borrow().read(&name, &text);
        let bytes = JsFuture::from(read).await.unwrap_or_default();
        let signal = desk.borrow_mut().configure(name, &text, &bytes);
        post(&signal);
        ask(&desk);
        // It may have changed meanwhile.
        configure(&desk);
    });
}

/// Fetches what answers to questions do, once there are some.
fn ask(desk: &Rc<RefCell<Desk>>) {
    if !desk.borrow().session.wants_questions() || std::mem::replace(&mut desk.borrow_mut().is_asking, true) {
        return;
    }
    let desk = Rc::clone(desk);
    spawn_local(async move {
        let text: JsFuture = load(questions::FILE).into();
        let text = text.await.map_or_else(|_| Vec::new(), |bytes| Uint8Array::new(&bytes).to_vec());
        desk.borrow_mut().session.learn_questions(&String::from_utf8_lossy(&text));
        post(&Signal::Learned);
    });
}

fn lines(ids: &[&str]) -> String {
    ids.iter().fold(String::new(), |lines, id| lines + id + "\n")
}

#[wasm_bindgen]
extern "C" {
    /// Reads a configuration or a reviewer: the bytes of `Result<Read, Vec<Fault>>`. `static/js/engine.js` has it.
    #[wasm_bindgen(js_name = gopeerConfig)]
    fn read_config(name: &str, text: &str, rules: &str, personas: &str) -> Promise;
    /// The bytes of a file beside the engine, unpacked: `static/js/engine.js` has it.
    #[wasm_bindgen(js_name = gopeerLoad)]
    fn load(name: &str) -> Promise;
    /// The bytes of what reviewers say, if they have come: `static/js/engine.js` has them.
    #[wasm_bindgen(js_name = gopeerVoices)]
    fn voices() -> Option<Uint8Array>;
}

struct Desk {
    session: Session,
    delay: u32,
    /// Those that were not answered yet.
    requests: VecDeque<Request>,
    /// Stems of the modules that were fetched, whatever came of it.
    asked: Vec<&'static str>,
    /// How many fetches of modules are under way.
    fetching: u32,
    /// Until when reviews wait for these, in milliseconds.
    patient_until: f64,
    /// Whether a timer runs that comes back to requests.
    is_waiting: bool,
    /// Whether a review did not wait for them.
    is_early: bool,
    /// Whether a configuration or a reviewer is being read.
    is_reading: bool,
    /// Whether what reviewers say has not come yet.
    is_silent: bool,
    /// Whether it was asked what answers do.
    is_asking: bool,
}

impl Desk {
    fn read(&self, name: &str, text: &str) -> Promise {
        read_config(name, text, &lines(&self.session.rule_ids()), &lines(&self.session.persona_ids()))
    }

    /// Takes what was read of a file, and says what is to be posted of it; no bytes where nothing was read.
    fn configure(&mut self, file: String, text: &str, bytes: &JsValue) -> Signal {
        const LOST: &str = "its reader could not be loaded; edit the file or reload the page to try again";
        let read = postcard::from_bytes(&Uint8Array::new(bytes).to_vec());
        let read: Result<Read, Vec<Fault>> = read.unwrap_or_else(|_| Err(vec![Fault::at(0..0, LOST)]));
        self.is_reading = false;
        let signal = match &read {
            Ok(Read::Persona(persona)) => Signal::Brought { file: file.clone(), card: Some(persona.card()) },
            Ok(Read::Config(config)) => Signal::Configured { file: file.clone(), persona: config.persona.clone() },
            Err(_) if config::is_config(&file) => Signal::Configured { file: file.clone(), persona: None },
            Err(_) => Signal::Brought { file: file.clone(), card: None },
        };
        self.session.configure(&file, text, read);
        signal
    }

    /// The name and text of what is to be read next, if none is being read.
    fn next_config(&mut self) -> Option<(String, String)> {
        let (name, text) = self.session.unread_config().filter(|_| !self.is_reading)?;
        self.is_reading = true;
        Some((name.to_owned(), text.to_owned()))
    }

    /// Those that were not fetched before.
    fn not_asked(&mut self, mut modules: Vec<&'static Entry>) -> Vec<&'static Entry> {
        modules.retain(|entry| !self.asked.contains(&entry.stem));
        self.asked.extend(modules.iter().map(|entry| entry.stem));
        modules
    }

    fn hear(&mut self, message: &JsValue, testing: bool) {
        match message.dyn_ref::<Uint8Array>().map(|bytes| postcard::from_bytes::<Request>(&bytes.to_vec())) {
            Some(Ok(request)) => self.requests.push_back(request),
            None if testing => self.misbehave(message),
            _ => panic!("a request that is not of the protocol"),
        }
    }

    /// The request to answer now. A review may wait for modules as long as nothing else waits for the review.
    fn next(&mut self) -> Option<Request> {
        let waits = self.fetching > 0 && now() < self.patient_until && self.requests.len() == 1;
        self.requests.pop_front_if(|request| !waits || !matches!(request.ask, Ask::Review { .. }))
    }

    fn wait_for_modules(&mut self) {
        self.fetching += 1;
        self.patient_until = now() + PATIENCE;
    }

    /// Whether there are requests that nothing comes back to so far.
    fn begins_to_wait(&mut self) -> bool {
        !self.requests.is_empty() && !std::mem::replace(&mut self.is_waiting, true)
    }

    /// Modules have come: whether a review was made without them.
    fn has_modules(&mut self) -> bool {
        self.fetching -= 1;
        std::mem::take(&mut self.is_early)
    }

    fn answer(&mut self, Request { id, ask }: Request) {
        let begin = now();
        self.is_early |= self.fetching > 0 && matches!(ask, Ask::Review { .. });
        self.hear_voices();
        let mut answer = self.session.answer(ask);
        if let Answer::Review { review, .. } = &mut answer {
            wait(self.delay);
            review.stats.millis = (now() - begin) as f32;
        }
        post(&Signal::Answer(Response { id, answer }));
    }

    /// Gives the reviewers their sentences, which come before the engine does unless the line is bad.
    fn hear_voices(&mut self) {
        let voices = if self.is_silent { voices().map(|voices| voices.to_vec()) } else { None };
        if let Some(voices) = voices {
            self.session.speak(&voices);
            self.is_silent = false;
        }
    }

    /// What the tests may make the worker do, where its address ends in `?test`: panic, never return, or take that
    /// many milliseconds longer for each review from now on.
    fn misbehave(&mut self, message: &JsValue) {
        let test = Reflect::get(message, &"test".into()).unwrap_or_default();
        match (test.as_string().as_deref(), test.as_f64()) {
            (Some("loop"), _) => wait(u32::MAX),
            (_, Some(millis)) => self.delay = millis as u32,
            _ => panic!("asked for by a test"),
        }
    }
}

/// How often the page hears that work goes on, in milliseconds: several times within its patience (`state/engine.rs`).
const SIGN_EVERY: f64 = 100.0;
/// The clock is looked at once in so many steps: most steps take less than a look.
const STEPS: u32 = 8;

/// Posts a sign of life now and then.
fn progress() -> Progress {
    let (steps, last) = (AtomicU32::new(0), AtomicU64::new(now().to_bits()));
    Progress::new(move || {
        let is_due = steps.fetch_add(1, Relaxed) % STEPS == 0;
        if is_due && now() - f64::from_bits(last.load(Relaxed)) >= SIGN_EVERY {
            last.store(now().to_bits(), Relaxed);
            post(&Signal::Working);
        }
    })
}

/// Burns time, as a slow rule would: nothing else in this worker runs.
fn wait(millis: u32) {
    let end = now() + f64::from(millis);
    while now() < end {}
}

fn now() -> f64 {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    scope.performance().map_or(0.0, |clock| clock.now())
}

fn post(signal: &Signal) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    if let Ok(bytes) = postcard::to_allocvec(signal) {
        // Bytes can always be cloned; were one lost, the page's watchdog notices the silence.
        let _ = scope.post_message(&Uint8Array::from(bytes.as_slice()));
    }
}

#[cfg(test)]
mod tests {
    use gopeer_engine::protocol::{Ask, FileText};

    use super::*;

    /// The bytes say no names, so a field that is left out on one side is missing on the other.
    #[test]
    fn what_is_posted_is_understood() {
        let mut session = Session::new();
        let text = "package main\n\nimport \"context\"\n\nfunc load(ctx context.Context, slow bool) error {\n\t\
            ctx, cancel := context.WithCancel(ctx)\n\tif slow {\n\t\treturn ctx.Err()\n\t}\n\tcancel()\n\treturn nil\n}\n";
        let files = vec![FileText { name: "main.go".to_owned(), text: text.to_owned() }];
        session.answer(Ask::Open { files, before: Vec::new() });
        let answer = session.answer(Ask::Review {
            persona: "senior".to_owned(),
            remarks: Vec::new(),
            answers: Vec::new(),
            beside: String::new(),
        });
        let bytes =
            postcard::to_allocvec(&Signal::Answer(Response { id: 1, answer: answer.clone() })).expect("plain data");
        let signal = postcard::from_bytes(&bytes).expect("it reads what it wrote");
        let Signal::Answer(Response { answer: Answer::Review { review, .. }, .. }) = signal else {
            panic!("{signal:?}")
        };
        assert!(matches!(answer, Answer::Review { review: posted, .. } if posted == review));
        assert!(review.findings.iter().any(|finding| !finding.steps.is_empty()), "{review:?}");
    }
}
