use gopeer_syntax::ast::{BinaryOp, LiteralKind, UnaryOp};
use proptest::prelude::*;

use super::{Int, Ratio, Value};
use crate::types::Basic;

fn int(text: &str) -> Value {
    Value::literal(LiteralKind::Int, text)
}

fn float(text: &str) -> Value {
    Value::literal(LiteralKind::Float, text)
}

fn mul(x: &Value, y: &Value) -> Value {
    Value::binary(BinaryOp::Mul, x, y, false)
}

#[test]
fn invalid_literals_are_unknown() {
    use LiteralKind::*;
    let invalid = [
        (Int, ["", "_1", "1_", "1__0", "08", "0x", "0b2", "0o8", "1e3", "-1", "+1", "0_", "0xg", "1.0"].as_slice()),
        (
            Float,
            &["", ".", "1_.5", "1._5", "1e", "1e+", "1e_5", "0x1.8", "0x.p1", "0x1p", "1p3", "0b1.1", "1.5f", "-1.5"],
        ),
        (Imaginary, &["", "i", "1", "0b1e3i", "0b1.1i", "0x1.8i", "1ii"]),
        (
            Rune,
            &[
                "",
                "'",
                "''",
                "'''",
                "'ab'",
                "'\\'",
                "'\\\"'",
                "'\\400'",
                "'\\ud800'",
                "'\\U00110000'",
                "'\\x1'",
                "'\n'",
            ],
        ),
        (String, &["", "\"", "\"a", "a\"", "\"\\'\"", "\"\\x\"", "\"a\nb\"", "\"a\"b\"", "\"\\\""]),
        (RawString, &["", "`", "`a", "a`", "`a`b`"]),
    ];
    for (kind, texts) in invalid {
        for text in texts {
            assert_eq!(Value::literal(kind, text), Value::Unknown, "{kind:?} {text:?}");
        }
    }
}

#[test]
fn what_is_too_large_is_unknown_at_once() {
    let enormous = format!("1{}", "0".repeat(1_000_000));
    for text in ["1e999999999999999999999", "1e-999999999999999999999", "1e5000", &enormous, &format!("{enormous}e3")] {
        assert_eq!(float(text), Value::Unknown);
    }
    assert_eq!(int(&enormous), Value::Unknown);
    assert_eq!(float("0x1p99999999999999999999"), Value::Unknown);
    for zero in ["0e999999999999999999999", "0e-999999999999999999999", "0x0p-99999999999999999999", "0x0p9999999999"] {
        assert_eq!(float(zero).sign(), 0, "{zero}");
    }
    assert_eq!(Value::shift(BinaryOp::Shl, &Value::int(1), u64::MAX), Value::Unknown);
    assert_eq!(Value::shift(BinaryOp::Shl, &Value::int(0), u64::MAX), Value::int(0));
    assert_eq!(Value::shift(BinaryOp::Shr, &Value::int(-1), u64::MAX), Value::int(-1));
    // Squared again and again, a number ends as unknown before it takes any time.
    let mut large = float("1.000000001");
    for _ in 0..40 {
        large = mul(&large, &large);
    }
    assert!(large.is_unknown());
}

/// The limits of package math, as its documentation defines them.
#[test]
fn limits_of_floats_are_exact() {
    let max64 = mul(&float("0x1p1023"), &float("0x1.fffffffffffffp0"));
    assert_eq!(max64.representable(Basic::Float64).and_then(|max| max.as_f64()), Some(f64::MAX));
    assert_eq!(mul(&max64, &Value::int(2)).representable(Basic::Float64), None);
    let smallest64 = mul(&float("0x1p-1022"), &float("0x1p-52"));
    assert_eq!(smallest64.representable(Basic::Float64), Some(smallest64.clone()));
    assert_eq!(smallest64.as_f64(), Some(f64::from_bits(1)));
    // Half of it is a tie between it and zero, and zero is even.
    assert_eq!(mul(&smallest64, &float("0.5")).as_f64(), Some(0.0));
    assert_eq!(mul(&smallest64, &float("0.50001")).as_f64(), Some(f64::from_bits(1)));
    let max32 = Value::float(f32::MAX.into());
    assert_eq!(max32.representable(Basic::Float32), Some(max32.clone()));
    // Whatever is nearer to the largest float than to the power of two that is too large becomes the former.
    assert_eq!(float("0x1.fffffeffp127").representable(Basic::Float32), Some(max32));
    assert_eq!(float("0x1.ffffffp127").representable(Basic::Float32), None);
}

#[test]
fn ranges_of_integers() {
    let representable = |text: &str, basic| int(text).representable(basic).is_some();
    assert!(representable("9223372036854775807", Basic::Int));
    assert!(!representable("9223372036854775808", Basic::Int));
    assert!(representable("18446744073709551615", Basic::Uint));
    assert!(!representable("18446744073709551616", Basic::Uintptr));
    let min = Value::shift(BinaryOp::Shl, &Value::int(-1), 63);
    assert_eq!(min.representable(Basic::Int64), Some(Value::int(i64::MIN)));
    assert_eq!(Value::int(-129).representable(Basic::Int8), None);
    assert_eq!(float("3.0").representable(Basic::Uint8), Some(Value::int(3)));
    assert_eq!(float("3.5").representable(Basic::Int), None);
    assert_eq!(Value::Unknown.representable(Basic::Int8), Some(Value::Unknown));
    assert_eq!(Value::bool(true).representable(Basic::Int), None);
    assert_eq!(Value::str(b"a").representable(Basic::UntypedNil), None);
}

#[test]
fn operators_that_do_not_apply_are_unknown() {
    let (one, half, text, truth) = (Value::int(1), float("0.5"), Value::str(b"a"), Value::bool(true));
    let binary = |op, x, y| Value::binary(op, x, y, true);
    for (op, x, y) in [
        (BinaryOp::Div, &one, &Value::int(0)),
        (BinaryOp::Rem, &one, &Value::int(0)),
        (BinaryOp::Div, &half, &Value::int(0)),
        (BinaryOp::Div, &half, &Value::int(0).to_complex()),
        (BinaryOp::Rem, &half, &one),
        (BinaryOp::Sub, &text, &text),
        (BinaryOp::Add, &text, &one),
        (BinaryOp::Add, &truth, &truth),
        (BinaryOp::LogicalAnd, &one, &truth),
        (BinaryOp::Add, &Value::Unknown, &one),
    ] {
        assert_eq!(binary(op, x, y), Value::Unknown, "{x} {op:?} {y}");
    }
    assert_eq!(Value::unary(UnaryOp::Minus, &text, None), Value::Unknown);
    assert_eq!(Value::unary(UnaryOp::BitNot, &half, None), Value::Unknown);
    assert_eq!(Value::compare(BinaryOp::Less, &truth, &truth), None);
    assert_eq!(Value::compare(BinaryOp::Equal, &Value::Unknown, &Value::Unknown), None);
}

#[test]
fn a_long_concatenation_is_unknown() {
    let line = Value::str(&[b'x'; 100]);
    let joined = (0..1000).fold(line.clone(), |text, _| Value::binary(BinaryOp::Add, &text, &line, false));
    assert_eq!(joined, Value::Unknown);
}

#[test]
fn code_points_become_strings() {
    let text = |code: i64| Value::int(code).rune_to_string().as_str_lossy().map(|text| text.into_owned());
    assert_eq!(text(0x4e16).as_deref(), Some("世"));
    for none in [-1, 0xd800, 0x110000, i64::MAX, 0x1_0000_0041] {
        assert_eq!(text(none).as_deref(), Some("\u{fffd}"));
    }
}

#[test]
fn floats_are_written_as_the_standard_library_writes_them() {
    let mut bits = 1_u64;
    for _ in 0..2_000 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wild = f64::from_bits(bits);
        for number in [wild, (bits >> 40) as f64 / 1000.0, (bits >> 12) as f64, (bits >> 44) as f64 * 1e-9] {
            let Some(ratio) = Ratio::from_f64(number) else { continue };
            let plain = number == 0.0 || (1e-5..1e21).contains(&number.abs());
            let wanted = if plain { number.to_string() } else { format!("{number:e}") };
            assert_eq!(Value::Float(ratio).short(), wanted);
        }
    }
}

/// C's `%.6g`, by the standard library.
fn six_digits(number: f64) -> String {
    let scientific = format!("{number:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap();
    let power: i32 = exponent.parse().unwrap();
    let trim = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits.to_owned(),
    };
    if (-4..6).contains(&power) {
        return trim(&format!("{number:.*}", (5 - power) as usize));
    }
    format!("{}e{}{:02}", trim(mantissa), if power < 0 { '-' } else { '+' }, power.abs())
}

#[test]
fn floats_are_printed_as_the_compiler_prints_them() {
    let mut bits = 7_u64;
    for _ in 0..2_000 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wild = f64::from_bits(bits);
        for number in [wild, (bits >> 40) as f64 / 1000.0, (bits >> 12) as f64, (bits >> 44) as f64 * 1e-9, 0.5, 1e5] {
            let Some(ratio) = Ratio::from_f64(number) else { continue };
            assert_eq!(Value::Float(ratio).printed(), six_digits(number));
        }
    }
    assert_eq!(Value::make_complex(&float("0.1"), &Value::int(-2)).printed(), "(0.1 + -2i)");
    assert_eq!(float("1.25e400").printed(), "1.25e+400");
}

#[test]
fn forms_for_readers() {
    let quotient = Value::binary(BinaryOp::Div, &Value::int(-1), &Value::int(3), false);
    let complex = Value::make_complex(&float("0.1"), &Value::int(-2));
    for (value, exact, short) in [
        (float("0.1"), "1/10", "0.1"),
        (float("3.0"), "3", "3"),
        (float("0.0"), "0", "0"),
        (quotient, "-1/3", "-0.3333333333333333"),
        (complex, "(1/10 + -2i)", "(0.1 + -2i)"),
        (float("1e30"), "1000000000000000000000000000000", "1e30"),
        (Value::bool(false), "false", "false"),
        (Value::str("\"\\\n\x01\u{200b}ä".as_bytes()), r#""\"\\\n\x01\u200bä""#, r#""\"\\\n\x01\u200bä""#),
        (Value::str(&[0xff, b'a']), r#""\xffa""#, r#""\xffa""#),
        (Value::Unknown, "unknown", "unknown"),
    ] {
        assert_eq!((value.to_string().as_str(), value.short().as_str()), (exact, short));
    }
    assert_eq!(float("1.25e400").short(), "1.25e400");
    assert_eq!(float("0.0000125e-400").short(), "1.25e-405");
    assert_eq!(Value::unary(UnaryOp::Minus, &float("0x1p-1100"), None).short(), "-7.36215e-332");
    assert_eq!(Value::str(&[b'x'; 61]).short(), format!("\"{}…\"", "x".repeat(60)));
    assert_eq!(Value::str(&[b'x'; 60]).short(), format!("\"{}\"", "x".repeat(60)));
    assert_eq!(Value::shift(BinaryOp::Shl, &Value::int(1), 400).short().chars().count(), 61);
}

/// Integers around the borders of 64 bits, and beyond.
fn ints() -> impl Strategy<Value = Int> {
    let border = (any::<i64>(), 0..140u64).prop_map(|(value, bits)| Int::from(value).shl(bits).unwrap_or(Int::ONE));
    prop_oneof![
        (-9..9i64).prop_map(Int::from),
        any::<i64>().prop_map(Int::from),
        any::<u64>().prop_map(Int::from),
        border
    ]
}

fn ratios() -> impl Strategy<Value = Ratio> {
    let fraction = (ints(), ints()).prop_filter_map("a zero denominator", |(num, den)| Ratio::new(&num, &den));
    prop_oneof![fraction, any::<f64>().prop_filter_map("no number", Ratio::from_f64)]
}

proptest! {
    #[test]
    fn small_integers_are_as_i128(x: i64, y: i64, op in 0..7usize) {
        let (ours, theirs) = (Int::from(x), Int::from(y));
        let (a, b) = (i128::from(x), i128::from(y));
        let (result, expected) = match op {
            0 => (Some(ours.add(&theirs)), Some(a + b)),
            1 => (Some(ours.sub(&theirs)), Some(a - b)),
            2 => (Some(ours.mul(&theirs)), Some(a * b)),
            3 => (ours.div(&theirs), a.checked_div(b)),
            4 => (ours.rem(&theirs), a.checked_rem(b)),
            5 => (Some(ours.and_not(&theirs)), Some(a & !b)),
            _ => (Some(ours.xor(&theirs)), Some(a ^ b)),
        };
        prop_assert_eq!(result.map(|result| result.to_string()), expected.map(|expected| expected.to_string()));
        prop_assert_eq!(ours.cmp(&theirs), a.cmp(&b));
    }

    #[test]
    fn equal_integers_are_equally_represented(x in ints(), y in ints()) {
        prop_assert_eq!(x.add(&y).sub(&y), x.clone());
        prop_assert_eq!(x.neg().neg(), x.clone());
        prop_assert_eq!(x.not().not(), x.clone());
        prop_assert_eq!(x.cmp(&y), y.cmp(&x).reverse());
        prop_assert_eq!(x.sub(&y).sign(), x.cmp(&y) as i32);
        prop_assert_eq!(x.and(&y).add(&x.or(&y)), x.add(&y));
        prop_assert_eq!(int(&x.to_string().replace('-', "")).bit_len(), x.bit_len());
    }

    #[test]
    fn division_and_shifts_hold_together(x in ints(), y in ints(), bits in 0..200u64) {
        if let (Some(quotient), Some(rest)) = (x.div(&y), x.rem(&y)) {
            prop_assert_eq!(quotient.mul(&y).add(&rest), x.clone());
            prop_assert!(rest.is_zero() || rest.sign() == x.sign());
        } else {
            prop_assert!(y.is_zero());
        }
        let shifted = x.shl(bits).expect("small enough");
        prop_assert_eq!(shifted.bit_len(), if x.is_zero() { 0 } else { x.bit_len() + bits });
        prop_assert_eq!(shifted.shr(bits), x);
    }

    #[test]
    fn fractions_are_a_field(x in ratios(), y in ratios()) {
        prop_assert_eq!(x.add(&y), y.add(&x));
        prop_assert_eq!(x.mul(&y), y.mul(&x));
        prop_assert_eq!(x.add(&y).and_then(|sum| sum.sub(&y)), Some(x.clone()));
        if !y.is_zero() {
            prop_assert_eq!(x.mul(&y).and_then(|product| product.div(&y)), Some(x.clone()));
        } else {
            prop_assert_eq!(x.div(&y), None);
        }
        prop_assert_eq!(x.sub(&y).map(|difference| difference.sign()), Some(x.cmp(&y) as i32));
    }

    #[test]
    fn floats_go_there_and_back(bits: u64, single: u32) {
        let (double, single) = (f64::from_bits(bits), f32::from_bits(single));
        match Value::float(double) {
            Value::Unknown => prop_assert!(!double.is_finite()),
            value => {
                prop_assert_eq!(value.as_f64(), Some(double));
                prop_assert_eq!(value.representable(Basic::Float64), Some(value.clone()));
                let narrow = value.representable(Basic::Float32).and_then(|value| value.as_f64());
                prop_assert_eq!(narrow, Some(f64::from(double as f32)).filter(|value| value.is_finite()));
            }
        }
        let value = Value::float(single.into());
        prop_assert_eq!(value.is_unknown(), !single.is_finite());
        prop_assert_eq!(value.representable(Basic::Float32), Some(value));
    }

    #[test]
    fn decimals_are_read_as_rust_reads_them(text in "[0-9]{1,20}\\.[0-9]{1,20}e-?[0-9]{1,2}") {
        prop_assert_eq!(float(&text).as_f64(), text.parse::<f64>().ok());
    }

    #[test]
    fn no_literal_panics(text in "\\PC{0,12}|['\"`0-9a-fx_.epi+\\\\-]{0,12}") {
        use LiteralKind::*;
        for kind in [Int, Float, Imaginary, Rune, String, RawString] {
            let value = Value::literal(kind, &text);
            prop_assert!(value.to_string().len() < 10_000 && value.short().chars().count() < 700);
        }
    }
}
