//! What operators ask of types; of a type parameter, of all types in its set (Go spec, "Operators", "Type parameter
//! declarations").

use gopeer_syntax::ast::{Expr, ExprId, Node};

use super::Checker;
use crate::types::{Basic, PkgId, Store, Symbol, Truth, Type, TypeId};

/// What going through the types of a set came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Specific {
    /// All types were gone through.
    All,
    /// The callback stopped.
    Stopped,
    /// A type parameter without specific types.
    None,
    /// Not known.
    Unknown,
}

impl Specific {
    /// Whether there are types, and the callback holds for all of them.
    fn truth(self) -> Truth {
        match self {
            Specific::All => Truth::Yes,
            Specific::Stopped | Specific::None => Truth::No,
            Specific::Unknown => Truth::Unknown,
        }
    }
}

impl Store {
    /// The basic type that an untyped operand has; none for typed ones.
    pub(crate) fn untyped(&self, ty: TypeId) -> Option<Basic> {
        let basic = Basic::ALL.get(ty.index().wrapping_sub(1))?;
        basic.is_untyped().then_some(*basic)
    }

    /// Whether it is the type of an untyped operand.
    pub(crate) fn is_untyped(&self, ty: TypeId) -> bool {
        (TypeId::basic(Basic::UntypedBool)..=TypeId::basic(Basic::UntypedNil)).contains(&ty)
    }

    /// Whether it is a type parameter.
    pub(crate) fn is_param(&self, ty: TypeId) -> bool {
        matches!(self.get(ty), Type::Param(_))
    }

    /// Whether it is an interface, but no type parameter.
    pub(crate) fn is_interface(&self, ty: TypeId) -> bool {
        !self.is_param(ty) && matches!(self.under(ty), Type::Interface(_))
    }

    /// Whether it is a pointer to an interface or to a type parameter.
    pub(crate) fn is_interface_pointer(&self, ty: TypeId) -> bool {
        matches!(self.under(ty), Type::Pointer(base) if self.is_param(base) || self.is_interface(base))
    }

    /// Calls `f` with the type and its underlying structure; of a type parameter with each type of its set, until `f`
    /// says false.
    pub(crate) fn each_specific(&self, ty: TypeId, mut f: impl FnMut(TypeId, &Type) -> bool) -> Specific {
        self.each_specific_of(ty, &mut f)
    }

    /// The one copy of it.
    fn each_specific_of(&self, ty: TypeId, f: &mut dyn FnMut(TypeId, &Type) -> bool) -> Specific {
        if !self.is_param(ty) {
            return match self.under(ty) {
                Type::Unknown => Specific::Unknown,
                under if f(ty, &under) => Specific::All,
                _ => Specific::Stopped,
            };
        }
        let set = self.type_set(ty);
        if set.unknown {
            return Specific::Unknown;
        }
        let terms = match &set.terms {
            Some(terms) if !terms.is_empty() => terms,
            _ => return Specific::None,
        };
        for term in terms.iter() {
            match self.under(term.ty) {
                Type::Unknown => return Specific::Unknown,
                under if f(term.ty, &under) => {}
                _ => return Specific::Stopped,
            }
        }
        Specific::All
    }

    /// Whether the type, or each type of the type parameter's set, is a basic type of that sort.
    pub(crate) fn all_basic(&self, ty: TypeId, sort: fn(Basic) -> bool) -> Truth {
        self.each_specific(ty, |_, under| matches!(under, Type::Basic(basic) if sort(*basic))).truth()
    }

    /// Whether the type, or each type of the type parameter's set, is an integer's, for certain.
    pub(crate) fn is_integer(&self, ty: TypeId) -> bool {
        self.all_basic(ty, Basic::is_integer) == Truth::Yes
    }

    /// A field's or method's name, and whose code may use it.
    pub(crate) fn member_name(&self, name: &str) -> (Symbol, PkgId) {
        let exported = super::package::is_exported(name);
        (self.symbol(name), if exported { PkgId::UNIVERSE } else { PkgId::SELF })
    }

    /// Whether `nil` can be assigned to it.
    pub(crate) fn has_nil(&self, ty: TypeId) -> Truth {
        let nilable = |under: &Type| match under {
            Type::Basic(basic) => matches!(basic, Basic::UnsafePointer | Basic::UntypedNil),
            Type::Pointer(_) | Type::Slice(_) | Type::Map { .. } | Type::Chan { .. } => true,
            Type::Signature(_) | Type::Interface(_) => true,
            _ => false,
        };
        self.each_specific(ty, |_, under| nilable(under)).truth()
    }

    /// The type that an untyped operand takes where none is asked for; others stay.
    pub(crate) fn default_of(&self, ty: TypeId) -> TypeId {
        self.untyped(ty).map_or(ty, |basic| basic.default_type().into())
    }
}

/// Ways around the tree.
impl Checker<'_> {
    /// The expression around this one.
    pub(crate) fn parent_expr(&self, id: ExprId) -> Option<ExprId> {
        match self.tree.parent(id) {
            Some(Node::Expr(parent)) => Some(parent),
            _ => None,
        }
    }

    /// What is inside the parentheses.
    pub(crate) fn unparen(&self, mut id: ExprId) -> ExprId {
        while let Expr::Paren(inner) = self.tree.expr(id) {
            id = inner;
        }
        id
    }

    /// The operand at the left end of a chain of binary expressions.
    pub(crate) fn leftmost(&self, mut id: ExprId) -> ExprId {
        while let Expr::Binary { lhs, .. } = self.tree.expr(id) {
            id = lhs;
        }
        id
    }
}
