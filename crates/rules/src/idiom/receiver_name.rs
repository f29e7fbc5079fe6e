//! A receiver is called `this` or `self`, or differently in each method.
//!
//! A receiver is an ordinary parameter: its name is a short form of its type, and the same in all methods of the type (Go
//! Code Review Comments, "Receiver Names"). `self` suggests something special, and a name that changes from method to
//! method makes a reader look for a second object.
//!
//! Limits: types are compared within one file. A receiver that is named after its part in the method (`src`, `dst`, or with
//! a number) is left alone, and of several types of the same pattern one is reported.
//!
//! ```go bad
//! package users
//!
//! type User struct{}
//!
//! func (self *User) Rename(name string) {}
//! //    ^^^^ the receiver of `Rename` is called `self`
//!
//! type Group struct{}
//!
//! func (g *Group) Add()    {}
//! func (g *Group) Remove() {}
//! func (group *Group) Len() int { return 0 }
//! //    ^^^^^ the receiver of `Len` is called `group`, and that of `Add` is called `g`
//! ```
//! ```go good
//! package users
//!
//! type Identity struct{}
//!
//! func (i *Identity) Name() {}
//!
//! func (*Identity) Valid() {}
//!
//! func (_ *Identity) IDs() {} // not used, so it needs no name
//!
//! func (src *Identity) CopyTo(dst *Identity) {} // one of two
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "idiom/receiver-name",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Idiom, 1), (Concern::Clarity, 1), (Concern::Docs, 1)],
    equivalents: &["gopeer:idiom/naming", "staticcheck:ST1006", "staticcheck:ST1016", "revive:receiver-naming"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::File(check)],
    file: file!(),
};

/// What the first method of a type calls its receiver.
struct Receiver {
    ty: String,
    name: String,
    method: String,
    /// Whether another name was reported.
    reported: bool,
}

fn check(file: &mut FileCx) {
    let info = file.file;
    if info.generated || info.name.contains("generated") || info.scope.imports("C") {
        return;
    }
    let mut known = Vec::new();
    file.each_piece(|cx| cx.tree.roots().iter().for_each(|&root| check_method(cx, root, &mut known)));
}

/// A method's receiver against custom and against those of the type's other methods in the file.
fn check_method(cx: &mut Cx, root: DeclId, known: &mut Vec<Receiver>) {
    let Decl::Func { recv, name: method, .. } = cx.decl(root) else { return };
    let [(Some(name), ty)] = cx.params(recv)[..] else { return };
    let (shown, method) = (cx.source(name), cx.source(method));
    if shown == "_" {
        return;
    }
    cx.examined();
    if matches!(shown, "this" | "self") {
        cx.report(name, format!("the receiver of `{method}` is called `{shown}`"));
        return;
    }
    let ty = cx.source(cx.pointee(ty)).split('[').next().unwrap_or_default();
    let Some(at) = known.iter().position(|first| first.ty == ty) else {
        let (ty, name, method) = (ty.to_owned(), shown.to_owned(), method.to_owned());
        return known.push(Receiver { ty, name, method, reported: false });
    };
    let Some(first) = known.get(at) else { return };
    // Types of one pattern are reported once.
    let reported = |other: &Receiver| other.reported && other.method == first.method && other.name == first.name;
    if first.name == shown || is_direction(shown) || is_direction(&first.name) || known.iter().any(reported) {
        return;
    }
    let (of, name_there) = (&first.method, &first.name);
    cx.report(
        name,
        format!("the receiver of `{method}` is called `{shown}`, and that of `{of}` is called `{name_there}`"),
    );
    if let Some(first) = known.get_mut(at) {
        first.reported = true;
    }
}

/// Whether a receiver is named after its part in the method: a source or one of two operands.
fn is_direction(name: &str) -> bool {
    matches!(name, "src" | "dst") || name.ends_with(|c: char| c.is_ascii_digit())
}
