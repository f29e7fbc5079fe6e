//! Contexts: cancellation, deadlines, values.
category! {
    background_in_call_chain,
    first_parameter,
    stored_in_struct,
    value_misuse,
}
