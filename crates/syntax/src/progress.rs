//! A sign of life from long work.

use std::rc::Rc;

/// Told again and again that work goes on, so that whoever waits can tell long work from a hang. It is told between any two
/// steps that may take long: pieces, statements and expressions under check, nodes under examination. Nothing here has a
/// clock; who is told decides how often to pass it on.
#[derive(Clone, Default)]
pub struct Progress(Option<Rc<dyn Fn()>>);

impl Progress {
    /// Calls `told` at each step.
    pub fn new(told: impl Fn() + 'static) -> Progress {
        Progress(Some(Rc::new(told)))
    }

    /// Says that work goes on.
    pub fn step(&self) {
        if let Some(told) = &self.0 {
            told();
        }
    }
}
