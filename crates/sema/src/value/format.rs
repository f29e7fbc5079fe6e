//! Constants as text.

use std::fmt;

use super::{Int, Ratio, Value};

/// Longer texts are cut for readers.
const SHORT: usize = 60;

/// The exact value, as go/constant's `ExactString` writes it: fractions as `a/b`, strings quoted.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Value::Unknown => f.write_str("unknown"),
            Value::Bool(value) => value.fmt(f),
            Value::Str(bytes) => f.write_str(&quote(bytes, usize::MAX)),
            Value::Int(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Complex(parts) => write!(f, "({} + {}i)", parts.0, parts.1),
        }
    }
}

impl Value {
    /// A short form for readers: floats as shortest decimals, strings quoted, and all cut at 60 characters.
    pub fn short(&self) -> String {
        match self {
            Value::Str(bytes) => quote(bytes, SHORT),
            Value::Float(value) => decimal(value),
            Value::Complex(parts) => format!("({} + {}i)", decimal(&parts.0), decimal(&parts.1)),
            _ => cut(self.to_string()),
        }
    }
}

impl Value {
    /// As the Go compiler prints it: floats with six digits.
    pub fn printed(&self) -> String {
        match self {
            Value::Float(value) => six_digits(value),
            Value::Complex(parts) => format!("({} + {}i)", six_digits(&parts.0), six_digits(&parts.1)),
            _ => self.short(),
        }
    }
}

/// Cuts ASCII text.
fn cut(mut text: String) -> String {
    if text.len() > SHORT {
        text.truncate(SHORT);
        text.push('…');
    }
    text
}

/// The shortest decimal that reads back as the nearest float.
fn decimal(value: &Ratio) -> String {
    signed(value, |value| {
        let (digits, exponent) =
            nearest(value).map_or_else(|| leading(value), |float| scientific(&format!("{float:e}")));
        written(&digits, exponent)
    })
}

/// As C's `%.6g` writes the nearest float, or the number where no float can hold it.
fn six_digits(value: &Ratio) -> String {
    signed(value, |value| {
        let (digits, exponent) =
            nearest(value).map_or_else(|| leading(value), |float| scientific(&format!("{float:.5e}")));
        if (-4..6).contains(&exponent) {
            return written(&digits, exponent);
        }
        let (first, rest) = digits.split_at_checked(1).unwrap_or_default();
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{first}{point}{rest}e{sign}{:02}", exponent.abs())
    })
}

/// Writes a number with `positive`, which gets what is greater than zero only.
fn signed(value: &Ratio, positive: impl Fn(&Ratio) -> String) -> String {
    match value.sign() {
        0 => "0".to_owned(),
        1.. => positive(value),
        _ => format!("-{}", positive(&value.neg())),
    }
}

/// The nearest float of a positive number, unless that is zero or infinite.
fn nearest(value: &Ratio) -> Option<f64> {
    Some(value.to_f64()).filter(|float| float.is_finite() && *float > 0.0)
}

/// The digits of a number in scientific notation, without zeros at the end, and its power of ten.
fn scientific(text: &str) -> (String, i64) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    (mantissa.replace('.', "").trim_end_matches('0').to_owned(), exponent.parse().unwrap_or_default())
}

/// The first six digits of a positive number that no float can hold, rounded, and the power of ten of the first one.
fn leading(value: &Ratio) -> (String, i64) {
    const COUNT: usize = 6;
    // Ten bits are three digits and a little.
    let power = value.den().bit_len().saturating_sub(value.num().bit_len()) / 3 + COUNT as u64 + 2;
    let digits = value.num().mul(&Int::power_of_ten(power)).div(value.den()).unwrap_or(Int::ZERO).to_string();
    let (head, tail) = digits.split_at_checked(COUNT).unwrap_or((&digits, ""));
    let rounded = head.parse::<u32>().unwrap_or_default() + u32::from(tail >= "5");
    let exponent = digits.len() as i64 - 1 - power as i64 + (rounded.to_string().len() - head.len()) as i64;
    (rounded.to_string().trim_end_matches('0').to_owned(), exponent)
}

/// Digits as a number: with an exponent where it would begin or end in many zeros.
fn written(digits: &str, exponent: i64) -> String {
    let count = digits.len() as i64;
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
    match exponent {
        21.. | ..-5 => {
            let (first, rest) = digits.split_at_checked(1).unwrap_or_default();
            let point = if rest.is_empty() { "" } else { "." };
            format!("{first}{point}{rest}e{exponent}")
        }
        ..0 => format!("0.{}{digits}", zeros(-exponent - 1)),
        _ if count <= exponent + 1 => format!("{digits}{}", zeros(exponent + 1 - count)),
        _ => {
            let (whole, rest) = digits.split_at_checked(exponent as usize + 1).unwrap_or_default();
            format!("{whole}.{rest}")
        }
    }
}

/// A Go string literal of these bytes, as strconv.Quote writes it, of at most so many characters of them.
fn quote(bytes: &[u8], limit: usize) -> String {
    let mut text = String::from('"');
    let mut left = limit;
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid().chars().map(escape_char);
        for unit in valid.chain(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"))) {
            if left == 0 {
                text.push('…');
                return text + "\"";
            }
            left -= 1;
            text.push_str(&unit);
        }
    }
    text + "\""
}

fn escape_char(char: char) -> String {
    let letter = match char {
        '"' | '\\' => char,
        '\x07' => 'a',
        '\x08' => 'b',
        '\x0c' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x0b' => 'v',
        _ if is_visible(char) => return char.into(),
        _ => {
            let code = u32::from(char);
            return match code {
                0..0x80 => format!("\\x{code:02x}"),
                0x80..0x10000 => format!("\\u{code:04x}"),
                _ => format!("\\U{code:08x}"),
            };
        }
    };
    ['\\', letter].iter().collect()
}

/// Whether a character shows itself, rather than steering how others are shown.
fn is_visible(char: char) -> bool {
    let hidden = matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..);
    char == ' ' || !(hidden || char.is_control() || char.is_whitespace())
}
