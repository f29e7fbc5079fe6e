//! Import paths and package names.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::manifest;

/// Packages outside the index whose name is not the last element of their import path (each package's own `package`
/// clause). Those of the index are in its manifest.
const NAMES: &[(&str, &str)] = &[
    ("github.com/dgrijalva/jwt-go", "jwt"),
    ("github.com/jackc/pgx-gofrs-uuid", "uuid"),
    ("github.com/satori/go.uuid", "uuid"),
];

/// Packages a pasted fragment may use without importing them. Names that several well-known packages share
/// (`rand`, `template`, `kafka`) are left out: what is not certain is not assumed.
const IMPLIED: &[&str] = &[
    "bufio",
    "bytes",
    "cmp",
    "compress/gzip",
    "context",
    "crypto/aes",
    "crypto/cipher",
    "crypto/des",
    "crypto/hmac",
    "crypto/md5",
    "crypto/rc4",
    "crypto/rsa",
    "crypto/sha1",
    "crypto/sha256",
    "crypto/sha512",
    "crypto/subtle",
    "crypto/tls",
    "crypto/x509",
    "database/sql",
    "encoding/base64",
    "encoding/csv",
    "encoding/gob",
    "encoding/hex",
    "encoding/json",
    "encoding/xml",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "html",
    "io",
    "io/fs",
    "io/ioutil",
    "iter",
    "log",
    "log/slog",
    "maps",
    "math",
    "math/big",
    "math/bits",
    "net",
    "net/http",
    "net/http/httptest",
    "net/url",
    "os",
    "os/exec",
    "os/signal",
    "path",
    "path/filepath",
    "reflect",
    "regexp",
    "runtime",
    "runtime/debug",
    "slices",
    "sort",
    "strconv",
    "strings",
    "sync",
    "sync/atomic",
    "syscall",
    "testing",
    "time",
    "unicode",
    "unicode/utf8",
    "unsafe",
    "github.com/gocql/gocql",
    "github.com/IBM/sarama",
    "github.com/jackc/pgx/v5",
    "github.com/jackc/pgx/v5/pgxpool",
    "github.com/jmoiron/sqlx",
    "github.com/gin-gonic/gin",
    "github.com/redis/go-redis/v9",
    "github.com/twmb/franz-go/pkg/kgo",
    "go.uber.org/zap",
    "google.golang.org/grpc",
    "golang.org/x/sync/errgroup",
    "github.com/stretchr/testify/require",
    "github.com/stretchr/testify/assert",
];

/// The name of the package at `path`, if it can be told: from the index, else the last element without a major
/// version (Go modules reference, "Major version suffixes"). None where the element is no identifier.
pub fn package_name(path: &str) -> Option<&str> {
    let mut known = manifest::NAMES.iter().chain(NAMES);
    if let Some((_, name)) = known.find(|(known, _)| without_major(known) == without_major(path)) {
        return Some(name);
    }
    let last = without_major(path).rsplit('/').next()?;
    let name = last.split_once(".v").filter(|(_, v)| is_number(v)).map_or(last, |(name, _)| name);
    is_identifier(name).then_some(name)
}

/// The import path that a fragment without imports means by `name`, if there is just one candidate.
pub fn implied_path(name: &str) -> Option<&'static str> {
    static BY_NAME: LazyLock<HashMap<&str, &str>> =
        LazyLock::new(|| IMPLIED.iter().rev().filter_map(|&path| Some((package_name(path)?, path))).collect());
    BY_NAME.get(name).copied()
}

fn without_major(path: &str) -> &str {
    match path.rsplit_once('/') {
        // `v1` is a package's own name: the suffix begins with the second major version.
        Some((head, last)) if last.strip_prefix('v').is_some_and(|v| is_number(v) && v != "0" && v != "1") => head,
        _ => path,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic()) && chars.all(|c| c == '_' || c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (path, name) in [
            ("fmt", Some("fmt")),
            ("net/http", Some("http")),
            ("math/rand/v2", Some("rand")),
            ("k8s.io/api/core/v1", Some("v1")),
            ("github.com/jackc/pgx/v5", Some("pgx")),
            ("github.com/jackc/pgx/v5/pgxpool", Some("pgxpool")),
            ("gopkg.in/yaml.v3", Some("yaml")),
            ("github.com/segmentio/kafka-go", Some("kafka")),
            ("github.com/golang-jwt/jwt/v5", Some("jwt")),
            ("github.com/redis/go-redis/v8", Some("redis")),
            ("github.com/satori/go.uuid", Some("uuid")),
            ("github.com/nobody/go-thing", None),
        ] {
            assert_eq!(package_name(path), name, "{path}");
        }
    }

    #[test]
    fn a_fragment_means_the_only_candidate() {
        assert_eq!(implied_path("http"), Some("net/http"));
        assert_eq!(implied_path("pgx"), Some("github.com/jackc/pgx/v5"));
        assert_eq!(implied_path("rand"), None);
    }
}
