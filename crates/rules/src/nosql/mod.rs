//! Redis, MongoDB and other stores without SQL.
category! {
    redis_command_error_unchecked,
}
