//! Types are to us what they are to go/types: what they are called, what holds of any two, what fields and methods they
//! have. Asked of all types of `zoo.go`.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/oracle.rs"]
mod oracle;

use std::path::Path;
use std::process::Command;

use gopeer_sema::Member;
use gopeer_sema::types::{Lookup, PkgId, Store, Truth, Type, TypeId};

const ZOO: &str = include_str!("zoo.go");

/// The type of that name in the zoo, or the type parameter `F.P`.
fn subject(store: &Store, name: &str) -> TypeId {
    let (object, param) = name.split_once('.').map_or((name, None), |(of, param)| (of, Some(param)));
    let Member::Object(id) = store.member(PkgId::SELF, object) else { panic!("there is no {name}") };
    let object = store.object(id);
    let Some(param) = param else { return object.ty };
    let known = object.params.iter().find(|&&id| *store.text(store.param(id).name) == *param);
    store.param_type(*known.expect("a type parameter"))
}

fn letter(truth: Truth, yes: char) -> char {
    match truth {
        Truth::Yes => yes,
        Truth::No => '-',
        Truth::Unknown => '?',
    }
}

fn is_param(store: &Store, ty: TypeId) -> bool {
    matches!(store.get(ty), Type::Param(_))
}

/// Whether it is an interface that only constraints can be of.
fn is_constraint(store: &Store, ty: TypeId) -> bool {
    let set = store.type_set(ty);
    matches!(store.under(ty), Type::Interface(_)) && !is_param(store, ty) && (set.terms.is_some() || set.comparable)
}

/// What holds of the two, each as a letter.
fn pair(store: &Store, a: TypeId, b: TypeId) -> String {
    let values = !is_constraint(store, a) && !is_constraint(store, b);
    let of_values = |truth: Truth, yes| if values { letter(truth, yes) } else { '-' };
    let satisfies = if matches!(store.under(b), Type::Interface(_)) && !is_param(store, b) {
        letter(store.implements(a, b).0, 's')
    } else {
        '-'
    };
    let identical = letter(Truth::of(store.identical(a, b)), 'i');
    [identical, of_values(store.assignable(a, b), 'a'), of_values(store.convertible(a, b), 'c'), satisfies]
        .iter()
        .collect()
}

fn numbers<N: ToString>(numbers: &[N]) -> String {
    let texts: Vec<String> = numbers.iter().map(N::to_string).collect();
    format!("[{}]", texts.join(" "))
}

fn find(store: &Store, ty: TypeId, name: &str) -> String {
    match store.lookup(ty, PkgId::SELF, store.symbol(name)) {
        Lookup::Field { field, path, indirect, .. } => {
            format!("field {} {indirect} {}", numbers(&path), store.show_full(field.ty))
        }
        Lookup::Method { method, path, indirect, .. } => {
            format!("method {} {indirect} {}", numbers(&path), store.show_full(method.sig))
        }
        Lookup::NotFound => "none".into(),
        Lookup::Ambiguous => "ambiguous".into(),
        Lookup::Unknown => "?".into(),
    }
}

fn describe(store: &Store, ty: TypeId) -> String {
    let comparable = letter(store.comparable(ty), 'c');
    let size = match (store.sizeof(ty), store.alignof(ty)) {
        _ if is_param(store, ty) => "-".to_owned(),
        (Some(size), Some(align)) => format!("{size} {align}"),
        _ => "?".to_owned(),
    };
    let underlying = if is_param(store, ty) { "-".to_owned() } else { store.show_full(store.underlying(ty)) };
    format!("{}\t{underlying}\t{comparable}\t{size}", store.show_full(ty))
}

/// Whether the index sums up fields of it, or of what it holds: then some of it is not known.
fn is_summed_up(name: &str) -> bool {
    ["Builder", "Hidden", "Locked", "MutexPtr", "Time", "Timed"].contains(&name)
}

/// Our answer to a line of the oracle's; none where it does not count.
fn answer(store: &Store, line: &str) -> Option<String> {
    let parts: Vec<&str> = line.split('\t').collect();
    let ty = |name: &str| subject(store, name);
    Some(match parts[..] {
        ["type" | "offsets", name, ..] if is_summed_up(name) => return None,
        // An instance goes by the arguments that it was first made with.
        ["type" | "find", "BoxSame", ..] => return None,
        ["type", name, ..] => format!("type\t{name}\t{}", describe(store, ty(name))),
        ["offsets", name, _] => {
            format!("offsets\t{name}\t{}", numbers(&store.offsetsof(ty(name)).expect("a struct")))
        }
        ["pair", a, b, _] => format!("pair\t{a}\t{b}\t{}", pair(store, ty(a), ty(b))),
        ["find", name, of, _] => format!("find\t{name}\t{of}\t{}", find(store, ty(name), of)),
        _ => panic!("{line}"),
    })
}

#[test]
fn what_holds_of_types() {
    let Some(program) = oracle::build("type_oracle") else { return };
    let zoo = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/type_oracle/zoo.go");
    let done = Command::new(program).arg(zoo).output().expect("the oracle");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let package = common::check(ZOO);
    assert_eq!(package.errors(), [""; 0]);
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for line in String::from_utf8(done.stdout).expect("UTF-8").lines() {
        let Some(ours) = answer(&package.checked.store, line) else { continue };
        compared += 1;
        if ours != line {
            wrong.push(format!("go   {line}\nours {ours}\n"));
        }
    }
    println!("{compared} facts compared");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join(""));
    assert!(compared > 25_000, "only {compared} facts");
}
