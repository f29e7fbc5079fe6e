//! Capital and small letters of the alphabets in which programs are written: Latin as far as ISO 8859-1, Greek and
//! Cyrillic. Unicode's tables of all cases would be 24 KB of wasm.

/// The small letter; others are as they are.
pub fn lower(c: char) -> char {
    match c {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ρ' | 'Σ'..='Ω' | 'А'..='Я' => shifted(c, 0x20),
        'Ѐ'..='Џ' => shifted(c, 0x50),
        _ => c,
    }
}

/// The capital letter; others are as they are.
pub fn upper(c: char) -> char {
    match c {
        'a'..='z' | 'à'..='ö' | 'ø'..='þ' | 'α'..='ρ' | 'σ'..='ω' | 'а'..='я' => shifted(c, -0x20),
        'ѐ'..='џ' => shifted(c, -0x50),
        _ => c,
    }
}

fn shifted(c: char, by: i32) -> char {
    u32::from(c).checked_add_signed(by).and_then(char::from_u32).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_changes_as_in_unicode() {
        let both = |c: char| lower(c) != c || upper(c) != c;
        for c in ('\0'..='\u{ffff}').filter(|&c| both(c)) {
            assert!(lower(c) == c || c.to_lowercase().eq([lower(c)]), "{c}");
            assert!(upper(c) == c || c.to_uppercase().eq([upper(c)]), "{c}");
        }
        assert_eq!("ÄZГЏΣ×ß".chars().map(lower).collect::<String>(), "äzгџσ×ß");
        assert_eq!("äzгџσ÷ß".chars().map(upper).collect::<String>(), "ÄZГЏΣ÷ß");
    }
}
