//! Declarations and fields (Go spec, "Declarations and scope", "Source file organization").

use super::{DeclList, ExprId, ExprList, FieldList, StmtId, StmtList};

/// A declaration or one spec of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decl {
    /// Text that did not parse.
    Bad,
    /// `package name`.
    Package {
        /// The `Ident`.
        name: ExprId,
    },
    /// `import`, `const`, `var` or `type`, with one spec or several in parentheses.
    Group {
        /// Which keyword.
        kind: GroupKind,
        /// `Import`, `Value` or `Type` specs.
        specs: DeclList,
        /// Whether the specs stand in parentheses.
        parens: bool,
    },
    /// One imported package.
    Import {
        /// The name given here, `.` and `_` included (an `Ident`).
        name: Option<ExprId>,
        /// The path (a string literal).
        path: ExprId,
    },
    /// One line of `var` or `const`.
    Value {
        /// The names (`Ident`s).
        names: ExprList,
        /// The type, if written.
        ty: Option<ExprId>,
        /// The values, if written. A constant without them repeats those of an earlier spec of the group.
        values: ExprList,
        /// Index of the spec in its group: the value of `iota`.
        iota: u32,
    },
    /// One type.
    Type {
        /// The `Ident`.
        name: ExprId,
        /// Type parameters.
        params: FieldList,
        /// Whether it is an alias (`type A = B`).
        alias: bool,
        /// The type.
        ty: ExprId,
    },
    /// A function or method.
    Func {
        /// The receiver: no field for a function, one for a method.
        recv: FieldList,
        /// The `Ident`.
        name: ExprId,
        /// An `Expr::FuncType`.
        ty: ExprId,
        /// A `Stmt::Block`; none where Go code does not give it.
        body: Option<StmtId>,
    },
    /// Statements outside any function, as in a pasted fragment.
    Stmts(StmtList),
}

/// Keywords that open a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the keyword of the same name")]
pub enum GroupKind {
    Import,
    Const,
    Var,
    Type,
}

/// One line of a struct, an interface, a parameter, result, receiver or type parameter list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The names (`Ident`s); empty for an unnamed parameter, an embedded field or element.
    pub names: ExprList,
    /// The type (an `Ellipsis` for a variadic parameter; a constraint for type parameters).
    pub ty: ExprId,
    /// The tag of a struct field (a string literal).
    pub tag: Option<ExprId>,
}

/// The kind of a declaration, for dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is the variant of Decl of the same name")]
pub enum DeclKind {
    Bad,
    Package,
    Group,
    Import,
    Value,
    Type,
    Func,
    Stmts,
}

impl DeclKind {
    /// How many kinds there are.
    pub const COUNT: usize = DeclKind::Stmts as usize + 1;
}

impl Decl {
    /// The kind.
    pub const fn kind(&self) -> DeclKind {
        match self {
            Decl::Bad => DeclKind::Bad,
            Decl::Package { .. } => DeclKind::Package,
            Decl::Group { .. } => DeclKind::Group,
            Decl::Import { .. } => DeclKind::Import,
            Decl::Value { .. } => DeclKind::Value,
            Decl::Type { .. } => DeclKind::Type,
            Decl::Func { .. } => DeclKind::Func,
            Decl::Stmts(_) => DeclKind::Stmts,
        }
    }
}
