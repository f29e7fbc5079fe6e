//! Statements whose text is put together where it is used.

use gopeer_lint::prelude::*;

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
