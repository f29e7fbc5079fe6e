//! Time and memory spent for nothing.
mod builder;
mod support;

category! {
    prealloc,
    repeated_setup,
    string_concat_in_loop,
}
