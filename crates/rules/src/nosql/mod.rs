//! Redis, MongoDB and other stores without SQL.
category! {
    syntax {}
    types {
        redis_command_error_unchecked,
    }
}
