//! Logs, metrics, traces.
mod support;

category! {
    kv_mismatch,
    log_not_emitted,
    metric_cardinality,
    metric_registration,
    span_lifecycle,
    unstructured_log,
}
