//! Packed bytes to fragment text and back: `v2.`, base64url, check character.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::LinkError;
use crate::pack::CRC;

/// The version that is written.
const VERSION: &str = "2";
/// The version before it, which is read forever.
const FIRST: &str = "1";
const MAX_VERSION_DIGITS: usize = 4;

/// Characters that a payload has at least: fewer are a version number or a stump.
const MIN_PAYLOAD: usize = 11;

/// Characters that a payload has at most: incompressible state of [`MAX_STATE`](crate::MAX_STATE) bytes has fewer.
const MAX_PAYLOAD: usize = 1_450_000;

/// A link that was cut may end within a group of four characters, so unused bits are let through; the CRC decides.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// The fragment, without `#`.
pub(crate) fn write(packed: &[u8]) -> String {
    let mut payload = BASE64.encode(packed);
    payload.push(check_character(&payload));
    format!("v{VERSION}.{payload}")
}

/// The packed bytes of the link in a text, and whether it is of the first version.
pub(crate) fn read(text: &str) -> Result<(Vec<u8>, bool), LinkError> {
    let link = Link::find(text).ok_or(LinkError::NotALink)?;
    let is_first = link.version == FIRST;
    if !is_first && link.version != VERSION {
        return Err(LinkError::Newer);
    }
    if link.payload.len() > MAX_PAYLOAD {
        return Err(LinkError::TooLarge);
    }
    Ok((link.bytes()?, is_first))
}

/// Whether a text is one link and nothing else.
pub(crate) fn is_link(text: &str) -> bool {
    let text = text.trim();
    let whole = |link: Link| text.starts_with('#') || link.payload.len() >= MIN_PAYLOAD;
    !text.contains(char::is_whitespace) && Link::find(text).is_some_and(whole)
}

/// A link's parts, as they stand in a text.
struct Link<'t> {
    version: &'t str,
    /// Base64url and check character.
    payload: &'t str,
}

impl<'t> Link<'t> {
    fn find(text: &'t str) -> Option<Self> {
        // Some apps escape the `#` of an address.
        let after_mark = ["#", "%23"].into_iter().flat_map(|mark| text.split(mark).skip(1));
        std::iter::once(text).chain(after_mark).find_map(Self::at_start)
    }

    fn at_start(text: &'t str) -> Option<Self> {
        let after_v = text.trim_start().strip_prefix('v')?;
        let digits = after_v.bytes().take(MAX_VERSION_DIGITS + 1).take_while(u8::is_ascii_digit).count();
        let (version, rest) = after_v.split_at_checked(digits)?;
        if version.is_empty() || digits > MAX_VERSION_DIGITS {
            return None;
        }
        let rest = rest.strip_prefix('.')?;
        let end = rest.find(|c: char| !is_base64url(c)).unwrap_or(rest.len());
        // The check character is a letter or digit: what follows it is the sentence or markup around the link.
        let payload = rest.get(..end)?.trim_end_matches(['-', '_']);
        Some(Self { version, payload })
    }

    fn bytes(&self) -> Result<Vec<u8>, LinkError> {
        let check = self.payload.chars().next_back().ok_or(LinkError::Truncated)?;
        let base64 = self.payload.strip_suffix(check).unwrap_or_default();
        let intact = check == check_character(base64);
        // A single character after the last group holds no byte; it is there only if the link was cut.
        let groups = if base64.len() % 4 == 1 { base64.get(..base64.len() - 1).unwrap_or_default() } else { base64 };
        let packed = BASE64.decode(groups).map_err(|_| LinkError::Damaged)?;
        if intact {
            return Ok(packed);
        }
        // Tell a cut link from a changed one: the former's deflate stream has no end.
        match crate::pack::unpack(&packed) {
            Err(LinkError::Truncated) => Err(LinkError::Truncated),
            _ => Err(LinkError::Damaged),
        }
    }
}

fn is_base64url(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// One of 62 letters and digits, from the CRC of the characters before it.
fn check_character(base64: &str) -> char {
    match (CRC.checksum(base64.as_bytes()) % 62) as u8 {
        digit @ 0..10 => char::from(b'0' + digit),
        upper @ 10..36 => char::from(b'A' + upper - 10),
        lower => char::from(b'a' + lower - 36),
    }
}
