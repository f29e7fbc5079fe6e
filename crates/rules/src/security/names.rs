//! Names that speak of secrets.

use gopeer_lint::words;

/// Whether a name says that it stands for a secret: `sessionToken`, `APIKey`, `resetPassword`. A `key` or a `session`
/// alone does not.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["password", "passwd", "passphrase", "secret", "nonce", "otp", "apikey", "salt", "token"])
        || has(&["key"]) && has(&KEYS)
        || has(&["session"]) && has(&["id", "key", "cookie"])
}

/// What keys that are secret are called.
pub(super) const KEYS: [&str; 12] = [
    "api",
    "secret",
    "private",
    "encryption",
    "signing",
    "auth",
    "access",
    "jwt",
    "hmac",
    "session",
    "cookie",
    "master",
];

/// Whether a variable of this name holds a secret itself, not the place of one or something about one.
pub(crate) fn holds_secret(name: &str) -> bool {
    const ABOUT: &[&str] = &[
        "name",
        "header",
        "path",
        "url",
        "uri",
        "id",
        "ids",
        "file",
        "field",
        "group",
        "groups",
        "type",
        "prefix",
        "hash",
        "public",
        "label",
        "ref",
        "ttl",
        "expiry",
        "duration",
        "interval",
        "lifetime",
        "period",
        "timeout",
        "length",
        "size",
        "env",
        "var",
        "param",
        "claim",
        "challenge",
        "prompt",
        "issuer",
        "count",
        "limit",
        "format",
        "mount",
        "kind",
        "example",
        "test",
        "fake",
        "dummy",
        "mock",
        "sample",
        "error",
        "err",
        "msg",
        "message",
        "method",
        "endpoint",
        "mode",
        "algorithm",
        "alg",
        "policy",
        "strategy",
        "scope",
        "audience",
        "store",
        "backend",
        "provider",
        "service",
        "driver",
        "source",
        "location",
        "dir",
        "namespace",
        "charset",
        "alphabet",
        "chars",
        "letters",
        "set",
        "meta",
        "salt",
        "table",
        "bucket",
        "bkt",
        "column",
        "index",
        "topic",
        "collection",
        "tag",
        "info",
        "separator",
        "delimiter",
        "version",
    ];
    let is_about = |word: &String| ABOUT.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit()));
    let words = words(name);
    // That of etcd only tells clusters apart.
    let of_cluster = words.ends_with(&["cluster".to_owned(), "token".to_owned()]);
    // Stellar tells its networks apart by a text that everybody knows.
    let of_network = words.ends_with(&["network".to_owned(), "passphrase".to_owned()]);
    // The name of a Secret of Kubernetes.
    let of_kubernetes = words.ends_with(&["kube".to_owned(), "secret".to_owned()]);
    is_secret_name(name) && !of_cluster && !of_network && !of_kubernetes && !words.iter().any(is_about)
}

/// Whether a name may be that of something public: a token that nothing more is said of may be a mark of a parser or of a
/// page, and an access key the half that names the account.
pub(super) fn may_be_public(name: &str) -> bool {
    let words = words(name);
    words == ["token"] || words == ["access", "key"]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets() {
        for name in ["GenerateToken", "apiKey", "newSessionID", "resetPassword", "OTP"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["sortKeys", "key", "tokens", "session", "tokenize"] {
            assert!(!is_secret_name(name), "{name}");
        }
        assert!(holds_secret("DB_PASSWORD") && holds_secret("jwtKey"));
        assert!(!holds_secret("tokenTable") && !holds_secret("cSessionKeyIndexBkt") && !holds_secret("NonceAuxTag"));
        assert!(!holds_secret("NetworkPassphrase") && !holds_secret("BootstrapTokenExtraGroupsKey"));
        assert!(!holds_secret("InitialClusterToken") && !holds_secret("TS_KUBE_SECRET"));
        assert!(!holds_secret("PASSWORD_FILE") && !holds_secret("ExampleTokenID14"));
    }
}
