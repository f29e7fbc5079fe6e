//! Expressions and type expressions (Go spec, "Expressions" and "Types").

use super::{ExprId, ExprList, FieldList, StmtId};

/// An expression or a type expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Text that did not parse.
    Bad,
    /// A name, declared or used; its text is its span's.
    Ident,
    /// A literal; its text is its span's.
    Literal(LiteralKind),
    /// `T{…}`, or `{…}` inside another composite literal, where the type is left out. `elems` may be `KeyValue`.
    Composite {
        /// The type, unless left out.
        ty: Option<ExprId>,
        /// The elements.
        elems: ExprList,
    },
    /// `key: value` in a composite literal.
    KeyValue {
        /// Left of the colon.
        key: ExprId,
        /// Right of the colon.
        value: ExprId,
    },
    /// `func(…) … { … }`.
    FuncLit {
        /// An `Expr::FuncType`.
        ty: ExprId,
        /// A `Stmt::Block`.
        body: StmtId,
    },
    /// `(x)`.
    Paren(ExprId),
    /// `base.name`.
    Selector {
        /// Left of the dot.
        base: ExprId,
        /// The `Ident` right of it.
        name: ExprId,
    },
    /// `base[args]`: an index, or an instantiation.
    Index {
        /// What is indexed.
        base: ExprId,
        /// One index, or type arguments.
        args: ExprList,
    },
    /// `base[lo:hi:max]`.
    Slice {
        /// What is sliced.
        base: ExprId,
        /// Low bound.
        lo: Option<ExprId>,
        /// High bound.
        hi: Option<ExprId>,
        /// Capacity bound.
        max: Option<ExprId>,
    },
    /// `base.(ty)`, or `base.(type)` with no `ty`.
    TypeAssert {
        /// The interface value.
        base: ExprId,
        /// The type; none for `.(type)`.
        ty: Option<ExprId>,
    },
    /// `fun(args)`: a call or a conversion.
    Call {
        /// What is called, or the type converted to.
        fun: ExprId,
        /// The arguments; the first may be a type (`make`, `new`).
        args: ExprList,
        /// Whether the last argument is followed by `...`.
        spread: bool,
    },
    /// `*x`: an indirection or a pointer type.
    Star(ExprId),
    /// `op x`; `~T` in a constraint too.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// What it applies to.
        operand: ExprId,
    },
    /// `lhs op rhs`; `|` between the terms of a union too. The one expression that may nest without bound, and only to the
    /// left: generated tables add thousands of strings. Read `lhs` in a loop.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left.
        lhs: ExprId,
        /// Right.
        rhs: ExprId,
    },
    /// `...T` in a parameter list, or `...` as the length of an array type.
    Ellipsis(Option<ExprId>),
    /// `[len]elem`; a slice type where `len` is none.
    ArrayType {
        /// The length, an `Ellipsis` in `[...]T`; none for a slice.
        len: Option<ExprId>,
        /// The element type.
        elem: ExprId,
    },
    /// `struct { … }`.
    StructType {
        /// The fields.
        fields: FieldList,
    },
    /// `func(…) …`, of a declaration, a literal, an interface's method or on its own.
    FuncType {
        /// Type parameters; only on declarations.
        type_params: FieldList,
        /// Parameters.
        params: FieldList,
        /// Results.
        results: FieldList,
    },
    /// `interface { … }`. A method is a field with a name and a `FuncType`; an embedded type or union has no name.
    InterfaceType {
        /// Methods and embedded elements.
        elems: FieldList,
    },
    /// `map[key]value`.
    MapType {
        /// Key type.
        key: ExprId,
        /// Value type.
        value: ExprId,
    },
    /// `chan T`, `<-chan T`, `chan<- T`.
    ChanType {
        /// The direction.
        dir: ChanDir,
        /// Element type.
        elem: ExprId,
    },
}

/// Kinds of literals (Go spec, "Basic literals").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LiteralKind {
    /// `42`, `0x2A`, `0b10`, `1_000`.
    Int,
    /// `1.5`, `1e3`, `0x1p-2`.
    Float,
    /// `2i`.
    Imaginary,
    /// `'x'`.
    Rune,
    /// `"x"`.
    String,
    /// `` `x` ``.
    RawString,
}

/// Directions of a channel type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChanDir {
    /// `chan T`.
    Both,
    /// `chan<- T`.
    Send,
    /// `<-chan T`.
    Recv,
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `!`
    Not,
    /// `^`
    BitNot,
    /// `&`
    Addr,
    /// `<-`
    Recv,
    /// `~`
    Tilde,
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `||`
    LogicalOr,
    /// `&&`
    LogicalAnd,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `<<`
    Shl,
    /// `>>`
    Shr,
    /// `&`
    And,
    /// `&^`
    AndNot,
}

/// The kind of an expression, for dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is the variant of Expr of the same name")]
pub enum ExprKind {
    Bad,
    Ident,
    Literal,
    Composite,
    KeyValue,
    FuncLit,
    Paren,
    Selector,
    Index,
    Slice,
    TypeAssert,
    Call,
    Star,
    Unary,
    Binary,
    Ellipsis,
    ArrayType,
    StructType,
    FuncType,
    InterfaceType,
    MapType,
    ChanType,
}

impl ExprKind {
    /// How many kinds there are.
    pub const COUNT: usize = ExprKind::ChanType as usize + 1;
}

impl Expr {
    /// The kind.
    pub const fn kind(&self) -> ExprKind {
        match self {
            Expr::Bad => ExprKind::Bad,
            Expr::Ident => ExprKind::Ident,
            Expr::Literal(_) => ExprKind::Literal,
            Expr::Composite { .. } => ExprKind::Composite,
            Expr::KeyValue { .. } => ExprKind::KeyValue,
            Expr::FuncLit { .. } => ExprKind::FuncLit,
            Expr::Paren(_) => ExprKind::Paren,
            Expr::Selector { .. } => ExprKind::Selector,
            Expr::Index { .. } => ExprKind::Index,
            Expr::Slice { .. } => ExprKind::Slice,
            Expr::TypeAssert { .. } => ExprKind::TypeAssert,
            Expr::Call { .. } => ExprKind::Call,
            Expr::Star(_) => ExprKind::Star,
            Expr::Unary { .. } => ExprKind::Unary,
            Expr::Binary { .. } => ExprKind::Binary,
            Expr::Ellipsis(_) => ExprKind::Ellipsis,
            Expr::ArrayType { .. } => ExprKind::ArrayType,
            Expr::StructType { .. } => ExprKind::StructType,
            Expr::FuncType { .. } => ExprKind::FuncType,
            Expr::InterfaceType { .. } => ExprKind::InterfaceType,
            Expr::MapType { .. } => ExprKind::MapType,
            Expr::ChanType { .. } => ExprKind::ChanType,
        }
    }
}

impl UnaryOp {
    /// The operator as written.
    pub const fn as_str(self) -> &'static str {
        match self {
            UnaryOp::Plus => "+",
            UnaryOp::Minus => "-",
            UnaryOp::Not => "!",
            UnaryOp::BitNot => "^",
            UnaryOp::Addr => "&",
            UnaryOp::Recv => "<-",
            UnaryOp::Tilde => "~",
        }
    }

    /// The operator written so.
    pub fn parse(text: &str) -> Option<UnaryOp> {
        use UnaryOp::{Addr, BitNot, Minus, Not, Plus, Recv, Tilde};
        [Plus, Minus, Not, BitNot, Addr, Recv, Tilde].into_iter().find(|op| op.as_str() == text)
    }
}

impl BinaryOp {
    const ALL: [BinaryOp; 19] = [
        BinaryOp::LogicalOr,
        BinaryOp::LogicalAnd,
        BinaryOp::Equal,
        BinaryOp::NotEqual,
        BinaryOp::Less,
        BinaryOp::LessEqual,
        BinaryOp::Greater,
        BinaryOp::GreaterEqual,
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Or,
        BinaryOp::Xor,
        BinaryOp::Mul,
        BinaryOp::Div,
        BinaryOp::Rem,
        BinaryOp::Shl,
        BinaryOp::Shr,
        BinaryOp::And,
        BinaryOp::AndNot,
    ];

    /// The operator as written.
    pub const fn as_str(self) -> &'static str {
        match self {
            BinaryOp::LogicalOr => "||",
            BinaryOp::LogicalAnd => "&&",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Or => "|",
            BinaryOp::Xor => "^",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::Rem => "%",
            BinaryOp::Shl => "<<",
            BinaryOp::Shr => ">>",
            BinaryOp::And => "&",
            BinaryOp::AndNot => "&^",
        }
    }

    /// The operator written so.
    pub fn parse(text: &str) -> Option<BinaryOp> {
        BinaryOp::ALL.into_iter().find(|op| op.as_str() == text)
    }

    /// Whether the result is an untyped boolean: `==`, `!=`, `<`, `<=`, `>`, `>=`.
    pub const fn is_comparison(self) -> bool {
        use BinaryOp::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        matches!(self, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual)
    }
}
