//! The typed syntax tree of one piece (a top-level declaration), shaped like go/ast.
//!
//! Nodes live in arenas and are named by `u32` ids; spans and parents stand in parallel vectors. Names are
//! expressions (`Expr::Ident`) wherever they occur, declared or used, so that a later layer can hang objects, types and
//! constant values on `ExprId` alone. What only types can tell apart has one shape here: `f(x)` and `T(x)` are `Call`,
//! `a[i]` and `F[T]` are `Index`. Broken input is a `Bad` node, never a missing field.

mod arena;
mod decl;
mod expr;
mod stmt;
mod visit;

pub use arena::{DeclId, DeclList, ExprId, ExprList, FieldId, FieldList, List, Node, StmtId, StmtList, Tree};
pub use decl::{Decl, DeclKind, Field, GroupKind};
pub use expr::{BinaryOp, ChanDir, Expr, ExprKind, LiteralKind, UnaryOp};
pub use stmt::{AssignOp, BranchKind, Stmt, StmtKind};
