//! Brokers other than Kafka, and events beside a database.
pub(crate) mod support;

category! {
    ack_after_failure,
    ack_before_processing,
    dual_write,
    missing_ack_path,
    nats_async_publish_unchecked,
    non_idempotent_consumer,
    publish_inside_transaction,
    rabbit_channel_misuse,
    rabbit_no_prefetch,
    rabbit_unsafe_publish,
    requeue_poison_loop,
}
