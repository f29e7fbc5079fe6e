//! The worker's side: holds the only [`Session`], answers requests in the order in which they come.

use gopeer_engine::Session;
use gopeer_engine::protocol::{Answer, Request, Response};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// What the worker posts besides [`Response`]s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Signal {
    /// The engine is there and takes requests.
    Ready {
        /// Its version.
        engine: String,
    },
    /// The engine panicked; this is the last message.
    Panic {
        /// Message and place.
        report: String,
    },
    /// The engine could not be loaded; said by `static/js/engine.js`.
    Failed(String),
}

/// What the tests may make the worker do, where its address ends in `?test`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Misbehave {
    /// Panic at once.
    Panic,
    /// Never return.
    Loop,
    /// Take this many milliseconds longer for each review from now on.
    Delay(u32),
}

#[derive(Deserialize)]
struct Test {
    test: Misbehave,
}

/// Answers until the page ends the worker.
pub fn serve() {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    std::panic::set_hook(Box::new(|info| post(&Signal::Panic { report: info.to_string() })));
    let testing = scope.location().search() == "?test";
    let mut desk = Desk { session: Session::new(), delay: 0 };
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| desk.hear(event.data(), testing));
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
    post(&Signal::Ready { engine: gopeer_engine::VERSION.to_owned() });
}

struct Desk {
    session: Session,
    delay: u32,
}

impl Desk {
    fn hear(&mut self, message: JsValue, testing: bool) {
        match serde_wasm_bindgen::from_value::<Request>(message.clone()) {
            Ok(request) => self.answer(request),
            Err(_) if testing => self.misbehave(message),
            Err(error) => panic!("a request that is not of the protocol: {error}"),
        }
    }

    fn answer(&mut self, Request { id, ask }: Request) {
        let begin = now();
        let mut answer = self.session.answer(ask);
        if let Answer::Review { review } = &mut answer {
            wait(self.delay);
            review.stats.millis = (now() - begin) as f32;
        }
        post(&Response { id, answer });
    }

    fn misbehave(&mut self, message: JsValue) {
        match serde_wasm_bindgen::from_value::<Test>(message) {
            Ok(Test { test: Misbehave::Delay(millis) }) => self.delay = millis,
            Ok(Test { test: Misbehave::Loop }) => wait(u32::MAX),
            Ok(Test { test: Misbehave::Panic }) => panic!("asked for by a test"),
            Err(error) => panic!("a test that is not known: {error}"),
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

fn post(message: &impl Serialize) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    if let Ok(value) = message.serialize(&serializer) {
        // A clone of plain data does not fail; were it to, the page's watchdog notices the silence.
        let _ = scope.post_message(&value);
    }
}
