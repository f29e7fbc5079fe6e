//! Facts about functions and types that their declarations do not tell.

/// What is known of calling a function or method, or of getting a value of a type, from the documentation
/// (`facts/*.toml`).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub struct Facts(u16);

impl Facts {
    /// Ends the process without running deferred calls: `os.Exit`, `log.Fatal`.
    pub const EXITS: Facts = Facts(1);
    /// A result (mostly the error) must be looked at: ignoring it loses data or hides a failure.
    pub const MUST_CHECK: Facts = Facts(2);
    /// A result must be closed, stopped or released by the caller once it is not nil.
    pub const MUST_CLOSE: Facts = Facts(4);
    /// May wait: for a peer, a lock, a channel or time.
    pub const BLOCKS: Facts = Facts(8);
    /// Starts a goroutine that outlives the call; of a function that is given one, it is that one that runs there.
    pub const SPAWNS: Facts = Facts(16);
    /// Nothing but its results: a call whose results are not used does nothing.
    pub const PURE: Facts = Facts(32);
    /// Leaves the function, or ends the goroutine, and runs deferred calls: `log.Panic`, `runtime.Goexit`, `t.Fatal`.
    pub const UNWINDS: Facts = Facts(64);
    /// Of a type: a function that has a parameter of it answers a request: `http.ResponseWriter`, `*gin.Context`.
    pub const SERVES: Facts = Facts(128);
    /// Of a type: a function that has a parameter of it handles a message from a queue: `*nats.Msg`.
    pub const CONSUMES: Facts = Facts(256);
    /// The error is always nil, or can be left alone: it comes again with a later call, or only shows that the program is
    /// written wrongly. Of a type: this is so of what writes to its values (`bytes.Buffer`), apart from what must be checked.
    pub const NEVER_FAILS: Facts = Facts(512);

    /// The names in `facts/*.toml`, by bit.
    pub const NAMES: [&'static str; 10] = [
        "exits",
        "must-check",
        "must-close",
        "blocks",
        "spawns",
        "pure",
        "unwinds",
        "serves",
        "consumes",
        "never-fails",
    ];

    /// The facts of these bits; bits without a meaning are dropped.
    pub const fn from_bits(bits: u16) -> Facts {
        Facts(bits & 1023)
    }

    /// The bits, as [`Facts::from_bits`] takes them.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether all of `facts` hold.
    pub const fn has(self, facts: Facts) -> bool {
        self.0 & facts.0 == facts.0
    }

    /// Both together.
    pub const fn and(self, other: Facts) -> Facts {
        Facts(self.0 | other.0)
    }
}
