//! A name is not written as Go names are.
//!
//! Go writes several words as `MixedCaps`, constants too, and initialisms in one case: `userID`, `ServeHTTP` (Effective Go,
//! "MixedCaps"; Go Code Review Comments, "Initialisms"). A reader then knows at once which names are Go's and which come from
//! elsewhere, and nobody has to remember whether it was `UserId` or `UserID`.
//!
//! Of many such names in a file only the first is reported, with the places of the others.
//!
//! Limits: generated code, cgo, tests, methods (whose names an interface may fix), package names and names from C are left alone.
//! So are initialisms in files that import Protocol Buffers, whose generated names are `UserId`, and names that set the name of a
//! type apart with an underscore.
//!
//! ```go bad
//! package users
//!
//! const MAX_USERS = 10
//! //    ^^^^^^^^^ `MAX_USERS` should be `MaxUsers`
//!
//! type User struct {
//! 	UserId int
//! #^^^^^^ `UserId` should be `UserID`
//! }
//! ```
//! ```go good
//! package users
//!
//! const maxUsers = 10
//!
//! const V1_2 = 12 // numbers need something between them
//!
//! type Identity struct {
//! 	UserID, HTTPClient, idx int
//! }
//!
//! func (i *Identity) Get_Id() {} // an interface may ask for it
//! ```
//!
//! # Idiom
//!
//! Names are written in MixedCaps, and a capital first letter exports them. Initialisms keep one case: `userID`, `HTTPClient`.
//!
//! # References
//!
//! - [Code review comments, "Initialisms"](https://go.dev/wiki/CodeReviewComments#initialisms)
use std::cell::LazyCell;

use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "idiom/naming",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Idiom, 1), (Concern::Clarity, 1), (Concern::Docs, 1)],
    equivalents: &["staticcheck:ST1003", "revive:var-naming"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Piece(check)],
    examines: "declared names",
};

/// Initialisms as they are often written, which Go writes in capitals.
const INITIALISMS: &[&str] = &[
    "Api", "Css", "Dns", "Html", "Http", "Https", "Id", "Json", "Sql", "Tcp", "Tls", "Udp", "Uri", "Url", "Uuid", "Xml",
];

fn check(cx: &mut Cx) {
    let info = cx.file;
    // The name of what is linked to another package's symbol is fixed there.
    let fixed = || cx.tree.text().contains("go:linkname");
    if info.generated || info.name.contains("generated") || info.scope.imports("C") || fixed() {
        return;
    }
    cx.examined();
    // Asked only where a name is in question: it goes through all imports.
    let protobuf = LazyCell::new(|| speaks_protobuf(info));
    let mut names = Vec::new();
    cx.tree.roots().iter().for_each(|&root| declared(cx, root, &mut |name| names.push(name)));
    names.extend(cx.facts.locals().map(|(name, _)| name));
    for name in names {
        let shown = cx.source(name);
        let short = |better: &String| better.eq_ignore_ascii_case(shown) && *protobuf;
        if let Some(better) = better(shown).filter(|better| !short(better)) {
            let exported = shown.starts_with(|c: char| c.is_ascii_uppercase()) && !info.is_main();
            let mut report = cx.report(name, format!("`{shown}` should be `{better}`"));
            if exported {
                report = report.note("it is exported: renaming it breaks the packages that use it");
            }
            report.one_of("names in this file are written this way");
        }
    }
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
        // `swagger:parameters getUser`: the name is tied to that of an operation.
        Decl::Type { .. } if cx.is_said(root, &["swagger:"]) => {}
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
        match (INITIALISMS.contains(&word), word.strip_suffix('s').filter(|one| INITIALISMS.contains(one))) {
            (true, _) => out.push_str(&word.to_ascii_uppercase()),
            (false, Some(one)) => out.extend([&one.to_ascii_uppercase(), "s"]),
            _ => out.push_str(word),
        }
        rest = tail;
    }
    out
}
