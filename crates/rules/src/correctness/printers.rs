//! Functions that print: those of `fmt`, `log`, `testing` and loggers, and others that are named and declared as these are.

use gopeer_lint::prelude::*;

use super::verbs::{self, Format};

/// What a call prints.
#[derive(Clone, Copy)]
pub(super) struct Printed<'a> {
    /// What is called: `fmt.Printf`, `log.Println`.
    pub fun: ExprId,
    /// The name of that: `Printf`.
    pub name: ExprId,
    /// Whether the function takes a format.
    pub by_format: bool,
    /// The first argument that is printed: the format, if it takes one.
    pub first: ExprId,
    /// Those after it.
    pub rest: &'a [ExprId],
}

/// How functions that print are named, in lower case and without an `f` or `ln` at the end.
const STEMS: &[&str] = &[
    "append", "alert", "crit", "critical", "debug", "error", "exit", "fail", "fatal", "fprint", "info", "log", "msg",
    "new", "notice", "panic", "dpanic", "print", "skip", "sprint", "trace", "verbose", "warn", "warning", "wrap",
];

/// Testify takes a message with its arguments last, in functions whose names end in `f`.
const TESTIFY: &str = "github.com/stretchr/testify/";

/// The verbs that `fmt` knows; other letters may belong to a `Formatter`.
pub(super) const LETTERS: &str = "vTtbcdoOqxXUeEfFgGspw";

/// What a call prints, if it calls a function that prints: one named like those of `fmt`, whose last parameter is `...any`, and
/// the one before it a string if its name ends in `f`. None where the arguments are spread from a slice, so that their number
/// is not known.
pub(super) fn printed<'a>(cx: &Cx<'a>, call: ExprId) -> Option<Printed<'a>> {
    let Expr::Call { fun, args, spread: false } = cx.expr(call) else { return None };
    let name = match cx.expr(cx.unparen(fun)) {
        Expr::Selector { name, .. } => name,
        Expr::Ident => cx.unparen(fun),
        _ => return None,
    };
    let text = cx.source(name);
    let by_format = text.ends_with('f');
    let of_testify = || by_format && cx.object(fun).is_some_and(|object| object.path.starts_with(TESTIFY));
    if !is_stem(text) && !of_testify() || is_variable_of_another(cx, name) {
        return None;
    }
    let Type::Signature(function) = cx.under(fun) else { return None };
    let [.., last] = &*function.params else { return None };
    let is_any = matches!(cx.store.under(*last), Type::Slice(elem) if is_any(cx, elem));
    let mut before = function.params.len() - 1;
    if by_format {
        before = before.checked_sub(1)?;
        let format = cx.store.under(*function.params.get(before)?);
        if !matches!(format, Type::Basic(basic) if basic.is_string()) {
            return None;
        }
    } else if before > 1 || before == 1 && !cx.type_is(*function.params.first()?, &["io.Writer"]) {
        // Keys and values after a message, as in `slog.Info`, or a message after a value, as in `require.Error`.
        return None;
    }
    let (&first, rest) = cx.exprs(args).get(before..)?.split_first()?;
    (function.variadic && is_any).then_some(Printed { fun, name, by_format, first, rest })
}

/// Whether a name is a local variable that holds a function of another name: `logf := log.Info`.
fn is_variable_of_another(cx: &Cx, name: ExprId) -> bool {
    let Def::Local(declaring) = cx.def(name) else { return false };
    if let Some(Node::Field(_)) = cx.tree.parent(declaring) {
        return cx.is_reassigned(name);
    }
    let value = cx.initial_value(name).filter(|_| !cx.is_reassigned(name));
    let stands_for = value.map(|value| cx.source(value).rsplit('.').next().unwrap_or_default());
    stands_for.is_none_or(|other| !is_stem(other) || other.ends_with('f') != cx.source(name).ends_with('f'))
}

fn is_stem(name: &str) -> bool {
    let lower = name.strip_suffix("ln").or_else(|| name.strip_suffix('f')).unwrap_or(name).to_ascii_lowercase();
    STEMS.contains(&lower.as_str())
}

fn is_any(cx: &Cx, ty: TypeId) -> bool {
    matches!(cx.store.under(ty), Type::Interface(interface) if interface.methods.is_empty() && interface.embeds.is_empty())
}

/// How bad it is that something is not printed as it was meant: in a test, somebody is there to see it.
pub(super) fn severity(cx: &Cx) -> Severity {
    let is_service = cx.file.purpose().is_service() && !cx.file.is_test();
    if is_service { Severity::Medium } else { Severity::Low }
}

/// The format that a call prints by, if it is a constant and has only verbs of `fmt`.
pub(super) fn format(cx: &Cx, printed: &Printed) -> Option<Format> {
    let parsed = verbs::parse(cx, printed.first).or_else(|| {
        let text = cx.constant_value(printed.first)?.as_str_lossy()?;
        verbs::of_text(&text, cx.span(printed.first))
    });
    parsed.filter(|_| printed.by_format).filter(|format| format.verbs.iter().all(|verb| LETTERS.contains(verb.letter)))
}
