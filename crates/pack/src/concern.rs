//! What a fault threatens: the choices of a learner.

/// The ids of concerns, which are those of gopeer's rules, and what a learner reads.
pub const CONCERNS: &[(&str, &str)] = &[
    ("correctness", "Wrong result"),
    ("race", "Data race"),
    ("deadlock", "Deadlock: waits forever"),
    ("leak", "Leak: goroutine, connection, file, timer"),
    ("data-loss", "Data lost, duplicated or wrong"),
    ("errors", "Error ignored or unclear"),
    ("cancellation", "Cannot be canceled or outlives its request"),
    ("availability", "Crash, or does not start or stop as it should"),
    ("latency", "Slow"),
    ("allocation", "Wasted memory or CPU"),
    ("security", "Security"),
    ("deploy", "Deployment and configuration"),
    ("operability", "Cannot be observed or operated"),
    ("api", "Invites misuse or cannot change"),
    ("tests", "Tests"),
    ("clarity", "Hard to read"),
    ("idiom", "Not how Go is written"),
    ("docs", "Documentation"),
    ("modern", "Outdated"),
];

/// Whether there is a concern with this id.
pub fn is_concern(id: &str) -> bool {
    CONCERNS.iter().any(|(known, _)| *known == id)
}
