//! Code that does not do what it says.
pub(crate) mod verbs;
mod versions;

category! {
    syntax {
        break_scope,
        defer_evaluated_early,
    }
    types {
        compile_error,
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
}
