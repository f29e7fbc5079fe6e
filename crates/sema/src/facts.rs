//! What checking found out about one piece: side tables over its tree (cf. go/types' `Info`).

use std::rc::Rc;

use gopeer_syntax::ast::ExprId;
use std::collections::BTreeMap;

use crate::check::Mode;
use crate::types::{NamedId, ObjId, TypeId};
use crate::value::Value;

/// What is known of the expressions of one tree. Ids of types and objects are those of the package's store.
#[derive(Debug, Default)]
pub struct Facts {
    types: Vec<TypeId>,
    modes: Vec<Mode>,
    values: BTreeMap<ExprId, Value>,
    objects: BTreeMap<ExprId, ObjId>,
    locals: BTreeMap<ExprId, Local>,
    selections: BTreeMap<ExprId, Selection>,
    instances: BTreeMap<ExprId, Rc<[TypeId]>>,
    /// Compile errors, in the order found.
    pub errors: Vec<crate::TypeError>,
}

/// Something declared inside the piece. Its key is the declaring `Ident`.
#[derive(Clone, Debug)]
pub struct Local {
    /// What it is.
    pub kind: LocalKind,
    /// Its type: of a type name, the type. Of a type switch's variable, that in the clause looked at last.
    pub ty: TypeId,
    /// The value of a constant.
    pub value: Value,
    /// Whether it is used (Go spec, "Variable declarations": an unused variable may be an error).
    pub used: bool,
}

/// What a local is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each says what it is")]
pub enum LocalKind {
    Var,
    /// A parameter, result or receiver: need not be used.
    Param,
    Const,
    Type,
}

/// What a selector `x.f` that is not a qualified name selects, or the key of a struct literal (Go spec, "Selectors",
/// "Composite literals").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// What is selected.
    pub kind: SelectionKind,
    /// The type of `x`, or of the literal.
    pub recv: TypeId,
    /// The type that declares the method, or whose struct has the field: the last named type on the way there. None for
    /// an unnamed struct or interface.
    pub owner: Option<NamedId>,
    /// The embedded fields passed on the way, by index, and the index of the field itself at the end (methods: none).
    pub path: Rc<[u32]>,
    /// Whether a pointer was followed on the way.
    pub indirect: bool,
}

/// Kinds of selections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each says what it is")]
pub enum SelectionKind {
    Field,
    Method,
    /// `T.Method`.
    MethodExpr,
}

impl Facts {
    pub(crate) fn new(exprs: usize) -> Facts {
        Facts { types: vec![TypeId::UNKNOWN; exprs], modes: vec![Mode::Unknown; exprs], ..Facts::default() }
    }

    /// Makes room for what is known of so many expressions, unless there is.
    pub(crate) fn make_room(&mut self, exprs: usize) {
        if self.types.len() < exprs {
            self.types.resize(exprs, TypeId::UNKNOWN);
            self.modes.resize(exprs, Mode::Unknown);
        }
    }

    /// The type of an expression: of a type expression the type itself, of a declaring name the type of what it declares.
    pub fn type_of(&self, expr: ExprId) -> TypeId {
        self.types.get(expr.index()).copied().unwrap_or(TypeId::UNKNOWN)
    }

    /// How an expression can be used.
    pub fn mode(&self, expr: ExprId) -> Mode {
        self.modes.get(expr.index()).copied().unwrap_or_default()
    }

    /// The value of a constant expression.
    pub fn value(&self, expr: ExprId) -> Option<&Value> {
        self.values.get(&expr)
    }

    /// The package-level object an identifier refers to or declares: of this package, or, for the `Get` of `http.Get`, of
    /// another.
    pub fn object(&self, ident: ExprId) -> Option<ObjId> {
        self.objects.get(&ident).copied()
    }

    /// What the declaring `ident` declares inside this piece.
    pub fn local(&self, ident: ExprId) -> Option<&Local> {
        self.locals.get(&ident)
    }

    /// All locals with their declaring identifiers.
    pub fn locals(&self) -> impl Iterator<Item = (ExprId, &Local)> {
        self.locals.iter().map(|(&ident, local)| (ident, local))
    }

    /// What the selector, or the bare key of a composite literal, selects; none for a qualified name or a key that is no
    /// field.
    pub fn selection(&self, selector: ExprId) -> Option<&Selection> {
        self.selections.get(&selector)
    }

    /// The type arguments with which the generic that `ident` names is used here.
    pub fn instance(&self, ident: ExprId) -> Option<&[TypeId]> {
        self.instances.get(&ident).map(|args| &**args)
    }
}

/// Recording, for the checker.
impl Facts {
    pub(crate) fn record(&mut self, expr: ExprId, mode: Mode, ty: TypeId, value: &Value) {
        if let (Some(slot), Some(known)) = (self.types.get_mut(expr.index()), self.modes.get_mut(expr.index())) {
            (*slot, *known) = (ty, mode);
        }
        match (mode, value) {
            (Mode::Constant, Value::Unknown) => drop(self.values.remove(&expr)),
            (Mode::Constant, value) => drop(self.values.insert(expr, value.clone())),
            _ => {}
        }
    }

    pub(crate) fn record_object(&mut self, ident: ExprId, object: ObjId) {
        self.objects.insert(ident, object);
    }

    pub(crate) fn declare(&mut self, ident: ExprId, local: Local) {
        if let Some(slot) = self.types.get_mut(ident.index()) {
            *slot = local.ty;
        }
        self.locals.insert(ident, local);
    }

    pub(crate) fn local_mut(&mut self, ident: ExprId) -> Option<&mut Local> {
        self.locals.get_mut(&ident)
    }

    pub(crate) fn record_selection(&mut self, selector: ExprId, selection: Selection) {
        self.selections.insert(selector, selection);
    }

    pub(crate) fn record_instance(&mut self, ident: ExprId, args: &[TypeId]) {
        self.instances.insert(ident, args.into());
    }
}
