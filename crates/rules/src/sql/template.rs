//! Statements whose text is put together where it is used.

use gopeer_lint::prelude::*;

use super::statement::Statement;

/// A statement's text with holes: what stands before each hole, and what fills it.
pub(super) struct Template {
    /// The texts and what follows each.
    pub holes: Vec<(String, ExprId)>,
    /// What follows the last hole.
    pub tail: String,
    /// Whether all holes are verbs of one `Sprintf`, so that its arguments can become the statement's.
    pub formatted: bool,
}

/// The text that an expression puts together, if it does.
pub(super) fn template(cx: &Cx, text: ExprId) -> Option<Template> {
    match cx.expr(text) {
        Expr::Binary { op: BinaryOp::Add, .. } => concatenation(cx, text),
        Expr::Call { spread: false, .. } if cx.calls(text, &["fmt.Sprintf"]) => {
            let args = cx.call(text)?.args;
            let (&format, args) = args.split_first()?;
            formatted(&cx.string_value(format)?, args)
        }
        _ => None,
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
    let mut template = Template { holes: Vec::new(), tail: String::new(), formatted: false };
    for &term in terms.iter().rev() {
        match cx.string_value(term) {
            Some(value) => template.tail.push_str(&value),
            None => template.holes.push((std::mem::take(&mut template.tail), term)),
        }
    }
    Some(template)
}

/// Splits a format at its verbs; none where verbs and arguments do not pair off in order.
fn formatted(format: &str, args: &[ExprId]) -> Option<Template> {
    let mut template = Template { holes: Vec::new(), tail: String::new(), formatted: true };
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
                template.formatted = false;
            }
            // Numbers cannot change the statement.
            'd' | 't' | 'x' | 'f' => {
                args.next()?;
                template.tail.push('0');
                template.formatted = false;
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
    is_value: fn(&Cx, &str, ExprId) -> bool,
) -> Option<(Span, String)> {
    let Expr::Call { spread: false, .. } = cx.expr(call) else { return None };
    let movable = template.formatted && found.values.is_empty() && !found.method.starts_with("Prepare");
    let plain = !template.tail.contains(['"', '\\', '\n'])
        && template.holes.iter().all(|(text, _)| !text.contains(['"', '\\', '\n']));
    if !movable || !plain {
        return None;
    }
    // A context before the text without Context in the method's name is pgx's way.
    let pgx = found.before.len() == 1 && !found.method.ends_with("Context");
    let dollars = pgx || cx.file.imports_any(&["github.com/jackc/pgx", "github.com/lib/pq"]);
    let mut text = String::new();
    let mut open = false;
    for (index, (before, value)) in template.holes.iter().enumerate() {
        if !is_value(cx, &format!("{text}{before}"), *value) {
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
