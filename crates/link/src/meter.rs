//! How far a link of some length travels.

/// Characters up to which a QR code stays easy to scan.
pub const QR: usize = 1_200;
/// Characters up to which chat apps keep a link whole (Discord's messages end at 2,000).
pub const CHAT: usize = 2_000;
/// Characters up to which browsers and servers on the way are known to carry an address.
pub const WEB: usize = 8_000;

/// How far a link travels; the later, the less far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everywhere, QR codes included.
    Qr,
    /// Chat messages and below.
    Chat,
    /// Browsers; chat apps may cut it.
    Web,
    /// Nowhere for sure.
    TooLong,
}

/// The reading for one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Characters of the whole address.
    pub length: usize,
    /// How far it travels.
    pub level: Level,
    /// Characters at which this level ends; none for the last.
    pub limit: Option<usize>,
    /// One or two sentences for the user: where it works, and what would make it shorter.
    pub sentence: &'static str,
}

/// Reads the meter for an address of `length` characters, fragment included.
pub fn meter(length: usize) -> Meter {
    let (level, limit, sentence) = match length {
        _ if length <= QR => (Level::Qr, Some(QR), "Fits a QR code, chat messages and every browser."),
        _ if length <= CHAT => {
            (Level::Chat, Some(CHAT), "Fits chat messages and every browser; too dense for a QR code.")
        }
        _ if length <= WEB => (
            Level::Web,
            Some(WEB),
            "Opens in every browser, but chat apps may cut it. Share only the open file or leave out notes to shorten it.",
        ),
        _ => (
            Level::TooLong,
            None,
            "Too long to travel safely. Share only the open file, leave out notes, or send a file instead.",
        ),
    };
    Meter { length, level, limit, sentence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_is_the_last_length_of_its_level() {
        let levels = [Level::Qr, Level::Chat, Level::Web, Level::TooLong];
        for (mark, pair) in [QR, CHAT, WEB].into_iter().zip(levels.windows(2)) {
            assert_eq!((meter(mark).level, meter(mark).limit), (pair[0], Some(mark)));
            assert_eq!(meter(mark + 1).level, pair[1]);
            assert!(meter(mark).level < meter(mark + 1).level);
        }
        assert_eq!(meter(usize::MAX).limit, None);
        assert_eq!(meter(0).level, Level::Qr);
    }

    #[test]
    fn long_links_say_how_to_shorten_them() {
        for length in [CHAT + 1, WEB + 1] {
            assert!(meter(length).sentence.contains("only the open file"));
        }
    }
}
