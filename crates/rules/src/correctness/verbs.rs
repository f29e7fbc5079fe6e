//! The verbs of a format (package `fmt`, "Printing").

use gopeer_lint::prelude::*;

/// One verb of a format that is written out as a string literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verb {
    /// From the percent sign to the letter, in the piece.
    pub span: Span,
    /// The letter.
    pub letter: char,
    /// Whether nothing stands between the percent sign and the letter.
    pub plain: bool,
    /// Index, after the format, of the argument it prints; widths given by `*` take one too.
    pub arg: usize,
}

/// A format taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Format {
    /// The verbs, without `%%`.
    pub verbs: Vec<Verb>,
    /// How many arguments they take.
    pub args: usize,
    /// Whether it ends inside a verb.
    pub cut: bool,
}

/// Takes a format apart: a string literal, or literals joined by `+`. None where it is no such thing, or where arguments
/// are picked by index.
pub(crate) fn parse(cx: &Cx, format: ExprId) -> Option<Format> {
    let mut result = Format::default();
    let mut parts = vec![format];
    while let Some(part) = parts.pop() {
        let part = cx.unparen(part);
        match cx.expr(part) {
            Expr::Binary { op: BinaryOp::Add, lhs, rhs } => parts.extend([rhs, lhs]),
            Expr::Literal(LiteralKind::String | LiteralKind::RawString) => {
                read(cx.source(part), cx.span(part).start, &mut result)?;
            }
            _ => return None,
        }
    }
    Some(result)
}

/// Takes the text of a constant format apart; all verbs stand where the constant is named. None where arguments are picked by
/// index.
pub(crate) fn of_text(text: &str, named: Span) -> Option<Format> {
    let mut format = Format::default();
    scan(text, |_, _| named, &mut format)?;
    Some(format)
}

fn read(literal: &str, start: u32, format: &mut Format) -> Option<()> {
    let quote = literal.chars().next()?;
    let body = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    let first = start + quote.len_utf8() as u32;
    scan(body, |from, to| Span::new(first + from as u32, first + to as u32), format)
}

fn scan(text: &str, place: impl Fn(usize, usize) -> Span, format: &mut Format) -> Option<()> {
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if c != '%' {
            continue;
        }
        let flagged = |c: char| matches!(c, '+' | '-' | '#' | ' ' | '.' | '*' | '0'..='9');
        while let Some((_, c)) = rest.next_if(|&(_, c)| flagged(c)) {
            format.args += usize::from(c == '*');
        }
        let Some((end, letter)) = rest.next() else {
            format.cut = true;
            return Some(());
        };
        match letter {
            '[' => return None,
            '%' => {}
            _ => {
                let span = place(at, end + letter.len_utf8());
                format.verbs.push(Verb { span, letter, plain: end == at + 1, arg: format.args });
                format.args += 1;
            }
        }
    }
    Some(())
}
