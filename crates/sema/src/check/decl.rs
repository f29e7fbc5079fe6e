//! Declarations (Go spec, "Declarations and scope").

use std::rc::Rc;

use gopeer_syntax::ast::{Decl, DeclId, Expr, ExprId, ExprList, FieldList, GroupKind};

use super::package::{Entry, Later};
use super::{Checker, FuncContext, Mode, Operand};
use crate::facts::{Local, LocalKind};
use crate::types::{Named, ObjId, ParamId, PkgId, Type, TypeId};
use crate::value::Value;
use crate::{ErrorCode, ObjectKind};

/// The type and values of a constant or variable spec.
#[derive(Clone, Copy)]
struct Init {
    ty: Option<ExprId>,
    values: ExprList,
}

/// Package-level objects.
impl<'a> Checker<'a> {
    /// Finds out what a package-level object is. `begun` in the package keeps this from being entered twice.
    pub(crate) fn declare_object(&mut self, id: ObjId, entry: Entry) {
        match self.tree.decl(entry.decl) {
            Decl::Func { ty, .. } => self.declare_func(id, entry.decl, ty),
            Decl::Type { name, params, alias, ty } => self.declare_type(id, name, params, alias, ty),
            Decl::Value { names, iota, .. } => {
                if self.store.object(id).kind == ObjectKind::Const {
                    self.declare_const(id, entry, iota);
                } else {
                    self.declare_vars(id, entry, names);
                }
            }
            _ => {}
        }
    }

    /// The signature is looked at again with the body, which then keeps the facts: those found here are dropped.
    fn declare_func(&mut self, id: ObjId, decl: DeclId, ty: ExprId) {
        let scratch = std::cell::RefCell::new(crate::Facts::new(self.tree.expr_count()));
        let mut checker = self.elsewhere(&scratch);
        if let Expr::FuncType { type_params, .. } = checker.tree.expr(ty) {
            let params = checker.type_params(type_params, &[]);
            checker.store.update_object(id, |object| object.params = params.clone());
            let (sig, _) = checker.func_signature(decl);
            checker.store.update_object(id, |object| object.ty = sig);
        }
    }

    fn declare_type(&mut self, id: ObjId, name: ExprId, params: FieldList, alias: bool, ty: ExprId) {
        self.facts.borrow_mut().record_object(name, id);
        let object = self.store.object(id);
        if alias {
            let params = self.type_params(params, &[]);
            let ty = self.ty(ty);
            self.store.update_object(id, |object| (object.ty, object.params) = (ty, params));
            return self.record_type(name, ty);
        }
        self.record_type(name, object.ty);
        let Type::Named(named, _) = self.store.get(object.ty) else { return };
        if !params.is_empty() {
            let store = self.store;
            self.type_params_with(params, &[], |params| store.update_named(named, |of| of.params = params));
        }
        let of = self.ty(ty);
        self.set_underlying(named, of);
    }

    /// A type declared by naming another takes that one's underlying type, which may have to wait.
    fn set_underlying(&mut self, named: crate::types::NamedId, of: TypeId) {
        let underlying = self.store.underlying(of);
        if underlying.is_unknown() && !of.is_unknown() {
            self.package.later(Later::Underlying(named, of));
        }
        self.store.update_named(named, |named| named.underlying = underlying);
    }

    fn declare_const(&mut self, id: ObjId, entry: Entry, iota: u32) {
        let name = self.store.object(id).site.map(|site| site.ident);
        self.inherits = name.filter(|_| entry.init != entry.decl);
        let (ty, value) = self.constant(self.init_of(entry.init), entry.index, iota);
        self.inherits = None;
        self.store.update_object(id, |object| (object.ty, object.value) = (ty, value.clone()));
        if let Some(name) = name {
            self.facts.borrow_mut().record_object(name, id);
            self.record(&Operand { value, ..Operand::new(Mode::Constant, ty, name) });
        }
    }

    fn init_of(&self, spec: DeclId) -> Init {
        match self.tree.decl(spec) {
            Decl::Value { ty, values, .. } => Init { ty, values },
            _ => Init { ty: None, values: ExprList::EMPTY },
        }
    }

    /// Type and value of the constant that has the value of that index in its spec.
    fn constant(&mut self, init: Init, index: usize, iota: u32) -> (TypeId, Value) {
        let outer = self.iota.replace(Value::int(i64::from(iota)));
        let ty = init.ty.map(|ty| self.ty(ty));
        let fits = ty.is_none_or(|ty| self.holds_constants(ty));
        if let (false, Some(ty), Some(at)) = (fits, ty, init.ty) {
            let message = format!("invalid constant type {}", self.store.show(ty));
            self.claim(&[ty], at, ErrorCode::InvalidConstType, message);
        }
        let value = self.tree.exprs(init.values).get(index).copied();
        let found = value.map(|value| {
            let mut x = self.value(value);
            if fits && self.is_no_constant(&x) {
                let message = format!("{} is not constant", self.describe(&x));
                self.claim(&[x.ty], value, ErrorCode::InvalidConstInit, message);
                x.forget();
            }
            if let Some(ty) = ty.filter(|_| fits) {
                self.assignment(&mut x, ty, "constant declaration");
            }
            x
        });
        self.iota = outer;
        match found {
            // It has the type that is written; where what that rests on is not known, neither is the value.
            Some(x) if x.mode == Mode::Constant => match ty.filter(|_| fits) {
                Some(ty) if self.store.under(ty) == Type::Unknown => (ty, Value::Unknown),
                Some(ty) => (ty, x.value),
                None => (x.ty, x.value),
            },
            _ => (ty.unwrap_or(TypeId::UNKNOWN), Value::Unknown),
        }
    }

    /// One spec declares several variables, and one call may give all of them their values, so they are declared at once.
    fn declare_vars(&mut self, id: ObjId, entry: Entry, names: ExprList) {
        let first = id.0.saturating_sub(entry.index as u32);
        let names = self.tree.exprs(names);
        let ids: Vec<ObjId> = (first..).take(names.len()).map(ObjId).collect();
        ids.iter().for_each(|&id| self.package.set_begun(id));
        let Init { ty, values } = self.init_of(entry.decl);
        match ty {
            Some(ty) => {
                let ty = self.ty(ty);
                self.set_var_types(names, &ids, &vec![ty; ids.len()]);
                if !values.is_empty() {
                    self.package.later(Later::Values(ObjId(first)));
                }
            }
            None => {
                let types = self.initial_values(names, None, values);
                self.set_var_types(names, &ids, &types);
            }
        }
    }

    fn set_var_types(&mut self, names: &[ExprId], ids: &[ObjId], types: &[TypeId]) {
        for ((&name, &id), &ty) in names.iter().zip(ids).zip(types) {
            self.store.update_object(id, |object| object.ty = ty);
            self.facts.borrow_mut().record_object(name, id);
            self.record(&Operand::new(Mode::Variable, ty, name));
        }
    }

    /// The values of package-level variables whose type is written.
    pub(crate) fn check_values(&mut self, first: ObjId, entry: Entry) {
        if let Decl::Value { names, values, .. } = self.tree.decl(entry.decl) {
            let ty = self.store.object(first).ty;
            self.initial_values(self.tree.exprs(names), Some(ty), values);
        }
    }

    /// Checks the values that variables are declared with; gives each variable's type.
    fn initial_values(&mut self, names: &[ExprId], ty: Option<TypeId>, values: ExprList) -> Vec<TypeId> {
        let hints: Vec<TypeId> = ty.map(|ty| vec![ty; names.len()]).unwrap_or_default();
        let values = self.tree.exprs(values);
        let mut found = self.values(values, &hints, names.len() == 2);
        if found.len() != names.len() {
            self.count_mismatch(names, values, &found);
            found.clear();
        }
        let mut types = Vec::with_capacity(names.len());
        for (index, _) in names.iter().enumerate() {
            let known = match (found.get_mut(index), ty) {
                (Some(x), Some(ty)) => {
                    self.assignment(x, ty, "variable declaration");
                    ty
                }
                (Some(x), None) => self.variable_type(x, "variable declaration"),
                (None, ty) => ty.unwrap_or(TypeId::UNKNOWN),
            };
            types.push(known);
        }
        types
    }

    /// The type of a variable declared with this value and no type.
    pub(crate) fn variable_type(&mut self, x: &mut Operand, context: &str) -> TypeId {
        if x.mode == Mode::Nil {
            self.error(x.expr, ErrorCode::UntypedNilUse, format!("use of untyped nil in {context}"));
            return TypeId::UNKNOWN;
        }
        self.assignment(x, self.store.default_of(x.ty), context);
        if matches!(x.mode, Mode::NoValue | Mode::Type | Mode::Builtin(_) | Mode::Unknown) {
            TypeId::UNKNOWN
        } else {
            x.ty
        }
    }

    /// More or fewer values than names.
    fn count_mismatch(&self, names: &[ExprId], values: &[ExprId], found: &[Operand]) {
        match (values.get(names.len()), names.get(values.len())) {
            (Some(&extra), _) if self.is_whole() => {
                let message = format!("extra init expr {}", self.text(extra));
                self.error(extra, ErrorCode::AssignmentMismatch, message);
            }
            (_, Some(&missing)) if values.len() > 1 && self.is_whole() => {
                let message = format!("missing init expr for {}", self.tree.source(missing));
                self.error(missing, ErrorCode::AssignmentMismatch, message);
            }
            _ => self.assign_mismatch(names.len(), values, found),
        }
    }
}

/// Functions.
impl<'a> Checker<'a> {
    /// Checks what is left of a piece when the package's names are declared.
    pub(crate) fn whole(&mut self) {
        let tree = self.tree;
        tree.roots().iter().for_each(|&root| self.root(root));
        self.declared_names();
    }

    /// Checks a root of a piece that is a function declaration, or statements outside any function.
    fn root(&mut self, root: DeclId) {
        match self.tree.decl(root) {
            Decl::Func { recv, name, ty, body } => {
                if recv.is_empty() {
                    self.own_params(name, ty);
                }
                let (sig, func) = self.func_signature(root);
                self.record(&Operand::new(Mode::Value, sig, name));
                if let Some(body) = body {
                    self.body(body, func);
                }
            }
            Decl::Stmts(list) => self.loose_stmts(list),
            _ => {}
        }
    }

    /// Declares the type parameters of a package-level function, by the ids that its object has.
    fn own_params(&mut self, name: ExprId, ty: ExprId) {
        let mut known: Rc<[ParamId]> = Rc::from([]);
        if let Some(id) = self.package.declared_by(self.tree.source(name), name, self.at) {
            known = self.store.object(id).params;
            self.facts.borrow_mut().record_object(name, id);
        }
        if let Expr::FuncType { type_params, .. } = self.tree.expr(ty) {
            self.type_params(type_params, &known);
        }
    }

    /// The signature of a function declaration, without receiver, with receiver, parameters and results declared as
    /// locals. Type parameters of a function are declared before; those of a receiver are here.
    pub(crate) fn func_signature(&mut self, decl: DeclId) -> (TypeId, FuncContext) {
        let Decl::Func { recv, ty, .. } = self.tree.decl(decl) else {
            return (TypeId::UNKNOWN, FuncContext::default());
        };
        self.receiver(recv);
        self.signature(ty)
    }

    /// A receiver's type arguments name the type's own parameters (Go spec, "Method declarations").
    fn receiver(&mut self, recv: FieldList) {
        let Some(&field) = self.tree.fields(recv).first() else { return };
        let field = self.tree.field(field);
        let ty = self.receiver_ty(field.ty);
        for &name in self.tree.exprs(field.names) {
            self.declare(name, Local { kind: LocalKind::Param, ty, value: Value::Unknown, used: true });
        }
    }

    fn receiver_ty(&mut self, id: ExprId) -> TypeId {
        let ty = match self.tree.expr(id) {
            Expr::Paren(inner) => self.receiver_ty(inner),
            Expr::Star(inner) => {
                let elem = self.receiver_ty(inner);
                if elem.is_unknown() { elem } else { self.store.pointer(elem) }
            }
            Expr::Index { base, args } => {
                let generic = self.generic(base);
                let params = match self.store.get(generic) {
                    Type::Named(named, _) => self.store.named(named).params,
                    _ => Rc::from([]),
                };
                for (&arg, &param) in self.tree.exprs(args).iter().zip(params.iter()) {
                    let ty = self.store.param_type(param);
                    self.declare(arg, Local { kind: LocalKind::Type, ty, value: Value::Unknown, used: true });
                    self.record_type(arg, ty);
                }
                let args: Vec<TypeId> = params.iter().map(|&param| self.store.param_type(param)).collect();
                match self.store.get(generic) {
                    Type::Named(named, _) => self.store.named_type(named, &args),
                    _ => TypeId::UNKNOWN,
                }
            }
            _ => self.ty(id),
        };
        self.record_type(id, ty);
        ty
    }
}

/// Declarations inside functions.
impl Checker<'_> {
    /// Checks a declaration inside a function: constants, variables, types.
    pub(crate) fn local_decl(&mut self, decl: DeclId) {
        let Decl::Group { kind, specs, .. } = self.tree.decl(decl) else { return };
        let mut inherited = decl;
        for &spec in self.tree.decls(specs) {
            match self.tree.decl(spec) {
                Decl::Value { names, ty, values, iota } if kind == GroupKind::Const => {
                    if ty.is_some() || !values.is_empty() {
                        inherited = spec;
                    }
                    self.local_consts(names, self.init_of(inherited), inherited != spec, iota);
                }
                Decl::Value { names, ty, values, .. } => self.local_vars(names, Init { ty, values }),
                Decl::Type { name, params, alias, ty } => self.local_type(name, params, alias, ty),
                _ => {}
            }
        }
    }

    fn local_consts(&mut self, names: ExprList, init: Init, inherited: bool, iota: u32) {
        for (index, &name) in self.tree.exprs(names).iter().enumerate() {
            self.inherits = inherited.then_some(name);
            let (ty, value) = self.constant(init, index, iota);
            self.inherits = None;
            self.declare(name, Local { kind: LocalKind::Const, ty, value: value.clone(), used: false });
            self.record(&Operand { value, ..Operand::new(Mode::Constant, ty, name) });
        }
    }

    fn local_vars(&mut self, names: ExprList, init: Init) {
        let names = self.tree.exprs(names);
        let ty = init.ty.map(|ty| self.ty(ty));
        let types = match ty {
            Some(ty) if init.values.is_empty() => vec![ty; names.len()],
            _ => self.initial_values(names, ty, init.values),
        };
        for (&name, &ty) in names.iter().zip(&types) {
            self.declare_var(name, ty);
        }
    }

    fn local_type(&mut self, name: ExprId, params: FieldList, alias: bool, ty: ExprId) {
        let local = |ty| Local { kind: LocalKind::Type, ty, value: Value::Unknown, used: false };
        if alias {
            let ty = self.ty(ty);
            self.declare(name, local(ty));
            return self.record_type(name, ty);
        }
        let named = self.store.add_named(Named {
            name: self.store.symbol(self.tree.source(name)),
            pkg: PkgId::SELF,
            object: None,
            params: Rc::from([]),
            underlying: TypeId::UNKNOWN,
            methods: Rc::from([]),
            complete: true,
        });
        let id = self.store.named_type(named, &[]);
        self.declare(name, local(id));
        self.record_type(name, id);
        if !params.is_empty() {
            let store = self.store;
            self.type_params_with(params, &[], |params| store.update_named(named, |of| of.params = params));
        }
        let of = self.ty(ty);
        let underlying = self.store.underlying(of);
        if underlying.is_unknown() {
            self.package.stuck.borrow_mut().insert(named, of);
        }
        self.store.update_named(named, |named| named.underlying = underlying);
    }
}
