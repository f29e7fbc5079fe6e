//! Code that does not do what it says.
mod foreign;
mod parts;
mod printers;
pub(crate) mod support;
mod tags;
mod units;
pub(crate) mod verbs;
mod versions;

category! {
    break_scope,
    calendar_length,
    compile_error,
    copied_query,
    defer_evaluated_early,
    defer_lost_assignment,
    deprecated_api,
    duration_without_unit,
    empty_branch,
    identical_branches,
    ineffectual_assignment,
    infinite_recursion,
    json_option,
    lossy_conversion,
    marshaler_not_called,
    money_as_float,
    mutation_of_copy,
    nil_dereference,
    nil_map_write,
    omitempty_struct,
    printf_mismatch,
    removal_in_loop,
    repeated_condition,
    same_json_name,
    same_operands,
    self_assignment,
    slice_aliasing,
    slice_length_confusion,
    squared_duration,
    struct_tag,
    suspicious_condition,
    tag_on_unexported,
    time_layout,
    unchecked_index,
    unchecked_type_assertion,
    undefined_name,
    unencodable_field,
    unmarshal_target,
    unused_result,
    variable_format,
    use_before_error_check,
    verb_in_print,
    wrong_verb,
}
