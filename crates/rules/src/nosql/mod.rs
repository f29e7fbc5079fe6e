//! Redis, MongoDB and other stores without SQL.
mod redis;

category! {
    redis_command_error_unchecked,
    redis_val_hides_error,
}
