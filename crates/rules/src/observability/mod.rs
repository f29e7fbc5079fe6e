//! Logs, metrics, traces.
mod support;

category! {
    syntax {}
    types {
        kv_mismatch,
        unstructured_log,
    }
}
