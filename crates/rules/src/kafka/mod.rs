//! Kafka through kafka-go, sarama and franz-go.
mod support;

category! {
    delivery_result_ignored,
    invalid_client_config,
    key_ignored_by_balancer,
    offset_never_committed,
    single_message_batch_wait,
    weak_acks,
}
