//! What an attacker would look for.
mod answer;
mod credential;
mod headers;
pub(crate) mod names;
pub(crate) mod support;
mod tainted;

category! {
    client_certificate_unverified,
    command_injection,
    cookie_flags,
    cors_misconfigured,
    debug_exposed,
    file_permissions,
    gin_debug_mode,
    graphql_schema_exposed,
    hardcoded_credentials,
    hardcoded_secret_argument,
    hardcoded_secret_fallback,
    internal_error_disclosure,
    jwt_validation,
    mass_assignment,
    mixed_script_name,
    path_traversal,
    root_directory_served,
    secret_exposure,
    short_rsa_key,
    ssh_host_key_ignored,
    ssrf,
    timing_unsafe_compare,
    tls_insecure_cipher_suite,
    tls_verification_disabled,
    tls_weak_config,
    trojan_source,
    trust_forwarded_header,
    unescaped_address,
    weak_crypto,
    weak_password_storage,
    weak_random,
    xss,
}
