//! Kafka.
category! {
}
