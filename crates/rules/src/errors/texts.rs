//! Texts of errors that are well known.

/// The value that says the same as a text.
#[derive(Clone, Copy)]
pub(super) enum Known {
    /// A sentinel, with its package.
    Sentinel(&'static str, &'static str),
    /// What to do, in words.
    Prose(&'static str),
}

/// Well-known texts, and the value that says the same: a sentinel with its package, or prose.
pub(super) const KNOWN: &[(&str, Known)] = &[
    ("context deadline exceeded", Known::Sentinel("context", "DeadlineExceeded")),
    ("context canceled", Known::Sentinel("context", "Canceled")),
    ("no rows in result set", Known::Sentinel("database/sql", "ErrNoRows")),
    ("unexpected EOF", Known::Sentinel("io", "ErrUnexpectedEOF")),
    ("EOF", Known::Sentinel("io", "EOF")),
    ("use of closed network connection", Known::Sentinel("net", "ErrClosed")),
    ("Server closed", Known::Sentinel("net/http", "ErrServerClosed")),
    ("no such file or directory", Known::Sentinel("io/fs", "ErrNotExist")),
    ("file exists", Known::Sentinel("io/fs", "ErrExist")),
    ("permission denied", Known::Sentinel("io/fs", "ErrPermission")),
    ("i/o timeout", Known::Sentinel("os", "ErrDeadlineExceeded")),
    ("connection refused", Known::Sentinel("syscall", "ECONNREFUSED")),
    ("connection reset", Known::Sentinel("syscall", "ECONNRESET")),
    ("broken pipe", Known::Sentinel("syscall", "EPIPE")),
    (
        "duplicate key",
        Known::Prose("the driver has a code for it: 23505 in `pgconn.PgError.Code`, 1062 in `mysql.MySQLError.Number`"),
    ),
    ("could not serialize access", Known::Prose("the driver has a code for it: 40001 in `pgconn.PgError.Code`")),
    ("exit status", Known::Prose("`errors.As` with `*exec.ExitError` finds the code (`ExitCode`)")),
    ("UNIQUE constraint", Known::Prose("the driver has a code for it, such as `sqlite3.Error.ExtendedCode`")),
    ("redis: nil", Known::Prose("go-redis has the sentinel `redis.Nil`")),
    ("record not found", Known::Prose("gorm has the sentinel `gorm.ErrRecordNotFound`")),
    ("request body too large", Known::Prose("`errors.As` with `*http.MaxBytesError` finds it (Go 1.19)")),
];

/// Texts of the standard library behind which there is no exported value.
pub(super) const NAMELESS: &[&str] = &[
    "missing port",
    "too many colons",
    "GOAWAY",
    "server closed idle connection",
    "TLS handshake timeout",
    "transport connection broken",
    "malformed HTTP",
    "stopped after",
    "message too large",
];

/// Words of a comment that says why the text is looked at.
pub(super) const REASONS: &[&str] = &[
    "error message",
    "errors.is",
    "errors.as",
    "sentinel",
    "typed error",
    "error type",
    "exported",
    "distinguish",
    "existing error",
    "wrapping",
    "fallback",
    "string matching",
    "string match",
    "string value",
    "constant type",
];
