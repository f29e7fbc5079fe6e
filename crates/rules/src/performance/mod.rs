//! Time and memory spent for nothing.
mod support;

category! {
    prealloc,
    repeated_setup,
    string_concat_in_loop,
}
