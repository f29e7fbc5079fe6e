//! Time and memory spent for nothing.
mod builder;
mod support;

category! {
    inefficient_io,
    prealloc,
    quadratic_algorithm,
    repeated_setup,
    string_concat_in_loop,
}
