//! What rules about input from outside share.

use gopeer_lint::prelude::*;

/// What gets the input, short enough for a sentence: `name`, or a call's name.
pub(super) fn named(cx: &Cx, taint: &Taint) -> String {
    const LONGEST: usize = 40;
    let fields = taint.fields.iter().take_while(|field| !field.starts_with('[')).map(|field| format!(".{field}"));
    let text = cx.source(taint.at).trim_start_matches('&').to_owned() + &fields.collect::<String>();
    match text.len() <= LONGEST && !text.contains('\n') {
        true => format!("`{text}`"),
        false => format!("what `{}` gets", cx.callee_text(taint.call)),
    }
}
