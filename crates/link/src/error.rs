//! What can be wrong with a link, told to the person who holds it.

use std::fmt;

/// Why a link could not be made or opened. Its text is one or two sentences for the user: what happened, what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// The text holds nothing that looks like a gopeer link.
    NotALink,
    /// The link ends too early.
    Truncated,
    /// Characters of the link were changed, lost or added.
    Damaged,
    /// The state is over [`MAX_STATE`](crate::MAX_STATE) or [`MAX_ITEMS`](crate::MAX_ITEMS).
    TooLarge,
    /// The link's format or dictionary is unknown to this version.
    Newer,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotALink => {
                "This is not a gopeer link: the part that begins with #v2. is missing. Copy the whole address."
            }
            Self::Truncated => {
                "The end of this link is missing. Copy the whole link from where it was made, or ask for the files."
            }
            Self::Damaged => {
                "This link was changed on its way and cannot be trusted. Copy it again from where it was made."
            }
            Self::TooLarge => {
                "This review is too large for a link (the limit is 1 MB). Share only the open file, or send the files."
            }
            Self::Newer => {
                "This link was made by a newer gopeer. Reload the page or update the command, then open it again."
            }
        })
    }
}

impl std::error::Error for LinkError {}
