//! Contexts: cancellation, deadlines, values.
mod asked;
pub(crate) mod at_hand;
mod detached;
mod later;
pub(crate) mod support;

pub(crate) use done_without_exit::goes_on;
pub(crate) use support::{comes_after_the_end, declared_name, may_end_with};

category! {
    background_in_call_chain,
    blocking_op_ignores_context,
    derived_context_discarded,
    done_without_exit,
    errgroup_context_after_wait,
    first_parameter,
    gorm_without_context,
    lost_cancel,
    missing_context_variant,
    nested_in_loop,
    request_context_outlives_handler,
    stored_in_struct,
    value_misuse,
}
