//! Code that does not do what it says.
pub(crate) mod verbs;

category! {
    break_scope,
    compile_error,
    defer_evaluated_early,
    deprecated_api,
    duration_without_unit,
    printf_mismatch,
    suspicious_condition,
    undefined_name,
    unused_result,
}
