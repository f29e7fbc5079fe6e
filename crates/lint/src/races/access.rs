//! Where a variable, or a field that is reached by one, is read and written, and which goroutine does it.

use gopeer_flow::Point;
use gopeer_sema::types::Type;
use gopeer_sema::{Def, ObjectKind, SelectionKind};
use gopeer_syntax::ast::{AssignOp, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};

use crate::Cx;

/// What a place begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Base<'a> {
    /// A local, by the identifier that declares it.
    Local(ExprId),
    /// A variable of the package.
    Package(&'a str),
}

/// A step from a variable to a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part<'a> {
    /// A field.
    Field(&'a str),
    /// What a pointer points to.
    Pointee,
}

/// What is done with a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Does {
    /// It is read.
    Reads,
    /// It is assigned to.
    Writes,
    /// A slice is appended to: read and assigned to.
    Appends,
    /// What is in a map is read.
    ReadsMap,
    /// What is in a map is changed.
    WritesMap,
    /// Something is sent over a connection that takes it from one goroutine at a time.
    Sends,
    /// It is read by a function of `sync/atomic`.
    Loads,
    /// It is changed by a function of `sync/atomic`.
    Stores,
}

impl Does {
    /// Whether something is changed.
    pub fn is_write(self) -> bool {
        matches!(self, Does::Writes | Does::Appends | Does::WritesMap | Does::Sends | Does::Stores)
    }

    /// Whether what is inside is meant, and not the variable.
    pub fn is_of_map(self) -> bool {
        matches!(self, Does::ReadsMap | Does::WritesMap)
    }

    /// Whether a function of `sync/atomic` does it.
    pub(crate) fn is_atomic(self) -> bool {
        matches!(self, Does::Loads | Does::Stores)
    }

    /// Whether the inside of a map is meant, or the elements that are appended to a slice.
    pub(crate) fn is_of_collection(self) -> bool {
        self.is_of_map() || self == Does::Appends
    }

    /// What a message says that one, or several, do who write to a place of this name: "appends to `errs`", "append to `errs`".
    pub(crate) fn change_of(self, name: &str, several: bool) -> String {
        let (verb, to) = match self {
            Does::Appends => ("append", "to "),
            Does::WritesMap => ("write", "to the map "),
            Does::Sends => ("write", "to the connection "),
            _ => ("write", ""),
        };
        let ending = if several { "" } else { "s" };
        format!("{verb}{ending} {to}{name}")
    }

    /// What a step says that somebody does.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Does::Reads | Does::ReadsMap => "reads",
            Does::Writes => "writes",
            Does::Appends => "appends to",
            Does::WritesMap | Does::Sends => "writes to",
            Does::Loads => "loads",
            Does::Stores => "changes, with an atomic operation,",
        }
    }
}

/// One access.
#[derive(Clone, Debug)]
pub(crate) struct Access<'a> {
    /// What is written to, or mentioned: the expression, or a `return` that sets a named result.
    pub(crate) at: Node,
    /// The variable as it is mentioned; none for a `return`.
    pub(crate) ident: Option<ExprId>,
    pub(crate) parts: Vec<Part<'a>>,
    pub(crate) does: Does,
}

impl Access<'_> {
    /// Whether two accesses of one variable touch the same memory, one of them writing.
    pub(crate) fn meets(&self, other: &Access<'_>) -> bool {
        let atomic = self.does.is_atomic() && other.does.is_atomic();
        let changes = |one: &Access, other: &Access| one.does.is_write() && one.covers(other);
        !atomic && (changes(self, other) || changes(other, self))
    }

    /// Whether this write changes something that the other touches.
    fn covers(&self, other: &Access<'_>) -> bool {
        let (mine, theirs) = (&self.parts, &other.parts);
        if self.does.is_of_map() {
            return other.does.is_of_map() && mine == theirs;
        }
        if theirs.starts_with(mine) {
            return true;
        }
        // A whole struct is touched, of which this is a field.
        mine.starts_with(theirs) && !mine[theirs.len()..].contains(&Part::Pointee)
    }
}

impl<'a> Cx<'a> {
    /// The variable that an identifier names.
    pub(crate) fn base_of(&self, ident: ExprId) -> Option<Base<'a>> {
        match self.def(ident) {
            Def::Local(declared) => self.is_variable(declared).then_some(Base::Local(declared)),
            Def::Package(ObjectKind::Var) => Some(Base::Package(self.source(ident))),
            _ => None,
        }
    }

    fn is_variable(&self, declared: ExprId) -> bool {
        use gopeer_sema::LocalKind::{Param, Var};
        self.facts.local(declared).is_some_and(|local| matches!(local.kind, Var | Param))
    }

    /// What is done with a variable where it is mentioned; none where that cannot race or does not show: its address is taken, a
    /// method is called on it that may lock.
    pub(crate) fn access(&self, ident: ExprId) -> Option<Access<'a>> {
        let (mut expr, mut parts) = (ident, Vec::new());
        let does = loop {
            match self.tree.parent(expr)? {
                Node::Expr(around) => match self.expr(around) {
                    Expr::Paren(_) => {}
                    Expr::Selector { base, name } if base == expr => {
                        let selection = self.facts.selection(around)?;
                        if selection.kind != SelectionKind::Field {
                            break self.method_on(around, expr, &mut parts)?;
                        }
                        if matches!(self.store.under(selection.recv), Type::Pointer(_)) {
                            parts.push(Part::Pointee);
                        } else if selection.indirect {
                            return None;
                        }
                        parts.push(Part::Field(self.source(name)));
                    }
                    Expr::Star(_) => parts.push(Part::Pointee),
                    Expr::Index { base, .. } if base == expr => break self.indexed(around, expr),
                    Expr::Unary { op: UnaryOp::Addr, .. } => break self.atomic(around)?,
                    Expr::Call { fun, .. } if fun != expr => break self.argument(fun, expr, &mut parts),
                    Expr::Slice { base, lo, hi, .. } if base == expr => {
                        parts.extend(self.elements_of(expr));
                        let does = match self.tree.parent(around) {
                            Some(Node::Expr(call)) => match self.expr(call) {
                                Expr::Call { fun, .. } if fun != around => self.argument(fun, around, &mut parts),
                                _ => Does::Reads,
                            },
                            _ => Does::Reads,
                        };
                        // Which elements of it are filled does not show: each goroutine may have its own.
                        if does.is_write() && (lo.is_some() || hi.is_some()) {
                            return None;
                        }
                        break does;
                    }
                    _ => break Does::Reads,
                },
                Node::Stmt(stmt) => break self.in_statement(stmt, expr)?,
                Node::Decl(decl) => match self.decl(decl) {
                    gopeer_syntax::ast::Decl::Value { names, .. } if self.exprs(names).contains(&expr) => return None,
                    _ => break Does::Reads,
                },
                Node::Field(_) => return None,
            }
            let Node::Expr(around) = self.tree.parent(expr)? else { return None };
            expr = around;
        };
        Some(Access { at: Node::Expr(expr), ident: Some(ident), parts, does })
    }

    /// What a function of `sync/atomic` does with what it is given the address of.
    fn atomic(&self, address: ExprId) -> Option<Does> {
        let Node::Expr(call) = self.tree.parent(address)? else { return None };
        self.atomic_operand(call)?;
        Some(if self.callee_word(call).starts_with("Load") { Does::Loads } else { Does::Stores })
    }

    fn in_statement(&self, stmt: StmtId, expr: ExprId) -> Option<Does> {
        Some(match self.stmt(stmt) {
            Stmt::Assign { lhs, op, rhs } => match self.tree.place(self.exprs(lhs), expr) {
                // What is declared here begins to exist.
                Some(_) if op == AssignOp::Define && self.def(expr) == Def::Local(expr) => return None,
                Some(at) if self.is_append(self.exprs(rhs).get(at).copied(), expr) => Does::Appends,
                Some(_) => Does::Writes,
                None => Does::Reads,
            },
            Stmt::IncDec { .. } => Does::Writes,
            Stmt::Range { key, value, define, subject, .. } => match key == Some(expr) || value == Some(expr) {
                true if define => return None,
                true => Does::Writes,
                false => self.inside_if_map(subject, Does::ReadsMap),
            },
            _ => Does::Reads,
        })
    }

    fn inside_if_map(&self, expr: ExprId, inside: Does) -> Does {
        if matches!(self.under(expr), Type::Map { .. }) { inside } else { Does::Reads }
    }

    /// Whether a value is `append(target, …)`.
    fn is_append(&self, value: Option<ExprId>, target: ExprId) -> bool {
        let Some(Expr::Call { fun, args, .. }) = value.map(|value| self.expr(self.unparen(value))) else {
            return false;
        };
        let first = self.exprs(args).first();
        self.is_builtin(fun, "append") && first.is_some_and(|&first| self.same_text(first, target))
    }

    /// An element is looked at, or changed.
    fn indexed(&self, index: ExprId, of: ExprId) -> Does {
        if !matches!(self.under(of), Type::Map { .. }) {
            return Does::Reads;
        }
        let written = self.with_parens(index);
        let is_write = match self.tree.parent(written) {
            Some(Node::Stmt(stmt)) => match self.stmt(stmt) {
                Stmt::Assign { lhs, .. } => self.exprs(lhs).contains(&written),
                Stmt::IncDec { .. } => true,
                Stmt::Range { key, value, .. } => key == Some(written) || value == Some(written),
                _ => false,
            },
            _ => false,
        };
        if is_write { Does::WritesMap } else { Does::ReadsMap }
    }

    /// The elements of a slice, which several slices may share.
    fn elements_of(&self, slice: ExprId) -> Option<Part<'a>> {
        matches!(self.under(slice), Type::Slice(_)).then_some(Part::Pointee)
    }

    fn argument(&self, fun: ExprId, arg: ExprId, parts: &mut Vec<Part<'a>>) -> Does {
        const FILLS: &[&str] = &["Read", "ReadAt", "ReadAtLeast", "ReadFrom", "ReadFromUDP", "ReadFull"];
        let is_named = !matches!(self.def(self.unparen(fun)), Def::Universe);
        if is_named && !parts.contains(&Part::Pointee) {
            parts.extend(self.elements_of(arg));
        }
        if let Expr::Selector { name, .. } = self.expr(self.unparen(fun))
            && FILLS.contains(&self.source(name))
            && matches!(self.under(arg), Type::Slice(_))
        {
            return Does::Writes;
        }
        match () {
            _ if self.is_builtin(fun, "delete") || self.is_builtin(fun, "clear") => {
                self.inside_if_map(arg, Does::WritesMap)
            }
            _ if self.is_builtin(fun, "len") => self.inside_if_map(arg, Does::ReadsMap),
            _ => Does::Reads,
        }
    }

    /// A method is called on a place. Of a struct it may lock, or do what it likes; a buffer it reads or changes, and some connections take
    /// what is written from one goroutine at a time.
    fn method_on(&self, method: ExprId, of: ExprId, parts: &mut Vec<Part<'a>>) -> Option<Does> {
        const ONE_WRITER: &[&str] = &["github.com/gorilla/websocket.Conn"];
        const SENDS: &[&str] = &["NextWriter", "WriteJSON", "WriteMessage", "WritePreparedMessage"];
        const READS: &[&str] = &["String", "Len", "Cap", "Bytes", "Available"];
        let ty = self.ty(of);
        let buffer = self.type_is(self.deref(ty), &["bytes.Buffer", "strings.Builder"]);
        let Expr::Selector { name, .. } = self.expr(method) else { return None };
        let called = matches!(self.tree.parent(method), Some(Node::Expr(call)) if matches!(self.expr(call), Expr::Call { fun, .. } if fun == method));
        if buffer && called {
            if matches!(self.store.get(ty), Type::Pointer(_)) {
                parts.push(Part::Pointee);
            }
            return Some(if READS.contains(&self.source(name)) { Does::Reads } else { Does::Writes });
        }
        // Where the variable gets another connection, that is what matters.
        let stays = self.expr(of) != Expr::Ident || !self.is_reassigned(of);
        if called && stays && SENDS.contains(&self.source(name)) && self.type_is(self.deref(ty), ONE_WRITER) {
            // Reading from it meanwhile does no harm.
            parts.extend([Part::Pointee, Part::Field("writer")]);
            return Some(Does::Sends);
        }
        match self.under(of) {
            Type::Struct(_) | Type::Array { .. } | Type::Unknown => None,
            _ => Some(Does::Reads),
        }
    }
}

/// Where an access is: the function that it stands in, and the place in it; then where that function is called in the course of
/// another, up to one that a goroutine runs.
pub(crate) type Levels = Vec<(Node, Point)>;
