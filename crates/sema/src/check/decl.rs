//! Declarations (Go spec, "Declarations and scope").

use gopeer_syntax::ast::DeclId;

use super::Checker;

impl Checker<'_> {
    /// Checks a declaration inside a function: constants, variables, types.
    pub(crate) fn local_decl(&mut self, _decl: DeclId) {}
}
