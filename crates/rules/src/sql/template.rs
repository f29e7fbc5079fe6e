//! Statements whose text is put together in the function that runs them.

use gopeer_lint::prelude::*;

use super::statement::Statement;

/// A statement's text with holes: what stands before each hole, and what fills it.
pub(super) struct Template {
    /// The texts and what follows each.
    pub holes: Vec<(String, ExprId)>,
    /// What follows the last hole.
    pub tail: String,
    /// Whether the text is written out between the holes, so that what fills them can become the statement's arguments.
    pub movable: bool,
}

/// The expressions that make up a text: those that its variable is given and that are appended to it, or what is written to
/// the builder that it comes from, each with whether it begins the text anew; else the expression itself.
pub(super) fn parts(cx: &Cx, text: ExprId) -> Vec<(bool, ExprId)> {
    let text = cx.unparen(text);
    let builder = || match cx.method_call(text)? {
        (builder, "String", []) if cx.has_type(builder, &["strings.Builder", "bytes.Buffer"]) => Some(builder),
        _ => None,
    };
    let kept = if cx.expr(text) == Expr::Ident { text } else { builder().unwrap_or(text) };
    let Def::Local(declaring) = cx.def(kept) else { return vec![(true, text)] };
    let parts: Vec<_> = if kept == text {
        let later = cx.names.uses(declaring).filter_map(|used| assigned(cx, used));
        cx.initial_value(text).map(|value| (true, value)).into_iter().chain(later).collect()
    } else {
        cx.names.uses(declaring).filter_map(|used| written(cx, used)).map(|value| (false, value)).collect()
    };
    if parts.is_empty() { vec![(true, text)] } else { parts }
}

/// What an assignment gives a variable: `query = value` or `query += value`.
fn assigned(cx: &Cx, used: ExprId) -> Option<(bool, ExprId)> {
    let Node::Stmt(stmt) = cx.tree.parent(used)? else { return None };
    let Stmt::Assign { lhs, op, rhs } = cx.stmt(stmt) else { return None };
    let value = cx.only(rhs).filter(|_| cx.only(lhs) == Some(used))?;
    match op {
        AssignOp::Define => None,
        AssignOp::Assign => Some((true, value)),
        AssignOp::Op(_) => Some((false, value)),
    }
}

/// What a use of a builder writes to it: `b.WriteString(value)`, `fmt.Fprintf(&b, …)`.
fn written(cx: &Cx, used: ExprId) -> Option<ExprId> {
    let Node::Expr(parent) = cx.tree.parent(used)? else { return None };
    let Node::Expr(call) = cx.tree.parent(parent)? else { return None };
    match cx.method_call(call) {
        Some((builder, "WriteString", &[value])) if builder == used => Some(value),
        _ => cx.calls(call, &["fmt.Fprintf"]).then_some(call),
    }
}

/// The text that an expression puts together. One that is no constant is a hole with nothing around it.
pub(super) fn template(cx: &Cx, text: ExprId) -> Option<Template> {
    let text = cx.unparen(text);
    match cx.expr(text) {
        Expr::Binary { op: BinaryOp::Add, .. } => concatenation(cx, text),
        Expr::Call { spread: false, .. } if cx.calls(text, &["fmt.Sprintf", "fmt.Fprintf"]) => {
            let Call { callee, args, .. } = cx.call(text)?;
            let (&format, args) = args.get(usize::from(callee.name == "Fprintf")..)?.split_first()?;
            formatted(&cx.string_value(format)?, args)
        }
        _ => concatenation(cx, text),
    }
}

fn concatenation(cx: &Cx, text: ExprId) -> Option<Template> {
    let mut terms = Vec::new();
    let mut at = text;
    while let Expr::Binary { op: BinaryOp::Add, lhs, rhs } = cx.expr(cx.unparen(at)) {
        terms.push(rhs);
        at = lhs;
    }
    terms.push(at);
    let mut template = Template { holes: Vec::new(), tail: String::new(), movable: true };
    for &term in terms.iter().rev() {
        match cx.string_value(term) {
            Some(value) => {
                template.movable &= matches!(cx.expr(cx.unparen(term)), Expr::Literal(_));
                template.tail.push_str(&value);
            }
            None => template.holes.push((std::mem::take(&mut template.tail), term)),
        }
    }
    Some(template)
}

/// Splits a format at its verbs; none where verbs and arguments do not pair off in order.
fn formatted(format: &str, args: &[ExprId]) -> Option<Template> {
    let mut template = Template { holes: Vec::new(), tail: String::new(), movable: true };
    let mut args = args.iter();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            template.tail.push(c);
            continue;
        }
        match chars.next()? {
            '%' => template.tail.push('%'),
            's' | 'v' => template.holes.push((std::mem::take(&mut template.tail), *args.next()?)),
            // Go's quotes are not those of any database.
            'q' => {
                template.holes.push((std::mem::take(&mut template.tail), *args.next()?));
                template.movable = false;
            }
            // Numbers cannot change the statement.
            'd' | 't' | 'x' | 'f' => {
                args.next()?;
                template.tail.push('0');
                template.movable = false;
            }
            _ => return None,
        }
    }
    args.next().is_none().then_some(template)
}

/// The replacement of the text that is put together by one with placeholders, and its values as arguments; none unless each
/// hole is filled with a value.
pub(super) fn parameters(
    cx: &Cx,
    call: ExprId,
    found: &Statement,
    template: &Template,
    is_value: impl Fn(&str, ExprId) -> bool,
) -> Option<(Span, String)> {
    let Expr::Call { spread: false, .. } = cx.expr(call) else { return None };
    let movable = template.movable && found.values.is_empty() && !found.method.starts_with("Prepare");
    let plain = !template.tail.contains(['"', '\\', '\n'])
        && template.holes.iter().all(|(text, _)| !text.contains(['"', '\\', '\n']));
    if !movable || !plain {
        return None;
    }
    // A context before the text without Context in the method's name is pgx's way.
    let pgx = found.before.len() == 1 && matches!(found.method, "Exec" | "Query" | "QueryRow");
    let dollars = pgx || cx.file.imports_any(&["github.com/jackc/pgx", "github.com/lib/pq"]);
    let mut text = String::new();
    let mut open = false;
    for (index, (before, value)) in template.holes.iter().enumerate() {
        if !is_value(&format!("{text}{before}"), *value) {
            return None;
        }
        let before = if open { before.strip_prefix('\'')? } else { before };
        open = before.ends_with('\'');
        text.push_str(before.strip_suffix('\'').unwrap_or(before));
        text.push_str(&if dollars { format!("${}", index + 1) } else { "?".to_owned() });
    }
    text.push_str(if open { template.tail.strip_prefix('\'')? } else { &template.tail });
    if text.contains('\'') {
        return None;
    }
    let values: Vec<_> = template.holes.iter().map(|(_, value)| cx.source(*value)).collect();
    Some((cx.span(found.query), format!("\"{text}\", {}", values.join(", "))))
}
