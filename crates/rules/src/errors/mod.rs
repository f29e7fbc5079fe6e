//! Errors: made, checked, wrapped, told apart.
mod support;

category! {
    direct_comparison,
    errorf_without_w,
    string_matching,
}
