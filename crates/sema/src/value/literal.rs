//! The values of literals (Go spec, "Integer literals" to "String literals").

use std::iter::Peekable;
use std::str::{Bytes, Chars};

use gopeer_syntax::ast::LiteralKind;

use super::{Int, MAX_BITS, Ratio, Value};

impl Value {
    /// The value of a literal as it stands in the source; `Unknown` for one that is not valid, or too large.
    pub fn literal(kind: LiteralKind, text: &str) -> Value {
        match kind {
            LiteralKind::Int => integer(text).into(),
            LiteralKind::Float => number(text, kind).into(),
            LiteralKind::Imaginary => text
                .strip_suffix('i')
                .and_then(|text| number(text, kind))
                .map(|imaginary| (Ratio::from(Int::ZERO), imaginary))
                .into(),
            LiteralKind::Rune => rune(text).map(Int::from).into(),
            LiteralKind::String => string(text).map_or(Value::Unknown, |bytes| Value::str(&bytes)),
            LiteralKind::RawString => raw_string(text).map_or(Value::Unknown, |text| Value::str(text.as_bytes())),
        }
    }
}

fn integer(text: &str) -> Option<Int> {
    match text.parse::<i64>() {
        Ok(value) if text.starts_with(|first| matches!(first, '1'..='9')) => Some(value.into()),
        _ => number(text, LiteralKind::Int)?.to_int(),
    }
}

/// The base of a number and what follows its prefix. A leading zero alone makes an integer octal, but no other number.
fn base(text: &str, kind: LiteralKind) -> (u32, &str) {
    let mut chars = text.chars();
    let base = match (chars.next(), chars.next()) {
        (Some('0'), Some('x' | 'X')) => 16,
        (Some('0'), Some('o' | 'O')) => 8,
        (Some('0'), Some('b' | 'B')) => 2,
        (Some('0'), Some(_)) if kind == LiteralKind::Int => return (8, text),
        _ => return (10, text),
    };
    (base, chars.as_str())
}

/// The value of an unsigned number of any form, if its form is one of the kind's.
fn number(text: &str, kind: LiteralKind) -> Option<Ratio> {
    let (base, rest) = base(text, kind);
    let may_be_real = kind != LiteralKind::Int && matches!(base, 10 | 16);
    let mut input = rest.bytes().peekable();
    let mut digits = Vec::new();
    let whole = take_digits(&mut input, base, rest.len() < text.len(), &mut digits)?;
    let point = may_be_real && input.next_if_eq(&b'.').is_some();
    let fraction = if point { take_digits(&mut input, base, false, &mut digits)? } else { 0 };
    let mark = if base == 16 { b'p' } else { b'e' };
    let exponent = match input.next() {
        Some(byte) if may_be_real && byte.to_ascii_lowercase() == mark => exponent(&mut input)?,
        None if base != 16 || !point => 0,
        _ => return None,
    };
    if whole + fraction == 0 || input.next().is_some() || digits.len() as u64 > MAX_BITS {
        return None;
    }
    let mantissa = Int::from_digits(&digits, base)?;
    let fraction = i64::try_from(fraction).ok()?;
    match base {
        16 => Ratio::scaled(&mantissa, exponent.saturating_sub(fraction.saturating_mul(4))),
        _ => decimal(&mantissa, exponent.saturating_sub(fraction)),
    }
}

/// Takes digits into `digits`, without underscores and without zeros at the front, and says how many there were. `None`
/// if an underscore does not separate digits, or the prefix and a digit.
fn take_digits(input: &mut Peekable<Bytes>, base: u32, prefix: bool, digits: &mut Vec<u8>) -> Option<usize> {
    let is_digit = |byte: &u8| char::from(*byte).is_digit(base);
    let (mut found, mut may_separate) = (0, prefix);
    loop {
        if let Some(digit) = input.next_if(is_digit) {
            found += 1;
            may_separate = true;
            if digit != b'0' || !digits.is_empty() {
                digits.push(digit);
            }
        } else if input.next_if_eq(&b'_').is_none() {
            return Some(found);
        } else if !may_separate || !input.peek().is_some_and(is_digit) {
            return None;
        }
    }
}

/// What follows an exponent's mark. A large one is as good as any other large one.
fn exponent(input: &mut Peekable<Bytes>) -> Option<i64> {
    let negative = input.next_if(|byte| matches!(byte, b'+' | b'-')) == Some(b'-');
    let mut digits = Vec::new();
    take_digits(input, 10, false, &mut digits).filter(|&found| found > 0)?;
    let digit = |exponent: i64, digit: &u8| exponent.saturating_mul(10).saturating_add((digit - b'0').into());
    let exponent = digits.iter().fold(0, digit);
    Some(if negative { -exponent } else { exponent })
}

/// The mantissa times ten to the power of `exponent`.
fn decimal(mantissa: &Int, exponent: i64) -> Option<Ratio> {
    if mantissa.is_zero() {
        return Some(Int::ZERO.into());
    }
    let power = Int::power_of_ten(Some(exponent.unsigned_abs()).filter(|&power| power <= MAX_BITS)?);
    if exponent < 0 { Ratio::new(mantissa, &power) } else { mantissa.mul(&power).bounded().map(Ratio::from) }
}

/// What one character of a rune or string literal stands for.
enum Unit {
    Char(char),
    Byte(u8),
}

/// Takes one character or escape of a literal in such quotes; `None` if it is not valid there.
fn unit(chars: &mut Chars, quote: char) -> Option<Unit> {
    let first = chars.next().filter(|&first| first != '\n' && first != quote)?;
    if first != '\\' {
        return Some(Unit::Char(first));
    }
    let escape = chars.next()?;
    let control = match escape {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' => '\\',
        _ if escape == quote => quote,
        'x' => return u8::try_from(code(chars, 16, 2, 0)?).ok().map(Unit::Byte),
        'u' => return char::from_u32(code(chars, 16, 4, 0)?).map(Unit::Char),
        'U' => return char::from_u32(code(chars, 16, 8, 0)?).map(Unit::Char),
        _ => return u8::try_from(code(chars, 8, 2, escape.to_digit(8)?)?).ok().map(Unit::Byte),
    };
    Some(Unit::Char(control))
}

/// The number that `first` and exactly `count` more digits make.
fn code(chars: &mut Chars, base: u32, count: usize, first: u32) -> Option<u32> {
    (0..count).try_fold(first, |code, _| Some(code << base.ilog2() | chars.next()?.to_digit(base)?))
}

fn rune(text: &str) -> Option<i64> {
    let mut chars = text.strip_prefix('\'')?.chars();
    let value = match unit(&mut chars, '\'')? {
        Unit::Char(char) => u32::from(char).into(),
        Unit::Byte(byte) => byte.into(),
    };
    (chars.as_str() == "'").then_some(value)
}

fn string(text: &str) -> Option<Vec<u8>> {
    let mut chars = text.strip_prefix('"')?.chars();
    let mut bytes = Vec::with_capacity(text.len());
    while chars.as_str() != "\"" {
        match unit(&mut chars, '"')? {
            Unit::Char(char) => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Byte(byte) => bytes.push(byte),
        }
    }
    Some(bytes)
}

/// Carriage returns are not part of a raw string's value.
fn raw_string(text: &str) -> Option<String> {
    let inner = text.strip_prefix('`')?.strip_suffix('`')?;
    (!inner.contains('`')).then(|| inner.replace('\r', ""))
}
