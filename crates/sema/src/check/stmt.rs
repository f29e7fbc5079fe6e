//! Statements (Go spec, "Statements").

use gopeer_syntax::ast::StmtId;

use super::{Checker, FuncContext};

impl Checker<'_> {
    /// Checks the body of a function or function literal: its statements, that it ends in a terminating statement where it
    /// has results, its labels, and that its variables are used. Parameters are declared already.
    pub(crate) fn body(&mut self, _block: StmtId, _func: FuncContext) {}
}
