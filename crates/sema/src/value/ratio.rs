//! Fractions: what a floating-point constant exactly is.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use super::Int;

/// An exact fraction, always reduced, with a positive denominator. What would take more than [`super::MAX_BITS`] bits
/// above or below the line is `None`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Ratio(Rc<(Int, Int)>);

/// A binary floating-point format (IEEE 754).
pub(super) struct Format {
    /// How many bits a mantissa has, with the leading one.
    precision: u64,
    /// The exponent of the smallest number that is not zero.
    min_exponent: i64,
    /// All numbers are below two to the power of this.
    max_exponent: i64,
}

/// Go's `float32`.
pub(super) const FLOAT32: Format = Format { precision: 24, min_exponent: -149, max_exponent: 128 };
/// Go's `float64`.
pub(super) const FLOAT64: Format = Format { precision: 53, min_exponent: -1074, max_exponent: 1024 };

impl From<Int> for Ratio {
    fn from(value: Int) -> Ratio {
        Ratio(Rc::new((value, Int::ONE)))
    }
}

impl Ratio {
    /// The fraction of two integers; `None` for a zero denominator.
    pub fn new(num: &Int, den: &Int) -> Option<Ratio> {
        let gcd = num.gcd(den);
        // With the sign of the denominator, which so becomes positive.
        let gcd = if gcd.sign() == den.sign() { gcd } else { gcd.neg() };
        let (num, den) = (num.div(&gcd)?.bounded()?, den.div(&gcd)?.bounded()?);
        (!den.is_zero()).then(|| Ratio(Rc::new((num, den))))
    }

    /// `num` times two to the power of `exponent`.
    pub(super) fn scaled(num: &Int, exponent: i64) -> Option<Ratio> {
        match u64::try_from(exponent) {
            Ok(bits) => num.shl(bits).map(Ratio::from),
            Err(_) if num.is_zero() => Some(Int::ZERO.into()),
            Err(_) => Ratio::new(num, &Int::ONE.shl(exponent.unsigned_abs())?),
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
        Ratio::scaled(&Int::from(if value < 0.0 { -mantissa } else { mantissa }), exponent)
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
        let num = self.num().mul(other.den()).add(&other.num().mul(self.den()));
        Ratio::new(&num, &self.den().mul(other.den()))
    }

    /// The difference.
    pub fn sub(&self, other: &Ratio) -> Option<Ratio> {
        self.add(&other.neg())
    }

    /// The product.
    pub fn mul(&self, other: &Ratio) -> Option<Ratio> {
        Ratio::new(&self.num().mul(other.num()), &self.den().mul(other.den()))
    }

    /// The quotient; `None` for a zero divisor.
    pub fn div(&self, other: &Ratio) -> Option<Ratio> {
        Ratio::new(&self.num().mul(other.den()), &self.den().mul(other.num()))
    }

    /// The nearest number of the format, ties to even, as a mantissa and an exponent; `None` where it is too large.
    fn nearest(&self, format: &Format) -> Option<(u64, i64)> {
        let (num, den) = (self.num().abs(), self.den());
        // Two or three bits more than the mantissa's, so that only they and the remainder decide.
        let top = num.bit_len() as i64 - den.bit_len() as i64;
        let exponent = (top - format.precision as i64).max(format.min_exponent) - 2;
        let (up, down) = if exponent < 0 { (exponent.unsigned_abs(), 0) } else { (0, exponent.unsigned_abs()) };
        let (num, den) = (num.scale(up), den.scale(down));
        let quotient = num.div(&den)?.as_u64()?;
        let inexact = !num.rem(&den)?.is_zero();
        let bits = u64::from(u64::BITS - quotient.leading_zeros());
        let cut = bits.saturating_sub(format.precision).max(2);
        let (mantissa, rest, half) = (quotient >> cut, quotient & ((1 << cut) - 1), 1 << (cut - 1));
        let round_up = rest > half || rest == half && (inexact || mantissa & 1 == 1);
        let (mantissa, exponent) = (mantissa + u64::from(round_up), exponent + cut as i64);
        // Rounding up may have carried into one bit more.
        let carried = mantissa >> format.precision;
        let (mantissa, exponent) = (mantissa >> carried, exponent + carried as i64);
        let top = i64::from(u64::BITS - mantissa.leading_zeros()) + exponent;
        (mantissa == 0 || top <= format.max_exponent).then_some((mantissa, exponent))
    }

    /// The nearest number of the format, ties to even; `None` where it is too large.
    pub(super) fn round(&self, format: &Format) -> Option<Ratio> {
        let (mantissa, exponent) = self.nearest(format)?;
        let rounded = Ratio::scaled(&mantissa.into(), exponent)?;
        Some(if self.sign() < 0 { rounded.neg() } else { rounded })
    }

    /// The nearest 64-bit float, ties to even; infinite where it is too large.
    pub fn to_f64(&self) -> f64 {
        let absolute = match self.nearest(&FLOAT64) {
            None => f64::INFINITY,
            // Without a leading one: the numbers near zero.
            Some((mantissa, _)) if mantissa < 1 << 52 => f64::from_bits(mantissa),
            Some((mantissa, exponent)) => {
                f64::from_bits(((exponent + 1075).unsigned_abs() << 52) | (mantissa & ((1 << 52) - 1)))
            }
        };
        if self.sign() < 0 { -absolute } else { absolute }
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Ratio) -> Ordering {
        self.num().mul(other.den()).cmp(&other.num().mul(self.den()))
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
