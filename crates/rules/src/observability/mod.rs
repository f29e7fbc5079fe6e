//! Logs, metrics, traces.
category! {
}
