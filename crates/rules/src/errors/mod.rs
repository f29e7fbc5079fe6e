//! Errors: made, checked, wrapped, told apart.
mod asked;
mod at_exit;
mod chains;
mod clean_up;
mod encodes;
mod finishing;
mod harmless;
pub(crate) mod ignorable;
mod known;
mod meant;
mod numbers;
pub(crate) mod propagate;
pub(crate) mod support;
mod texts;

category! {
    blank_discard,
    conventions,
    deferred_close_error,
    direct_assertion,
    direct_comparison,
    error_not_last,
    errorf_without_w,
    exit_after_defer,
    failure_exits_zero,
    is_never_matches,
    log_and_return,
    lost_in_goroutine,
    misnamed_error,
    missing_unwrap,
    nil_error_returned,
    panic_or_exit_in_library,
    recover_misuse,
    scanner_err_unchecked,
    shadowed,
    silently_dropped,
    string_matching,
    typed_nil,
    unchecked,
    verb_in_new,
    wrong_error_tested,
}
