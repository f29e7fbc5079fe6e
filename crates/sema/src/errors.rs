//! Compile errors, as the Go compiler's users know them.

use gopeer_syntax::Span;

/// A compile error. Reported only where it is certain: nothing that the claim rests on is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeError {
    /// Which kind.
    pub code: ErrorCode,
    /// Where, counted from the start of the piece.
    pub span: Span,
    /// What the compiler would say, without position.
    pub message: String,
}

/// Kinds of compile errors; names follow internal/types/errors where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each says what it is")]
pub enum ErrorCode {
    UndeclaredName,
    UndeclaredImportedName,
    MissingFieldOrMethod,
    UnusedVar,
    MismatchedTypes,
    UndefinedOp,
    IncompatibleAssign,
    AssignmentMismatch,
    UnassignableOperand,
    WrongArgCount,
    WrongResultCount,
    MissingReturn,
    InvalidIfaceAssign,
    ImpossibleAssert,
    DuplicateCase,
    DuplicateDecl,
    DuplicateLitKey,
    DuplicateLitField,
    MissingLitField,
    InvalidLit,
    InvalidDeclCycle,
    InvalidInitCycle,
    InvalidArrayLen,
    InvalidConstInit,
    InvalidConstType,
    InvalidCall,
    InvalidConversion,
    InvalidIndex,
    InvalidCond,
    InvalidRange,
    InvalidSend,
    InvalidReceive,
    InvalidTypeArg,
    CannotInferTypeArgs,
    NotAType,
    NotAnExpr,
    UnusedExpr,
    NumericOverflow,
    TruncatedFloat,
    DivByZero,
    UnusedLabel,
    UndeclaredLabel,
    MisplacedBranch,
    NoNewVar,
    InvalidInstantiation,
    InvalidRecv,
    InvalidMapKey,
    InvalidAddress,
    InvalidIndirection,
    UntypedNilUse,
    InvalidDefer,
}
