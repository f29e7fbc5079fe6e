//! A format and its arguments do not agree.
//!
//! `fmt` does not fail at run time: it prints `%!d(MISSING)` or `%!(EXTRA …)` into the log line or error that somebody
//! needs at night (package `fmt`, "Format errors"). `%w` means something to `fmt.Errorf` alone, `Println` fills in
//! nothing, and text from outside that is used as the format breaks on its first percent sign.
//!
//! Looked at are `fmt`, `log`, `testing`, zap's sugared logger and logrus; wrappers around them are not looked at yet, nor
//! are values whose type shows only when the program runs.
//!
//! ```go bad
//! func report(id int, name string, err error) {
//! 	log.Printf("user %d: %s", id)
//! 	//         ^^^^^^^^^^^^^ the format of `log.Printf` takes 2 arguments and gets 1
//! 	fmt.Printf("user %d\n", id, name)
//! 	//         ^^^^^^^^^^^ the format of `fmt.Printf` takes 1 argument and gets 2
//! }
//! ```
//! ```go bad
//! func report(id int, msg string, err error) {
//! 	log.Printf("user %d: %w", id, err)
//! 	//                   ^^ `log.Printf` does not know `%w`
//! 	fmt.Println("user %d", id)
//! 	//  ^^^^^^^ `fmt.Println` does not fill in `%d`
//! 	log.Printf(msg)
//! 	//         ^^^ `msg` is used as a format
//! }
//! ```
//! ```diff fixed
//! -	log.Printf("user %d: %w", id, err)
//! -	fmt.Println("user %d", id)
//! -	log.Printf(msg)
//! +	log.Printf("user %d: %v", id, err)
//! +	fmt.Printf("user %d\n", id)
//! +	log.Printf("%s", msg)
//! ```
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
//! ```go good
//! type level int
//!
//! func (l level) String() string { return "high" }
//!
//! type money struct{ cents int }
//!
//! func (m *money) Format(s fmt.State, verb rune) {}
//!
//! func report(l level, m *money, data []byte, names []string, age *int, at time.Duration, err error, any any) {
//! 	fmt.Printf("%s %d %x %d\n", l, l, m, m)
//! 	fmt.Printf("%s %x %q %v %p\n", data, data, names, age, age)
//! 	fmt.Printf("%s %d %s %d %T\n", at, at, err, any, any)
//! 	fmt.Printf("%t %c %U %e %6.2f\n", age == nil, 'x', 'x', 1.5, 2.0)
//! 	fmt.Printf("%s %v\n", struct{ Err error }{err}, map[string]int{"a": 1})
//! }
//! ```
//! ```go good
//! const usage = "usage: tool [flags]\n"
//!
//! func report(id int, width int, name string, args ...any) {
//! 	fmt.Printf("%-*s|%d%%\n", width, name, id)
//! 	fmt.Printf("%[1]d %[1]x\n", id)
//! 	fmt.Printf("%s %d\n", args...)
//! 	fmt.Println("100% done", id)
//! 	fmt.Printf(usage)
//! 	format := "id %d\n"
//! 	fmt.Printf(format, id)
//! }
//! ```
use gopeer_lint::prelude::*;

use gopeer_sema::types::{Lookup, PkgId, Truth};

use super::verbs::{self, Format};

pub static RULE: Rule = Rule {
    id: "correctness/printf-mismatch",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Operability, 2)],
    equivalents: &["vet:printf", "staticcheck:SA5009", "staticcheck:SA1006"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

/// The letters that `fmt` knows; others may belong to a `Formatter`.
const LETTERS: &str = "vTtbcdoOqxXUeEfFgGspw";

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, args, spread } = cx.expr(call) else { return };
    let Expr::Selector { name, .. } = cx.expr(cx.unparen(fun)) else { return };
    let Some(kind) = Kind::of(cx.source(name)) else { return };
    if spread || !(is_printer(cx, fun) || is_logger(cx, call)) {
        return;
    }
    let args = cx.exprs(args).get(kind.skip..).unwrap_or_default();
    let &[first, ref rest @ ..] = args else { return };
    cx.examined();
    match kind.formats {
        true => check_format(cx, fun, first, rest),
        false => check_print(cx, fun, name, first, rest),
    }
}

/// What a function's name says: whether it takes a format, and after how many arguments.
struct Kind {
    formats: bool,
    skip: usize,
}

impl Kind {
    fn of(name: &str) -> Option<Kind> {
        let (formats, skip) = match name {
            "Printf" | "Sprintf" | "Errorf" | "Fatalf" | "Panicf" | "Logf" | "Skipf" | "Tracef" | "Debugf"
            | "Infof" | "Warnf" | "Warningf" | "DPanicf" => (true, 0),
            "Fprintf" | "Appendf" => (true, 1),
            "Println" | "Print" | "Sprintln" | "Sprint" | "Fatalln" | "Fatal" | "Panicln" | "Panic" | "Log"
            | "Skip" | "Error" | "Trace" | "Debug" | "Info" | "Warn" | "Warning" => (false, 0),
            "Fprintln" | "Fprint" => (false, 1),
            _ => return None,
        };
        Some(Kind { formats, skip })
    }
}

fn is_printer(cx: &Cx, fun: ExprId) -> bool {
    ["fmt", "log", "github.com/sirupsen/logrus"]
        .iter()
        .any(|path| cx.object(fun).is_some_and(|function| function.is_of_package(path)))
}

fn is_logger(cx: &Cx, call: ExprId) -> bool {
    const LOGGERS: &[&str] = &[
        "testing.T",
        "testing.B",
        "testing.F",
        "testing.TB",
        "log.Logger",
        "go.uber.org/zap.SugaredLogger",
        "github.com/sirupsen/logrus.Logger",
        "github.com/sirupsen/logrus.Entry",
    ];
    cx.method_call(call).is_some_and(|(receiver, _, _)| cx.has_type(receiver, LOGGERS))
}

fn check_format(cx: &mut Cx, fun: ExprId, format: ExprId, args: &[ExprId]) {
    let (name, errorf) = (cx.source(fun), cx.denotes(fun, &["fmt.Errorf"]));
    let Some(parsed) = verbs::parse(cx, format) else {
        if args.is_empty() && is_foreign_text(cx, format, errorf) {
            report_foreign(cx, name, format);
        }
        return;
    };
    if parsed.verbs.iter().any(|verb| !LETTERS.contains(verb.letter)) {
        return;
    }
    if parsed.cut {
        cx.report(format, format!("the format of `{name}` ends in the middle of a verb"))
            .note("a percent sign is written `%%`");
    } else if parsed.args != args.len() {
        let (wants, has) = (parsed.args, args.len());
        let plural = if wants == 1 { "" } else { "s" };
        cx.report(format, format!("the format of `{name}` takes {wants} argument{plural} and gets {has}"))
            .note("the line will carry a `%!` error in place of what is missing or left over");
    } else if !errorf && let Some(wrap) = parsed.verbs.iter().find(|verb| verb.letter == 'w') {
        let letter = Span::new(wrap.span.end - 1, wrap.span.end);
        cx.report_span(wrap.span, format!("`{name}` does not know `%w`, which only `fmt.Errorf` does"))
            .fix("Print with %v", [(letter, "v".to_owned())]);
    } else {
        check_types(cx, &parsed, args);
    }
}

fn check_types(cx: &mut Cx, format: &Format, args: &[ExprId]) {
    for verb in &format.verbs {
        let Some(&arg) = args.get(verb.arg) else { return };
        let ty = cx.ty(arg);
        if fits(cx, verb.letter, ty, &mut Vec::new(), 0) {
            continue;
        }
        let (letter, ty) = (verb.letter, cx.store.show(ty));
        let article = if ty.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
        let message = format!("`%{letter}` does not print `{}`, {article} `{ty}`", cx.source(arg));
        let end = cx.span(arg).end;
        let mend = match cx.under(arg) {
            Type::Signature(function) if function.params.is_empty() => {
                Some(("Call the function", Span::new(end, end), "()"))
            }
            Type::Signature(_) => None,
            _ => Some(("Print with %v", Span::new(verb.span.end - 1, verb.span.end), "v")),
        };
        let instead = if letter == 'v' { "its address" } else { "a `%!` error" };
        let report = cx.report_span(verb.span, message).note(format!("{instead} is printed in its place"));
        if let Some((title, at, text)) = mend {
            report.fix(title, [(at, text.to_owned())]);
        }
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

/// Text that the program got from somewhere: a parameter, a call's result, a sum with one of them.
fn is_foreign_text(cx: &Cx, text: ExprId, errorf: bool) -> bool {
    let text = cx.unparen(text);
    match cx.expr(text) {
        Expr::Binary { op: BinaryOp::Add, lhs, rhs } => {
            let outer = |side| cx.string_value(side).is_none() && (is_call(cx, side) || is_local_text(cx, side));
            outer(lhs) || outer(rhs)
        }
        // An error's text in Errorf is a lost chain first of all: errors/errorf-without-w.
        Expr::Call { .. } => is_call(cx, text) && !(errorf && cx.source(text).ends_with(".Error()")),
        Expr::Ident => is_local_text(cx, text),
        _ => false,
    }
}

fn is_call(cx: &Cx, expr: ExprId) -> bool {
    matches!(cx.method_call(expr), Some((_, "Error" | "String", [])))
        || cx
            .callee(expr)
            .is_some_and(|callee| callee.is_of_package("strings") || callee.is(&["fmt.Sprintf", "fmt.Sprint"]))
}

/// A parameter of type `string` that is not called a format, or a local that a call gave its value.
fn is_local_text(cx: &Cx, ident: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(ident) else { return false };
    let name = cx.source(ident).to_ascii_lowercase();
    if name.contains("format") || name.contains("fmt") || name.contains("template") || name.contains("usage") {
        return false;
    }
    match cx.tree.parent(declaring) {
        Some(Node::Field(field)) => cx.is_builtin(cx.tree.field(field).ty, "string"),
        _ => cx.initial_value(ident).is_some_and(|value| is_call(cx, value)),
    }
}

fn report_foreign(cx: &mut Cx, name: &str, format: ExprId) {
    let text = cx.source(format);
    let at = Span::new(cx.span(format).start, cx.span(format).start);
    cx.report(format, format!("`{text}` is used as a format, so a percent sign in it breaks the output of `{name}`"))
        .fix("Print it with %s", [(at, "\"%s\", ".to_owned())]);
}

fn check_print(cx: &mut Cx, fun: ExprId, name: ExprId, first: ExprId, args: &[ExprId]) {
    let Some(parsed) = verbs::parse(cx, first) else { return };
    // "50% off": a space is a flag too, but nobody means it here.
    let text = cx.tree.text();
    let meant = parsed.verbs.iter().find(|verb| {
        let after = text.get(verb.span.end as usize..).and_then(|rest| rest.chars().next());
        LETTERS.contains(verb.letter) && !verb.span.of(text).contains(' ') && !after.is_some_and(char::is_alphanumeric)
    });
    let Some(verb) = meant.filter(|_| !args.is_empty()) else { return };
    let (function, verb) = (cx.source(fun), verb.span.of(text));
    let mended = mended(cx, name, first, &parsed, args);
    let report = cx
        .report(name, format!("`{function}` does not fill in `{verb}`"))
        .note("only the functions whose names end in f take a format");
    if let Some(edits) = mended {
        report.fix("Call the function that takes a format", edits);
    }
}

fn mended(cx: &Cx, name: ExprId, first: ExprId, format: &Format, args: &[ExprId]) -> Option<Vec<(Span, String)>> {
    let old = cx.source(name);
    let stem = old.strip_suffix("ln").unwrap_or(old);
    if format.args != args.len() || format.cut || !matches!(cx.expr(first), Expr::Literal(LiteralKind::String)) {
        return None;
    }
    let mut edits = vec![(cx.span(name), format!("{stem}f"))];
    // The line break that fmt's ln functions add; a log line ends by itself.
    if old.ends_with("ln") && stem.ends_with("rint") && !is_logged(cx, name) {
        let end = cx.span(first).end - 1;
        edits.push((Span::new(end, end), "\\n".to_owned()));
    }
    Some(edits)
}

fn is_logged(cx: &Cx, name: ExprId) -> bool {
    match cx.tree.parent(name) {
        Some(Node::Expr(fun)) => cx.object(fun).is_none_or(|name| name.path != "fmt"),
        _ => true,
    }
}
