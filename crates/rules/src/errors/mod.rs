//! Errors: made, checked, wrapped, told apart.
mod support;

category! {
    conventions,
    direct_comparison,
    errorf_without_w,
    exit_after_defer,
    missing_unwrap,
    string_matching,
}
