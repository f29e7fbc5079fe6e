//! Expressions: their types, their constant values, and what is wrong with them. What go/types and the compiler say was
//! asked of them.

mod common;

use common::{check, errors, types};

#[test]
fn literals_take_the_type_of_their_context() {
    types(
        "
type Celsius float64
var a float64 = 1 + 2
var b = 'x'
var c Celsius = 20
var d any = 1.5
var e []byte = nil
const f = 10
var g = f * 2.5
var h int8 = -5
",
        &[
            ("1 + 2", "float64 = 3"),
            ("1", "untyped int = 1"),
            ("'x'", "int32 = 120"),
            ("20", "Celsius = 20"),
            ("1.5", "float64 = 3/2"),
            ("nil", "untyped nil"),
            ("f * 2.5", "float64 = 25"),
            ("-5", "int8 = -5"),
        ],
    );
}

#[test]
fn the_left_operand_of_a_shift_waits_for_its_type() {
    types(
        "
var s uint
var a = 1 << s
var b int64 = 2 << s
var c = uint8(3) + 4<<s
var d = make([]byte, 5<<s)
const e = 6.0 << 3
var f = uint64(7<<s) == 8<<9
",
        &[
            ("1", "int = 1"),
            ("2", "int64 = 2"),
            ("2 << s", "int64"),
            ("4", "byte = 4"),
            ("4<<s", "byte"),
            ("6.0 << 3", "untyped int = 48"),
            ("8<<9", "uint64 = 4096"),
        ],
    );
    errors(
        "
var s uint
var a float64 = 1 << s
var b = 1.5 << s
var c = s << -1
var d = 1 << 1.5
",
        &[
            "1: invalid operation: shifted operand 1 (type float64) must be integer",
            "1.5: invalid operation: shifted operand 1.5 (untyped float constant) must be integer",
            "-1: invalid operation: negative shift count -1 (untyped int constant)",
            "1.5: 1.5 (untyped float constant) truncated to uint",
        ],
    );
}

#[test]
fn constants_overflow_and_lose_fractions() {
    errors(
        "
var a int8 = 128
var b uint = -1
var c int = 1.5
var d = int8(100) * 2
const e = 1 << 600
var f = 10 / 0
var g byte = 255 + 1
var h string = 'x'
",
        &[
            "128: cannot use 128 (untyped int constant) as int8 value in variable declaration (overflows)",
            "-1: cannot use -1 (untyped int constant) as uint value in variable declaration (overflows)",
            "1.5: cannot use 1.5 (untyped float constant) as int value in variable declaration (truncated)",
            "int8(100) * 2: int8(100) * 2 (constant 200 of type int8) overflows int8",
            "1 << 600: constant shift overflow",
            "0: invalid operation: division by zero",
            "255 + 1: cannot use 255 + 1 (untyped int constant 256) as byte value in variable declaration (overflows)",
            "'x': cannot use 'x' (untyped rune constant 120) as string value in variable declaration",
        ],
    );
}

#[test]
fn operands_must_go_together() {
    errors(
        "
type T struct{ f []int }
var i int
var s string
var t T
var p *int
var e error
var a = i + s
var b = s - s
var c = !i
var d = t == t
var g = s == nil
var h = p == i
var j = e < e
var k = s + 1
var l = s && true
var m = func() {} == nil
var n = t.f == t.f
var o = &i == p
var q = e == p
var r = e + nil
",
        &[
            "i + s: invalid operation: i + s (mismatched types int and string)",
            "s: invalid operation: operator - not defined on s (variable of type string)",
            "i: invalid operation: operator ! not defined on i (variable of type int)",
            "t: invalid operation: t == t (struct containing []int cannot be compared)",
            "nil: invalid operation: s == nil (mismatched types string and untyped nil)",
            "i: invalid operation: p == i (mismatched types *int and int)",
            "e: invalid operation: e < e (operator < not defined on interface)",
            "s + 1: invalid operation: s + 1 (mismatched types string and untyped int)",
            "s && true: invalid operation: s && true (mismatched types string and untyped bool)",
            "t.f: invalid operation: t.f == t.f (slice can only be compared to nil)",
            "p: invalid operation: e == p (mismatched types error and *int)",
            "e + nil: invalid operation: e + nil (mismatched types error and untyped nil)",
        ],
    );
}

#[test]
fn selectors_pass_embedded_fields_and_pointers() {
    types(
        "
type Base struct{ ID int }
func (b Base) Name() string { return \"\" }
func (b *Base) Rename(s string) {}
type Mid struct{ *Base }
type Top struct {
	Mid
	Tags map[string][]byte
}
var t Top
var a = t.ID
var b = t.Name
var c = t.Rename
var d = (*Top).Rename
var e = Base.Name
var f = t.Tags[\"x\"][0]
var g = &t.Mid.Base.ID
",
        &[
            ("t.ID", "int"),
            ("t.Name", "func() string"),
            ("t.Rename", "func(string)"),
            ("(*Top).Rename", "func(*Top, string)"),
            ("Base.Name", "func(Base) string"),
            ("t.Tags[\"x\"][0]", "byte"),
            ("\"x\"", "string = \"x\""),
            ("&t.Mid.Base.ID", "*int"),
        ],
    );
    errors(
        "
type T struct{ Name string }
func (t *T) Close() {}
type I interface{ Do() }
var t T
var i *I
var a = t.name
var b = t.Closing
var c = t.close
var d = i.Do
var e = T{}.Close
var f = T.Close
",
        &[
            "name: t.name undefined (type T has no field or method name, but does have field Name)",
            "Closing: t.Closing undefined (type T has no field or method Closing)",
            "close: t.close undefined (type T has no field or method close, but does have method Close)",
            "Do: i.Do undefined (type *I is pointer to interface, not interface)",
            "Close: cannot call pointer method Close on T",
            "Close: invalid method expression T.Close (needs pointer receiver (*T).Close)",
        ],
    );
}

#[test]
fn indexes_and_slices() {
    types(
        "
var arr [4]rune
var p = &arr
var m map[string]struct{ n int }
var str = \"abc\"
var a = arr[1:2]
var b = p[3]
var c = m[\"k\"].n
var d = str[0]
var e = \"const\"[1:]
var f = p[:]
",
        &[
            ("arr[1:2]", "[]int32"),
            ("p[3]", "int32"),
            ("m[\"k\"].n", "int"),
            ("str[0]", "byte"),
            ("\"const\"[1:]", "string"),
            ("p[:]", "[]int32"),
            ("3", "int = 3"),
        ],
    );
    errors(
        "
var arr [4]int
var s []int
var n int
var a = arr[4]
var b = s[-1]
var c = s[1.5]
var d = s[\"x\"]
var e = n[0]
var f = s[3:2]
var g = \"abc\"[5]
var h = \"abc\"[1:2:3]
var i = [2]int{}[:]
",
        &[
            "4: invalid argument: index 4 out of bounds [0:4]",
            "-1: invalid argument: index -1 (constant of type int) must not be negative",
            "1.5: 1.5 (untyped float constant) truncated to int",
            "\"x\": cannot convert \"x\" (untyped string constant) to type int",
            "n: cannot index n (variable of type int)",
            "2: invalid slice indices: 2 < 3",
            "5: invalid argument: index 5 out of bounds [0:3]",
            "3: invalid operation: 3-index slice of string",
            "[2]int{}: cannot slice unaddressable value [2]int{} (value of type [2]int)",
        ],
    );
}

#[test]
fn composite_literals() {
    types(
        "
type P struct{ X, Y int }
var a = []*P{{1, 2}, {X: 3}}
var b = [...]string{2: \"c\", \"d\"}
var c = map[P][]float64{{4, 5}: {6}}
const K = 7
var d = map[int]bool{K + 1: true}
",
        &[
            ("{1, 2}", "*P"),
            ("b", "[4]string"),
            ("{4, 5}", "P"),
            ("{6}", "[]float64"),
            ("6", "float64 = 6"),
            ("K + 1", "int = 8"),
        ],
    );
    errors(
        "
type P struct{ X, Y int }
var a = P{1}
var b = P{1, 2, 3}
var c = P{Z: 1}
var d = P{X: 1, X: 2}
var e = P{X: 1, 2}
var f = [2]int{1, 2, 3}
var g = []int{0: 1, 0: 2}
var h = map[string]int{\"a\": 1, \"a\": 2}
var i = []string{1}
var j = map[string]int{1}
var k = int{}
var l = P{x: 1}
",
        &[
            "P{1}: too few values in struct literal of type P",
            "3: too many values in struct literal of type P",
            "Z: unknown field Z in struct literal of type P",
            "X: 2: duplicate field name X in struct literal",
            "2: mixture of field:value and value elements in struct literal",
            "3: index 2 is out of bounds (>= 2)",
            "0: 2: duplicate index 0 in array or slice literal",
            "\"a\": duplicate key \"a\" in map literal",
            "1: cannot use 1 (untyped int constant) as string value in array or slice literal",
            "1: missing key in map literal",
            "int{}: invalid composite literal type int",
            "x: unknown field x in struct literal of type P, but does have X",
        ],
    );
}

#[test]
fn assignments_say_which_method_is_missing() {
    errors(
        "
type I interface{ Read(b []byte) int }
type None struct{}
type Wrong struct{}
func (Wrong) Read(s string) int { return 0 }
type Ptr struct{}
func (*Ptr) Read(b []byte) int { return 0 }
type Case struct{}
func (Case) read(b []byte) int { return 0 }
var a I = None{}
var b I = Wrong{}
var c I = Ptr{}
var d I = Case{}
var e I
var f None = e
var g = e.(None)
var h int = \"s\"
var n []int = map[int]int{}
",
        &[
            "None{}: cannot use None{} (value of struct type None) as I value in variable declaration: None does not \
             implement I (missing method Read)",
            "Wrong{}: cannot use Wrong{} (value of struct type Wrong) as I value in variable declaration: Wrong does not \
             implement I (wrong type for method Read)\n\t\thave Read(string) int\n\t\twant Read([]byte) int",
            "Ptr{}: cannot use Ptr{} (value of struct type Ptr) as I value in variable declaration: Ptr does not implement I \
             (method Read has pointer receiver)",
            "Case{}: cannot use Case{} (value of struct type Case) as I value in variable declaration: Case does not \
             implement I (missing method Read)\n\t\thave read([]byte) int\n\t\twant Read([]byte) int",
            "e: cannot use e (variable of interface type I) as None value in variable declaration",
            "e.(None): impossible type assertion: e.(None)\n\tNone does not implement I (missing method Read)",
            "\"s\": cannot use \"s\" (untyped string constant) as int value in variable declaration",
            "map[int]int{}: cannot use map[int]int{} (value of type map[int]int) as []int value in variable declaration",
        ],
    );
}

#[test]
fn type_parameters_stand_for_all_types_of_their_set() {
    types(
        "
type Number interface{ ~int | ~float64 }
type Bytes interface{ ~string | ~[]byte }
func sum[T Number](a, b T) T { return a + b*2 }
func first[B Bytes](b B) byte { return b[1] }
func head[B ~[]E, E any](b B) E { return b[0] }
func tail[B Bytes](b B) B { return b[1:] }
func deref[P *int](p P) int { return *p }
",
        &[("a + b*2", "T"), ("2", "T = 2"), ("b[0]", "E"), ("b[1]", "byte"), ("b[1:]", "B"), ("*p", "int")],
    );
    errors(
        "
func a[T any](x, y T) bool { return x == y }
func b[T any](x T) T { return x + x }
func c[T comparable](x T) bool { return x < x }
",
        &[
            "x: invalid operation: x == y (incomparable types in type set)",
            "x: invalid operation: operator + not defined on x (variable of type T constrained by any)",
            "x: invalid operation: x < x (type parameter T cannot use operator <)",
        ],
    );
}

#[test]
fn what_is_unknown_stays_silent() {
    errors(
        "
import \"example.org/unknown/pkg\"
var u = pkg.Thing
var a int = u
var b = u.Field + 1
var c = u[0] == \"x\"
var d = pkg.T{1, 2}
var e = -u
var f []int = append(u, 1)
",
        &[],
    );
}

#[test]
fn chains_of_operators_are_as_long_as_they_like() {
    let chain =
        format!("var n int\nvar f = n == 1{}\nvar g float64 = 1{}\n", " && n == 1".repeat(5_000), " + 1".repeat(5_000));
    let package = check(&chain);
    assert_eq!(package.errors(), Vec::<String>::new());
    assert_eq!((package.ty("f"), package.ty("g")), ("bool".to_owned(), "float64".to_owned()));
}

#[test]
fn half_of_an_operation_may_be_enough() {
    let package = check(
        "
import (
	\"example.org/go-elsewhere\"
	\"example.org/unknown/pkg\"
)
var n int
var a = pkg.X + n
var b = n << pkg.X
var c = pkg.X == n
var d = pkg.X == nil
var e = pkg.X + 1
var f, ok = pkg.X[0]
var g, h = pkg.T(1.5), min(pkg.X, 2.5)
var i, j = int64(elsewhere.X), int64(elsewhere.F())
",
    );
    assert_eq!(package.errors(), Vec::<String>::new());
    let types = ["pkg.X + n", "n << pkg.X", "c", "d", "ok"].map(|expr| package.ty(expr));
    assert_eq!(types, ["int", "int", "bool", "bool", "bool"]);
    let open = ["1.5", "2.5", "int64(elsewhere.X)", "int64(elsewhere.F())"].map(|expr| package.ty(expr));
    assert_eq!(open, ["?", "?", "?", "int64"]);
    assert_eq!(package.value("1"), "1");
}

#[test]
fn bare_keys_are_fields_or_not() {
    let package = check(
        "
func f(at, to string) {
	_ = []P{{X: 1}}
	_ = &P{Y: 2}
	_ = M{at: 1}
	_ = elsewhere{to: 1}
}
type P struct{ X, Y int }
type M map[string]int
",
    );
    assert_eq!((package.selects_from("X").as_deref(), package.selects_from("Y").as_deref()), (Some("P"), Some("P")));
    assert_eq!((package.selects_from("at"), package.selects_from("to")), (None, None));
    assert_eq!((package.ty("at"), package.ty("to")), ("string".to_owned(), "?".to_owned()));
}
