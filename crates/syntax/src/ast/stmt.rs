//! Statements (Go spec, "Statements").

use super::{BinaryOp, DeclId, ExprId, ExprList, StmtId, StmtList};

/// A statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stmt {
    /// Text that did not parse.
    Bad,
    /// `;` on its own, or a label's missing statement.
    Empty,
    /// An expression as a statement.
    Expr(ExprId),
    /// `chan <- value`.
    Send {
        /// The channel.
        chan: ExprId,
        /// The value.
        value: ExprId,
    },
    /// `x++`, `x--`.
    IncDec {
        /// What is changed.
        operand: ExprId,
        /// `++`, or `--`.
        inc: bool,
    },
    /// `lhs = rhs`, `lhs := rhs`, `lhs op= rhs`.
    Assign {
        /// Left of the operator.
        lhs: ExprList,
        /// Which assignment.
        op: AssignOp,
        /// Right of the operator. In the `CommClause` of a `select`, one receive expression.
        rhs: ExprList,
    },
    /// `go call`.
    Go(ExprId),
    /// `defer call`.
    Defer(ExprId),
    /// `return results`.
    Return(ExprList),
    /// `break`, `continue`, `goto`, `fallthrough`.
    Branch {
        /// Which.
        kind: BranchKind,
        /// The label's `Ident`, if any.
        label: Option<ExprId>,
    },
    /// `{ … }`.
    Block(StmtList),
    /// `if init; cond { … } else …`. A chain of `else if` may be a thousand long.
    If {
        /// The simple statement before the condition.
        init: Option<StmtId>,
        /// The condition.
        cond: ExprId,
        /// A `Block`.
        then: StmtId,
        /// A `Block` or another `If`.
        els: Option<StmtId>,
    },
    /// `switch init; tag { … }`.
    Switch {
        /// The simple statement before the tag.
        init: Option<StmtId>,
        /// The tag; none means `true`.
        tag: Option<ExprId>,
        /// `CaseClause`s.
        clauses: StmtList,
    },
    /// `switch init; bind := subject.(type) { … }`.
    TypeSwitch {
        /// The simple statement before the guard.
        init: Option<StmtId>,
        /// The `Ident` that each clause declares, if any.
        bind: Option<ExprId>,
        /// The `TypeAssert` without a type.
        guard: ExprId,
        /// `CaseClause`s, whose `exprs` are types or `nil`.
        clauses: StmtList,
    },
    /// `select { … }`.
    Select {
        /// `CommClause`s.
        clauses: StmtList,
    },
    /// `case exprs:` or `default:`, with its statements.
    CaseClause {
        /// The expressions or types; empty for `default`.
        exprs: ExprList,
        /// Whether it is `default:`.
        default: bool,
        /// What it does.
        body: StmtList,
    },
    /// `case comm:` or `default:` of a `select`, with its statements.
    CommClause {
        /// A `Send`, an `Expr` (a receive) or an `Assign`; none for `default`.
        comm: Option<StmtId>,
        /// What it does.
        body: StmtList,
    },
    /// `for init; cond; post { … }`.
    For {
        /// Before the loop.
        init: Option<StmtId>,
        /// None loops for ever.
        cond: Option<ExprId>,
        /// After each turn.
        post: Option<StmtId>,
        /// A `Block`.
        body: StmtId,
    },
    /// `for key, value := range subject { … }`.
    Range {
        /// First variable.
        key: Option<ExprId>,
        /// Second variable.
        value: Option<ExprId>,
        /// Whether the variables are declared here (`:=`).
        define: bool,
        /// What is ranged over.
        subject: ExprId,
        /// A `Block`.
        body: StmtId,
    },
    /// `label: stmt`.
    Labeled {
        /// The label's `Ident`.
        label: ExprId,
        /// What it labels; `Empty` at the end of a block.
        stmt: StmtId,
    },
    /// `var`, `const` or `type` inside a function: a `Decl::Group`.
    Decl(DeclId),
}

/// Operators of an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssignOp {
    /// `=`
    Assign,
    /// `:=`
    Define,
    /// `+=` and the like.
    Op(BinaryOp),
}

/// Kinds of branch statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the keyword of the same name")]
pub enum BranchKind {
    Break,
    Continue,
    Goto,
    Fallthrough,
}

/// The kind of a statement, for dispatch. `Assign` is split by its operator, because rules ask for one of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is the variant of Stmt of the same name")]
pub enum StmtKind {
    Bad,
    Empty,
    Expr,
    Send,
    IncDec,
    /// `=`
    Assign,
    /// `:=`
    Define,
    /// `+=` and the like.
    OpAssign,
    Go,
    Defer,
    Return,
    Branch,
    Block,
    If,
    Switch,
    TypeSwitch,
    Select,
    CaseClause,
    CommClause,
    For,
    Range,
    Labeled,
    Decl,
}

impl StmtKind {
    /// How many kinds there are.
    pub const COUNT: usize = StmtKind::Decl as usize + 1;
}

impl Stmt {
    /// The kind.
    pub const fn kind(&self) -> StmtKind {
        match self {
            Stmt::Bad => StmtKind::Bad,
            Stmt::Empty => StmtKind::Empty,
            Stmt::Expr(_) => StmtKind::Expr,
            Stmt::Send { .. } => StmtKind::Send,
            Stmt::IncDec { .. } => StmtKind::IncDec,
            Stmt::Assign { op: AssignOp::Assign, .. } => StmtKind::Assign,
            Stmt::Assign { op: AssignOp::Define, .. } => StmtKind::Define,
            Stmt::Assign { op: AssignOp::Op(_), .. } => StmtKind::OpAssign,
            Stmt::Go(_) => StmtKind::Go,
            Stmt::Defer(_) => StmtKind::Defer,
            Stmt::Return(_) => StmtKind::Return,
            Stmt::Branch { .. } => StmtKind::Branch,
            Stmt::Block(_) => StmtKind::Block,
            Stmt::If { .. } => StmtKind::If,
            Stmt::Switch { .. } => StmtKind::Switch,
            Stmt::TypeSwitch { .. } => StmtKind::TypeSwitch,
            Stmt::Select { .. } => StmtKind::Select,
            Stmt::CaseClause { .. } => StmtKind::CaseClause,
            Stmt::CommClause { .. } => StmtKind::CommClause,
            Stmt::For { .. } => StmtKind::For,
            Stmt::Range { .. } => StmtKind::Range,
            Stmt::Labeled { .. } => StmtKind::Labeled,
            Stmt::Decl(_) => StmtKind::Decl,
        }
    }
}
