//! Errors: made, checked, wrapped, told apart.
mod numbers;
mod encodes;
mod ignorable;
pub(crate) mod propagate;
pub(crate) mod support;

category! {
    syntax {
        exit_after_defer,
    }
    types {
        blank_discard,
        conventions,
        direct_comparison,
        errorf_without_w,
        lost_in_goroutine,
        missing_unwrap,
        panic_or_exit_in_library,
        string_matching,
        unchecked,
    }
}
