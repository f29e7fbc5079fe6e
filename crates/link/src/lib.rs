//! The share-link codec: a shared review to a URL fragment and back.
//!
//! A link carries a whole review in the part of the address that browsers never send to a server:
//!
//! ```text
//! https://example.org/gopeer/#v2.AeNx…Zk
//!                             │  │      └ check character: a letter or digit, so that chat apps keep it
//!                             │  └ base64url of: dictionary id, deflated state, CRC-32
//!                             └ version of the format
//! ```
//!
//! Three promises hold forever: a link once released opens ([`decode`] knows every version), a link that was cut or
//! changed on its way gives a [`LinkError`] and never a wrong review, and no link, however crafted, makes [`decode`]
//! panic or unpack more than [`MAX_STATE`] bytes.
//!
//! ```
//! use gopeer_link::{Shared, SharedFile, decode, encode};
//!
//! let shared = Shared {
//!     files: vec![SharedFile { name: "main.go".into(), text: "package main\n".into() }],
//!     persona: "data".into(),
//!     ..Shared::default()
//! };
//! let fragment = encode(&shared).unwrap();
//! assert_eq!(decode(&format!("https://example.org/gopeer/#{fragment}")), Ok(shared));
//! ```

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

mod anchor;
mod dictionary;
mod error;
mod fragment;
#[cfg(test)]
mod hostile;
mod meter;
mod pack;
mod state;

pub use anchor::{find_line, snippet};
pub use error::LinkError;
pub use meter::{CHAT, Level, Meter, QR, WEB, meter};
pub use state::{Filter, Focus, Mark, Note, Part, Remark, Shared, SharedFile, View};

/// Bytes that a state may have before compression: what [`encode`] takes and [`decode`] unpacks.
pub const MAX_STATE: usize = 1 << 20;

/// Files, notes, verdicts and filter entries that a state may have together: a page can draw as many.
pub const MAX_ITEMS: usize = 4_096;

/// The fragment for a state, without the leading `#`.
///
/// The only error is [`LinkError::TooLarge`].
pub fn encode(shared: &Shared) -> Result<String, LinkError> {
    pack(&shared.to_bytes()?)
}

/// The state in a fragment (with or without `#`) or in a whole address, even one with text around it.
pub fn decode(text: &str) -> Result<Shared, LinkError> {
    Shared::from_bytes(&unpack(text)?)
}

/// The fragment for the bytes of a state: the second half of [`encode`], for whoever has only bytes.
///
/// The only error is [`LinkError::TooLarge`].
pub fn pack(state: &[u8]) -> Result<String, LinkError> {
    Ok(fragment::write(&pack::pack(state)?))
}

/// The bytes of the state in a text, as the newest version has them: the first half of [`decode`].
pub fn unpack(text: &str) -> Result<Vec<u8>, LinkError> {
    let (packed, is_first) = fragment::read(text)?;
    let mut state = pack::unpack(&packed)?;
    if is_first {
        state.extend(state::ADDED);
    }
    Ok(state)
}

/// Whether a text is nothing but a gopeer link, whole or not: worth handing to [`decode`] rather than reading as code.
pub fn is_link(text: &str) -> bool {
    fragment::is_link(text)
}
