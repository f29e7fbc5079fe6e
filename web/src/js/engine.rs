//! The worker, seen from the page.

use gopeer_engine::protocol::Request;
use js_sys::{Reflect, Uint8Array};
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
                let report = error.as_string().unwrap_or_else(|| "The worker could not be started.".to_owned());
                dispatch.emit(Action::Engine(EngineAction::Died { report }));
                return None;
            }
        };
        let to = dispatch.clone();
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            to.emit(Action::Engine(understand(&event.data())));
        });
        let to = dispatch.clone();
        let fail = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            let message = Reflect::get(&event, &"message".into()).ok().and_then(|message| message.as_string());
            let report = message.unwrap_or_else(|| "The worker could not be loaded.".to_owned());
            to.emit(Action::Engine(EngineAction::Died { report }));
        });
        worker.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        worker.set_onerror(Some(fail.as_ref().unchecked_ref()));
        Some(Engine { worker, _hear: hear, _fail: fail })
    }

    /// Posts a request. One that cannot be posted is not answered, which the watchdog notices.
    pub fn ask(&self, request: &Request) {
        if let Ok(bytes) = postcard::to_allocvec(request) {
            let _ = self.worker.post_message(&Uint8Array::from(bytes.as_slice()));
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

fn understand(message: &JsValue) -> EngineAction {
    let Some(bytes) = message.dyn_ref::<Uint8Array>() else {
        // From static/js/engine.js: the engine itself did not come to speak.
        let failed = Reflect::get(message, &"failed".into()).ok().and_then(|report| report.as_string());
        return EngineAction::Died { report: failed.unwrap_or_default() };
    };
    let message = bytes.to_vec();
    match postcard::from_bytes(&message) {
        Ok(Signal::Ready { engine }) => EngineAction::Ready { version: engine },
        Ok(Signal::Answer(response)) => {
            EngineAction::Answered { response: Box::new(response), message: message.into() }
        }
        Ok(Signal::Learned) => EngineAction::Learned,
        Ok(Signal::Configured { file, persona }) => EngineAction::Configured { file, persona },
        Ok(Signal::Brought { file, card }) => EngineAction::Brought { file, card },
        Ok(Signal::Working) => EngineAction::Working,
        Ok(Signal::Panic { report }) => EngineAction::Died { report },
        Err(_) => EngineAction::Died { report: "An answer was not understood.".to_owned() },
    }
}
