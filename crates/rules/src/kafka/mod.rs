//! Kafka through kafka-go, sarama and franz-go.
pub(crate) mod support;

category! {
    commit_after_failure,
    commit_before_processing,
    consumer_error_loop,
    delivery_result_ignored,
    franz_fetch_errors,
    implicit_commit_before_processing,
    invalid_client_config,
    key_ignored_by_balancer,
    offset_never_committed,
    out_of_order_commit,
    poison_message,
    producer_not_flushed,
    sarama_claim_loop,
    sarama_consume_not_in_loop,
    single_message_batch_wait,
    weak_acks,
}
