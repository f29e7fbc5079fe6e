//! What an attacker would look for.
pub(crate) mod support;

category! {
    debug_exposed,
    hardcoded_credentials,
    internal_error_disclosure,
    tls_verification_disabled,
    tls_weak_config,
    trojan_source,
    weak_crypto,
    weak_random,
}
