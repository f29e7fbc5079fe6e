//! Brokers other than Kafka, and events beside a database.
mod support;

category! {
    ack_before_processing,
    dual_write,
    missing_ack_path,
    non_idempotent_consumer,
    publish_inside_transaction,
    rabbit_no_prefetch,
    requeue_poison_loop,
}
