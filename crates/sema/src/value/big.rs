//! Integers that 64 bits do not hold: schoolbook arithmetic, a few hundred digits at most. A library's, made for millions,
//! would be a fiftieth of the engine's wasm.

/// An integer in two's complement without end, in digits of 32 bits, the lowest first. The last one's sign bit goes on for
/// ever, and no digit is there that this would add.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Big(Vec<u32>);

const BITS: u64 = u32::BITS as u64;

impl From<i64> for Big {
    fn from(value: i64) -> Big {
        Big::trimmed(vec![value as u32, (value >> BITS) as u32])
    }
}

impl From<u64> for Big {
    fn from(value: u64) -> Big {
        Big::trimmed(vec![value as u32, (value >> BITS) as u32, 0])
    }
}

/// The digit that repeats beyond these.
fn beyond(digits: &[u32]) -> u32 {
    digits.last().map_or(0, |&last| (last as i32 >> 31) as u32)
}

impl Big {
    fn trimmed(mut digits: Vec<u32>) -> Big {
        while let Some((last, rest)) = digits.split_last()
            && *last == beyond(rest)
        {
            digits.pop();
        }
        Big(digits)
    }

    fn digit(&self, at: usize) -> u64 {
        self.0.get(at).copied().unwrap_or_else(|| beyond(&self.0)).into()
    }

    /// The value, if it fits.
    pub(super) fn as_i64(&self) -> Option<i64> {
        (self.0.len() <= 2).then(|| (self.digit(1) << BITS | self.digit(0)) as i64)
    }

    /// The value, if it fits.
    pub(super) fn as_u64(&self) -> Option<u64> {
        (self.0.len() <= 3 && self.digit(2) == 0).then(|| self.digit(1) << BITS | self.digit(0))
    }

    pub(super) fn is_negative(&self) -> bool {
        beyond(&self.0) != 0
    }

    /// How many bits the absolute value takes.
    pub(super) fn bit_len(&self) -> u64 {
        let absolute = self.abs();
        absolute.0.last().map_or(0, |last| absolute.0.len() as u64 * BITS - u64::from(last.leading_zeros()))
    }

    fn abs(&self) -> Big {
        if self.is_negative() { self.neg() } else { self.clone() }
    }

    fn neg(&self) -> Big {
        Big(Vec::new()).sub(self)
    }

    /// What comes of each pair of digits; the upper half of a result is carried to the next pair, as a signed number.
    fn zip(&self, other: &Big, combine: fn(i64, i64) -> i64) -> Big {
        let mut carry = 0;
        let pairs = 0..=self.0.len().max(other.0.len());
        let digits = pairs.map(|at| {
            let result = combine(self.digit(at) as i64, other.digit(at) as i64) + carry;
            carry = result >> BITS;
            result as u32
        });
        Big::trimmed(digits.collect())
    }

    pub(super) fn add(&self, other: &Big) -> Big {
        self.zip(other, |x, y| x + y)
    }

    pub(super) fn sub(&self, other: &Big) -> Big {
        self.zip(other, |x, y| x - y)
    }

    pub(super) fn and(&self, other: &Big) -> Big {
        self.zip(other, |x, y| x & y)
    }

    /// The product, of which as many digits as both have together are right without a thought of the signs.
    pub(super) fn mul(&self, other: &Big) -> Big {
        let count = self.0.len() + other.0.len();
        let mut digits = vec![0; count];
        for row in 0..count {
            let (x, mut carry) = (self.digit(row), 0);
            if x == 0 {
                continue;
            }
            for (at, sum) in digits.iter_mut().skip(row).enumerate() {
                let wide = u64::from(*sum) + x * other.digit(at) + carry;
                (*sum, carry) = (wide as u32, wide >> BITS);
            }
        }
        Big::trimmed(digits)
    }

    /// `self * 2^bits`, rounded down.
    pub(super) fn shift(&self, bits: i64) -> Big {
        let (skip, right) = ((-bits).div_euclid(BITS as i64), (-bits).rem_euclid(BITS as i64));
        let digit = |at: i64| usize::try_from(at).map_or(0, |at| self.digit(at));
        let places = skip..(self.0.len() as i64 + 1).max(skip + 1);
        Big::trimmed(places.map(|at| ((digit(at + 1) << BITS | digit(at)) >> right) as u32).collect())
    }

    /// Quotient, truncated toward zero, and remainder: long division, digit by digit (Knuth, "The Art of Computer
    /// Programming", 4.3.1). The divisor is not zero.
    pub(super) fn div_rem(&self, divisor: &Big) -> (Big, Big) {
        // The highest bit of the divisor's highest digit has to be one, for the guesses below to be good.
        let length = divisor.bit_len().next_multiple_of(BITS);
        let shift = (length - divisor.bit_len()) as i64;
        let count = (length / BITS) as usize;
        let (mut by, mut rest) = (divisor.abs().shift(shift).0, self.abs().shift(shift).0);
        by.resize(count + 1, 0);
        rest.resize(rest.len().max(count) + 1, 0);
        let top = by.iter().rev().nth(1).map_or(1, |&digit| u64::from(digit) + 1);
        let mut quotient = vec![0; rest.len() - count + 1];
        for (place, digit) in quotient.iter_mut().enumerate().rev() {
            let Some(window) = rest.get_mut(place..=place + count) else { continue };
            loop {
                // Not too large, and too small by little.
                let head = window.iter().rev().take(2).fold(0, |head, &digit| head << BITS | u64::from(digit));
                let guess = (head / top).max(window.iter().rev().ge(by.iter().rev()).into());
                if guess == 0 {
                    break;
                }
                let mut carry = 0;
                for (digit, &by) in window.iter_mut().zip(&by) {
                    let product = guess * u64::from(by) + carry;
                    let (left, borrows) = digit.overflowing_sub(product as u32);
                    (*digit, carry) = (left, (product >> BITS) + u64::from(borrows));
                }
                *digit += guess as u32;
            }
        }
        let (quotient, rest) = (Big::trimmed(quotient), Big::trimmed(rest).shift(-shift));
        let quotient = if self.is_negative() == divisor.is_negative() { quotient } else { quotient.neg() };
        (quotient, if self.is_negative() { rest.neg() } else { rest })
    }
}
