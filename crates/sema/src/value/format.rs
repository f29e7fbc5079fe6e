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

/// Cuts ASCII text.
fn cut(mut text: String) -> String {
    if text.len() > SHORT {
        text.truncate(SHORT);
        text.push('…');
    }
    text
}

/// The shortest decimal that is nearest to the float that is nearest to the number.
fn decimal(value: &Ratio) -> String {
    let float = value.to_f64();
    let magnitude = float.abs();
    if !float.is_finite() || float == 0.0 && !value.is_zero() {
        scientific(value)
    } else if magnitude != 0.0 && !(1e-5..1e21).contains(&magnitude) {
        format!("{float:e}")
    } else {
        float.to_string()
    }
}

/// Six digits and an exponent, cut off without rounding, for what no float can hold.
fn scientific(value: &Ratio) -> String {
    let (num, den) = (value.num().abs(), value.den());
    // Ten bits are three digits and a little: there will be more than six.
    let power = den.bit_len().saturating_sub(num.bit_len()) / 3 + 8;
    let digits = num.mul(&Int::power_of_ten(power)).div(den).unwrap_or(Int::ZERO).to_string();
    let exponent = digits.len() as i64 - 1 - power as i64;
    let (first, rest) = digits.split_at_checked(1).unwrap_or_default();
    let rest = rest.get(..5).unwrap_or(rest).trim_end_matches('0');
    let sign = if value.sign() < 0 { "-" } else { "" };
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{first}{point}{rest}e{exponent}")
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
