//! The page and its worker.
//!
//! [`state`] is what the page knows and the pure function that changes it; [`queries`] are what is drawn from it;
//! [`tasks`] are the only ways to change it; [`components`] draw; [`js`] carries out effects and speaks to the browser.
//! [`worker`] is the other program: it holds the engine. [`report`] is one more: it makes exports.

pub mod components;
pub mod js;
pub mod queries;
pub mod report;
pub mod state;
pub mod tasks;
pub mod worker;
