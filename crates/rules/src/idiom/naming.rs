//! A name is not written as Go names are.
//!
//! Go writes several words as `MixedCaps`, constants too, and initialisms in one case: `userID`, `ServeHTTP` (Effective Go,
//! "MixedCaps"; Go Code Review Comments, "Initialisms"). A receiver is a short form of its type and the same in all its
//! methods, not `this` or `self`; and a local named like something predeclared hides it.
//!
//! Silent for generated code, cgo, tests, and for methods, whose names an interface may fix; about initialisms in files that
//! import Protocol Buffers, whose generated names are `UserId`; and about C's own names. Of many in one file only the first
//! is reported.
//!
//! ```go bad
//! package users
//!
//! const MAX_USERS = 10
//! //    ^^^^^^^^^ `MAX_USERS` is `MaxUsers` in Go
//!
//! type User struct {
//! 	UserId int
//! #^^^^^^ `UserId` is `UserID` in Go
//! }
//!
//! func (self *User) Rename(error string) {}
//! //    ^^^^ the receiver of `Rename` is called `self`
//! //                       ^^^^^ `error` hides the predeclared `error`
//! ```
//! ```go bad
//! package users
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
//! const maxUsers = 10
//!
//! const V1_2 = 12
//!
//! type Identity struct {
//! 	UserID, HTTPClient, idx int
//! 	_                       [0]func()
//! }
//!
//! func (i *Identity) Get_Id(old, new string, max int) {}
//!
//! func (*Identity) Valid() {}
//!
//! func (_ *Identity) Ids() {}
//! ```
//! ```go good
//! package users
//!
//! import userspb "example.com/api/users/v1"
//!
//! type row struct{ UserId, avatarUrl string }
//!
//! func proto(r row) *userspb.User { return &userspb.User{UserId: r.UserId} }
//! ```
//! ```go good
//! package users
//!
//! const _SC_PAGESIZE = 11
//!
//! const query_v12 = "SELECT 1"
//!
//! func SnapshotTLS_Gateway() {}
//! ```
//! ```go good file=users_test.go
//! package users
//!
//! func Test_rename_works(t *testing.T) {}
//! ```
use gopeer_lint::prelude::*;

use crate::many::first_of_many;

pub static RULE: Rule = Rule {
    id: "idiom/naming",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Idiom, 1), (Concern::Clarity, 1), (Concern::Docs, 1)],
    equivalents: &[
        "staticcheck:ST1003",
        "staticcheck:ST1006",
        "staticcheck:ST1016",
        "revive:var-naming",
        "revive:receiver-naming",
        "predeclared",
    ],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::File(check)],
    file: file!(),
};

/// Initialisms as they are often written, which Go writes in capitals.
const INITIALISMS: &[&str] = &[
    "Api", "Css", "Dns", "Html", "Http", "Https", "Id", "Json", "Sql", "Tcp", "Tls", "Udp", "Uri", "Url", "Uuid", "Xml",
];

/// Predeclared names that code goes on to need; `new`, `max` and others are hidden all over, and on purpose.
const PREDECLARED: &[&str] = &[
    "append", "bool", "byte", "error", "false", "float64", "int", "int64", "iota", "len", "make", "nil", "panic",
    "recover", "rune", "string", "true", "uint64",
];

/// A finding to come: piece, place, message.
type Found = Vec<(usize, ExprId, String)>;

fn check(file: &mut FileCx) {
    let info = file.file;
    if info.generated || info.name.contains("generated") || info.scope.imports("C") {
        return;
    }
    let protobuf = speaks_protobuf(info);
    let (mut spelled, mut others, mut receivers) = (Found::new(), Found::new(), Vec::new());
    let mut piece = 0;
    file.each_piece(|cx| {
        // The name of what is linked to another package's symbol is fixed there.
        let linked = cx.tree.text().contains("go:linkname");
        for &root in cx.tree.roots().iter().filter(|_| !linked) {
            declared(cx, root, &mut |name| {
                let short = |better: &String| protobuf && better.eq_ignore_ascii_case(cx.source(name));
                if let Some(better) = better(cx.source(name)).filter(|better| !short(better)) {
                    let message = format!("`{}` is `{better}` in Go", cx.source(name));
                    spelled.push((piece, name, message));
                }
            });
            receiver(cx, root, piece, &mut receivers, &mut others);
        }
        hidden(cx, piece, &mut others);
        cx.examined();
        piece += 1;
    });
    let more = first_of_many(&mut spelled);
    let note = (more > 0).then(|| format!("{more} more names in this file are written so"));
    piece = 0;
    file.each_piece(|cx| {
        for (_, name, message) in spelled.iter().filter(|found| found.0 == piece) {
            let report = cx.report(*name, message.as_str());
            if let Some(note) = &note {
                report.note(note.as_str());
            }
        }
        for (_, name, message) in others.iter().filter(|found| found.0 == piece) {
            cx.report(*name, message.as_str());
        }
        piece += 1;
    });
}

/// Whether a file imports what protoc wrote, which by custom ends in `pb`.
fn speaks_protobuf(info: &gopeer_lint::FileInfo) -> bool {
    info.scope.imports.iter().any(|import| {
        let given = import.name.as_deref().filter(|_| import.given).unwrap_or_default();
        let ends = |name: &str| name.ends_with("pb");
        ends(given) || import.path.rsplit('/').any(ends) || import.path.starts_with("google.golang.org/protobuf/")
    })
}

/// Calls `f` with each name of the package that a declaration chooses freely: not those of methods.
fn declared(cx: &Cx, root: DeclId, f: &mut dyn FnMut(ExprId)) {
    match cx.decl(root) {
        Decl::Func { recv, name, .. } if recv.is_empty() => f(name),
        Decl::Group { kind: GroupKind::Const | GroupKind::Var | GroupKind::Type, specs, .. } => {
            cx.tree.decls(specs).iter().for_each(|&spec| declared(cx, spec, f));
        }
        Decl::Value { names, .. } => cx.exprs(names).iter().for_each(|&name| f(name)),
        Decl::Type { name, ty, .. } => {
            f(name);
            if let Expr::StructType { fields, .. } = cx.expr(ty) {
                let fields = cx.tree.fields(fields).iter();
                fields.for_each(|&field| cx.exprs(cx.tree.field(field).names).iter().for_each(|&name| f(name)));
            }
        }
        _ => {}
    }
}

/// The name as Go writes it, if it is written otherwise.
fn better(name: &str) -> Option<String> {
    let inner = name.trim_matches('_');
    let underscored = inner.contains('_');
    // Numbers need something between them: `V1_2`, and so do versions: `query_v12`.
    let version = |rest: &str| starts_with_digit(rest.strip_prefix('v').or(Some(rest)));
    let numbered = |at: usize| inner.get(at + 1..).is_some_and(version);
    // `_SC_PAGESIZE` is what C calls it.
    let foreign = name.starts_with('_') && underscored && !name.contains(|c: char| c.is_ascii_lowercase());
    if inner.len() < 2 || foreign || inner.char_indices().any(|(at, c)| c == '_' && numbered(at)) {
        return None;
    }
    // `SetDefaults_Deployment` sets a type's name apart, as code generators ask for.
    let lower_before = |at: usize| inner.get(..at).is_some_and(|head| head.contains(|c: char| c.is_ascii_lowercase()));
    let capital_after =
        |at: usize| inner.get(at + 1..).is_some_and(|tail| tail.starts_with(|c: char| c.is_ascii_uppercase()));
    if inner.char_indices().any(|(at, c)| c == '_' && lower_before(at) && capital_after(at)) {
        return None;
    }
    let exported = name.starts_with(|c: char| c.is_ascii_uppercase());
    let shouted = underscored && !inner.contains(|c: char| c.is_ascii_lowercase());
    let mut out = String::with_capacity(name.len());
    for (at, word) in inner.split('_').enumerate() {
        let lower = word.to_ascii_lowercase();
        let word = if shouted { lower.as_str() } else { word };
        let capital = at > 0 || exported;
        let mut chars = word.chars();
        if let Some(first) = chars.next() {
            out.push(if capital { first.to_ascii_uppercase() } else { first });
            out.push_str(chars.as_str());
        }
    }
    let out = capitals(&out);
    (out != name && out != inner).then_some(out)
}

fn starts_with_digit(rest: Option<&str>) -> bool {
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Writes the initialisms among the words of a name in capitals.
fn capitals(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let first = first.len_utf8();
        let end = rest
            .get(first..)
            .and_then(|tail| tail.find(|c: char| !c.is_lowercase()))
            .map_or(rest.len(), |at| at + first);
        let (word, tail) = rest.split_at(end);
        if INITIALISMS.contains(&word) {
            out.push_str(&word.to_ascii_uppercase());
        } else {
            out.push_str(word);
        }
        rest = tail;
    }
    out
}

/// What the first method of a type calls its receiver.
struct Receiver {
    ty: String,
    name: String,
    method: String,
    /// Whether another name was reported.
    told: bool,
}

/// A method's receiver against custom and against those of the type's other methods in the file.
fn receiver(cx: &Cx, root: DeclId, piece: usize, known: &mut Vec<Receiver>, found: &mut Found) {
    let Decl::Func { recv, name: method, .. } = cx.decl(root) else { return };
    let [(Some(name), ty)] = cx.params(recv)[..] else { return };
    let (text, method) = (cx.source(name), cx.source(method));
    if matches!(text, "this" | "self") {
        found.push((piece, name, format!("the receiver of `{method}` is called `{text}`")));
        return;
    }
    let ty = cx.source(cx.pointee(ty)).split('[').next().unwrap_or_default();
    if text == "_" {
        return;
    }
    let Some(at) = known.iter().position(|first| first.ty == ty) else {
        let (ty, name, method) = (ty.to_owned(), text.to_owned(), method.to_owned());
        return known.push(Receiver { ty, name, method, told: false });
    };
    let Some(first) = known.get(at) else { return };
    // Types of one pattern are told of once.
    let told = |other: &Receiver| other.told && other.method == first.method && other.name == first.name;
    if first.name != text && !is_direction(text) && !is_direction(&first.name) && !known.iter().any(told) {
        let (of, name_there) = (&first.method, &first.name);
        let message =
            format!("the receiver of `{method}` is called `{text}`, and that of `{of}` is called `{name_there}`");
        found.push((piece, name, message));
        if let Some(first) = known.get_mut(at) {
            first.told = true;
        }
    }
}

/// Whether a receiver is named after its part in the method: a source or one of two operands.
fn is_direction(name: &str) -> bool {
    matches!(name, "src" | "dst") || name.ends_with(|c: char| c.is_ascii_digit())
}

/// Locals and parameters that hide what is predeclared.
fn hidden(cx: &Cx, piece: usize, found: &mut Found) {
    for (name, _) in cx.facts.locals() {
        let text = cx.source(name);
        if PREDECLARED.contains(&text) {
            found.push((piece, name, format!("`{text}` hides the predeclared `{text}`")));
        }
    }
}
