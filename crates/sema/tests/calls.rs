//! Calls, conversions, built-in functions and inference: types, constant values, and what is wrong. What go/types and the
//! compiler say was asked of them.

mod common;

use common::{errors, types};

#[test]
fn arguments_get_the_types_of_parameters() {
    types(
        "
func f(a float64, b ...any) (int, error) { return 0, nil }
func one() float64
func two() (float64, string)
var _, _ = f(1, 'x', 2.5, nil)
var _, _ = f(two())
var g = func(n int8) *int { return nil }(3)
var h, _ = f(4, []any{}...)
",
        &[
            ("1", "float64 = 1"),
            ("'x'", "int32 = 120"),
            ("2.5", "float64 = 5/2"),
            ("3", "int8 = 3"),
            ("g", "*int"),
            ("h", "int"),
            ("f", "func(float64, ...any) (int, error)"),
        ],
    );
}

#[test]
fn the_number_of_arguments_must_fit() {
    errors(
        "
func want(a int, b ...string) int
func pair() (int, string)
func none() int
var _ = want()
var _ = want(\"a\")
var _ = want(1, pair())
var _ = want(pair()...)
var _ = none(1)
var _ = want(1, []int{}...)
var _ = none([]int{}...)
var x = 3
var _ = x()
",
        &[
            "want(): not enough arguments in call to want\n\thave ()\n\twant (int, ...string)",
            "\"a\": cannot use \"a\" (untyped string constant) as int value in argument to want",
            "pair(): multiple-value pair() (value of type (int, string)) in single-value context",
            "want(pair()...): cannot use ... with 2-valued pair()",
            "1: too many arguments in call to none\n\thave (number)\n\twant ()",
            "[]int{}: cannot use []int{} (value of type []int) as []string value in argument to want",
            "none([]int{}...): cannot use ... in call to non-variadic none",
            "x: invalid operation: cannot call x (variable of type int): int is not a function",
        ],
    );
}

#[test]
fn conversions_keep_constants_constant() {
    types(
        "
type Celsius float64
var i int
var a = Celsius(36.6)
var b = string('x')
var c = []byte(\"abc\")
var d = float32(0.1)
var e = int64(i)
var f = uint8(200) + 1
var g = any(1)
var h = (*int)(nil)
var k = (func())(nil)
const l = string(rune(0x20AC))
",
        &[
            ("36.6", "Celsius = 183/5"),
            ("Celsius(36.6)", "Celsius = 5150992073805005/140737488355328"),
            ("string('x')", "string = \"x\""),
            ("\"abc\"", "string = \"abc\""),
            ("c", "[]byte"),
            ("e", "int64"),
            ("f", "byte"),
            ("g", "any"),
            ("h", "*int"),
            ("k", "func()"),
            ("string(rune(0x20AC))", "string = \"€\""),
        ],
    );
    errors(
        "
import \"io\"
var e error
var _ = int(1.5)
var _ = uint8(300)
var _ = uint(-1)
var _ = string(1.5)
var _ = []int(\"x\")
var _ = io.Reader(3)
var _ = int()
var _ = int(1, 2)
var _ = float64(e)
",
        &[
            "1.5: cannot convert 1.5 (untyped float constant) to type int",
            "300: constant 300 overflows byte",
            "-1: constant -1 overflows uint",
            "1.5: cannot convert 1.5 (untyped float constant) to type string",
            "\"x\": cannot convert \"x\" (untyped string constant) to type []int",
            "3: cannot convert 3 (untyped int constant) to type io.Reader",
            "int(): missing argument in conversion to int",
            "2: too many arguments in conversion to int",
            "e: cannot convert e (variable of interface type error) to type float64",
        ],
    );
}

#[test]
fn built_in_functions() {
    types(
        "
type Bytes []byte
var s []int
var m map[string]int
var arr [5]int
var bytes Bytes
var z complex64
var u uint
func get() *[3]int
var a = append(s, 1, 2)
var b = append(bytes, \"x\"...)
var c = len(arr) + 1
var d = len(get())
const e = len(\"héllo\")
var f = copy(bytes, \"y\")
var g = make(map[string]int, 10)
var h = make([]int, 3, 1<<4)
var i = min(1, 2.5)
var j = max(33, u)
var k = new(int)
var l = new(7)
var n = complex(1, 2)
var o = real(z)
const p = imag(3i)
var q = min(1, 2, 'a')
var r = cap(&arr)
",
        &[
            ("a", "[]int"),
            ("b", "Bytes"),
            ("len(arr)", "int = 5"),
            ("len(get())", "int"),
            ("len(\"héllo\")", "int = 6"),
            ("f", "int"),
            ("g", "map[string]int"),
            ("10", "int = 10"),
            ("min(1, 2.5)", "float64 = 1"),
            ("2.5", "untyped float = 5/2"),
            ("j", "uint"),
            ("33", "uint = 33"),
            ("k", "*int"),
            ("l", "*int"),
            ("n", "complex128"),
            ("o", "float32"),
            ("imag(3i)", "untyped float = 3"),
            ("q", "int32"),
            ("cap(&arr)", "int = 5"),
        ],
    );
}

#[test]
fn built_in_functions_refuse() {
    errors(
        "
var _ = append(1, 2)
var _ = append(nil, 2)
var _ = append([]int{}, \"x\")
var _ = len(3)
var _ = cap(map[int]int{})
var _ = make(int)
var _ = make([]int)
var _ = make([]int, 3, 2)
var _ = make([]int, -1)
var _ = min(1, \"x\")
var _ = new(nil)
var _ = copy(1, 2)
var _ = copy([]int{}, []string{})
var _ = complex(1, \"x\")
var _ = len()
var _ = len(1, 2)
var _ = max()
var _ = recover(1)
",
        &[
            "1: invalid append: argument must be a slice; have 1 (untyped int constant)",
            "nil: invalid append: argument must be a slice; have untyped nil",
            "\"x\": cannot use \"x\" (untyped string constant) as int value in argument to append",
            "3: invalid argument: 3 (untyped int constant) for built-in len",
            "map[int]int{}: invalid argument: map[int]int{} (value of type map[int]int) for built-in cap",
            "int: invalid argument: cannot make int: type must be slice, map, or channel",
            "make([]int): invalid operation: make([]int) expects 2 or 3 arguments; found 1",
            "3: invalid argument: length and capacity swapped",
            "-1: invalid argument: index -1 (constant of type int) must not be negative",
            "\"x\": invalid argument: mismatched types untyped int (previous argument) and untyped string (type of \"x\")",
            "nil: use of untyped nil in argument to new",
            "1: invalid copy: argument must be a slice; have 1 (untyped int constant)",
            "[]int{}: invalid copy: arguments []int{} (value of type []int) and []string{} (value of type []string) have \
             different element types int and string",
            "1: invalid operation: complex(1, \"x\") (mismatched types untyped float and untyped string)",
            "len(): invalid operation: not enough arguments for len() (expected 1, found 0)",
            "len(1, 2): invalid operation: too many arguments for len(1, 2) (expected 1, found 2)",
            "max(): invalid operation: not enough arguments for max() (expected 1, found 0)",
            "recover(1): invalid operation: too many arguments for recover(1) (expected 0, found 1)",
        ],
    );
}

#[test]
fn type_arguments_are_inferred() {
    types(
        "
type List[T any] struct{ head T }
type Ints []int
func (l *List[T]) Push(v T) *List[T] { return l }
func Map[S ~[]E, E, R any](s S, f func(E) R) []R
func Of[T any](first T, rest ...T) List[T]
func Keys[M ~map[K]V, K comparable, V any](m M) []K
func Clone[S ~[]E, E any](s S) S
func Ptr[T any, P interface{ *T; Set(string) }](v T) P
func Apply[A, B any](a A, f func(A) B) B
func ident[T any](v T) T
func conv[To, From any](v From) To
func send[T any](c chan<- T, v T) T
type Opt struct{}
func (o *Opt) Set(string) {}
var v_a = Map([]int{1}, func(n int) string { return \"\" })
var v_b = Of(1, 2.5)
var v_c = Keys(map[string]bool{})
var v_d = Clone(Ints{})
var v_e = Ptr(Opt{})
var v_f = Apply(3, ident)
var v_g func(string) string = ident
var v_h = conv[float64](4)
var v_i = ident[int8](5)
var v_ch chan uint
var v_j = send(v_ch, 6)
var v_l List[string]
var v_k = v_l.Push(\"x\")
var v_m = Apply(\"s\", ident[string])
",
        &[
            ("v_a", "[]string"),
            ("v_b", "List[float64]"),
            ("2.5", "float64 = 5/2"),
            ("v_c", "[]string"),
            ("v_d", "Ints"),
            ("v_e", "*Opt"),
            ("v_f", "int"),
            ("v_h", "float64"),
            ("4", "int = 4"),
            ("v_i", "int8"),
            ("5", "int8 = 5"),
            ("v_j", "uint"),
            ("6", "uint = 6"),
            ("v_k", "*List[string]"),
            ("conv[float64]", "func(int) float64"),
            ("v_m", "string"),
        ],
    );
}

#[test]
fn type_arguments_must_fit() {
    errors(
        "
import \"io\"
type N interface{ ~int | ~string }
type M interface{ int | string }
type I2 int
func f[T N](T) int
func m[T M](T) int
func c[T comparable](T) int
func rd[T io.Reader](T) int
func two[K comparable, V any](k K, v V) int
func sl[S ~[]E, E any](S) E
func same[T any](a, b T) int
var i int
var s string
var _ = f(1.5)
var _ = m(I2(1))
var _ = c([]int{})
var _ = rd(3)
var _ = rd[int](3)
var _ = two[int, int, int](1, 2)
var _ = two(1)
var _ = sl(3)
var _ func(int) = f[string]
var _ func(float64) int = f
var _ = f
var _ = two(nil, 3)
var _ = same(1, \"x\")
var _ = same(i, \"x\")
var _ = same(i, 2.5)
var _ = same(i, s)
var _ = same[int](s, 1)
",
        &[
            "f: float64 does not satisfy N (float64 missing in ~int | ~string)",
            "m: I2 does not satisfy M (possibly missing ~ for int in M)",
            "c: []int does not satisfy comparable",
            "rd: int does not satisfy io.Reader (missing method Read)",
            "int: int does not satisfy io.Reader (missing method Read)",
            "int: got 3 type arguments but want 2",
            "two(1): not enough arguments in call to two\n\thave (number)\n\twant (K, V)",
            "sl(3): in call to sl, cannot infer E",
            "f[string]: cannot use f[string] (value of type func(string) int) as func(int) value in variable declaration",
            "f: float64 does not satisfy N (float64 missing in ~int | ~string)",
            "f: cannot use generic function f without instantiation",
            "two(nil, 3): in call to two, cannot infer K",
            "\"x\": in call to same, mismatched types untyped int and untyped string (cannot infer T)",
            "\"x\": cannot use \"x\" (untyped string constant) as int value in argument to same",
            "2.5: cannot use 2.5 (untyped float constant) as int value in argument to same (truncated)",
            "s: in call to same, type string of s does not match inferred type int for T",
            "s: cannot use s (variable of type string) as int value in argument to same[int]",
        ],
    );
}

#[test]
fn sizes_are_constant() {
    types(
        "
import \"unsafe\"
type Inner struct {
	flag bool
	n    int32
}
type Outer struct {
	name string
	Inner
	list []byte
}
var o Outer
var ptr *byte
const size = unsafe.Sizeof(o)
const align = unsafe.Alignof(o.flag)
const at = unsafe.Offsetof(o.n)
var whole = unsafe.Slice(ptr, 3)
var text = unsafe.String(ptr, 4)
var first = unsafe.StringData(\"x\")
var next = unsafe.Add(unsafe.Pointer(ptr), 5)
func of[T any](v T) {}
",
        &[
            ("unsafe.Sizeof(o)", "uintptr = 48"),
            ("unsafe.Alignof(o.flag)", "uintptr = 1"),
            ("unsafe.Offsetof(o.n)", "uintptr = 20"),
            ("o.n", "int32"),
            ("whole", "[]byte"),
            ("3", "int = 3"),
            ("text", "string"),
            ("first", "*byte"),
            ("next", "unsafe.Pointer"),
        ],
    );
}

#[test]
fn what_calls_do_not_know_is_silent() {
    types(
        "
import \"example.org/other\"
func want(a int, b string) error { return nil }
func pairs[K comparable, V any](m map[K]V, f func(K) V) []V { return nil }
func twice[T any](a, b T) T { return a }
func list[S ~[]E, E any](s S) E { var e E; return e }
func body() {
	_ = want(other.Pair())
	_ = want(other.X, other.Y)
	made := pairs(other.Map(), func(k string) float64 { return 0 })
	one := twice(other.Value, 1)
	many := list([]other.T{})
	size := len(other.Call())
	text := string(other.Call())
	var fn other.Func = twice
	fn2 := twice[other.T]
	_, _, _, _, _, _, _ = made, one, many, size, text, fn, fn2
	other.Call()(1, 2)
	_ = make(other.T, 3)
	_ = append(other.List, 1)
	_ = min(other.X, 2)
	_ = other.T(1) + other.T(nil)
}
",
        &[("made", "[]float64"), ("size", "int"), ("text", "string")],
    );
}

#[test]
fn a_generic_function_calls_itself() {
    types(
        "
type Tree[K, V any] struct{ left *Tree[K, V]; key K; value V }
func walk[A, B any](t *Tree[A, B], f func(A) B) B {
	swapped := flip(t)
	deep := walk(swapped.left, func(b B) A { return t.key })
	_ = deep
	return walk(t.left, f)
}
func flip[A, B any](t *Tree[A, B]) *Tree[B, A] { return flip(flip(flip(t))) }
func both[T any](f, g func(T) T) T { return f(both(g, f)) }
func id[T any](v T) T { return both[T](id, id) }
var got = both[int](id, id)
",
        &[("swapped", "*Tree[B, A]"), ("deep", "A"), ("flip(flip(flip(t)))", "*Tree[B, A]"), ("got", "int")],
    );
}

#[test]
fn generic_types_of_functions_have_parameters() {
    types(
        "
func fix[F ~func(T) R, T, R any](f func(F) F) F {
	type self[F ~func(T) R, T, R any] func(self[F, T, R]) F
	g := func(h self[F, T, R]) F {
		return func(t T) R { return f(h(h))(t) }
	}
	return g(g)
}
var a struct{ n int } = struct{ n int \"\" }{}
",
        &[("g(g)", "F"), ("h(h)", "F")],
    );
}
