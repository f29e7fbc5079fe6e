//! Integers of any size, up to a bound: most fit into 64 bits, and only the others pay for it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use num_bigint::{BigInt, Sign};

use super::MAX_BITS;

/// How many digits of any of Go's bases certainly fit an i64.
const CHUNK: u32 = 15;

/// An exact integer. Those in a [`super::Value`] have at most [`MAX_BITS`] bits; results on the way there may have more.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Int(Repr);

/// Whatever fits is `Small`, so that equal numbers are equally represented.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Small(i64),
    Big(Rc<BigInt>),
}

impl From<i64> for Int {
    fn from(value: i64) -> Int {
        Int(Repr::Small(value))
    }
}

impl From<u64> for Int {
    fn from(value: u64) -> Int {
        match i64::try_from(value) {
            Ok(value) => value.into(),
            Err(_) => Int(Repr::Big(Rc::new(value.into()))),
        }
    }
}

impl Int {
    /// Zero.
    pub const ZERO: Int = Int(Repr::Small(0));
    /// One.
    pub const ONE: Int = Int(Repr::Small(1));

    fn from_big(value: BigInt) -> Int {
        match i64::try_from(&value) {
            Ok(value) => value.into(),
            Err(_) => Int(Repr::Big(Rc::new(value))),
        }
    }

    fn to_big(&self) -> Cow<'_, BigInt> {
        match &self.0 {
            Repr::Small(value) => Cow::Owned((*value).into()),
            Repr::Big(value) => Cow::Borrowed(value),
        }
    }

    /// The number, unless it is too large to be kept.
    pub(super) fn bounded(self) -> Option<Int> {
        (self.bit_len() <= MAX_BITS).then_some(self)
    }

    /// The value, if it fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Small(value) => Some(value),
            Repr::Big(_) => None,
        }
    }

    /// The value, if it fits.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Small(value) => u64::try_from(*value).ok(),
            Repr::Big(value) => u64::try_from(&**value).ok(),
        }
    }

    /// -1, 0 or 1.
    pub fn sign(&self) -> i32 {
        match &self.0 {
            Repr::Small(value) => value.signum() as i32,
            Repr::Big(value) if value.sign() == Sign::Minus => -1,
            Repr::Big(_) => 1,
        }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.0 == Repr::Small(0)
    }

    /// How many bits the absolute value takes; 0 for zero.
    pub fn bit_len(&self) -> u64 {
        match &self.0 {
            Repr::Small(value) => u64::from(u64::BITS - value.unsigned_abs().leading_zeros()),
            Repr::Big(value) => value.bits(),
        }
    }

    /// The number with the other sign.
    pub(super) fn neg(&self) -> Int {
        Int::ZERO.sub(self)
    }

    /// The number without its sign.
    pub(super) fn abs(&self) -> Int {
        if self.sign() < 0 { self.neg() } else { self.clone() }
    }

    /// All bits inverted, in two's complement without end.
    pub(super) fn not(&self) -> Int {
        Int::from(-1i64).sub(self)
    }

    /// The sum.
    pub(super) fn add(&self, other: &Int) -> Int {
        self.combine(other, i64::checked_add, |x, y| x + y)
    }

    /// The difference.
    pub(super) fn sub(&self, other: &Int) -> Int {
        self.combine(other, i64::checked_sub, |x, y| x - y)
    }

    /// The product.
    pub(super) fn mul(&self, other: &Int) -> Int {
        self.combine(other, i64::checked_mul, |x, y| x * y)
    }

    /// The quotient, truncated toward zero; `None` for a zero divisor (Go spec, "Integer operators").
    pub(super) fn div(&self, other: &Int) -> Option<Int> {
        (!other.is_zero()).then(|| self.combine(other, i64::checked_div, |x, y| x / y))
    }

    /// What [`Int::div`] leaves, with the dividend's sign; `None` for a zero divisor.
    pub(super) fn rem(&self, other: &Int) -> Option<Int> {
        (!other.is_zero()).then(|| self.combine(other, i64::checked_rem, |x, y| x % y))
    }

    /// Bitwise and, as of numbers in two's complement without end; so are the other three.
    pub(super) fn and(&self, other: &Int) -> Int {
        self.combine(other, |x, y| Some(x & y), |x, y| x & y)
    }

    /// Bitwise or: what the sum counts twice is what both have.
    pub(super) fn or(&self, other: &Int) -> Int {
        self.add(other).sub(&self.and(other))
    }

    /// Bitwise exclusive or.
    pub(super) fn xor(&self, other: &Int) -> Int {
        self.or(other).sub(&self.and(other))
    }

    /// Bit clear: `x & ^y`.
    pub(super) fn and_not(&self, other: &Int) -> Int {
        self.sub(&self.and(other))
    }

    /// `x << bits`; `None` if that is too large to be kept.
    pub(super) fn shl(&self, bits: u64) -> Option<Int> {
        if self.is_zero() {
            return Some(Int::ZERO);
        }
        (self.bit_len().saturating_add(bits) <= MAX_BITS).then(|| self.scale(bits))
    }

    /// `x << bits`, however large.
    pub(super) fn scale(&self, bits: u64) -> Int {
        Int::from_big(&*self.to_big() << bits)
    }

    /// `x >> bits`, rounded down.
    pub(super) fn shr(&self, bits: u64) -> Int {
        match &self.0 {
            Repr::Small(value) => (value >> bits.min(63)).into(),
            Repr::Big(value) => Int::from_big(&**value >> bits.min(2 * MAX_BITS)),
        }
    }

    /// Ten to the power of `exponent`, which the caller bounds.
    pub(super) fn power_of_ten(exponent: u64) -> Int {
        let mut power = Int::ONE;
        for bit in (0..u64::BITS - exponent.leading_zeros()).rev() {
            power = power.mul(&power);
            if exponent >> bit & 1 == 1 {
                power = power.mul(&Int::from(10i64));
            }
        }
        power
    }

    /// The number that digits of a base make; `None` for what is no digit. The caller bounds their count.
    pub(super) fn from_digits(digits: &[u8], base: u32) -> Option<Int> {
        digits.chunks(CHUNK as usize).try_fold(Int::ZERO, |number, chunk| {
            let part = i64::from_str_radix(std::str::from_utf8(chunk).ok()?, base).ok()?;
            let scale = i64::from(base).checked_pow(chunk.len() as u32)?;
            Some(number.mul(&scale.into()).add(&part.into()))
        })
    }

    /// The greatest common divisor (Euclid's algorithm), which may have any sign.
    pub(super) fn gcd(&self, other: &Int) -> Int {
        let (mut x, mut y) = (self.clone(), other.clone());
        while let Some(rest) = x.rem(&y) {
            x = std::mem::replace(&mut y, rest);
        }
        x
    }

    /// Carries out `small` where both operands are small and so is the result, else `big`.
    fn combine(&self, other: &Int, small: fn(i64, i64) -> Option<i64>, big: fn(&BigInt, &BigInt) -> BigInt) -> Int {
        let result = match (&self.0, &other.0) {
            (Repr::Small(x), Repr::Small(y)) => small(*x, *y),
            _ => None,
        };
        result.map_or_else(|| Int::from_big(big(&self.to_big(), &other.to_big())), Int::from)
    }
}

impl Ord for Int {
    fn cmp(&self, other: &Int) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Small(x), Repr::Small(y)) => x.cmp(y),
            (Repr::Big(x), Repr::Big(y)) => x.cmp(y),
            // The big one is farther from zero than any small one.
            (Repr::Small(_), Repr::Big(_)) => 0.cmp(&other.sign()),
            (Repr::Big(_), Repr::Small(_)) => self.sign().cmp(&0),
        }
    }
}

impl PartialOrd for Int {
    fn partial_cmp(&self, other: &Int) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let scale = Int::power_of_ten(CHUNK.into());
        let (mut rest, mut chunks) = (self.abs(), Vec::new());
        while let (Repr::Big(_), Some(quotient), Some(chunk)) = (&rest.0, rest.div(&scale), rest.rem(&scale)) {
            chunks.push(chunk.as_i64().unwrap_or_default());
            rest = quotient;
        }
        let sign = if self.sign() < 0 { "-" } else { "" };
        write!(f, "{sign}{}", rest.as_i64().unwrap_or_default())?;
        chunks.iter().rev().try_for_each(|chunk| write!(f, "{chunk:015}"))
    }
}

impl fmt::Debug for Int {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
