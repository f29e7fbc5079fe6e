//! The worker's side: holds the only [`Session`], answers requests in the order in which they come, and fetches what is
//! known of the packages that the files import.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use gopeer_engine::manifest::Entry;
use gopeer_engine::protocol::{Answer, Request, Response};
use gopeer_engine::{Session, Types};
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
    /// More is known of imported packages than when the last review was made, or that it cannot be.
    Learned,
    /// The engine panicked; this is the last message.
    Panic {
        /// Message and place.
        report: String,
    },
}

/// Brings what the engine needs for types; nothing where that cannot be had.
pub type BringTypes = fn() -> Pin<Box<dyn Future<Output = Option<&'static Types>>>>;

/// Answers until the page ends the worker.
pub fn serve(types: BringTypes) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    std::panic::set_hook(Box::new(|info| post(&Signal::Panic { report: info.to_string() })));
    let testing = scope.location().search() == "?test";
    let desk = Rc::new(RefCell::new(Desk {
        session: Session::without_types(),
        delay: 0,
        types,
        types_asked: false,
        asked: Vec::new(),
    }));
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        desk.borrow_mut().hear(&event.data(), testing);
        learn(&desk);
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
    post(&Signal::Ready { engine: gopeer_engine::VERSION.to_owned() });
}

/// Fetches what the session wants to know and does not, each once.
fn learn(desk: &Rc<RefCell<Desk>>) {
    let Some(modules) = desk.borrow_mut().next_fetch() else { return };
    let desk = Rc::clone(desk);
    spawn_local(async move {
        fetch(&desk, modules).await;
        post(&Signal::Learned);
    });
}

/// Fetches types, if they are not there, and modules. They arrive together, so that one new review knows all of them. What
/// cannot be had stays unknown, which the review says.
async fn fetch(desk: &Rc<RefCell<Desk>>, modules: Vec<&'static Entry>) {
    let files: Vec<(&Entry, JsFuture)> = modules.into_iter().map(|entry| (entry, load(&entry.file()).into())).collect();
    let types = desk.borrow().types;
    match types().await {
        Some(types) => desk.borrow_mut().session.add_types(types),
        None => return desk.borrow_mut().give_up(&files),
    }
    for (entry, file) in files {
        let bytes = file.await.map_or_else(|_| Vec::new(), |bytes| Uint8Array::new(&bytes).to_vec());
        desk.borrow_mut().session.learn(entry, &bytes);
    }
}

#[wasm_bindgen]
extern "C" {
    /// The bytes of a file beside the engine, unpacked: `static/js/engine.js` has it.
    #[wasm_bindgen(js_name = gopeerLoad)]
    fn load(name: &str) -> Promise;
}

struct Desk {
    session: Session,
    delay: u32,
    types: BringTypes,
    types_asked: bool,
    /// Stems of the modules that were fetched, whatever came of it.
    asked: Vec<&'static str>,
}

impl Desk {
    /// The modules to fetch now; none where types are not to be fetched either.
    fn next_fetch(&mut self) -> Option<Vec<&'static Entry>> {
        let types = self.session.wants_types() && !std::mem::replace(&mut self.types_asked, true);
        let mut modules = self.session.wanted();
        modules.retain(|entry| !self.asked.contains(&entry.stem));
        self.asked.extend(modules.iter().map(|entry| entry.stem));
        (types || !modules.is_empty()).then_some(modules)
    }

    /// Types did not come. Another fetch under way tries once more: if it has them, these modules are wanted again.
    fn give_up(&mut self, files: &[(&Entry, JsFuture)]) {
        self.session.lose_types();
        self.asked.retain(|stem| files.iter().all(|(entry, _)| entry.stem != *stem));
    }

    fn hear(&mut self, message: &JsValue, testing: bool) {
        match message.dyn_ref::<Uint8Array>().map(|bytes| postcard::from_bytes::<Request>(&bytes.to_vec())) {
            Some(Ok(request)) => self.answer(request),
            None if testing => self.misbehave(message),
            _ => panic!("a request that is not of the protocol"),
        }
    }

    fn answer(&mut self, Request { id, ask }: Request) {
        let begin = now();
        let mut answer = self.session.answer(ask);
        if let Answer::Review { review } = &mut answer {
            wait(self.delay);
            review.stats.millis = (now() - begin) as f32;
        }
        post(&Signal::Answer(Response { id, answer }));
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
