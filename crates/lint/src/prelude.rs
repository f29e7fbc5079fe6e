//! What a rule file imports.

pub use gopeer_sema::types::{Basic, Type, TypeId};
pub use gopeer_sema::{CallFacts, Def};
pub use gopeer_syntax::Span;
pub use gopeer_syntax::ast::{
    AssignOp, BinaryOp, BranchKind, ChanDir, Decl, DeclId, DeclKind, Expr, ExprId, ExprKind, ExprList, Field, FieldId,
    FieldList, GroupKind, LiteralKind, Node, Stmt, StmtId, StmtKind, StmtList, UnaryOp,
};

pub use crate::{
    Assigned, Between, Call, CompanionCx, CompanionKind, Concern, Confidence, Config, Cx, Effects, End, FileCx,
    FixKind, Func, Guard, Harm, Harmful, Hook, Kinds, LocalType, Mixed, Nil, NilUse, Object, Origin, Pair, Purpose,
    Race, Reassigned, Report, Resource, Rule, Scope, Setting, Severity, Spawn, Stale, Taint, Users, words,
};
