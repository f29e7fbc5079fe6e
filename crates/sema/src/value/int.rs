//! Integers of any size, up to a bound: most fit into 64 bits, and only the others pay for it.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use num_bigint::{BigInt, Sign};

use super::MAX_BITS;

/// An exact integer of at most [`MAX_BITS`] bits. What would be larger is `None`.
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

    pub(super) fn from_big(value: BigInt) -> Option<Int> {
        match i64::try_from(&value) {
            Ok(value) => Some(value.into()),
            Err(_) if value.bits() > MAX_BITS => None,
            Err(_) => Some(Int(Repr::Big(Rc::new(value)))),
        }
    }

    pub(super) fn from_i128(value: i128) -> Int {
        match i64::try_from(value) {
            Ok(value) => value.into(),
            Err(_) => Int(Repr::Big(Rc::new(value.into()))),
        }
    }

    pub(super) fn to_big(&self) -> BigInt {
        match &self.0 {
            Repr::Small(value) => (*value).into(),
            Repr::Big(value) => (**value).clone(),
        }
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
    pub fn neg(&self) -> Int {
        match &self.0 {
            Repr::Small(value) => Int::from_i128(-i128::from(*value)),
            // No larger than it was; -(1<<63) becomes small.
            Repr::Big(value) => Int::from_big(-&**value).unwrap_or(Int::ZERO),
        }
    }

    /// All bits inverted, in two's complement without end: `-x - 1`.
    pub fn not(&self) -> Option<Int> {
        match &self.0 {
            Repr::Small(value) => Some((!value).into()),
            Repr::Big(value) => Int::from_big(!(**value).clone()),
        }
    }

    /// The sum.
    pub fn add(&self, other: &Int) -> Option<Int> {
        self.combine(other, |x, y| Some(x + y), |x, y| x + y)
    }

    /// The difference.
    pub fn sub(&self, other: &Int) -> Option<Int> {
        self.combine(other, |x, y| Some(x - y), |x, y| x - y)
    }

    /// The product.
    pub fn mul(&self, other: &Int) -> Option<Int> {
        if self.bit_len() + other.bit_len() > MAX_BITS + 1 {
            return None;
        }
        self.combine(other, |x, y| Some(x * y), |x, y| x * y)
    }

    /// The quotient, truncated toward zero; `None` for a zero divisor (Go spec, "Integer operators").
    pub fn div(&self, other: &Int) -> Option<Int> {
        if other.is_zero() {
            return None;
        }
        self.combine(other, i128::checked_div, |x, y| x / y)
    }

    /// What [`Int::div`] leaves, with the dividend's sign; `None` for a zero divisor.
    pub fn rem(&self, other: &Int) -> Option<Int> {
        if other.is_zero() {
            return None;
        }
        self.combine(other, i128::checked_rem, |x, y| x % y)
    }

    /// Bitwise and, as of numbers in two's complement without end; so are the other three.
    pub fn and(&self, other: &Int) -> Option<Int> {
        self.combine(other, |x, y| Some(x & y), |x, y| x & y)
    }

    /// Bitwise or.
    pub fn or(&self, other: &Int) -> Option<Int> {
        self.combine(other, |x, y| Some(x | y), |x, y| x | y)
    }

    /// Bitwise exclusive or.
    pub fn xor(&self, other: &Int) -> Option<Int> {
        self.combine(other, |x, y| Some(x ^ y), |x, y| x ^ y)
    }

    /// Bit clear: `x & ^y`.
    pub fn and_not(&self, other: &Int) -> Option<Int> {
        self.and(&other.not()?)
    }

    /// `x << bits`.
    pub fn shl(&self, bits: u64) -> Option<Int> {
        match &self.0 {
            Repr::Small(0) => Some(Int::ZERO),
            _ if self.bit_len().saturating_add(bits) > MAX_BITS => None,
            Repr::Small(value) if bits <= 63 => Some(Int::from_i128(i128::from(*value) << bits)),
            _ => Int::from_big(self.to_big() << bits),
        }
    }

    /// `x >> bits`, rounded down.
    pub fn shr(&self, bits: u64) -> Int {
        match &self.0 {
            Repr::Small(value) => (value >> bits.min(63)).into(),
            // No larger than it was.
            Repr::Big(value) => Int::from_big((**value).clone() >> bits.min(MAX_BITS)).unwrap_or(Int::ZERO),
        }
    }

    /// Carries out `small` where both operands are small, which cannot overflow 128 bits, else `big`.
    fn combine(
        &self,
        other: &Int,
        small: impl Fn(i128, i128) -> Option<i128>,
        big: impl Fn(&BigInt, &BigInt) -> BigInt,
    ) -> Option<Int> {
        match (&self.0, &other.0) {
            (Repr::Small(x), Repr::Small(y)) => small((*x).into(), (*y).into()).map(Int::from_i128),
            (Repr::Big(x), Repr::Big(y)) => Int::from_big(big(x, y)),
            _ => Int::from_big(big(&self.to_big(), &other.to_big())),
        }
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
        match &self.0 {
            Repr::Small(value) => value.fmt(f),
            Repr::Big(value) => value.fmt(f),
        }
    }
}

impl fmt::Debug for Int {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
