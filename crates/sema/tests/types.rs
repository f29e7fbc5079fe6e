//! Types: what they lack, what their sets have in common, and that no declaration, however odd, takes long or deep stacks.
//! What holds of any two types is held against go/types in `type_oracle`.

mod common;

use std::fmt::Write as _;

use common::{Package, check};
use gopeer_sema::Member;
use gopeer_sema::types::{Lookup, Missing, Object, PkgId, Truth, TypeId};

fn object(package: &Package, name: &str) -> Object {
    let store = &package.checked.store;
    let Member::Object(id) = store.member(PkgId::SELF, name) else { panic!("there is no {name}") };
    store.object(id)
}

fn ty(package: &Package, name: &str) -> TypeId {
    object(package, name).ty
}

/// The first type parameter of a function.
fn param(package: &Package, function: &str) -> TypeId {
    package.checked.store.param_type(object(package, function).params[0])
}

fn lookup(package: &Package, ty: TypeId, name: &str) -> Lookup {
    let store = &package.checked.store;
    store.lookup(ty, PkgId::SELF, store.symbol(name))
}

#[test]
fn what_a_type_lacks_of_an_interface() {
    let package = check(
        "
type Closer interface{ Close() error }
type Number interface{ ~int | ~float64 }
type None struct{}
type Wrong struct{}
type Ptr struct{}
type Field struct{ Close func() error }
type Embeds struct{ *Ptr }
func (Wrong) Close() {}
func (*Ptr) Close() error { return nil }
type Odd string
",
    );
    let store = &package.checked.store;
    let lacks = |name, interface| store.implements(ty(&package, name), ty(&package, interface));
    let close = store.symbol("Close");
    assert_eq!(lacks("None", "Closer"), (Truth::No, Some(Missing::Method(close))));
    assert_eq!(lacks("Field", "Closer"), (Truth::No, Some(Missing::Method(close))));
    assert_eq!(lacks("Ptr", "Closer"), (Truth::No, Some(Missing::Pointer(close))));
    assert_eq!(lacks("Embeds", "Closer"), (Truth::Yes, None));
    assert_eq!(lacks("Odd", "Number"), (Truth::No, Some(Missing::TypeSet)));
    let (truth, Some(Missing::Signature(name, have, want))) = lacks("Wrong", "Closer") else {
        panic!("another reason")
    };
    assert_eq!((truth, name), (Truth::No, close));
    assert_eq!((store.show(have), store.show(want)), ("func()".into(), "func() error".into()));
}

#[test]
fn what_the_types_of_a_set_have_in_common() {
    let package = check(
        "
type Mine []byte
func ints[P ~[]int]()                             {}
func text[P ~string | ~[]byte]()                  {}
func bytes[P ~[]byte | Mine]()                    {}
func receive[P chan int | <-chan int]()           {}
func neither[P chan<- int | <-chan int]()         {}
func all[P any]()                                 {}
func unknown[P ~string | elsewhere.T]()           {}
func methods[P interface{ Close() error; ~int }]() {}
",
    );
    let store = &package.checked.store;
    let show = |ty: Option<TypeId>| ty.map_or("none".into(), |ty| store.show(ty));
    let core = |name| show(store.core_type(param(&package, name)));
    assert_eq!(core("ints"), "[]int");
    assert_eq!(core("text"), "none");
    assert_eq!(core("bytes"), "[]byte");
    assert_eq!(core("receive"), "<-chan int");
    assert_eq!(core("neither"), "none");
    assert_eq!(core("all"), "none");
    assert_eq!(core("unknown"), "?");
    assert_eq!(core("methods"), "int");
}

#[test]
fn what_may_be_there_is_not_denied() {
    let package = check(
        "
import \"example.org/elsewhere\"
type Known struct{ Field int }
type Embeds struct {
	elsewhere.T
	Known
}
type Deep struct {
	elsewhere.T
	Embeds2
}
type Embeds2 struct{ Known }
type Iface interface {
	elsewhere.I
	Close()
}
",
    );
    let store = &package.checked.store;
    let found = |name, of| match lookup(&package, ty(&package, name), of) {
        Lookup::Field { path, .. } => format!("field {path:?}"),
        Lookup::Method { .. } => "method".into(),
        other => format!("{other:?}"),
    };
    // Were it ambiguous, it would not compile.
    assert_eq!(found("Embeds", "Field"), "field [1, 0]");
    assert_eq!(found("Embeds", "Other"), "Unknown");
    assert_eq!(found("Deep", "Field"), "Unknown");
    assert_eq!(found("Known", "Other"), "NotFound");
    assert_eq!(found("Iface", "Close"), "method");
    assert_eq!(found("Iface", "Open"), "Unknown");
    let (known, iface) = (ty(&package, "Known"), ty(&package, "Iface"));
    assert_eq!(store.implements(known, iface).0, Truth::No);
    assert_eq!(store.implements(iface, iface).0, Truth::Unknown);
    assert_eq!(store.comparable(ty(&package, "Embeds")), Truth::Unknown);
    assert_eq!(store.sizeof(ty(&package, "Embeds")), None);
    assert_eq!(package.errors(), [""; 0]);
}

#[test]
fn generic_types_that_instantiate_themselves_come_to_an_end() {
    let package = check(
        "
type Grows[T any] struct {
	*Grows[[]T]
	*Other[T]
}
type Other[T any] struct {
	*Grows[map[string]T]
	Last T
}
type Wide[A, B any] struct {
	*Narrow[func(A, B) A, [2]B]
	Both struct{ A A; B B }
}
type Narrow[A, B any] struct{ *Wide[map[string]A, func(A, A, B)] }
type Method[T any] interface{ Next() Method[func(T) T] }
var g Grows[int]
var w Wide[int, string]
var m Method[int]
var n = m.Next().Next().Next()
var x = w.Narrow.Wide.Narrow.Wide
var l = g.Last
",
    );
    let store = &package.checked.store;
    let of = |name| lookup(&package, ty(&package, name), "Nowhere");
    assert!(matches!(of("g"), Lookup::Unknown));
    assert!(matches!(of("w"), Lookup::Unknown));
    assert_eq!(package.ty("l"), "int");
    assert!(package.ty("n").ends_with("]"), "{}", package.ty("n"));
    assert_eq!(store.comparable(ty(&package, "w")), Truth::Yes);
}

#[test]
fn interfaces_in_circles_are_not_known() {
    let mut text = String::new();
    for i in 0..60 {
        let all: Vec<String> = (0..60).filter(|&other| other != i).map(|other| format!("I{other}")).collect();
        let _ = writeln!(text, "type I{i} interface {{ M{i}(); {} }}", all.join("; "));
    }
    text += "
type C[P C[P]] interface{ m(P) }
type Alone interface{ Alone }
func f[P Q, Q P](p P, q Q) { _ = p; _ = q }
func g[P interface{ *P }](p P) P { return *p }
";
    let package = check(&text);
    let store = &package.checked.store;
    assert!(store.type_set(ty(&package, "I7")).unknown);
    assert!(store.type_set(ty(&package, "Alone")).unknown);
    assert!(store.type_set(param(&package, "f")).unknown);
    assert!(matches!(lookup(&package, ty(&package, "I7"), "M7"), Lookup::Method { .. }));
}

/// `type T0 = int; type T1 = []T0; …`
fn chain(length: usize, each: impl Fn(usize) -> String) -> String {
    (1..=length).fold("type T0 = int\n".to_owned(), |text, i| text + &each(i) + "\n")
}

#[test]
fn types_that_grow_without_bounds_are_not_gone_through() {
    let package = check(&chain(5000, |i| format!("type T{i} = []T{}", i - 1)));
    let (store, deepest) = (&package.checked.store, ty(&package, "T5000"));
    assert!(store.show(deepest).starts_with("[][][]"));
    assert!(store.has_unknown(deepest) && !store.has_unknown(ty(&package, "T50")));
    assert_eq!(store.assignable(deepest, ty(&package, "T4999")), Truth::Unknown);
    assert_eq!(store.assignable(ty(&package, "T50"), ty(&package, "T49")), Truth::No);

    let package = check(&chain(80, |i| format!("type T{i} struct {{ a, b T{}; c any }}", i - 1)));
    let (store, widest) = (&package.checked.store, ty(&package, "T80"));
    assert_eq!(store.comparable(widest), Truth::Yes, "each is looked at once");
    assert_eq!(store.sizeof(widest), None);
    assert_eq!(store.sizeof(ty(&package, "T2")), Some(80));
    assert_eq!(store.comparable(ty(&package, "T5")), Truth::Yes);

    let text = chain(60, |i| format!("type T{i} struct {{ a, b, c, d T{} }}", i - 1));
    let package = check(&(text + "import \"unsafe\"\nconst size, small = unsafe.Sizeof(T60{}), unsafe.Sizeof(T2{})"));
    assert_eq!((package.value("size"), package.value("small")), ("none".to_owned(), "128".to_owned()));

    let embeds: String = (0..=3000).map(|i| format!("\tT{i}\n")).collect();
    let package =
        check(&(chain(3000, |i| format!("type T{i} struct{{ F{i} int }}")) + "type T struct {\n" + &embeds + "}"));
    assert!(matches!(lookup(&package, ty(&package, "T"), "Nowhere"), Lookup::Unknown));

    let doubled = |name: &str, inner: &str| {
        chain(30, |i| format!("type T{i} = func(T{0}, interface{{ {inner} }}, T{0}) T{0}", i - 1)).replace('T', name)
    };
    let package = check(&(doubled("A", "m(T0)") + &doubled("B", "interface{ m(T0) }")));
    let (store, a, b) = (&package.checked.store, ty(&package, "A30"), ty(&package, "B30"));
    assert!(store.show(a).len() < 10_000);
    assert!(store.identical(a, b) && !store.identical(a, ty(&package, "B29")));
    assert_eq!(store.assignable(a, ty(&package, "B29")), Truth::No);
}

#[test]
fn types_that_hold_themselves_have_no_size() {
    let package = check(
        "
type Array [2]Array
type Struct struct{ Inner struct{ S Struct } }
type One struct{ Other }
type Other struct{ One }
type Same Same
type A B
type B A
",
    );
    let store = &package.checked.store;
    for name in ["Array", "Struct", "One", "Same", "A"] {
        assert_eq!(store.sizeof(ty(&package, name)), None, "{name}");
        assert_eq!(store.comparable(ty(&package, name)), Truth::Unknown, "{name}");
    }
    assert!(matches!(lookup(&package, ty(&package, "One"), "Nowhere"), Lookup::NotFound));
    assert!(matches!(lookup(&package, ty(&package, "Same"), "Nowhere"), Lookup::Unknown));
}

#[test]
fn sizes_need_no_more_than_an_index_tells() {
    let package = check(
        "
import (
	\"sync\"
	\"time\"
)
type Guarded struct {
	mu sync.Mutex
	n  int
}
type Moved struct {
	b  bool
	mu sync.Mutex
}
type Times [2]time.Time
",
    );
    let store = &package.checked.store;
    let size = |name| store.sizeof(ty(&package, name));
    assert_eq!((size("Guarded"), store.alignof(ty(&package, "Guarded"))), (Some(16), Some(8)));
    assert_eq!(store.offsetsof(ty(&package, "Guarded")), Some(vec![0, 8]));
    // Whether the lock begins at byte 4 or 8 is not told.
    assert_eq!((size("Moved"), size("Times")), (None, Some(48)));
}

#[test]
fn names_of_types() {
    let package = check(
        "
import (
	\"net/http\"
	\"sync/atomic\"
)
type Client = *http.Client
type Counter = atomic.Pointer[http.Client]
type Mine struct{}
var f func(http.Handler, ...Mine) (*Counter, error)
",
    );
    let store = &package.checked.store;
    let (client, counter, mine) = (ty(&package, "Client"), ty(&package, "Counter"), ty(&package, "Mine"));
    assert!(!store.is_named(client, "net/http.Client"), "it is a pointer to that");
    assert!(store.is_named(counter, "sync/atomic.Pointer") && !store.is_named(counter, "atomic.Pointer"));
    assert!(store.is_named(TypeId::ERROR, "error") && store.is_named(mine, "p.Mine"));
    assert_eq!(store.qualified_name(client), None);
    assert_eq!(package.ty("f"), "func(http.Handler, ...Mine) (*atomic.Pointer[http.Client], error)");
    let full = "func(net/http.Handler, ...p.Mine) (*sync/atomic.Pointer[net/http.Client], error)";
    assert_eq!(store.show_full(ty(&package, "f")), full);
}
