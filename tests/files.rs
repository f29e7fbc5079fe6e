//! Sessions that the tests of several files open.

use gopeer_engine::Session;
use gopeer_engine::protocol::{FileText, Review};

/// A session with these files.
pub fn open(files: &[(&str, &str)]) -> Session {
    let mut session = Session::new();
    session.open(files.iter().map(|(name, text)| FileText { name: (*name).into(), text: (*text).into() }).collect());
    session
}

/// The review of Senior.
pub fn review(session: &mut Session) -> Review {
    session.review("senior").expect("senior is built in")
}
