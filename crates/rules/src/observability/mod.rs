//! Logs, metrics, traces.
mod support;

category! {
    kv_mismatch,
    log_not_emitted,
    metric_cardinality,
    metric_registration,
    span_lifecycle,
    trace_context_dropped,
    unstructured_log,
}
