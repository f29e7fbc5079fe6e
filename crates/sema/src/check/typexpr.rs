//! Type expressions (Go spec, "Types").

use std::rc::Rc;

use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, FieldList, UnaryOp};

use super::{Checker, FuncContext, Mode, Operand};
use crate::facts::{Local, LocalKind};
use crate::names::Def;
use crate::types::{Field, InterfaceMethod, ObjId, Param, ParamId, PkgId, Symbol, Term, Type, TypeId};
use crate::value::Value;
use crate::{ErrorCode, Member, ObjectKind, Predeclared, predeclared};

/// What a name or qualified name denotes where a type is wanted.
enum TypeName {
    /// A type, with the parameters of a generic alias.
    Type(TypeId, Option<ObjId>),
    /// Something else, for certain.
    Other,
    Unknown,
}

/// Names.
impl Checker<'_> {
    /// What an identifier refers to, by its `Def`; the key of a composite literal has another.
    fn type_name(&self, id: ExprId) -> TypeName {
        match self.tree.expr(id) {
            Expr::Ident => match self.names.def(id) {
                Def::Local(declaring) => match self.facts.borrow().local(declaring) {
                    Some(Local { kind: LocalKind::Type, ty, .. }) => TypeName::Type(*ty, None),
                    Some(_) => TypeName::Other,
                    None => TypeName::Unknown,
                },
                Def::Package(_) => match self.package.object(self.tree.source(id), self.at) {
                    Some(object) => self.type_object(object),
                    None => TypeName::Unknown,
                },
                Def::Universe => match predeclared(self.tree.source(id)) {
                    Some(Predeclared::Type(ty)) => TypeName::Type(ty, None),
                    _ => TypeName::Other,
                },
                Def::Unknown => {
                    self.dot_imported(self.tree.source(id)).map_or(TypeName::Unknown, |id| self.type_object(id))
                }
                Def::Import(_) | Def::Implied(_) => TypeName::Other,
            },
            Expr::Selector { base, name } => match self.imported(base, self.tree.source(name)) {
                Some(Member::Object(object)) => self.type_object(object),
                Some(Member::Builtin(_)) => TypeName::Other,
                Some(Member::Missing | Member::Unknown) => TypeName::Unknown,
                // What nothing declares may be a package whose name its path does not tell.
                None if self.tree.expr(base) == Expr::Ident && self.names.def(base) == Def::Unknown => {
                    TypeName::Unknown
                }
                None => TypeName::Other,
            },
            _ => TypeName::Other,
        }
    }

    fn type_object(&self, id: ObjId) -> TypeName {
        let object = self.store.object(id);
        match object.kind {
            ObjectKind::Type => TypeName::Type(object.ty, Some(id)),
            _ => TypeName::Other,
        }
    }

    /// The package that an identifier names, if it names one.
    pub(crate) fn package_of(&self, ident: ExprId) -> Option<PkgId> {
        match self.names.def(ident) {
            Def::Import(index) => {
                self.scope.imports.get(index as usize).map(|import| self.store.add_package(&import.path))
            }
            Def::Implied(path) => Some(self.store.add_package(path)),
            _ => None,
        }
    }

    /// What `base.name` is where `base` names an imported package; none where it does not.
    pub(crate) fn imported(&self, base: ExprId, name: &str) -> Option<Member> {
        if self.tree.expr(base) != Expr::Ident {
            return None;
        }
        let package = self.package_of(base)?;
        Some(self.store.member(package, name))
    }

    /// The object of a dot-imported package by that name.
    pub(crate) fn dot_imported(&self, name: &str) -> Option<ObjId> {
        let dots = self.scope.named(".");
        dots.map(|import| self.store.add_package(&import.path)).find_map(|package| {
            match self.store.member(package, name) {
                Member::Object(id) => Some(id),
                _ => None,
            }
        })
    }

    /// Whether an expression denotes a type (it may be generic and not instantiated). Nothing is reported or recorded.
    pub(crate) fn denotes_type(&self, mut id: ExprId) -> bool {
        loop {
            id = match self.tree.expr(id) {
                Expr::Ident | Expr::Selector { .. } => return matches!(self.type_name(id), TypeName::Type(..)),
                Expr::Paren(inner) | Expr::Star(inner) | Expr::Index { base: inner, .. } => inner,
                Expr::ArrayType { .. }
                | Expr::StructType { .. }
                | Expr::FuncType { .. }
                | Expr::InterfaceType { .. }
                | Expr::MapType { .. }
                | Expr::ChanType { .. } => return true,
                _ => return false,
            };
        }
    }

    /// Notes that a name is used, and which object it is.
    fn use_type_name(&self, id: ExprId, ty: TypeId, object: Option<ObjId>) {
        let ident = match self.tree.expr(id) {
            Expr::Selector { name, .. } => name,
            _ => id,
        };
        if let Some(object) = object {
            self.facts.borrow_mut().record_object(ident, object);
        } else if let Def::Local(declaring) = self.names.def(id)
            && let Some(local) = self.facts.borrow_mut().local_mut(declaring)
        {
            local.used = true;
        }
        self.record_type(ident, ty);
        self.record_type(id, ty);
    }

    /// The type that a name denotes, generic or not.
    pub(crate) fn generic(&mut self, id: ExprId) -> TypeId {
        if let Expr::Paren(inner) = self.tree.expr(id) {
            let ty = self.generic(inner);
            self.record_type(id, ty);
            return ty;
        }
        match self.type_name(id) {
            TypeName::Type(ty, object) => {
                self.use_type_name(id, ty, object);
                ty
            }
            TypeName::Other => {
                self.not_a_type(id);
                TypeId::UNKNOWN
            }
            TypeName::Unknown => {
                self.undefined(id);
                TypeId::UNKNOWN
            }
        }
    }

    fn not_a_type(&mut self, id: ExprId) {
        if self.tree.expr(id) != Expr::Bad && matches!(self.tree.expr(id), Expr::Ident | Expr::Selector { .. }) {
            let message = format!("{} is not a type", self.tree.source(id));
            self.error(id, ErrorCode::NotAType, message);
        }
    }

    /// Whether a name in front of a dot may be that of an imported package that nobody knows: its path need not tell.
    fn may_be_package(&self, ident: ExprId) -> bool {
        let qualifies = matches!(self.tree.parent(ident), Some(gopeer_syntax::ast::Node::Expr(parent))
            if matches!(self.tree.expr(parent), Expr::Selector { base, .. } if base == ident));
        qualifies && self.package.guesses(self.at.0, || self.scope.imports.iter().any(|import| self.is_guessed(import)))
    }

    /// Whether the name of an imported package is only a guess from its path.
    pub(crate) fn is_guessed(&self, import: &crate::Import) -> bool {
        !import.given && self.known_name(&import.path).is_none()
    }

    /// The name of a package that is imported without giving it one; none where it is not the one that its path tells.
    pub(crate) fn known_name<'p>(&self, path: &'p str) -> Option<&'p str> {
        let package = self.store.add_package(path);
        let own = self.store.text(self.store.package(package).name);
        gopeer_api::package_name(path).filter(|&guess| self.store.is_indexed(package) && *own == *guess)
    }

    /// Reports a name that nothing declares, where that is certain.
    pub(crate) fn undefined(&self, id: ExprId) {
        match self.tree.expr(id) {
            Expr::Ident => {
                let text = self.tree.source(id);
                let known = self.store.is_whole() && !self.scope.has_dot_import() && !self.scope.is_fragment();
                if known && !self.may_be_package(id) && text != "_" && self.names.def(id) == Def::Unknown {
                    self.error(id, ErrorCode::UndeclaredName, format!("undefined: {text}"));
                }
            }
            Expr::Selector { base, name } => {
                let text = self.tree.source(name);
                if self.imported(base, text) == Some(Member::Missing) {
                    let message = format!("undefined: {}.{text}", self.tree.source(base));
                    self.error(name, ErrorCode::UndeclaredImportedName, message);
                }
            }
            _ => {}
        }
    }
}

/// Types.
impl Checker<'_> {
    /// The type that an expression denotes, recorded; unknown, after a report where that is certain, if it is none.
    pub(crate) fn ty(&mut self, id: ExprId) -> TypeId {
        if let Expr::Ident | Expr::Selector { .. } = self.tree.expr(id) {
            return self.generic(id);
        }
        let ty = self.inside(|checker| checker.type_literal(id));
        self.record_type(id, ty);
        ty
    }

    /// The type of an expression that is no mere name.
    fn type_literal(&mut self, id: ExprId) -> TypeId {
        match self.tree.expr(id) {
            Expr::Paren(inner) => self.ty(inner),
            Expr::Star(inner) => self.one(inner, |c, ty| c.store.pointer(ty)),
            Expr::Index { base, args } => self.instance(base, self.tree.exprs(args)),
            Expr::ArrayType { len: None, elem } => self.one(elem, |c, ty| c.store.slice(ty)),
            Expr::ArrayType { len: Some(len), elem } => {
                let len = self.array_len(len);
                self.one(elem, |c, ty| c.store.array(len, ty))
            }
            Expr::MapType { key, value } => {
                let (key, value) = (self.ty(key), self.ty(value));
                self.store.map(key, value)
            }
            Expr::ChanType { dir, elem } => self.one(elem, |c, ty| c.store.chan(dir, ty)),
            Expr::FuncType { .. } => self.signature(id).0,
            Expr::StructType { fields } => self.struct_type(fields),
            Expr::InterfaceType { elems } => self.interface_type(elems),
            Expr::Unary { op: UnaryOp::Tilde, .. } | Expr::Binary { op: BinaryOp::Or, .. } => self.union(id),
            Expr::Ellipsis(Some(elem)) => self.one(elem, |c, ty| c.store.slice(ty)),
            _ => TypeId::UNKNOWN,
        }
    }

    /// A type made of another. What is made of an unknown one keeps its shape: a slice of unknown is a slice.
    fn one(&mut self, elem: ExprId, make: impl FnOnce(&Self, TypeId) -> TypeId) -> TypeId {
        let elem = self.ty(elem);
        make(self, elem)
    }

    /// The length of an array type; none for `[...]T`, which a composite literal completes, and where it is not known.
    fn array_len(&mut self, id: ExprId) -> Option<u64> {
        if matches!(self.tree.expr(id), Expr::Ellipsis(_)) {
            return None;
        }
        // An untyped length stays untyped: nothing asks for another type.
        let x = self.value(id);
        let len = x.value.to_int().as_u64().filter(|&len| i64::try_from(len).is_ok());
        let (integer, untyped) = (self.store.is_integer(x.ty), self.store.is_untyped(x.ty));
        let message = match x.mode {
            Mode::Constant if x.value.is_unknown() || x.is_unknown() => return None,
            Mode::Constant if len.is_some() && (integer || untyped) => return len,
            Mode::Constant if integer => format!("invalid array length {}", self.describe(&x)),
            Mode::Constant => format!("array length {} must be integer", self.describe(&x)),
            _ if !self.is_no_constant(&x) => return None,
            _ if self.tree.expr(id) == Expr::Ident => format!("invalid array length {}", self.tree.source(id)),
            _ => format!("array length {} must be constant", self.describe(&x)),
        };
        self.claim(&[x.ty], id, ErrorCode::InvalidArrayLen, message);
        None
    }

    fn instance(&mut self, base: ExprId, args: &[ExprId]) -> TypeId {
        let generic = self.generic(base);
        let alias = self.facts.borrow().object(self.name_of(base)).map(|id| self.store.object(id));
        let args: Vec<TypeId> = args.iter().map(|&arg| self.ty(arg)).collect();
        let ident = self.name_of(base);
        match alias.filter(|object| object.alias && !object.params.is_empty()) {
            Some(object) if object.params.len() == args.len() => {
                self.facts.borrow_mut().record_instance(ident, &args);
                self.store.subst(generic, &object.params, &args)
            }
            Some(_) => TypeId::UNKNOWN,
            None => self.instantiate(base, generic, &args),
        }
    }

    /// The identifier that names what an expression is: `List` of `list.List`.
    pub(crate) fn name_of(&self, mut id: ExprId) -> ExprId {
        loop {
            id = match self.tree.expr(id) {
                Expr::Paren(inner) => inner,
                Expr::Selector { name, .. } => return name,
                _ => return id,
            };
        }
    }

    /// The instance of a generic defined type.
    pub(crate) fn instantiate(&mut self, at: ExprId, generic: TypeId, args: &[TypeId]) -> TypeId {
        let Type::Named(named, old) = self.store.get(generic) else { return TypeId::UNKNOWN };
        let params = self.store.named(named).params;
        // While a type's own parameters are declared, `type T[P interface{ m(T[P]) }]` has none yet.
        if !old.is_empty() || (!params.is_empty() && params.len() != args.len()) {
            return TypeId::UNKNOWN;
        }
        let ident = self.name_of(at);
        let ty = self.store.named_type(named, args);
        self.facts.borrow_mut().record_instance(ident, args);
        ty
    }

    fn struct_type(&mut self, fields: FieldList) -> TypeId {
        let mut all = Vec::new();
        for &id in self.tree.fields(fields) {
            let field = self.tree.field(id);
            let ty = self.ty(field.ty);
            let tag = field.tag.and_then(|tag| self.tag(tag));
            for &name in self.tree.exprs(field.names) {
                let (symbol, pkg) = self.store.member_name(self.tree.source(name));
                self.record(&Operand::new(Mode::Variable, ty, name));
                all.push(Field { name: symbol, pkg, ty, embedded: false, tag });
            }
            if field.names.is_empty() {
                let Some(name) = self.embedded_ident(field.ty) else { return TypeId::UNKNOWN };
                let (symbol, pkg) = self.store.member_name(self.tree.source(name));
                all.push(Field { name: symbol, pkg, ty, embedded: true, tag });
            }
        }
        self.store.struct_type(&all)
    }

    fn tag(&self, tag: ExprId) -> Option<Symbol> {
        let Expr::Literal(kind) = self.tree.expr(tag) else { return None };
        let value = Value::literal(kind, self.tree.source(tag));
        // An empty tag is none.
        value.as_str_lossy().filter(|text| !text.is_empty()).map(|text| self.store.symbol(&text))
    }

    /// An embedded field goes by the name of its type.
    pub(crate) fn embedded_ident(&self, mut ty: ExprId) -> Option<ExprId> {
        loop {
            ty = match self.tree.expr(ty) {
                Expr::Ident => return Some(ty),
                Expr::Selector { name, .. } => return Some(name),
                Expr::Paren(inner) | Expr::Star(inner) | Expr::Index { base: inner, .. } => inner,
                _ => return None,
            };
        }
    }

    fn interface_type(&mut self, elems: FieldList) -> TypeId {
        let (mut methods, mut embeds) = (Vec::new(), Vec::new());
        for &id in self.tree.fields(elems) {
            let field = self.tree.field(id);
            if field.names.is_empty() {
                embeds.push(self.ty(field.ty));
                continue;
            }
            let sig = self.ty(field.ty);
            for &name in self.tree.exprs(field.names) {
                let (symbol, pkg) = self.store.member_name(self.tree.source(name));
                self.record(&Operand::new(Mode::Value, sig, name));
                methods.push(InterfaceMethod { name: symbol, pkg, sig });
            }
        }
        self.store.interface(&methods, &embeds)
    }

    /// `~A | B`: leans to the left as deep as it is long, so the spine is a loop.
    fn union(&mut self, id: ExprId) -> TypeId {
        let mut terms = Vec::new();
        let mut spine = vec![];
        let mut at = id;
        while let Expr::Binary { op: BinaryOp::Or, lhs, rhs } = self.tree.expr(at) {
            terms.push(self.term(rhs));
            spine.push(at);
            at = lhs;
        }
        terms.push(self.term(at));
        terms.reverse();
        // `A | B` inside `A | B | C` is a union of its own. Nobody writes more terms by hand.
        const SHOWN: usize = 100;
        for (last, &at) in spine.iter().rev().enumerate().take(SHOWN) {
            let part = self.store.union(terms.get(..last + 2).unwrap_or(&terms));
            self.record_type(at, part);
        }
        self.store.union(&terms)
    }

    fn term(&mut self, id: ExprId) -> Term {
        match self.tree.expr(id) {
            Expr::Unary { op: UnaryOp::Tilde, operand } => {
                let term = Term { tilde: true, ty: self.ty(operand) };
                let ty = self.store.union(&[term]);
                self.record_type(id, ty);
                term
            }
            Expr::Paren(inner) => self.term(inner),
            _ => Term { tilde: false, ty: self.ty(id) },
        }
    }
}

/// Functions.
impl Checker<'_> {
    /// Declares type parameters and gives their ids; `known` are those of an earlier look at the same declaration.
    pub(crate) fn type_params(&mut self, fields: FieldList, known: &[ParamId]) -> Rc<[ParamId]> {
        self.type_params_with(fields, known, |_| {})
    }

    /// Like [`Checker::type_params`]; `declared` learns the ids before the constraints are looked at, which may use what
    /// has these parameters.
    pub(crate) fn type_params_with(
        &mut self,
        fields: FieldList,
        known: &[ParamId],
        declared: impl FnOnce(Rc<[ParamId]>),
    ) -> Rc<[ParamId]> {
        let mut ids = Vec::new();
        for &field in self.tree.fields(fields) {
            for &name in self.tree.exprs(self.tree.field(field).names) {
                let index = ids.len();
                let symbol = self.store.symbol(self.tree.source(name));
                let add = || {
                    let constraint = TypeId::UNKNOWN;
                    self.store.add_param(Param { name: symbol, index: index as u32, constraint })
                };
                let id = known.get(index).copied().unwrap_or_else(add);
                let ty = self.store.param_type(id);
                self.declare(name, Local { kind: LocalKind::Type, ty, value: Value::Unknown, used: true });
                self.record_type(name, ty);
                ids.push(id);
            }
        }
        let ids: Rc<[ParamId]> = ids.into();
        declared(ids.clone());
        let mut next = ids.iter();
        for &field in self.tree.fields(fields) {
            let field = self.tree.field(field);
            let constraint = self.ty(field.ty);
            for &id in next.by_ref().take(field.names.len()) {
                self.store.set_constraint(id, constraint);
            }
        }
        ids
    }

    /// The signature of an `Expr::FuncType`, with its parameters and results declared as locals, and what its body needs
    /// to know. Type parameters are declared before, with [`Checker::type_params`].
    pub(crate) fn signature(&mut self, ty: ExprId) -> (TypeId, FuncContext) {
        let Expr::FuncType { params, results, .. } = self.tree.expr(ty) else {
            return (TypeId::UNKNOWN, FuncContext::default());
        };
        let fields = self.tree.fields(params);
        let last = fields.last().map(|&field| self.tree.field(field).ty);
        let variadic = last.is_some_and(|ty| matches!(self.tree.expr(ty), Expr::Ellipsis(_)));
        let (params, _) = self.parameters(params);
        let (results, named_results) = self.parameters(results);
        let sig = self.store.signature(&params, &results, variadic);
        self.record_type(ty, sig);
        (sig, FuncContext { results: Some(results.into()), named_results: named_results.into(), loose: false })
    }

    fn parameters(&mut self, fields: FieldList) -> (Vec<TypeId>, Vec<ExprId>) {
        let (mut types, mut idents) = (Vec::new(), Vec::new());
        for &field in self.tree.fields(fields) {
            let field = self.tree.field(field);
            let ty = self.ty(field.ty);
            let names = self.tree.exprs(field.names);
            for &name in names {
                self.declare(name, Local { kind: LocalKind::Param, ty, value: Value::Unknown, used: true });
                self.record(&Operand::new(Mode::Variable, ty, name));
                idents.push(name);
            }
            types.extend(std::iter::repeat_n(ty, names.len().max(1)));
        }
        (types, idents)
    }
}
