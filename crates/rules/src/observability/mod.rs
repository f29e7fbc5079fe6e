//! Logs, metrics, traces.
mod support;

category! {
    kv_mismatch,
    span_lifecycle,
    unstructured_log,
}
