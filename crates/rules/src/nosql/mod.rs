//! Redis, MongoDB and other stores without SQL.
mod redis;

category! {
    mongo_cursor,
    redis_command_error_unchecked,
    redis_val_hides_error,
}
