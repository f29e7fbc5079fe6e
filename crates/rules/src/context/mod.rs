//! Contexts: cancellation, deadlines, values.
mod support;

pub(crate) use support::comes_after_the_end;

category! {
    syntax {
        background_in_call_chain,
        first_parameter,
        stored_in_struct,
    }
    types {
        missing_context_variant,
        value_misuse,
    }
}
