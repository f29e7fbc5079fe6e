//! Contexts: cancellation, deadlines, values.
category! {
    background_in_call_chain,
    first_parameter,
    missing_context_variant,
    stored_in_struct,
    value_misuse,
}
