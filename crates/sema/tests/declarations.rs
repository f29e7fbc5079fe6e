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
