//! Colours for the editor, from the tree and what stands between its nodes.

use crate::Span;
use crate::ast::{Decl, Expr, ExprId, GroupKind, LiteralKind, Node, Stmt, Tree};
use crate::lower::KEYWORDS;
use crate::scan::{is_word, quoted_end, raw_end};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

/// What a token is, in the order of the protocol's names for the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each says what it is")]
pub enum TokenClass {
    Keyword,
    String,
    Number,
    Comment,
    Func,
    Type,
    Param,
    Field,
    Package,
    /// A predeclared function.
    Builtin,
    Const,
    Label,
    Op,
    /// Text that did not parse.
    Bad,
}

/// A stretch of one colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where, counted from the start of the piece.
    pub span: Span,
    /// What it is.
    pub class: TokenClass,
}

/// The coloured tokens of a piece, in order and apart. Names of which the piece alone says nothing have no colour.
pub fn tokens(tree: &Tree) -> Vec<Token> {
    let mut known = comments_and_faults(tree);
    let names = Names::of(tree);
    for (id, expr) in tree.all_exprs() {
        let class = match expr {
            Expr::Ident => names.class(id),
            Expr::Literal(LiteralKind::Rune | LiteralKind::String | LiteralKind::RawString) => Some(TokenClass::String),
            Expr::Literal(_) => Some(TokenClass::Number),
            _ => None,
        };
        // A name without a colour is known too, so that nobody takes it for a keyword.
        if matches!(expr, Expr::Ident | Expr::Literal(_)) {
            known.push((tree.span(id), class));
        }
    }
    known.sort_by_key(|&(span, _)| (span.start, std::cmp::Reverse(span.end)));
    fill_gaps(tree.text(), &known)
}

/// Comments, and errors of one word: longer ones would drown what is in them.
fn comments_and_faults(tree: &Tree) -> Vec<(Span, Option<TokenClass>)> {
    let comments = tree.comments().iter().map(|comment| (comment.span, Some(TokenClass::Comment)));
    let short = |span: &Span| !span.is_empty() && !span.of(tree.text()).contains(char::is_whitespace);
    let faults = tree.errors().iter().map(|error| error.span).filter(short).map(|span| (span, Some(TokenClass::Bad)));
    comments.chain(faults).collect()
}

/// The tokens among the known stretches, and those that are found between them.
fn fill_gaps(text: &str, known: &[(Span, Option<TokenClass>)]) -> Vec<Token> {
    let mut out = Vec::with_capacity(known.len() * 2);
    let mut at = 0;
    for &(span, class) in known {
        if span.start < at || span.is_empty() {
            continue;
        }
        read_gap(text, at, span.start, &mut out);
        out.extend(class.map(|class| Token { span, class }));
        at = span.end;
    }
    read_gap(text, at, text.len() as u32, &mut out);
    out
}

/// Finds keywords and operators, and the strings and numbers of text that did not parse.
fn read_gap(text: &str, start: u32, end: u32, out: &mut Vec<Token>) {
    let bytes = text.as_bytes().get(..end as usize).unwrap_or_default();
    let mut at = start as usize;
    while let Some(&byte) = bytes.get(at) {
        let run = |of: fn(u8) -> bool| at + bytes[at..].iter().take_while(|&&b| of(b)).count();
        let (next, class) = match byte {
            b'"' | b'\'' => (quoted_end(bytes, at).min(bytes.len()), Some(TokenClass::String)),
            b'`' => (raw_end(bytes, at), Some(TokenClass::String)),
            b'0'..=b'9' => (run(is_word), Some(TokenClass::Number)),
            _ if is_word(byte) => {
                let next = run(is_word);
                let keyword = KEYWORDS.iter().any(|keyword| keyword.as_bytes() == &bytes[at..next]);
                (next, keyword.then_some(TokenClass::Keyword))
            }
            _ if is_operator(byte) => (run(is_operator), Some(TokenClass::Op)),
            b'.' if bytes[at..].starts_with(b"...") => (at + 3, Some(TokenClass::Op)),
            _ => (at + 1, None),
        };
        out.extend(class.map(|class| Token { span: Span::new(at as u32, next as u32), class }));
        at = next;
    }
}

const fn is_operator(byte: u8) -> bool {
    matches!(byte, b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'<' | b'>' | b'=' | b'!' | b':' | b'~')
}

const TYPES: [&str; 22] = [
    "any",
    "bool",
    "byte",
    "comparable",
    "complex64",
    "complex128",
    "error",
    "float32",
    "float64",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "rune",
    "string",
    "uint",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uintptr",
];
const FUNCTIONS: [&str; 18] = [
    "append", "cap", "clear", "close", "complex", "copy", "delete", "imag", "len", "make", "max", "min", "new",
    "panic", "print", "println", "real", "recover",
];
const CONSTANTS: [&str; 4] = ["true", "false", "nil", "iota"];

/// The names that a piece declares inside itself. Scopes are not told apart: a colour is no type checker.
struct Names<'t> {
    tree: &'t Tree,
    declared: BTreeMap<&'t str, Option<TokenClass>>,
    /// Operators that were asked whether they stand where a type does.
    operators: RefCell<HashMap<ExprId, bool>>,
}

impl<'t> Names<'t> {
    fn of(tree: &'t Tree) -> Names<'t> {
        let mut names = Names { tree, declared: BTreeMap::default(), operators: RefCell::default() };
        for (id, expr) in tree.all_exprs() {
            if expr == Expr::Ident
                && !names.declared.contains_key(tree.source(id))
                && let Some(class) = names.declares(id)
            {
                names.declared.insert(tree.source(id), class);
            }
        }
        names
    }

    /// The class of the name that is declared at `id`, if one that others can use is.
    fn declares(&self, id: ExprId) -> Option<Option<TokenClass>> {
        match self.tree.parent(id)? {
            Node::Field(_) => {
                self.field_name(id).filter(|class| matches!(class, TokenClass::Param | TokenClass::Type)).map(Some)
            }
            Node::Decl(decl) => match self.tree.decl(decl) {
                Decl::Value { names, .. } if self.tree.place(self.tree.exprs(names), id).is_some() => {
                    Some(self.value(decl.into()))
                }
                Decl::Type { name, .. } if name == id => Some(Some(TokenClass::Type)),
                _ => None,
            },
            Node::Stmt(stmt) => match self.tree.stmt(stmt) {
                Stmt::Assign { lhs, .. } if self.tree.place(self.tree.exprs(lhs), id).is_some() => Some(None),
                Stmt::Range { key, value, .. } if key == Some(id) || value == Some(id) => Some(None),
                Stmt::TypeSwitch { bind, .. } if bind == Some(id) => Some(None),
                _ => None,
            },
            Node::Expr(_) => None,
        }
    }

    fn value(&self, spec: Node) -> Option<TokenClass> {
        let Some(Node::Decl(group)) = self.tree.parent(spec) else { return None };
        let constant = matches!(self.tree.decl(group), Decl::Group { kind: GroupKind::Const, .. });
        constant.then_some(TokenClass::Const)
    }

    /// The class of a name in a field.
    fn field_name(&self, id: ExprId) -> Option<TokenClass> {
        let Some(Node::Field(field)) = self.tree.parent(id) else { return None };
        if self.tree.field(field).ty == id {
            return None;
        }
        match self.tree.parent(field)? {
            Node::Expr(owner) => match self.tree.expr(owner) {
                Expr::StructType { .. } => Some(TokenClass::Field),
                Expr::InterfaceType { .. } => Some(TokenClass::Func),
                Expr::FuncType { type_params, .. }
                    if self.tree.place(self.tree.fields(type_params), field).is_some() =>
                {
                    Some(TokenClass::Type)
                }
                _ => Some(TokenClass::Param),
            },
            Node::Decl(decl) if matches!(self.tree.decl(decl), Decl::Type { .. }) => Some(TokenClass::Type),
            _ => Some(TokenClass::Param),
        }
    }

    fn class(&self, id: ExprId) -> Option<TokenClass> {
        let by_place = match self.tree.parent(id)? {
            Node::Field(_) => self.field_name(id),
            Node::Decl(decl) => match self.tree.decl(decl) {
                Decl::Func { name, .. } if name == id => Some(TokenClass::Func),
                Decl::Type { name, .. } if name == id => Some(TokenClass::Type),
                Decl::Package { .. } | Decl::Import { .. } => Some(TokenClass::Package),
                _ => None,
            },
            Node::Stmt(stmt) => match self.tree.stmt(stmt) {
                Stmt::Branch { .. } => Some(TokenClass::Label),
                Stmt::Labeled { label, .. } if label == id => Some(TokenClass::Label),
                _ => None,
            },
            Node::Expr(parent) => self.within(id, parent),
        };
        by_place.or_else(|| self.by_name(id))
    }

    /// The class that a name has by its place in another expression.
    fn within(&self, id: ExprId, parent: ExprId) -> Option<TokenClass> {
        match self.tree.expr(parent) {
            Expr::Selector { name, .. } if name == id => Some(match () {
                () if self.is_type(parent) => TokenClass::Type,
                () if self.is_called(parent) => TokenClass::Func,
                () => TokenClass::Field,
            }),
            Expr::Selector { name, .. } => {
                let exported = self.tree.source(name).starts_with(char::is_uppercase);
                (exported && !self.declared.contains_key(self.tree.source(id))).then_some(TokenClass::Package)
            }
            Expr::KeyValue { key, .. } if key == id => self.is_struct_key(parent).then_some(TokenClass::Field),
            _ => None,
        }
    }

    fn by_name(&self, id: ExprId) -> Option<TokenClass> {
        let name = self.tree.source(id);
        if let Some(&class) = self.declared.get(name) {
            return class;
        }
        if CONSTANTS.contains(&name) {
            Some(TokenClass::Const)
        } else if TYPES.contains(&name) || self.is_type(id) {
            Some(TokenClass::Type)
        } else if FUNCTIONS.contains(&name) && self.is_called(id) {
            Some(TokenClass::Builtin)
        } else {
            self.is_called(id).then_some(TokenClass::Func)
        }
    }

    fn is_called(&self, id: ExprId) -> bool {
        match self.tree.parent(id) {
            Some(Node::Expr(parent)) => match self.tree.expr(parent) {
                Expr::Call { fun, .. } => fun == id,
                Expr::Index { base, .. } => base == id && self.is_called(parent),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether the composite literal around a `key: value` may be a struct's.
    fn is_struct_key(&self, pair: ExprId) -> bool {
        let Some(Node::Expr(literal)) = self.tree.parent(pair) else { return false };
        let Expr::Composite { ty, .. } = self.tree.expr(literal) else { return false };
        !ty.is_some_and(|ty| matches!(self.tree.expr(ty), Expr::ArrayType { .. } | Expr::MapType { .. }))
    }

    /// Whether a type stands here.
    fn is_type(&self, id: ExprId) -> bool {
        // A long sum or union leans to the left as deep as it is long: what holds of an operator holds of all before it.
        let (mut top, mut passed) = (id, Vec::new());
        let is_type = loop {
            if let Some(&known) = self.operators.borrow().get(&top) {
                break known;
            }
            match self.tree.parent(top) {
                Some(Node::Expr(parent)) if matches!(self.tree.expr(parent), Expr::Binary { .. }) => {
                    passed.push(parent);
                    top = parent;
                }
                _ => break self.is_type_operand(top),
            }
        };
        self.operators.borrow_mut().extend(passed.into_iter().map(|operator| (operator, is_type)));
        is_type
    }

    fn is_type_operand(&self, mut id: ExprId) -> bool {
        loop {
            match self.tree.parent(id) {
                Some(Node::Field(field)) => return self.tree.field(field).ty == id,
                Some(Node::Decl(decl)) => {
                    return match self.tree.decl(decl) {
                        Decl::Value { ty, .. } => ty == Some(id),
                        Decl::Type { ty, .. } => ty == id,
                        _ => false,
                    };
                }
                Some(Node::Stmt(stmt)) => return self.is_type_case(stmt.into()),
                Some(Node::Expr(parent)) => match self.tree.expr(parent) {
                    Expr::Star(_) | Expr::Paren(_) | Expr::Binary { .. } | Expr::Unary { .. } | Expr::Index { .. } => {
                        id = parent
                    }
                    Expr::Composite { ty, .. } | Expr::TypeAssert { ty, .. } => return ty == Some(id),
                    Expr::ArrayType { elem, .. } => return elem == id,
                    Expr::MapType { .. } | Expr::ChanType { .. } | Expr::Ellipsis(_) => return true,
                    Expr::Call { fun, args, .. } => {
                        let maker = matches!(self.tree.source(fun), "make" | "new");
                        return maker && self.tree.exprs(args).first() == Some(&id);
                    }
                    _ => return false,
                },
                None => return false,
            }
        }
    }

    fn is_type_case(&self, stmt: Node) -> bool {
        let Node::Stmt(id) = stmt else { return false };
        let clause = matches!(self.tree.stmt(id), Stmt::CaseClause { .. });
        let Some(Node::Stmt(switch)) = self.tree.parent(stmt) else { return false };
        clause && matches!(self.tree.stmt(switch), Stmt::TypeSwitch { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parser;

    /// The tokens as `text/class` words; spaces in the text become `_`.
    fn check(text: &str, want: &str) {
        let tree = Parser::new().parse(text);
        let show = |token: &Token| {
            let class = format!("{:?}", token.class).to_lowercase();
            format!("{}/{class}", token.span.of(text).replace(' ', "_"))
        };
        let shown: Vec<String> = tokens(&tree).iter().map(show).collect();
        assert_eq!(shown, want.split_whitespace().collect::<Vec<_>>(), "{text}");
    }

    #[test]
    fn names_by_their_place() {
        check("package main // here", "package/keyword main/package //_here/comment");
        check("import f \"fmt\"", "import/keyword f/package \"fmt\"/string");
        check("const A = iota + 1", "const/keyword A/const =/op iota/const +/op 1/number");
        check("type S struct { F *T }", "type/keyword S/type struct/keyword F/field */op T/type");
        check(
            "func (s *S) M(a int, f http.F) error { return fmt.Errorf(\"%d\", a) }",
            "func/keyword s/param */op S/type M/func a/param int/type f/param http/package F/type error/type
             return/keyword fmt/package Errorf/func \"%d\"/string a/param",
        );
        check(
            "func f(y Y) { L: for { x := T{A: len(y.B)}; break L } }",
            "func/keyword f/func y/param Y/type L/label :/op for/keyword :=/op T/type A/field :/op len/builtin y/param B/field break/keyword L/label",
        );
        check("x := map[string]int{k: 1}", ":=/op map/keyword string/type int/type :/op 1/number");
    }

    #[test]
    fn broken_text_has_colours() {
        check("func ) \"x\" 12 if", "func/keyword \"x\"/string 12/number if/keyword");
    }
}
