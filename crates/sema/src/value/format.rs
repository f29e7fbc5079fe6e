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

/// The shortest decimal that is nearest to the float that is nearest to the number. By our own integers, which are here
/// anyhow: the standard library's formatting of floats would be 14 KB of wasm.
fn decimal(value: &Ratio) -> String {
    if value.sign() < 0 {
        return format!("-{}", decimal(&value.neg()));
    }
    if value.is_zero() {
        return "0".to_owned();
    }
    let float = value.to_f64();
    let Some(exact) = Ratio::from_f64(float).filter(|exact| !exact.is_zero()) else {
        // No float can hold it: six digits, cut off.
        let (all, exponent) = digits(value, 6);
        return written(all.get(..6).unwrap_or(&all).trim_end_matches('0'), exponent);
    };
    let (all, exponent) = digits(&exact, ENOUGH);
    let near = |count: usize| rounded(&all, exponent, count, false);
    let same = |(digits, exponent): &(String, i64)| {
        let shift = exponent + 1 - digits.len() as i64;
        let power = Int::power_of_ten(shift.unsigned_abs());
        let number = Int::from(digits.parse::<i64>().unwrap_or_default());
        let decimal = if shift < 0 { Ratio::new(&number, &power) } else { Ratio::new(&number.mul(&power), &Int::ONE) };
        decimal.is_some_and(|decimal| decimal.to_f64() == float)
    };
    let (digits, exponent) = (1..ENOUGH).map(near).find(same).unwrap_or_else(|| near(ENOUGH));
    written(&digits, exponent)
}

/// As C's `%.6g` writes the nearest float, or the number where no float can hold it.
fn six_digits(value: &Ratio) -> String {
    if value.sign() < 0 {
        return format!("-{}", six_digits(&value.neg()));
    }
    if value.is_zero() {
        return "0".to_owned();
    }
    let near = Ratio::from_f64(value.to_f64()).filter(|near| !near.is_zero());
    let (all, exponent) = digits(near.as_ref().unwrap_or(value), ENOUGH);
    let (digits, exponent) = rounded(&all, exponent, 6, true);
    if (-4..6).contains(&exponent) {
        return written(&digits, exponent);
    }
    let (first, rest) = digits.split_at_checked(1).unwrap_or_default();
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:02}", exponent.abs())
}

/// Digits that tell every float from its neighbours.
const ENOUGH: usize = 17;

/// The first digits of a positive number, more than that many, and the power of ten of the first.
fn digits(value: &Ratio, count: usize) -> (String, i64) {
    // Ten bits are three digits and a little.
    let power = value.den().bit_len().saturating_sub(value.num().bit_len()) / 3 + count as u64 + 2;
    let digits = value.num().mul(&Int::power_of_ten(power)).div(value.den()).unwrap_or(Int::ZERO).to_string();
    let exponent = digits.len() as i64 - 1 - power as i64;
    (digits, exponent)
}

/// That many digits, without zeros at the end. Half of the last one is rounded up, or, as C does it, to even.
fn rounded(all: &str, exponent: i64, count: usize, to_even: bool) -> (String, i64) {
    let (head, tail) = all.split_at_checked(count).unwrap_or((all, ""));
    let head_value = head.parse::<i64>().unwrap_or_default();
    let half = tail.trim_end_matches('0') == "5";
    let up = if half && to_even { head_value & 1 } else { i64::from(tail >= "5") };
    let digits = (head_value + up).to_string();
    let exponent = exponent + (digits.len() as i64 - head.len() as i64);
    (digits.trim_end_matches('0').to_owned(), exponent)
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
