//! The habits of Go.
category! {
    syntax {
        complexity,
        early_return,
    }
    types {
        naming,
        untyped_enum,
    }
}
