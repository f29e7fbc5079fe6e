//! Time and memory spent for nothing.
mod support;

category! {
    syntax {
        prealloc,
        string_concat_in_loop,
    }
    types {
        repeated_setup,
    }
}
