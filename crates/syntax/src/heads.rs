//! Which names a piece declares, told without parsing it.

use crate::Span;
use crate::scan::{comment_end, is_word, quoted_end, raw_end, skip_blanks};

/// A declaration, by its name. Spans count from the start of the piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The name.
    pub name: Span,
    /// What it is.
    pub kind: HeadKind,
}

/// What a [`Head`] declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each says what it is")]
pub enum HeadKind {
    Const,
    Var,
    Func,
    Type {
        alias: bool,
    },
    Method {
        /// The name of the receiver's type.
        base: Span,
        pointer: bool,
    },
}

/// What a piece declares, in order, or None where only the parser can tell: of package clauses, imports, and all that is not
/// plainly one whole declaration.
pub fn heads(piece: &str) -> Option<Vec<Head>> {
    let mut reader = Reader { text: piece, at: 0, last: Token::Newline };
    let mut heads = Vec::new();
    match reader.first()? {
        "func" => heads.push(reader.func()?),
        "type" => reader.specs(&mut heads, Keyword::Type)?,
        "const" => reader.specs(&mut heads, Keyword::Value(HeadKind::Const))?,
        "var" => reader.specs(&mut heads, Keyword::Value(HeadKind::Var))?,
        _ => return None,
    }
    Some(heads)
}

#[derive(Clone, Copy)]
enum Keyword {
    Type,
    Value(HeadKind),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Word(Span),
    Literal,
    Newline,
    Byte(u8),
    End,
}

impl Token {
    /// Whether a line that ends behind it ends the statement (Go spec, "Semicolons").
    fn ends(self) -> bool {
        matches!(self, Token::Word(_) | Token::Literal | Token::Byte(b')' | b']' | b'}'))
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    last: Token,
}

impl<'t> Reader<'t> {
    /// The next token. A line's end counts only where it ends a statement.
    fn next(&mut self) -> Token {
        let bytes = self.text.as_bytes();
        self.last = loop {
            let from = skip_blanks(bytes, self.at);
            self.at = from + 1;
            match (bytes.get(from).copied(), bytes.get(from + 1)) {
                (None, _) => {
                    self.at = from;
                    break Token::End;
                }
                (Some(b'\n'), _) if self.last.ends() => break Token::Newline,
                (Some(b'\n'), _) => {}
                (Some(b'/'), Some(b'/')) => self.at = comment_end(bytes, from),
                (Some(b'/'), Some(b'*')) => {
                    self.at = comment_end(bytes, from);
                    if self.last.ends() && self.text.get(from..self.at).is_some_and(|comment| comment.contains('\n')) {
                        break Token::Newline;
                    }
                }
                (Some(b'"' | b'\''), _) => {
                    self.at = quoted_end(bytes, from);
                    break Token::Literal;
                }
                (Some(b'`'), _) => {
                    self.at = raw_end(bytes, from);
                    break Token::Literal;
                }
                (Some(byte), _) if is_word(byte) => {
                    let number = byte.is_ascii_digit();
                    // `1.` is a number, and may end a line.
                    while bytes.get(self.at).is_some_and(|&byte| is_word(byte) || number && byte == b'.') {
                        self.at += 1;
                    }
                    break if number { Token::Literal } else { Token::Word(Span::new(from as u32, self.at as u32)) };
                }
                (Some(byte), _) => break Token::Byte(byte),
            }
        };
        self.last
    }

    fn first(&mut self) -> Option<&'t str> {
        Some(self.word()?.of(self.text))
    }

    fn word(&mut self) -> Option<Span> {
        match self.next() {
            Token::Word(span) => Some(span),
            _ => None,
        }
    }

    /// Reads on behind the bracket that closes the one just read.
    fn skip_brackets(&mut self) -> Option<()> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next() {
                Token::Byte(b'(' | b'[' | b'{') => depth += 1,
                Token::Byte(b')' | b']' | b'}') => depth -= 1,
                Token::End => return None,
                _ => {}
            }
        }
        Some(())
    }

    /// Reads on to the end of a statement. The token may have been read already.
    fn rest(&mut self, mut token: Token) -> Option<Token> {
        loop {
            match token {
                Token::Byte(b'(' | b'[' | b'{') => self.skip_brackets()?,
                Token::Newline | Token::End | Token::Byte(b';' | b')' | b']' | b'}') => return Some(token),
                _ => {}
            }
            token = self.next();
        }
    }

    /// Nothing but space is left.
    fn end(&self, token: Token) -> Option<()> {
        let blank = self.text.get(self.at..).is_some_and(|rest| rest.trim().is_empty());
        (matches!(token, Token::Newline | Token::End) && blank).then_some(())
    }

    fn func(&mut self) -> Option<Head> {
        let (name, kind) = match self.next() {
            Token::Word(name) => (name, HeadKind::Func),
            Token::Byte(b'(') => {
                let (base, pointer) = self.receiver()?;
                (self.word()?, HeadKind::Method { base, pointer })
            }
            _ => return None,
        };
        let token = self.next();
        if !matches!(token, Token::Byte(b'(' | b'[')) {
            return None;
        }
        let last = self.rest(token)?;
        self.end(last)?;
        Some(Head { name, kind })
    }

    /// The name of a receiver's type, and whether it is a pointer: `(r *List[T])`.
    fn receiver(&mut self) -> Option<(Span, bool)> {
        let (mut words, mut pointer, mut depth) = (Vec::new(), false, 0_u32);
        loop {
            match self.next() {
                Token::Word(word) => words.push(word),
                Token::Byte(b'*') => pointer = true,
                Token::Byte(b'[') => self.skip_brackets()?,
                Token::Byte(b'(') => depth += 1,
                Token::Byte(b')') if depth > 0 => depth -= 1,
                Token::Byte(b')') => break,
                Token::Newline => {}
                _ => return None,
            }
        }
        match words.as_slice() {
            [base] | [_, base] => Some((*base, pointer)),
            _ => None,
        }
    }

    /// One declaration, or several in parentheses.
    fn specs(&mut self, heads: &mut Vec<Head>, keyword: Keyword) -> Option<()> {
        let first = self.next();
        if first != Token::Byte(b'(') {
            let last = self.spec(first, heads, keyword)?;
            return self.end(last);
        }
        let mut token = self.next();
        loop {
            token = match token {
                Token::Byte(b')') => break,
                Token::Newline | Token::Byte(b';') => self.next(),
                _ => self.spec(token, heads, keyword)?,
            };
        }
        let last = self.next();
        self.end(last)
    }

    fn spec(&mut self, first: Token, heads: &mut Vec<Head>, keyword: Keyword) -> Option<Token> {
        let Token::Word(name) = first else { return None };
        let mut token = self.next();
        match keyword {
            Keyword::Type => {
                let mut alias = token == Token::Byte(b'=');
                if token == Token::Byte(b'[') {
                    // Type parameters, or an array's length.
                    self.skip_brackets()?;
                    token = self.next();
                    alias = token == Token::Byte(b'=');
                }
                heads.push(Head { name, kind: HeadKind::Type { alias } });
            }
            Keyword::Value(kind) => {
                heads.push(Head { name, kind });
                while token == Token::Byte(b',') {
                    heads.push(Head { name: self.word()?, kind });
                    token = self.next();
                }
            }
        }
        self.rest(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that a piece declares, with what they are.
    fn told(piece: &str) -> Option<Vec<String>> {
        let text = |head: &Head| {
            let name = head.name.of(piece);
            match head.kind {
                HeadKind::Const => format!("const {name}"),
                HeadKind::Var => format!("var {name}"),
                HeadKind::Func => format!("func {name}"),
                HeadKind::Type { alias: true } => format!("alias {name}"),
                HeadKind::Type { alias: false } => format!("type {name}"),
                HeadKind::Method { base, pointer } => {
                    format!("method {}{}.{name}", if pointer { "*" } else { "" }, base.of(piece))
                }
            }
        };
        Some(heads(piece)?.iter().map(text).collect())
    }

    #[track_caller]
    fn check(piece: &str, expected: &[&str]) {
        assert_eq!(told(piece).as_deref(), Some(&expected.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..]));
    }

    #[test]
    fn functions_and_methods() {
        check("func F(a int) (b, c string) {}\n\n", &["func F"]);
        check("\nfunc Map[K comparable, V any](\n\tm map[K]V,\n) {}\n", &["func Map"]);
        check("func asm(x int)\n", &["func asm"]);
        check("func (r *T) M() {}\n", &["method *T.M"]);
        check("func (T) M() {}\n", &["method T.M"]);
        check("func (r (*List[K, V])) M() {}", &["method *List.M"]);
        check("// F is.\nfunc F() interface{ M() } {}\n", &["func F"]);
    }

    #[test]
    fn types_constants_and_variables() {
        check("type T struct {\n\tA, B int\n}\n", &["type T"]);
        check(
            "type (\n\tA = b.A\n\tB[P any] = []P\n\n\tC[P any] struct{}\n\tD [4]int\n)\n",
            &["alias A", "alias B", "type C", "type D"],
        );
        check(
            "const (\n\tA = iota // a\n\tB, C\n\tD = 1 +\n\t\tE\n\tF int = `)\n`\n)\n",
            &["const A", "const B", "const C", "const D", "const F"],
        );
        check("var x, y = f(), T{\n\ta: b,\n}\n", &["var x", "var y"]);
        check("var (\n\ta int; b = \"(\"\n\tf = func() {\n\t\tg()\n\t}\n)", &["var a", "var b", "var f"]);
        check("const (\n\tA = 1.\n\tB = 1e+3 * .5\n\tC\n)\n", &["const A", "const B", "const C"]);
        check("var ()\n", &[]);
    }

    #[test]
    fn the_rest_is_for_the_parser() {
        for piece in [
            "package p\n",
            "import \"fmt\"\n",
            "x := 1\n",
            "func f() {\n\tif x {\n\n",
            "func f() {}; func g() {}\n",
            "func f() {}\nx := 1\n",
            "func (a T, b U) M() {}\n",
            "func (pkg.T) M() {}\n",
            "type T struct{}; type U int\n",
            "const (\n\t1 = 2\n)\n",
            "var (\n\ta\n",
            "func F {}\n",
            "",
        ] {
            assert_eq!(told(piece), None, "{piece:?}");
        }
    }
}
