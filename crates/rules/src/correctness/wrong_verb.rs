//! A verb of a format does not print its argument.
//!
//! `fmt` prints `%!d(string=ada)` in its place (package `fmt`, "Format errors"), in the log line or error that somebody
//! needs at night; a function that was meant to be called is printed as an address. `%w` means something to `fmt.Errorf`
//! alone, and there to errors alone.
//!
//! Limits: of an interface only the value's type at run time would tell, so it passes for all verbs. Formats are read where
//! they are literals, and only those of `fmt`, `log`, `testing`, logrus and zap's sugared logger.
//!
//! ```go bad
//! import "go.uber.org/zap"
//!
//! func report(id int, name string, ids []int, done func() bool, log *zap.SugaredLogger) error {
//! 	fmt.Printf("user %d, one of %s\n", name, ids)
//! 	//               ^^ `%d` does not print `name`, a `string`
//! 	//                          ^^ `%s` does not print `ids`, a `[]int`
//! 	log.Infof("user %s: %v", id, done)
//! 	//              ^^ `%s` does not print `id`, an `int`
//! 	//                  ^^ `%v` does not print `done`, a `func() bool`
//! 	return fmt.Errorf("user: %w", name)
//! 	//                       ^^ `%w` does not print `name`, a `string`
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
//! type money struct{ cents int }
//!
//! func (m *money) Format(s fmt.State, verb rune) {}
//!
//! func report(l level, m *money, at time.Duration, err error) {
//! 	fmt.Printf("%s %d %x %d\n", l, l, m, m) // types with methods of their own for it
//! 	fmt.Printf("%s %d %s\n", at, at, err)
//! }
//! ```
//! ```go good
//! func report(data []byte, names []string, age *int, any any) {
//! 	fmt.Printf("%s %x %q %v %p\n", data, data, names, age, age) // bytes are text, a slice is printed by element
//! 	fmt.Printf("%t %c %U %e %6.2f\n", age == nil, 'x', 'x', 1.5, 2.0)
//! 	fmt.Printf("%d %T\n", any, any) // may be of any type
//! }
//! ```
//! ```go good
//! func report(err error) {
//! 	fmt.Printf("%s %v\n", struct{ Err error }{err}, map[string]int{"a": 1}) // printed by field
//! }
//! ```
use gopeer_lint::prelude::*;

use gopeer_sema::types::{Lookup, PkgId, Truth};

use super::printers::{self, FORMATTERS};
use super::verbs::Verb;

pub static RULE: Rule = Rule {
    id: "correctness/wrong-verb",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Operability, 2)],
    equivalents: &["gopeer:correctness/printf-mismatch", "vet:printf", "staticcheck:SA5009"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Call(FORMATTERS, check)],
    file: file!(),
};

fn check(cx: &mut Cx, call: Call) {
    let Some((format, args)) = printers::format(cx, &call) else { return };
    if format.cut || format.args != args.len() {
        return;
    }
    cx.examined();
    let wraps = call.callee.is(&["fmt.Errorf"]);
    if let Some(wrap) = format.verbs.iter().find(|verb| verb.letter == 'w' && !wraps) {
        let name = cx.source(call.fun);
        cx.report_span(wrap.span, format!("`{name}` does not know `%w`, which only `fmt.Errorf` does"))
            .fix("Print with %v", [(letter(wrap), "v".to_owned())]);
        return;
    }
    for verb in &format.verbs {
        let Some(&arg) = args.get(verb.arg) else { return };
        if !fits(cx, verb.letter, cx.ty(arg), &mut Vec::new(), 0) {
            report(cx, verb, arg);
        }
    }
}

/// Where the letter of a verb stands.
fn letter(verb: &Verb) -> Span {
    Span::new(verb.span.end - 1, verb.span.end)
}

fn report(cx: &mut Cx, verb: &Verb, arg: ExprId) {
    let ty = cx.store.show(cx.ty(arg));
    let article = if ty.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    let message = format!("`%{}` does not print `{}`, {article} `{ty}`", verb.letter, cx.source(arg));
    let end = cx.span(arg).end;
    let mend = match cx.under(arg) {
        Type::Signature(function) if function.params.is_empty() => {
            Some(("Call the function", Span::new(end, end), "()"))
        }
        Type::Signature(_) => None,
        _ => Some(("Print with %v", letter(verb), "v")),
    };
    let instead = if verb.letter == 'v' { "its address" } else { "a `%!` error" };
    let report = cx.report_span(verb.span, message).note(format!("{instead} is printed in its place"));
    if let Some((title, at, text)) = mend {
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
