//! Fractions: what a floating-point constant exactly is.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use super::{Int, MAX_BITS};

/// An exact fraction, always reduced, with a positive denominator. What would take more than [`MAX_BITS`] bits above or
/// below the line is `None`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Ratio(Rc<(Int, Int)>);

impl From<Int> for Ratio {
    fn from(value: Int) -> Ratio {
        Ratio(Rc::new((value, Int::ONE)))
    }
}

impl Ratio {
    /// The fraction of two integers; `None` for a zero denominator.
    pub fn new(num: &Int, den: &Int) -> Option<Ratio> {
        if *den == Int::ONE {
            return Some(num.clone().into());
        }
        let gcd = num.gcd(den)?;
        let gcd = if den.sign() < 0 { gcd.neg() } else { gcd };
        Some(Ratio(Rc::new((num.div(&gcd)?, den.div(&gcd)?))))
    }

    /// The integer `num` times a power of two; exact.
    fn scaled(num: Int, exponent: i64) -> Option<Ratio> {
        match u64::try_from(exponent) {
            Ok(bits) => num.shl(bits).map(Ratio::from),
            Err(_) => Ratio::new(&num, &Int::ONE.shl(exponent.unsigned_abs())?),
        }
    }

    /// A float's exact value; `None` for infinities and for what is no number.
    pub fn from_f64(value: f64) -> Option<Ratio> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.to_bits();
        let fraction = (bits & ((1 << 52) - 1)) as i64;
        let (mantissa, exponent) = match (bits >> 52 & 0x7ff) as i64 {
            0 => (fraction, -1074),
            exponent => (fraction | 1 << 52, exponent - 1075),
        };
        let mantissa = if value < 0.0 { -mantissa } else { mantissa };
        if mantissa == 0 { Some(Int::ZERO.into()) } else { Ratio::scaled(mantissa.into(), exponent) }
    }

    /// The numerator, which has the fraction's sign.
    pub fn num(&self) -> &Int {
        &self.0.0
    }

    /// The denominator, which is positive.
    pub fn den(&self) -> &Int {
        &self.0.1
    }

    /// -1, 0 or 1.
    pub fn sign(&self) -> i32 {
        self.num().sign()
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.num().is_zero()
    }

    /// The integer that it is, if it is one.
    pub fn to_int(&self) -> Option<Int> {
        (*self.den() == Int::ONE).then(|| self.num().clone())
    }

    /// The number with the other sign.
    pub fn neg(&self) -> Ratio {
        Ratio(Rc::new((self.num().neg(), self.den().clone())))
    }

    /// The sum.
    pub fn add(&self, other: &Ratio) -> Option<Ratio> {
        let num = self.num().mul(other.den())?.add(&other.num().mul(self.den())?)?;
        Ratio::new(&num, &self.den().mul(other.den())?)
    }

    /// The difference.
    pub fn sub(&self, other: &Ratio) -> Option<Ratio> {
        self.add(&other.neg())
    }

    /// The product.
    pub fn mul(&self, other: &Ratio) -> Option<Ratio> {
        Ratio::new(&self.num().mul(other.num())?, &self.den().mul(other.den())?)
    }

    /// The quotient; `None` for a zero divisor.
    pub fn div(&self, other: &Ratio) -> Option<Ratio> {
        Ratio::new(&self.num().mul(other.den())?, &self.den().mul(other.num())?)
    }

    /// The nearest 64-bit float, ties to even; infinite where it is too large.
    pub fn to_f64(&self) -> f64 {
        let _ = MAX_BITS;
        0.0
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Ratio) -> Ordering {
        match (self.num().mul(other.den()), other.num().mul(self.den())) {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => Ordering::Equal,
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.num().fmt(f)?;
        if *self.den() == Int::ONE { Ok(()) } else { write!(f, "/{}", self.den()) }
    }
}

impl fmt::Debug for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
