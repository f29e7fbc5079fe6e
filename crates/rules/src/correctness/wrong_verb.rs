//! A verb in a format does not fit its argument.
//!
//! `fmt` prints `%!d(string=ada)` instead (package `fmt`, "Format errors"), and a function that was meant to be called is
//! printed as an address. The log line or error then lacks the value that it was written for. `%w` has a meaning in
//! `fmt.Errorf` alone, and there for errors alone.
//!
//! Limits: an argument whose type is an interface fits every verb, since its value is not known here. Formats that are put
//! together at run time are not read.
//!
//! ```go bad
//! import "go.uber.org/zap"
//!
//! func report(id int, name string, ids []int, done func() bool, log *zap.SugaredLogger) error {
//! 	fmt.Printf("user %d, one of %s\n", name, ids)
//! 	//               ^^ `%d` does not fit `name`, a `string`
//! 	//                          ^^ `%s` does not fit `ids`, a `[]int`
//! 	log.Infof("user %s: %v", id, done)
//! 	//              ^^ `%s` does not fit `id`, an `int`
//! 	//                  ^^ `%v` does not fit `done`, a `func() bool`
//! 	return fmt.Errorf("user: %w", name)
//! 	//                       ^^ `%w` does not fit `name`, a `string`
//! }
//! ```
//! ```diff fixed
//! -	fmt.Printf("user %d, one of %s\n", name, ids)
//! -	log.Infof("user %s: %v", id, done)
//! -	return fmt.Errorf("user: %w", name)
//! +	fmt.Printf("user %v, one of %v\n", name, ids)
//! +	log.Infof("user %v: %v", id, done())
//! +	return fmt.Errorf("user: %v", name)
//! ```
//! ```go bad
//! func report(id int, err error) {
//! 	log.Printf("user %d: %w", id, err)
//! 	//                   ^^ `log.Printf` does not know `%w`
//! }
//! ```
//! ```diff fixed
//! -	log.Printf("user %d: %w", id, err)
//! +	log.Printf("user %d: %v", id, err)
//! ```
//! ```go good
//! type level int
//!
//! func (l level) String() string { return "high" }
//!
//! func report(l level) {
//! 	fmt.Printf("%s\n", l) // prints what its String method returns
//! }
//! ```
//! ```go good
//! func report(names []string) {
//! 	fmt.Printf("%q\n", names) // prints each element with the verb
//! }
//! ```
//! ```go good
//! func report(value any) {
//! 	fmt.Printf("%d\n", value) // may hold a number
//! }
//! ```
use gopeer_lint::prelude::*;

use gopeer_sema::types::{Lookup, PkgId, Truth};

use super::printers;
use super::verbs::{self, Verb};

pub static RULE: Rule = Rule {
    id: "correctness/wrong-verb",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Operability, 2)],
    equivalents: &["gopeer:correctness/printf-mismatch", "vet:printf", "staticcheck:SA5009"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    examines: "verbs of formats",
};

/// Packages to whose functions `%w` means nothing, `fmt.Errorf` aside.
const NEVER_WRAP: &[&str] = &["fmt", "log", "testing", "github.com/sirupsen/logrus", "go.uber.org/zap"];

fn check(cx: &mut Cx, call: ExprId) {
    let Some(printed) = printers::printed(cx, call) else { return };
    let Some(format) = printers::format(cx, &printed) else { return };
    if format.cut || format.args != printed.rest.len() {
        return;
    }
    cx.examined();
    let literal = verbs::parse(cx, printed.first).is_some();
    // Others may pass their format on to Errorf.
    let ignores_w = |callee: Object| NEVER_WRAP.contains(&callee.path) && !callee.is(&["fmt.Errorf"]);
    let wraps = !cx.callee(call).is_some_and(ignores_w);
    if let Some(wrap) = format.verbs.iter().find(|verb| verb.letter == 'w' && !wraps) {
        let name = cx.source(printed.fun);
        let severity = printers::severity(cx);
        let edits = literal.then(|| (letter(wrap), "v".to_owned()));
        cx.report_span(wrap.span, format!("`{name}` does not know `%w`, which only `fmt.Errorf` does"))
            .severity(severity)
            .fix("Print with %v", edits);
        return;
    }
    for verb in &format.verbs {
        let Some(&arg) = printed.rest.get(verb.arg) else { return };
        if !fits(cx, verb.letter, cx.ty(arg), &mut Vec::new(), 0) {
            report(cx, verb, arg, literal);
        }
    }
}

/// Where the letter of a verb stands.
fn letter(verb: &Verb) -> Span {
    Span::new(verb.span.end - 1, verb.span.end)
}

fn report(cx: &mut Cx, verb: &Verb, arg: ExprId, literal: bool) {
    let ty = cx.store.show(cx.ty(arg));
    let article = if ty.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    let message = format!("`%{}` does not fit `{}`, {article} `{ty}`", verb.letter, cx.source(arg));
    let end = cx.span(arg).end;
    let fix = match cx.under(arg) {
        Type::Signature(function) if function.params.is_empty() => {
            Some(("Call the function", Span::new(end, end), "()"))
        }
        Type::Signature(_) => None,
        _ if !literal => None,
        _ => Some(("Print with %v", letter(verb), "v")),
    };
    let under = cx.under(arg);
    let is_compound =
        matches!(under, Type::Struct(_) | Type::Slice(_) | Type::Array { .. } | Type::Map { .. } | Type::Pointer(_));
    let note = match verb.letter {
        'v' => "the address of the function is printed".to_owned(),
        // Of a compound value, each part that does not fit is printed so, with its own type.
        letter if is_compound => format!("the text will contain something like `%!{letter}(…)`"),
        letter => format!("the text will contain something like `%!{letter}({ty}=…)`"),
    };
    let severity = printers::severity(cx);
    let report = cx.report_span(verb.span, message).note(note).severity(severity);
    if let Some((title, at, text)) = fix {
        report.fix(title, [(at, text.to_owned())]);
    }
}

/// Whether a verb prints values of the type, or may (package `fmt`, "Printing"): what is printed of a compound value are its
/// elements, and what has methods for it prints itself.
fn fits(cx: &Cx, verb: char, ty: TypeId, seen: &mut Vec<TypeId>, depth: u32) -> bool {
    const DEEPEST: u32 = 5;
    const ADDRESS: &str = "pbodxX";
    let (under, inner) = (cx.store.under(ty), depth + 1);
    // Each type is looked at once, however many fields have it.
    if depth > 0 && seen.contains(&ty) {
        return true;
    }
    if depth > 0 && matches!(under, Type::Struct(_)) {
        seen.push(ty);
    }
    let open = matches!(under, Type::Unknown | Type::Interface(_) | Type::Union(_) | Type::Tuple(_));
    if open
        || under == Type::Basic(Basic::UntypedNil)
        || depth > DEEPEST
        || matches!(cx.store.get(ty), Type::Param(_))
        || verb == 'T'
    {
        return true;
    }
    if verb == 'w' {
        return cx.store.implements(ty, TypeId::ERROR).0 != Truth::No;
    }
    let is_text = "sqxX".contains(verb) && ["Error", "String"].iter().any(|name| may_have_method(cx, ty, name));
    if is_text || cx.type_is(ty, &["reflect.Value"]) || may_have_method(cx, ty, "Format") {
        return true;
    }
    match under {
        // A function where its result is meant; one of a defined type may be printed to tell it from others.
        Type::Signature(_) => ADDRESS.contains(verb) || verb == 'v' && under != cx.store.get(ty),
        _ if verb == 'v' => true,
        Type::Basic(Basic::UnsafePointer) | Type::Chan { .. } => ADDRESS.contains(verb),
        Type::Basic(basic) if basic.is_boolean() => verb == 't',
        Type::Basic(basic) if basic.is_string() => "sqxX".contains(verb),
        Type::Basic(basic) if basic.is_integer() => "bcdoOqxXU".contains(verb),
        Type::Basic(basic) => basic.is_numeric() && "beEfFgGxX".contains(verb),
        Type::Pointer(elem) => {
            let compound = matches!(
                cx.store.under(elem),
                Type::Unknown | Type::Struct(_) | Type::Array { .. } | Type::Slice(_) | Type::Map { .. }
            );
            ADDRESS.contains(verb) || depth == 0 && compound && fits(cx, verb, elem, seen, inner)
        }
        Type::Slice(elem) | Type::Array { elem, .. } => {
            let bytes = matches!(cx.store.under(elem), Type::Basic(Basic::Uint8)) && "sqxX".contains(verb);
            bytes || verb == 'p' || fits(cx, verb, elem, seen, inner)
        }
        Type::Map { key, value } => {
            verb == 'p' || fits(cx, verb, key, seen, inner) && fits(cx, verb, value, seen, inner)
        }
        Type::Struct(of) => of.fields.iter().all(|field| fits(cx, verb, field.ty, seen, inner)),
        _ => true,
    }
}

/// Whether a value of the type has the method, or may have.
fn may_have_method(cx: &Cx, ty: TypeId, name: &str) -> bool {
    !matches!(cx.store.lookup(ty, PkgId::SELF, cx.store.symbol(name)), Lookup::NotFound | Lookup::Field { .. })
}
