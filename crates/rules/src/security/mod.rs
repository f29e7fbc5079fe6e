//! What an attacker would look for.
pub(crate) mod support;

category! {
    syntax {
        debug_exposed,
        tls_weak_config,
        trojan_source,
        weak_crypto,
        weak_random,
    }
    types {
        hardcoded_credentials,
        internal_error_disclosure,
        tls_verification_disabled,
    }
}
