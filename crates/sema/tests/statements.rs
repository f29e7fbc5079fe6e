//! Statements: what is wrong with them. What the compiler says was asked of it.

mod common;

use common::check;

/// Checks that these are the errors, in any order.
fn errors(text: &str, wanted: &[&str]) {
    let mut found = check(text).errors();
    found.sort();
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

/// Checks that an expression has the type.
fn ty(text: &str, expr: &str, wanted: &str) {
    let package = check(text);
    assert_eq!(package.errors(), Vec::<String>::new());
    assert_eq!(package.ty(expr), wanted);
}

#[test]
fn what_stands_alone_must_do_something() {
    errors(
        "
func f() int { return 1 }
func g(s []int, ch chan int, m map[string]int) {
	f()
	(f())
	<-ch
	copy(s, s)
	1
	f
	int(3)
	append(s, 1)
	m[\"x\"]
	len
	int
	nil
}
",
        &[
            "1: 1 (untyped int constant) is not used",
            "f: f (value of type func() int) is not used",
            "int(3): int(3) (constant 3 of type int) is not used",
            "append(s, 1): append(s, 1) (value of type []int) is not used",
            "m[\"x\"]: m[\"x\"] (map index expression of type int) is not used",
            "len: len (built-in) must be called",
            "int: int (type) is not an expression",
            "nil: nil is not used",
        ],
    );
}

#[test]
fn values_go_with_variables() {
    errors(
        "
func one() int { return 1 }
func two() (int, error) { return 1, nil }
func none() {}
func f(m map[string]struct{ n int }, s string, a int) {
	b, c := one()
	d := two()
	a, a = 1, 2, 3
	a = two()
	a, a = two()
	_, _, _ = b, c, d
	_ = none()
	_ = nil
	e := nil
	m[\"x\"].n = 1
	s[0] = 'x'
	one() = 2
	a, _ := 1, 2
	h, h := 1, 2
	_ = e == h
	s++
	s += 1
	var v, ok = m[\"x\"]
	_ = ok && v.n == 1
	m.x := 1
}
",
        &[
            "one(): assignment mismatch: 2 variables but one returns 1 value",
            "two(): assignment mismatch: 1 variable but two returns 2 values",
            "1: assignment mismatch: 2 variables but 3 values",
            "two(): assignment mismatch: 1 variable but two returns 2 values",
            "two(): cannot use two() (value of interface type error) as int value in assignment",
            "none(): none() (no value) used as value",
            "nil: use of untyped nil in assignment to _ identifier",
            "nil: use of untyped nil in assignment",
            "m[\"x\"].n: cannot assign to struct field m[\"x\"].n in map",
            "s[0]: cannot assign to s[0] (neither addressable nor a map index expression)",
            "one(): cannot assign to one() (neither addressable nor a map index expression)",
            ":=: no new variables on left side of :=",
            "h: h repeated on left side of :=",
            "s: invalid operation: s++ (non-numeric type string)",
            "s: invalid operation: s += 1 (mismatched types string and untyped int)",
            "m.x: non-name m.x on left side of :=",
            "x: m.x undefined (type map[string]struct{n int} has no field or method x)",
        ],
    );
}

#[test]
fn variables_take_the_types_of_values() {
    let text = "
import \"os\"
func f(m map[string]rune, ch <-chan error) {
	file, err := os.Open(\"x\")
	n, err := file.Write(nil)
	r, ok := m[\"x\"]
	e, open := <-ch
	_, _, _, _, _ = n, r, ok, e, open
	_ = err
}
";
    for (expr, wanted) in [
        ("file", "*os.File"),
        ("n", "int"),
        ("err", "error"),
        ("r", "int32"),
        ("ok", "bool"),
        ("e", "error"),
        ("open", "bool"),
    ] {
        ty(text, expr, wanted);
    }
}

#[test]
fn variables_must_be_used() {
    errors(
        "
func f(x int) (y int) {
	var a, b int
	c := 1
	c = 2
	d := 1
	d++
	e := []int{}
	e[0] = 1
	g := func() { h := 1 }
	const k = 1
	type t int
	for i, v := range e {
	}
	switch j := any(a).(type) {
	case int:
		j = 2
	}
	switch l := any(a).(type) {
	case int:
		_ = l
	}
	return
}
",
        &[
            "b: declared and not used: b",
            "c: declared and not used: c",
            "g: declared and not used: g",
            "h: declared and not used: h",
            "i: declared and not used: i",
            "v: declared and not used: v",
            "j: j declared and not used",
        ],
    );
}

#[test]
fn what_unknown_code_uses_is_used() {
    errors(
        "
import \"example.org/pkg\"
func f() {
	a, b, c, d, e, g, h := 1, 2, 3, 4, 5, 6, 7
	pkg.Do(a)
	pkg.V[b] = pkg.T{c: d, a: {1}}
	for range pkg.Each(e) {
	}
	pkg.X.Y(func() { g++ }).Z <- h
	err := pkg.Err()
	if err != nil {
		return
	}
	v, ok := pkg.W.(pkg.T)
	switch pkg.Kind(v) {
	case ok:
	}
}
",
        &[],
    );
}

#[test]
fn a_block_declares_a_name_once() {
    errors(
        "
func f(a int) {
	var a string
	b := 1
	var b int
	{
		var a int
		_ = a
	}
	_ = b
}
",
        &["a: a redeclared in this block", "b: b redeclared in this block"],
    );
}

#[test]
fn results_are_counted() {
    errors(
        "
func two() (int, error) { return 1, nil }
func a() (int, error) {
	return
	return 1
	return 1, nil, \"x\"
	return two()
	return \"x\", nil
}
func b() { return 1 }
func c() (n int, err error) {
	if n := 1; n > 0 {
		return
	}
	{
		err := error(nil)
		func() { return }()
		return n, err
	}
	return
}
func d() string { return two() }
",
        &[
            "return: not enough return values\n\thave ()\n\twant (int, error)",
            "1: not enough return values\n\thave (number)\n\twant (int, error)",
            "\"x\": too many return values\n\thave (number, nil, string)\n\twant (int, error)",
            "\"x\": cannot use \"x\" (untyped string constant) as int value in return statement",
            "1: too many return values\n\thave (number)\n\twant ()",
            "return: result parameter n not in scope at return",
            "two(): too many return values\n\thave (int, error)\n\twant (string)",
        ],
    );
}

#[test]
fn bodies_with_results_end_in_terminating_statements() {
    errors(
        "
func a(x int) int {
	if x > 0 {
		return 1
	} else if x < 0 {
		panic(x)
	} else {
		for {
		}
	}
}
func b(x int) int {
	switch x {
	case 1:
		fallthrough
	default:
		return 2
	}
}
func c(ch chan int) int {
	select {
	case <-ch:
		return 1
	}
}
func d(x any) int {
L:
	switch x.(type) {
	default:
		for {
			break L
		}
	}
}
func e(x int) int {
	for {
		if x > 0 {
			break
		}
	}
}
func f(x int) int {
	switch x {
	case 1:
		return 1
	}
}
func g() int { for { switch { case true: break } } }
func h() int { func() int { return 1 }() }
var i = func() int {}
func j(panic func()) int { panic() }
",
        &[
            "}: missing return",
            "}: missing return",
            "}: missing return",
            "}: missing return",
            "}: missing return",
            "}: missing return",
        ],
    );
}

#[test]
fn conditions_and_channels() {
    errors(
        "
type B bool
func f(x int, s string, b B, out chan<- int, in <-chan int) {
	if x {
	}
	for s {
	}
	if b && B(x == 1) {
	}
	out <- \"a\"
	in <- 1
	<-out
	x <- 1
	go f
	defer int(3)
	defer len(s)
	go (print())
}
",
        &[
            "x: non-boolean condition in if statement",
            "s: non-boolean condition in for statement",
            "\"a\": cannot use \"a\" (untyped string constant) as int value in send",
            "in: invalid operation: cannot send to receive-only channel <-chan int in (variable of type <-chan int)",
            "out: invalid operation: cannot receive from send-only channel chan<- int out (variable of type chan<- int)",
            "x: invalid operation: cannot send to non-channel int x (variable of type int)",
            "f: expression in go must be function call",
            "int(3): defer requires function call, not conversion int(3) (constant 3 of type int)",
            "len(s): defer discards result of len(s) (value of type int)",
            "(print()): expression in go must not be parenthesized",
        ],
    );
}

#[test]
fn cases_are_compared_with_the_tag() {
    errors(
        "
type Kind int16
const A, B Kind = 1, 2
func f(k Kind, s string, v any, fn func(), x int) {
	switch k {
	case A, B, 3, 1:
	case \"x\":
	case x:
	}
	switch s {
	case \"a\", \"b\" + \"c\":
	case \"bc\":
	default:
	default:
	}
	switch {
	case x > 1, x:
	case true:
	case true:
	}
	switch v {
	case 1, \"1\", 1.0, nil:
	case 1:
	}
	switch fn {
	case nil:
	}
	switch []int(nil) {
	}
	switch [1]func(){} {
	}
	switch nil {
	}
}
",
        &[
            "1: duplicate case 1 (constant of int16 type Kind) in expression switch",
            "\"x\": cannot convert \"x\" (untyped string constant) to type int16",
            "x: invalid case x in switch on k (mismatched types int and Kind)",
            "\"bc\": duplicate case \"bc\" (constant of type string) in expression switch",
            "default:: multiple defaults",
            "x: invalid case x in switch on true (mismatched types int and bool)",
            "1: duplicate case 1 (constant of type int) in expression switch",
            "[1]func(){}: cannot switch on [1]func(){} (value of type [1]func())",
            "nil: use of untyped nil in switch expression",
        ],
    );
}

#[test]
fn type_switches_give_their_variable_a_type_in_each_clause() {
    let text = "
import \"io\"
func f(v any) {
	switch x := v.(type) {
	case nil:
		a := x
		_ = a
	case io.Reader:
		b := x
		_ = b
	case int, string:
		c := x
		_ = c
	default:
		d := x
		_ = func() { _ = d }
	}
}
";
    for (expr, wanted) in [("a", "any"), ("b", "io.Reader"), ("c", "any"), ("d", "any")] {
        ty(text, expr, wanted);
    }
    errors(
        "
import \"io\"
type T struct{}
func f(r io.Reader, n int) {
	switch r.(type) {
	case T, int:
	case *T, io.Writer:
	case nil, error:
	case nil, error:
	}
	switch n.(type) {
	}
	switch _ := r.(type) {
	}
}
func g[P any](p P) {
	switch p.(type) {
	}
}
",
        &[
            "T: impossible type switch case: T\n\tr (variable of interface type io.Reader) cannot have dynamic type T (missing \
             method Read)",
            "int: impossible type switch case: int\n\tr (variable of interface type io.Reader) cannot have dynamic type int \
             (missing method Read)",
            "*T: impossible type switch case: *T\n\tr (variable of interface type io.Reader) cannot have dynamic type *T \
             (missing method Read)",
            "nil: duplicate case nil in type switch",
            "error: duplicate case error in type switch",
            "n: n (variable of type int) is not an interface",
            "_: no new variable on left side of :=",
            "p: cannot use p (variable of type P constrained by any) in type switch",
        ],
    );
}

#[test]
fn ranges_give_their_variables_types() {
    let text = "
type ID int32
func f(arr *[3]bool, m map[ID][]error, ch chan float64, two func(func(string, *ID) bool), id ID, s string) {
	for a, b := range arr {
		_, _ = a, b
	}
	for c, d := range m {
		_, _ = c, d
	}
	for e := range ch {
		_ = e
	}
	for g, h := range two {
		_, _ = g, h
	}
	for i := range id {
		_ = i
	}
	for j, k := range s {
		_, _ = j, k
	}
	for l := range 10 {
		_ = l
	}
	var n int8
	for n = range 12 {
		_ = n
	}
}
func g[S ~[]E, E any](s S) {
	for o, q := range s {
		_, _ = o, q
	}
}
";
    let wanted = [
        ("a", "int"),
        ("b", "bool"),
        ("c", "ID"),
        ("d", "[]error"),
        ("e", "float64"),
        ("g", "string"),
        ("h", "*ID"),
        ("i", "ID"),
        ("j", "int"),
        ("k", "int32"),
        ("l", "int"),
        ("10", "int"),
        ("12", "int8"),
        ("o", "int"),
        ("q", "E"),
    ];
    wanted.iter().for_each(|(expr, wanted)| ty(text, expr, wanted));
}

#[test]
fn what_cannot_be_ranged_over() {
    errors(
        "
func f(n int, m map[string]int, out chan<- int, v any, none func(func() bool), bad func(int), k int8, fl float64) {
	for i, j := range n {
		_ = i
	}
	for range out {
	}
	for range v {
	}
	for i := range none {
	}
	for range bad {
	}
	for range 1.5 {
	}
	for k = range 1000 {
	}
	for k = range m {
	}
	for fl = range 3 {
	}
	for _ := range m {
	}
	for m[\"x\"], n = range m {
	}
}
func g[T any](t T) {
	for range t {
	}
}
",
        &[
            "j: range over n (variable of type int) permits only one iteration variable",
            "out: cannot range over out (variable of type chan<- int): receive from send-only channel chan<- int",
            "v: cannot range over v (variable of interface type any)",
            "i: range over none (variable of type func(func() bool)) permits no iteration variables",
            "bad: cannot range over bad (variable of type func(int)): func must be func(yield func(...) bool): argument is not \
             func",
            "1.5: cannot range over 1.5 (untyped float constant)",
            "1000: cannot use 1000 (untyped int constant) as int8 value in range clause (overflows)",
            "k: cannot use k (value of type string) as int8 value in assignment",
            "fl: cannot use iteration variable of type float64",
            "_: no new variables on left side of :=",
            "t: cannot range over t (variable of type T constrained by any): no specific type",
            "m[\"x\"]: cannot use m[\"x\"] (value of type string) as int value in assignment",
        ],
    );
}

#[test]
fn labels_and_branches() {
    errors(
        "
func f(n int) {
A:
	for {
		for n > 0 {
			continue A
		}
		break A
	}
B:
	goto C
D:
	if n > 1 {
		break D
	}
E:
	switch {
	case n > 2:
		break E
	case n > 3:
		continue E
	}
	for {
		func() {
			break
			goto A
		}()
		break F
	}
	goto G
	{
	G:
	}
	goto H
	x := 1
	_ = x
H:
	n--
	if n > 0 {
		goto H
	}
	continue
	fallthrough
	switch n {
	case 1:
		fallthrough
	case 2:
		if n > 1 {
			fallthrough
		}
	case 3:
		fallthrough
	}
	select {
	case <-make(chan int):
		break
	}
}
",
        &[
            "B: label B defined and not used",
            "C: label C not defined",
            "D: invalid break label D",
            "E: invalid continue label E",
            "break: break is not in a loop, switch, or select",
            "A: label A not defined",
            "F: break label not defined: F",
            "G: goto G jumps into block",
            "H: goto H jumps over declaration of x",
            "continue: continue is not in a loop",
            "fallthrough: fallthrough statement out of place",
            "fallthrough: fallthrough statement out of place",
            "fallthrough: cannot fallthrough final case in switch",
        ],
    );
}

#[test]
fn long_chains_are_no_burden() {
    let mut text = "func f(n int) int {\n\tif n == 0 {\n\t\treturn 0\n\t}".to_owned();
    for i in 1..900 {
        text += &format!(" else if n == {i} {{\n\t\treturn {i}\n\t}}");
    }
    text += " else {\n\t\tpanic(n)\n\t}\n}\n";
    errors(&text, &[]);
    errors(&text.replace("panic(n)", "println(n)"), &["}: missing return"]);
}

#[test]
fn broken_text_is_not_judged() {
    errors(
        "
func f() int {
	x := 1
	y := = x
	for {
		break
	}
}
",
        &[],
    );
}

#[test]
fn statements_outside_functions_are_checked_for_what_they_say() {
    errors(
        "
x := 1
y := \"a\"
if x == y {
	return x
}
f := func() int { z := 1 }
",
        &[
            "y: invalid operation: x == y (mismatched types int and string)",
            "z: declared and not used: z",
            "}: missing return",
        ],
    );
}
