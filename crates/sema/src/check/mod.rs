//! The checker: what each name refers to, each expression's type and constant value, each call's callee, as go/types would
//! say it; [`Mode::Unknown`] where that cannot be known (Go spec, from "Declarations and scope" to "Built-in functions").
//!
//! A [`Checker`] looks at one piece. Scopes are resolved before (`Names`); what a package-level name means is asked of
//! the [`Package`], which checks its declaration in a checker of its own the first time somebody asks. Errors are
//! tolerated: an operand that is unknown stays silent wherever it is used.

mod args;
mod assign;
mod assign_stmt;
mod branches;
mod builtin;
mod builtin_numbers;
mod builtin_unsafe;
mod call;
mod composite;
mod convert;
mod decl;
mod describe;
mod expr;
mod index;
mod infer;
mod init_order;
mod late;
mod operand;
mod ops;
mod package;
mod predicates;
mod range;
mod redeclared;
mod selector;
mod source;
mod stmt;
mod switch;
mod terminate;
mod typexpr;
mod unary;
mod untyped;
mod unused;

use std::cell::RefCell;
use std::rc::Rc;

use gopeer_syntax::ast::{ExprId, Node};
use gopeer_syntax::{Span, Tree};

pub(crate) use init_order::{Needed, all_references};
pub(crate) use operand::Operand;
pub use operand::{Builtin, Mode};
pub(crate) use package::{At, Declared, Later, Package};
pub use source::{Piece, Source, SourceFile, receiver_base};

use crate::facts::{Facts, Local};
use crate::names::Names;
use crate::types::{Store, TypeId};
use crate::value::Value;
use crate::{ErrorCode, FileScope, TypeError};

/// Checks one piece, or one declaration of it.
pub(crate) struct Checker<'a> {
    /// The package: what its names mean.
    pub(crate) package: &'a Package<'a>,
    /// All types.
    pub(crate) store: &'a Store,
    /// The file's imports.
    pub(crate) scope: &'a FileScope,
    /// The piece.
    pub(crate) tree: &'a Tree,
    /// Its names.
    pub(crate) names: &'a Names,
    /// What is found out. Borrow it for single reads and writes only: other checkers may look at the same piece.
    pub(crate) facts: &'a RefCell<Facts>,
    /// The function whose body is looked at.
    pub(crate) func: FuncContext,
    /// The value of `iota` inside a constant declaration.
    pub(crate) iota: Option<Value>,
    /// The constant that takes the expression of an earlier one: what is wrong with it there is wrong here.
    pub(crate) inherits: Option<ExprId>,
    /// Indexes of the piece's file, and of the piece in it.
    pub(crate) at: At,
}

/// What the statements of a function body need to know of the function.
#[derive(Clone, Debug, Default)]
pub(crate) struct FuncContext {
    /// Result types; none outside a function.
    pub(crate) results: Option<Rc<[TypeId]>>,
    /// The declaring idents of the results, where they are named.
    pub(crate) named_results: Rc<[ExprId]>,
    /// Whether these are statements outside any function: what they return to is not known.
    pub(crate) loose: bool,
}

/// Recording and reporting.
impl<'a> Checker<'a> {
    /// Writes down what an expression is.
    pub(crate) fn record(&self, x: &Operand) {
        self.facts.borrow_mut().record(x.expr, x.mode, x.ty, &x.value);
    }

    /// Writes down a type expression.
    pub(crate) fn record_type(&self, expr: ExprId, ty: TypeId) {
        self.facts.borrow_mut().record(expr, Mode::Type, ty, &Value::Unknown);
    }

    /// Declares a local.
    pub(crate) fn declare(&self, ident: ExprId, local: Local) {
        self.facts.borrow_mut().declare(ident, local);
    }

    /// Reports a compile error. Call it only where nothing that the claim rests on is unknown.
    pub(crate) fn error(&self, at: impl Into<Node>, code: ErrorCode, message: impl Into<String>) {
        self.error_in(self.tree.span(at), code, message.into());
    }

    /// Like [`Checker::error`], for what is not a node. One fault of an expression that several constants take is told once.
    pub(crate) fn error_in(&self, span: Span, code: ErrorCode, message: String) {
        let errors = &mut self.facts.borrow_mut().errors;
        if !errors.iter().any(|error| error.span == span && error.code == code) {
            let span = self.inherits.map_or(span, |name| self.tree.span(name));
            errors.push(TypeError { code, span, message });
        }
    }
}

impl<'a> Checker<'a> {
    /// A checker of the same piece that writes its facts elsewhere.
    fn elsewhere<'c>(&'c self, facts: &'c RefCell<Facts>) -> Checker<'c>
    where
        'a: 'c,
    {
        Checker { facts, func: FuncContext::default(), iota: None, inherits: None, ..*self }
    }
}
