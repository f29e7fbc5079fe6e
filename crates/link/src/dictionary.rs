//! The preset dictionary: Go text that the compressor has already "seen" before a link's own text begins.
//!
//! Matches that reach less far back cost fewer bits, so the commonest text stands at the end.

/// Id of [`TEXT`], the first byte of what a link packs. A better dictionary gets the next id and stands beside this one.
pub(crate) const ID: u8 = 1;

/// Dictionary 1. It must never change: links made with it would open as wrong text.
pub(crate) const TEXT: &[u8] = include_bytes!("dictionary.txt");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::CRC;

    #[test]
    fn dictionary_1_is_the_released_one() {
        assert_eq!((TEXT.len(), CRC.checksum(TEXT)), (8704, 0x6f49_acf8), "never edit dictionary.txt: add one");
    }

    #[test]
    fn dictionary_1_leaves_most_of_the_window_to_the_text() {
        assert!(TEXT.len() <= 9 * 1024);
        assert!(TEXT.is_ascii());
    }
}
