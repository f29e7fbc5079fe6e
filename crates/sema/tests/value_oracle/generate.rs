//! Random constant expressions: each is made of earlier ones, and is evaluated by us while it is made.

use gopeer_sema::types::Basic;
use gopeer_sema::value::Value;
use gopeer_syntax::ast::{BinaryOp, LiteralKind, UnaryOp};

use crate::check::{self, Fault, Operand, Outcome};

/// An expression and what it is to us.
pub struct Sample {
    pub source: String,
    pub outcome: Outcome,
}

pub struct Generator {
    state: u64,
    /// Valid expressions to build others of.
    pool: Vec<(String, Operand)>,
}

/// Older expressions of the pool make room for new ones.
const POOL: usize = 2000;
const LONGEST_OPERAND: usize = 400;

const BINARY: [(&str, BinaryOp); 19] = [
    ("||", BinaryOp::LogicalOr),
    ("&&", BinaryOp::LogicalAnd),
    ("==", BinaryOp::Equal),
    ("!=", BinaryOp::NotEqual),
    ("<", BinaryOp::Less),
    ("<=", BinaryOp::LessEqual),
    (">", BinaryOp::Greater),
    (">=", BinaryOp::GreaterEqual),
    ("+", BinaryOp::Add),
    ("-", BinaryOp::Sub),
    ("|", BinaryOp::Or),
    ("^", BinaryOp::Xor),
    ("*", BinaryOp::Mul),
    ("/", BinaryOp::Div),
    ("%", BinaryOp::Rem),
    ("<<", BinaryOp::Shl),
    (">>", BinaryOp::Shr),
    ("&", BinaryOp::And),
    ("&^", BinaryOp::AndNot),
];

const UNARY: [(&str, UnaryOp); 4] =
    [("+", UnaryOp::Plus), ("-", UnaryOp::Minus), ("!", UnaryOp::Not), ("^", UnaryOp::BitNot)];

impl Generator {
    pub fn new(seed: u64) -> Generator {
        Generator { state: seed, pool: Vec::new() }
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }

    pub fn sample(&mut self) -> Sample {
        let sample = match self.below(10) {
            _ if self.pool.len() < 100 => self.literal(),
            0 | 1 => self.literal(),
            2 => self.unary(),
            3 | 4 => self.conversion(),
            5 => self.builtin(),
            _ => self.binary(),
        };
        if let Ok(operand) = &sample.outcome
            && sample.source.len() < LONGEST_OPERAND
        {
            let entry = (sample.source.clone(), operand.clone());
            if self.pool.len() < POOL {
                self.pool.push(entry);
            } else {
                let at = self.below(POOL);
                self.pool[at] = entry;
            }
        }
        sample
    }

    fn operand(&mut self) -> (String, Operand) {
        let at = self.below(self.pool.len());
        self.pool[at].clone()
    }

    /// One that is wanted, if there is one among some.
    fn operand_where(&mut self, wanted: impl Fn(&Operand) -> bool) -> (String, Operand) {
        let mut found = self.operand();
        for _ in 0..40 {
            if wanted(&found.1) {
                break;
            }
            found = self.operand();
        }
        found
    }

    fn unary(&mut self) -> Sample {
        let (name, op) = UNARY[self.below(UNARY.len())];
        let (x, operand) = self.operand_where(|(ty, _)| match op {
            UnaryOp::Not => ty.is_boolean(),
            UnaryOp::BitNot => ty.is_integer(),
            _ => ty.is_numeric(),
        });
        Sample { source: format!("{name}({x})"), outcome: check::unary(op, &operand) }
    }

    fn binary(&mut self) -> Sample {
        let (name, op) = BINARY[self.below(BINARY.len())];
        let anything = self.one_in(20);
        let (x, left) = self.operand_where(|(ty, _)| match op {
            _ if anything => true,
            BinaryOp::LogicalOr | BinaryOp::LogicalAnd => ty.is_boolean(),
            BinaryOp::Equal | BinaryOp::NotEqual => true,
            BinaryOp::Add => ty.is_string() || ty.is_numeric(),
            BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => ty.is_numeric(),
            BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => ty.is_ordered(),
            _ => ty.is_integer(),
        });
        let is_shift = matches!(op, BinaryOp::Shl | BinaryOp::Shr);
        let (y, right) = self.operand_where(|(ty, count)| match left.0 {
            _ if anything => true,
            _ if is_shift => count.as_u64().is_some_and(|count| count < 600),
            to if to.is_untyped() || ty.is_untyped() => {
                to.is_numeric() == ty.is_numeric() && to.is_string() == ty.is_string()
            }
            to => to == *ty,
        });
        Sample { source: format!("({x} {name} {y})"), outcome: check::binary(op, &left, &right) }
    }

    fn conversion(&mut self) -> Sample {
        let targets: Vec<Basic> = Basic::ALL.into_iter().filter(|ty| ty.is_const_type() && !ty.is_untyped()).collect();
        let to = targets[self.below(targets.len())];
        let fits = !self.one_in(4);
        let (x, operand) =
            self.operand_where(|(ty, x)| x.representable(to).is_some() == fits && ty.is_numeric() == to.is_numeric());
        Sample { source: format!("{}({x})", to.name()), outcome: check::convert(to, &operand) }
    }

    fn builtin(&mut self) -> Sample {
        match self.below(4) {
            0 => {
                let (x, operand) = self.operand_where(|(ty, _)| ty.is_string());
                Sample { source: format!("len({x})"), outcome: check::len(&operand) }
            }
            1 => {
                let (x, re) = self.operand_where(|(ty, x)| ty.is_numeric() && !x.to_float().is_unknown());
                let (y, im) = self.operand_where(|(ty, _)| *ty == re.0);
                Sample { source: format!("complex({x}, {y})"), outcome: check::complex(&re, &im) }
            }
            2 => {
                let (x, operand) = self.operand_where(|(ty, _)| ty.is_complex());
                Sample { source: format!("real({x})"), outcome: check::part(&operand, Value::real) }
            }
            _ => {
                let (x, operand) = self.operand_where(|(ty, _)| ty.is_complex());
                Sample { source: format!("imag({x})"), outcome: check::part(&operand, Value::imag) }
            }
        }
    }

    fn literal(&mut self) -> Sample {
        let (kind, ty, mut source) = match self.below(12) {
            0..4 => (LiteralKind::Int, Basic::UntypedInt, self.integer()),
            4..8 => (LiteralKind::Float, Basic::UntypedFloat, self.float()),
            8 => (LiteralKind::Imaginary, Basic::UntypedComplex, self.imaginary()),
            9 => (LiteralKind::Rune, Basic::UntypedRune, self.rune()),
            10 => (LiteralKind::String, Basic::UntypedString, self.string('"')),
            _ => (LiteralKind::RawString, Basic::UntypedString, self.string('`')),
        };
        let mended = self.one_in(8).then(|| self.spoil(kind, &mut source));
        let outcome = match Value::literal(kind, &source) {
            Value::Unknown if mended.is_some() => Err(Fault::Invalid),
            value => check::settle(ty, value),
        };
        Sample { source, outcome }
    }

    /// Puts an underscore or a backslash somewhere in, which often makes the literal an invalid one of its kind.
    fn spoil(&mut self, kind: LiteralKind, source: &mut String) {
        let added = match kind {
            LiteralKind::Rune | LiteralKind::String => '\\',
            LiteralKind::RawString => return,
            _ => '_',
        };
        let places: Vec<usize> = source.char_indices().map(|(at, _)| at).skip(1).collect();
        if !places.is_empty() {
            source.insert(places[self.below(places.len())], added);
        }
    }

    fn digits(&mut self, base: usize, count: usize) -> String {
        let digit = |digit: usize| char::from(b"0123456789abcdefABCDEF"[digit]);
        let mut text = String::new();
        for at in 0..count {
            if at > 0 && self.one_in(12) {
                text.push('_');
            }
            let value = self.below(if base == 16 { 22 } else { base });
            text.push(digit(value));
        }
        text
    }

    fn integer(&mut self) -> String {
        let limit = if self.one_in(3) { 160 } else { 20 };
        let count = 1 + self.below(limit);
        match self.below(8) {
            0 => format!("{}{}", self.pick(&["0x", "0X", "0x_"]), self.digits(16, count.min(129))),
            1 => format!("{}{}", self.pick(&["0b", "0B"]), self.digits(2, count * 3)),
            2 => format!("{}{}", self.pick(&["0", "0o", "0O", "0_"]), self.digits(8, count)),
            3 => self.below(70).to_string(),
            4 => self.pick(&["0", "127", "128", "255", "256", "32767", "32768", "65535", "65536"]).to_owned(),
            5 => {
                self.pick(&["2147483647", "2147483648", "4294967295", "4294967296", "0x7fff_ffff_ffff_ffff"]).to_owned()
            }
            6 => self
                .pick(&["9223372036854775808", "18446744073709551615", "18446744073709551616", "0xffff_ffff_ffff_ffff"])
                .to_owned(),
            _ => format!("{}{}", 1 + self.below(9), self.digits(10, count).trim_start_matches('_')),
        }
    }

    /// None of these is too large for us: what becomes too large is an operation's.
    fn float(&mut self) -> String {
        let range = *self.pick(&[&3, &20, &50, &400, &1200]);
        let exponent = self.below(2 * range) as i64 - range as i64;
        let (whole, fraction) = (self.below(20), self.below(25));
        match self.below(6) {
            // Just enough bits for a float, or some more: exact, ties and just beside ties.
            0 | 1 => {
                let bits = *self.pick(&[&5, &6, &7, &12, &13, &14, &15]);
                let tail = self.pick(&["", "8", "80", "8001", "7fff", "4"]);
                format!("0x1.{}{tail}p{}", self.digits(16, bits).replace('_', ""), exponent)
            }
            2 => format!("0x{}.{}P{exponent:+}", self.digits(16, whole), self.digits(16, fraction + 1)),
            3 => format!("{}.{}e{exponent}", self.digits(10, whole), self.digits(10, fraction + 1)),
            4 => format!("{}E{exponent:+}", self.digits(10, whole + 1)),
            _ => format!("{}.{}", self.digits(10, whole % 5 + 1), self.digits(10, fraction % 7)),
        }
    }

    fn imaginary(&mut self) -> String {
        let number = if self.one_in(3) { self.integer() } else { self.float() };
        number + "i"
    }

    fn unit(&mut self, quote: char) -> String {
        match self.below(9) {
            0 if quote == '\'' => "\\'".to_owned(),
            0 => "\\\"".to_owned(),
            1 => format!("\\x{:02x}", self.below(256)),
            2 => format!("\\{:03o}", self.below(300)),
            3 => format!("\\u{:04X}", self.below(0x10000)),
            4 => format!("\\U{:08x}", self.below(0x120000)),
            5 => format!("\\{}", self.pick(&["a", "b", "f", "n", "r", "t", "v", "\\", "0", "q"])),
            6 => self.pick(&["ä", "世", "😀", "\u{301}", "\u{7f}", "\t"]).to_owned(),
            _ => char::from(b'a' + self.below(26) as u8).to_string(),
        }
    }

    fn rune(&mut self) -> String {
        format!("'{}'", self.unit('\''))
    }

    fn string(&mut self, quote: char) -> String {
        let mut text = String::from(quote);
        for _ in 0..self.below(8) {
            let unit = if quote == '`' && self.one_in(4) { "\r\n".to_owned() } else { self.unit(quote) };
            text.push_str(&unit);
        }
        text.push(quote);
        text
    }
}
