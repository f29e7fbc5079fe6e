//! Package-level declarations and type expressions.

mod common;

use common::check;

#[test]
fn types_of_declarations() {
    let package = check(
        "
type List[T any] struct {
	head *node[T]
	len  int
}

type node[T any] struct {
	next *node[T]
	val  T
}

func (l *List[E]) Push(v E) (n int, err error) { return }

type Names = []string

type Celsius Kelvin
type Kelvin float64

var table map[string]List[int]
var names Names
var f func(a, b int, rest ...string) chan<- bool
var arr [4]Celsius
",
    );
    assert_eq!(package.ty("table"), "map[string]List[int]");
    assert_eq!(package.ty("names"), "[]string");
    assert_eq!(package.ty("f"), "func(int, int, ...string) chan<- bool");
    assert_eq!(package.ty("Push"), "func(T) (int, error)");
    assert_eq!(package.errors(), Vec::<String>::new());
}

#[test]
fn constants_inherit_and_count() {
    let package = check(
        "
type Weekday uint8

const (
	Sunday Weekday = iota
	Monday
	_
	Wednesday
)

const (
	KB = 1 << (10 * (iota + 1))
	MB
)

var buf [MB]byte
",
    );
    assert_eq!((package.ty("Wednesday"), package.value("Wednesday")), ("Weekday".to_owned(), "3".to_owned()));
    assert_eq!(package.ty("buf"), "[1048576]byte");
}

#[test]
fn type_arguments_satisfy_their_constraints() {
    let package = check(
        "
import \"cmp\"

var a Set[[]int]
var b Number[string]
var c struct{ x Text[Name]; y Text[*Name] }
var d Alias[func()]
var e map[[]int]map[any]Set[any]
var f Set[elsewhere.T]

type Set[T comparable] map[T]struct{}
type Number[T ~int | ~float64] struct{ x T }
type Text[T interface{ String() string }] struct{ x T }
type Tree[K cmp.Ordered, V any] struct {
	left *Tree[K, V]
	back map[V]K
}
type Alias[T comparable] = Set[T]
type Name struct{}

func (*Name) String() string { return \"\" }

func (s Set[E]) first(other Set[E]) (e E) { return }

func g[T any, O cmp.Ordered](x Set[T]) (y Tree[O, T], z Set[O]) {
	type L struct{ s *Set[L]; f []int }
	_ = Set[map[O]int]{}
	var m map[T]L
	_ = m
	return
}
",
    );
    assert_eq!(
        package.errors(),
        [
            "[]int: []int does not satisfy comparable",
            "string: string does not satisfy ~int | ~float64 (string missing in ~int | ~float64)",
            "Name: Name does not satisfy interface{String() string} (method String has pointer receiver)",
            "func(): func() does not satisfy comparable",
            "[]int: invalid map key type []int",
            "V: invalid map key type V (missing comparable constraint)",
            "T: T does not satisfy comparable",
            "L: L does not satisfy comparable",
            "map[O]int: map[O]int does not satisfy comparable",
            "T: invalid map key type T (missing comparable constraint)",
        ]
    );
}

#[test]
fn names_are_declared_once() {
    let package = check(
        "
package p

import (
	\"fmt\"
	fmt \"strings\"
	\"os\"
)

type T struct {
	a int
	T
	b, a string
	*fmt.T
}

type I interface {
	Do()
	Do()
	fmt.Stringer
	fmt.Stringer
}

func (T) M()  {}
func (*T) M() {}

func f() {}

var f, os int

func init() {}
func init() {}

const (
	A = iota
	B
	C, D
	E = 1, 2
)
",
    );
    let mut errors = package.errors();
    errors.retain(|error| !error.contains("undefined") && !error.contains("initial"));
    assert_eq!(
        errors,
        [
            "fmt: fmt redeclared in this block",
            "T: invalid recursive type: T refers to itself",
            "a: a redeclared",
            "T: T redeclared",
            "Do: duplicate method Do",
            "M: method T.M already declared",
            "f: f redeclared in this block",
            "os: os already declared through import of \"os\"",
            "D: missing init expr for D",
            "2: extra init expr 2",
        ]
    );
}

#[test]
fn a_package_may_be_imported_by_two_names() {
    let package = check(
        "
package p

import (
	f \"fmt\"
	\"fmt\"
	strings \"os\"
	\"strings\"
)

var _, _, _ = f.Sprint, fmt.Sprint, strings.Args
",
    );
    assert_eq!(package.errors(), ["\"strings\": strings redeclared in this block"]);
}

#[test]
fn functions_of_one_name_are_told_apart() {
    let package = check(
        "
func first[T any](x T) T { return x }

func first[T ~[]E, E any](x T) (e E) { return x[0] }

func _[T any](x T) T { return x }

func _[T fmt](x, y T) T { return x }

func init() { n := first(1); _ = n }
",
    );
    assert_eq!(package.ty("n"), "int");
    assert_eq!(package.errors(), ["first: first redeclared in this block", "fmt: undefined: fmt"]);
}

#[test]
fn what_constants_inherit_is_wrong_once() {
    let package = check(
        "
const (
	A = bad
	B
	C
)

const (
	D uint8 = 200 * iota
	E
	F
)

func f() {
	const (
		_, a = iota, 1 << (1 - iota)
		_, b
		_, c
	)
}
",
    );
    let found = package.errors();
    let starts: Vec<&str> = found.iter().filter_map(|error| error.split(" (").next()).collect();
    assert_eq!(
        starts,
        ["bad: undefined: bad", "F: cannot use 200 * iota", "c: invalid operation: negative shift count"],
        "{found:?}"
    );
}

#[test]
fn constants_are_constant() {
    let package = check(
        "
import (
	\"time\"
	\"unsafe\"

	\"example.org/unknown/pkg\"
)

var n = 3

func f() int { return n }

const (
	a       = n
	b, c    = f() + 1, len(\"four\")
	d int   = nil
	e       = len([]int{n})
	g       = len([3]int{1, n})
	h []int = nil
	i       = int64(time.Second) * int64(unsafe.Sizeof(n))
	j       = pkg.A + 1
	k       = int(pkg.T(5)) + len(pkg.V) + min(pkg.C, 2)
	l       = [...]int{0: n}[0]
	m       = pkg.F + n
)

var (
	o [n]int
	p [f()]int
	q [2.0 - 3]int
	r [1.5]int
	s [float64(2)]int
	t [pkg.Size]int
	u [g + 'a']int
	v [1 << 63]int
	w [undefined]int
)

func generic[T any](x T) {
	const own = n + 1
	var _ [unsafe.Sizeof(x)]int
	var _ [own]int
}
",
    );
    assert_eq!(
        package.errors(),
        [
            "n: n (variable of type int) is not constant",
            "f() + 1: f() + 1 (value of type int) is not constant",
            "nil: nil is not constant",
            "len([]int{n}): len([]int{…}) (value of type int) is not constant",
            "[]int: invalid constant type []int",
            "[...]int{0: n}[0]: [...]int{…}[0] (value of type int) is not constant",
            "pkg.F + n: pkg.F + n (value of type int) is not constant",
            "n: invalid array length n",
            "f(): array length f() (value of type int) must be constant",
            "2.0 - 3: array length 2.0 - 3 (untyped float constant -1) must be integer",
            "1.5: array length 1.5 (untyped float constant) must be integer",
            "float64(2): array length float64(2) (constant 2 of type float64) must be integer",
            "1 << 63: invalid array length 1 << 63 (untyped int constant 9223372036854775808)",
            "undefined: undefined: undefined",
            "n + 1: n + 1 (value of type int) is not constant",
            "unsafe.Sizeof(x): array length unsafe.Sizeof(x) (value of type uintptr) must be constant",
        ]
    );
}

#[test]
fn types_do_not_hold_themselves() {
    let package = check(
        "
import \"sync/atomic\"

type T struct{ x T }
type B struct{ c [0]C }
type C struct{ a A }
type A struct{ b B }
type User struct{ a A }
type Same Same
type E F
type F (E)
type G[P any] struct{ g G[P] }
type Box[P any] struct{ p P }
type I struct{ b Box[Box[I]] }
type J interface{ m(J); K }
type K interface{ interface{ int | J } }
type Fine struct {
	next  *Fine
	list  []Fine
	byKey map[string]Fine
	f     func(Fine) chan Fine
	any   interface{ m(Fine) }
	box   Box[Box[*Fine]]
	held  atomic.Pointer[Fine]
	grow  *Box[Box[[]Fine]]
}
type Grows[P any] struct{ g *Grows[Grows[P]] }
type Alias = A

func f() {
	type Own struct{ o [2]Own }
	type Inner struct{ i *Inner }
	type This This
}
",
    );
    assert_eq!(
        package.errors(),
        [
            "T: invalid recursive type: T refers to itself",
            "B: invalid recursive type B\n\tB refers to C\n\tC refers to A\n\tA refers to B",
            "Same: invalid recursive type: Same refers to itself",
            "E: invalid recursive type E\n\tE refers to F\n\tF refers to E",
            "G: invalid recursive type: G refers to itself",
            "I: invalid recursive type I\n\tI refers to Box\n\tBox refers to Box\n\tBox refers to I",
            "J: invalid recursive type J\n\tJ refers to K\n\tK refers to J",
            "Own: invalid recursive type: Own refers to itself",
            "This: invalid recursive type: This refers to itself",
        ]
    );
}

#[test]
fn values_do_not_need_themselves() {
    let package = check(
        "
var a = a
var b = c
var c = b + 1
var d = called()

func called() int { return further() }
func further() int { return d }

var e = T{}.m()

type T struct{}

func (T) m() int { return e }

var f int = func() int { return f }()
var g, h = both()

func both() (int, int) { return h, 1 }

const i = j + 1
const j = i

var k any = T{}.m
var l, m = 1, l
var n I = U{}

type I interface{ m() }
type U struct{}

func (U) m() { n.m() }

var o = recursive(3)

func recursive(n int) int { return recursive(n - 1) }

var torn = half()

func half() int { return torn + ( }

var p, q any = func(p int) int { return p }, &r
var r = struct{ p, q any }{p: 1}

func init() { o = o + 1 }
",
    );
    assert_eq!(
        package.errors(),
        [
            "a: initialization cycle: a refers to itself",
            "b: initialization cycle for b\n\tb refers to c\n\tc refers to b",
            "d: initialization cycle for d\n\td refers to called\n\tcalled refers to further\n\tfurther refers to d",
            "e: initialization cycle for e\n\te refers to m\n\tm refers to e",
            "f: initialization cycle: f refers to itself",
            "h: initialization cycle for h\n\th refers to both\n\tboth refers to h",
            "i: initialization cycle for i\n\ti refers to j\n\tj refers to i",
        ]
    );
}

#[test]
fn receivers_and_parameters_are_in_scope_in_the_body_only() {
    let package = check(
        "
package p

import (
	\"io/fs\"
	\"net/url\"
)

type disk struct{ root fs.FS }

func (fs disk) Open(name string) (fs.File, error) { return fs.root.Open(name) }

func join(url *url.URL, rest ...url.Values) (fs fs.FileMode) { return fs | 1 }

var open = disk{}.Open
var joined = join(nil)
",
    );
    assert_eq!(package.errors(), Vec::<String>::new());
    assert_eq!(
        (package.ty("open"), package.ty("joined")),
        ("func(string) (fs.File, error)".into(), "fs.FileMode".into())
    );
}

#[test]
fn what_did_not_parse_may_declare_what_is_used() {
    let broken = "
var (
	first =
	second = 2
)

func use() int { return first + second + third }
";
    assert_eq!(check(broken).errors(), Vec::<String>::new());
    assert_eq!(check(&broken.replace("first =\n", "first = 1\n")).errors(), ["third: undefined: third"]);
}

/// Declarations of which each holds the next one twice: to go through all ways would never end.
fn doubling(declaration: fn(usize) -> String, last: &str) -> String {
    (0..60).map(declaration).collect::<String>() + last
}

#[test]
fn types_that_hold_each_other_many_times_over_are_looked_at_once() {
    let structs =
        doubling(|i| format!("type T{i} struct {{ a, b T{} }}\n", i + 1), "type T60 []int\nvar x map[T0]int\n");
    assert_eq!(check(&structs).errors(), ["T0: invalid map key type T0"]);
    let instances = doubling(
        |i| format!("type T{i}[P any] struct {{ a T{}[[1]P]; b T{}[[2]P] }}\n", i + 1, i + 1),
        "type T60[P any] struct { p P }\nvar x T0[int]\n",
    );
    assert_eq!(check(&instances).errors(), Vec::<String>::new());
    let arguments = doubling(
        |i| format!("type T{i}[P any] struct {{ a T{}[struct{{ x, y P }}] }}\n", i + 1),
        "type T60[P any] struct { p P; q Q }\ntype Q struct { q Q }\nvar x T0[int]\n",
    );
    assert_eq!(check(&arguments).errors(), ["Q: invalid recursive type: Q refers to itself"]);
    let constraints = doubling(
        |i| format!("type C{i}[P any] interface {{ C{}[[]P]; C{}[[1]P] }}\n", i + 1, i + 1),
        "type C60[P any] interface { M(P) }\ntype S[K C0[K]] struct{}\ntype ok[K C60[K]] struct{}\nvar x S[int]\nvar y ok[int]\n",
    );
    assert!(check(&constraints).errors().contains(&"int: int does not satisfy C60[int] (missing method M)".to_owned()));
}
