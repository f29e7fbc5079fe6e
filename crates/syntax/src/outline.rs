//! What a file declares, without how.

use crate::scan::{comment_end, is_word, quoted_end, raw_end, skip_plain};
use crate::split::cut;

/// The text of a file with all that tells other packages about its declarations, and little else. Comments behind the
/// package clause are left out, and of functions and variables what stands between the braces of bodies and composite
/// literals: no type follows from it.
pub fn outline(text: &str) -> String {
    let mut outline = String::new();
    for (at, piece) in cut(text).into_iter().enumerate() {
        let piece = piece.span.of(text);
        // Build constraints stand above the package clause.
        if at == 0 || Outliner::new(piece).run(&mut outline).is_none() {
            outline.push_str(piece);
        }
    }
    outline
}

struct Outliner<'t> {
    text: &'t str,
    at: usize,
    /// Whether what was read last is the word `struct` or `interface`: the brace behind it opens a type.
    type_word: bool,
    /// Whether the next literal's elements may be counted: dots stand behind a bracket, as in `[...]T`.
    counted: bool,
}

impl<'t> Outliner<'t> {
    fn new(text: &'t str) -> Outliner<'t> {
        Outliner { text, at: 0, type_word: false, counted: false }
    }

    /// Writes the outline of a piece. None where a brace is not closed: the piece is broken, which the parser is to see.
    fn run(mut self, outline: &mut String) -> Option<()> {
        let start = outline.len();
        let mut elides = None;
        while self.at < self.text.len() {
            let code = self.plain();
            if elides.is_none() && !code.trim().is_empty() {
                let keyword = code.trim_start().bytes().take_while(|&byte| is_word(byte)).count();
                elides = Some(matches!(code.trim_start().get(..keyword), Some("func" | "var")));
            }
            outline.push_str(code);
            let from = self.at;
            let token = self.token();
            if token == Some(b'/') {
                // A comment is a space, or the end of its line (Go spec, "Comments").
                let ends_line = self.text.get(from..self.at)?.contains('\n');
                outline.push(if ends_line { '\n' } else { ' ' });
                continue;
            }
            outline.push_str(self.text.get(from..self.at)?);
            let body = token == Some(b'{') && !std::mem::take(&mut self.type_word);
            if body && !std::mem::take(&mut self.counted) && elides == Some(true) && self.skip().is_none() {
                outline.truncate(start);
                return None;
            }
            if token != Some(b'\n') {
                self.type_word = false;
            }
        }
        Some(())
    }

    /// Reads on to the next byte that stands for more than itself.
    fn plain(&mut self) -> &'t str {
        let from = self.at;
        self.at = skip_plain(self.text.as_bytes(), from);
        let code = self.text.get(from..self.at).unwrap_or_default();
        self.counted |= code.trim_ascii_start().starts_with("...");
        let trimmed = code.trim_ascii_end();
        if !trimmed.is_empty() {
            let word = trimmed.bytes().rev().take_while(|&byte| is_word(byte)).count();
            self.type_word = matches!(trimmed.get(trimmed.len() - word..), Some("struct" | "interface"));
        }
        code
    }

    /// Reads a comment (`/`), a string or a single byte, and says which.
    fn token(&mut self) -> Option<u8> {
        let (bytes, at) = (self.text.as_bytes(), self.at);
        let first = *bytes.get(at)?;
        self.at = match (first, bytes.get(at + 1)) {
            (b'/', Some(b'/' | b'*')) => comment_end(bytes, at),
            (b'"' | b'\'', _) => quoted_end(bytes, at),
            (b'`', _) => raw_end(bytes, at),
            _ => at + 1,
        };
        Some(if first == b'/' && self.at == at + 1 { b' ' } else { first })
    }

    /// Reads on to the brace that closes the one just read.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 1_u32;
        loop {
            self.at = skip_plain(self.text.as_bytes(), self.at);
            let from = self.at;
            match self.token()? {
                b'{' => depth += 1,
                b'}' if depth == 1 => {
                    self.at = from;
                    return Some(());
                }
                b'}' => depth -= 1,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::outline;

    /// The outline of what stands behind a package clause.
    fn outlined(text: &str) -> String {
        outline(&format!("package p\n\n{text}")).strip_prefix("package p\n\n").expect("it stays").to_owned()
    }

    #[test]
    fn bodies_go() {
        let head = "func F[T interface{ ~int }](x struct{ a T }, s string) interface {\n\tM() \n} ";
        let body = "{\n\tif x := \"}\"; s == '{' {\n\t\t/* } */\n\t}\n\treturn `}`\n}";
        assert_eq!(
            outlined(&format!("// F says {{.\n{head}{body} // end\n\nvar x = 1\n")),
            format!(" \n{head}{{}}  \n\nvar x = 1\n")
        );
        assert_eq!(outlined("func f() map[string]struct{} { return nil }\n"), "func f() map[string]struct{} {}\n");
        assert_eq!(outlined("func f() *struct /* a */ { x int }\n"), "func f() *struct   { x int }\n");
    }

    #[test]
    fn elements_go_where_nobody_counts_them() {
        assert_eq!(outlined("var a = &T{x: y}\n"), "var a = &T{}\n");
        assert_eq!(
            outlined("var (\n\ta = []T{{1}, {2}}\n\tf = func() T { return a[0] }\n)\n"),
            "var (\n\ta = []T{}\n\tf = func() T {}\n)\n"
        );
        assert_eq!(
            outlined("var a = [...]struct{ x int }{{1}, 5: {2}}\n"),
            "var a = [...]struct{ x int }{{}, 5: {}}\n"
        );
        assert_eq!(outlined("var a = [ /* n */ ...]T{{1}, {2}}\n"), "var a = [   ...]T{{}, {}}\n");
        assert_eq!(outlined("const n = len([...]T{{1}, {2}})\n"), "const n = len([...]T{{1}, {2}})\n");
        assert_eq!(outlined("var a = f(T{g([...]int{1})}, [...]int{1})\n"), "var a = f(T{}, [...]int{1})\n");
    }

    #[test]
    fn everything_else_stays() {
        let text = "//go:build linux\n\npackage p\n\nimport \"x\"\n\ntype T struct{ f func() }\n\nvar f = 1 / 2\n\nfunc asm(x int)\n";
        assert_eq!(outline(text), text);
        assert_eq!(outline(""), "");
        assert_eq!(outlined("type T struct{} /*\n*/\n"), "type T struct{} \n\n");
    }

    #[test]
    fn what_is_broken_stays() {
        assert_eq!(
            outlined("func f() {\n\tif x {\n}\n\nfunc g() { h() }\n"),
            "func f() {\n\tif x {\n}\n\nfunc g() {}\n"
        );
    }
}
