//! The worker, seen from the page.

use gopeer_engine::protocol::Request;
use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, Worker};
use yew::Callback;

use crate::state::{Action, EngineAction};
use crate::worker::Signal;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = gopeer, js_name = startEngine, catch)]
    fn start_engine() -> Result<Worker, JsValue>;
}

/// A running worker; ends when dropped.
pub struct Engine {
    worker: Worker,
    _hear: Closure<dyn FnMut(MessageEvent)>,
    _fail: Closure<dyn FnMut(ErrorEvent)>,
}

impl Engine {
    /// Starts one.
    pub fn start(dispatch: &Callback<Action>) -> Option<Engine> {
        let worker = match start_engine() {
            Ok(worker) => worker,
            Err(error) => {
                let report = format!("The worker could not be started: {error:?}");
                dispatch.emit(Action::Engine(EngineAction::Died { report }));
                return None;
            }
        };
        let told = dispatch.clone();
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            told.emit(Action::Engine(understand(event.data())));
        });
        let told = dispatch.clone();
        let fail = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            let message = Reflect::get(&event, &"message".into()).ok().and_then(|message| message.as_string());
            let report = message.unwrap_or_else(|| "The worker could not be loaded.".to_owned());
            told.emit(Action::Engine(EngineAction::Died { report }));
        });
        worker.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        worker.set_onerror(Some(fail.as_ref().unchecked_ref()));
        Some(Engine { worker, _hear: hear, _fail: fail })
    }

    /// Posts a request. One that cannot be posted is not answered, which the watchdog notices.
    pub fn ask(&self, request: &Request) {
        let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
        if let Ok(message) = request.serialize(&serializer) {
            let _ = self.worker.post_message(&message);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn understand(message: JsValue) -> EngineAction {
    let numbered = Reflect::has(&message, &"id".into()).unwrap_or(false);
    let understood = if numbered {
        serde_wasm_bindgen::from_value(message).map(|response| EngineAction::Answered { response: Box::new(response) })
    } else {
        serde_wasm_bindgen::from_value(message).map(|signal| match signal {
            Signal::Ready { engine } => EngineAction::Ready { version: engine },
            Signal::Panic { report } | Signal::Failed(report) => EngineAction::Died { report },
        })
    };
    understood.unwrap_or_else(|error| EngineAction::Died { report: format!("An answer was not understood: {error}") })
}
