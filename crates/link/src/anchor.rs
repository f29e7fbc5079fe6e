//! Finding a line again after the lines above it have come or gone.

/// FNV-1a of the trimmed text: the hash that the engine gives its findings as `snippet`.
pub fn snippet(text: &str) -> u32 {
    text.trim().bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The line (from 1) nearest to `line` whose text has this [`snippet`]; the later one of two equally near.
pub fn find_line(text: &str, line: u32, wanted: u32) -> Option<u32> {
    let same = text.lines().zip(1_u32..).filter(|(content, _)| snippet(content) == wanted);
    same.map(|(_, number)| number).min_by_key(|&number| (number.abs_diff(line), number < line))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "package a\n\nfunc f() {\n\tg()\n}\n\nfunc h() {\n\tg()\n}\n";

    #[test]
    fn snippet_is_fnv_1a_and_blind_to_indentation() {
        assert_eq!(snippet(""), 0x811c_9dc5);
        assert_eq!(snippet("a"), 0xe40c_292c);
        assert_eq!(snippet("foobar"), 0xbf9c_f968);
        assert_eq!(snippet("\t\tg() \r\n"), snippet("g()"));
    }

    #[test]
    fn the_nearest_equal_line_is_found() {
        let call = snippet("g()");
        for (near, found) in [(1, 4), (4, 4), (5, 4), (6, 8), (8, 8), (u32::MAX, 8)] {
            assert_eq!(find_line(TEXT, near, call), Some(found), "from line {near}");
        }
    }

    #[test]
    fn a_line_follows_its_text_when_lines_are_put_above_it() {
        let moved = format!("// one\n// two\n{TEXT}");
        assert_eq!(find_line(&moved, 7, snippet("func h() {")), Some(9));
        assert_eq!(find_line(&moved, 7, snippet("gone()")), None);
    }
}
