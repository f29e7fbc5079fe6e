//! Code that does not do what it says.
pub(crate) mod verbs;
mod versions;

category! {
    break_scope,
    compile_error,
    defer_evaluated_early,
    deprecated_api,
    duration_without_unit,
    printf_mismatch,
    struct_tag,
    suspicious_condition,
    unchecked_type_assertion,
    undefined_name,
    unmarshal_target,
    unused_result,
}
