//! A sign of life from long work.

use std::sync::Arc;

/// Told again and again that work goes on, so that whoever waits can tell long work from a hang. It is told between any two
/// steps that may take long: pieces, statements and expressions under check, nodes under examination. Nothing here has a
/// clock; who is told decides how often to pass it on. It can be sent, because the command hands parsers from thread to
/// thread.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn() + Send + Sync>>);

impl Progress {
    /// Calls `told` at each step.
    pub fn new(told: impl Fn() + Send + Sync + 'static) -> Progress {
        Progress(Some(Arc::new(told)))
    }

    /// Says that work goes on.
    pub fn step(&self) {
        if let Some(told) = &self.0 {
            told();
        }
    }
}
