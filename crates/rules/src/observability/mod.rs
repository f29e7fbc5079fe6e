//! Logs, metrics, traces.
mod support;

category! {
    kv_mismatch,
    unstructured_log,
}
