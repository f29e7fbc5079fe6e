//! Redis, MongoDB and other stores without SQL.
mod redis;

category! {
    cache_policy,
    first_page_only,
    lookup_in_loop,
    mongo_cursor,
    redis_command_error_unchecked,
    redis_keys,
    redis_lock_unsafe,
    redis_non_atomic,
    redis_val_hides_error,
}
