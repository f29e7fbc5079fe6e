//! Redis, MongoDB and other stores without SQL.
mod redis;

category! {
    cache_policy,
    lookup_in_loop,
    mongo_cursor,
    redis_command_error_unchecked,
    redis_lock_unsafe,
    redis_non_atomic,
    redis_val_hides_error,
}
