//! Where a lock is: the variable, and the fields that lead from it to the lock.

use std::rc::Rc;

use gopeer_sema::types::{Type, TypeId};
use gopeer_sema::{Def, ObjectKind, SelectionKind};
use gopeer_syntax::ast::{Decl, Expr, ExprId, Node, UnaryOp};

use crate::{Call, Cx};

/// What a [`Place`] begins with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Base {
    /// The receiver of the declared function.
    Receiver,
    /// A parameter of the declared function, by its index.
    Param(usize),
    /// Another local, by the identifier that declares it.
    Local(ExprId),
    /// A variable of a package: `registry`, `log.Default`.
    Package(Rc<str>),
}

/// A variable, or what is reached from it by fields and elements: `s.mu`, `shards[i].mu`.
///
/// Two places of one body that are equal are the same thing as long as nothing on the way is assigned to. A local that is assigned
/// once, to a pointer that another place holds, is that place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Where it begins.
    pub base: Base,
    /// The way from there, `.mu`, with embedded fields spelled out; empty for the variable itself.
    pub path: Rc<str>,
    /// The locals that indexes on the way mention.
    pub indexes: Rc<[ExprId]>,
    /// What all places of its kind have in common: the type that declares the field, and its name, `Store.mu`; for a variable of a
    /// package its name. None for what only a local or a parameter names.
    pub class: Option<Rc<str>>,
}

impl Place {
    /// A variable.
    pub fn of(base: Base) -> Place {
        let class = match &base {
            Base::Package(name) => Some(Rc::clone(name)),
            _ => None,
        };
        Place { base, path: "".into(), indexes: [].into(), class }
    }

    /// What a further way leads to, which is of this class.
    pub(super) fn then(&self, path: &str, class: Option<Rc<str>>) -> Place {
        match path.is_empty() {
            true => self.clone(),
            false => {
                let path: Rc<str> = format!("{}{path}", self.path).into();
                // What a variable holds whose type has no name has that of the variable.
                let class = class.or_else(|| match &self.base {
                    Base::Package(name) => Some(format!("{name}{path}").into()),
                    _ => None,
                });
                Place { path, class, ..self.clone() }
            }
        }
    }

    /// The way that leads from another place to this one.
    pub fn below<'p>(&'p self, other: &Place) -> Option<&'p str> {
        let rest = self.path.strip_prefix(&*other.path).filter(|_| self.base == other.base)?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
    }

    /// Whether it means the same to callers: it begins with a variable of a package, the receiver or a parameter.
    pub fn is_shared(&self) -> bool {
        !matches!(self.base, Base::Local(_)) && self.indexes.is_empty()
    }

    /// The last name on the way: `mu`.
    pub fn name(&self) -> &str {
        let name = match &self.base {
            Base::Package(name) if self.path.is_empty() => name,
            _ => &*self.path,
        };
        name.rsplit('.').next().unwrap_or_default()
    }
}

/// Places.
impl<'a> Cx<'a> {
    /// Where what an expression names, points to, or is the address of, is. None if it is the result of a call, or something else
    /// that may be another thing each time.
    pub fn place(&self, expr: ExprId) -> Option<Place> {
        self.place_within(expr, 0)
    }

    fn place_within(&self, expr: ExprId, depth: usize) -> Option<Place> {
        const DEEP: usize = 12;
        if depth > DEEP {
            return None;
        }
        match self.expr(expr) {
            Expr::Paren(inner) | Expr::Star(inner) | Expr::Unary { op: UnaryOp::Addr, operand: inner } => {
                self.place_within(inner, depth + 1)
            }
            Expr::Ident => self.place_of_variable(expr, depth),
            Expr::Selector { base, name } => match self.facts.selection(expr) {
                Some(selection) if selection.kind == SelectionKind::Field => {
                    let (path, class) = self.way(selection.recv, &selection.path)?;
                    Some(self.place_within(base, depth + 1)?.then(&path, class))
                }
                Some(_) => None,
                None => self.is_qualified(expr).then(|| {
                    let package = self.source(base);
                    Place::of(Base::Package(format!("{package}.{}", self.source(name)).into()))
                }),
            },
            Expr::Index { base, args } => {
                let index = self.only(args).filter(|&index| self.is_pure(index))?;
                let base = self.place_within(base, depth + 1)?;
                let class = base.class.as_ref().map(|class| format!("{class}[]").into());
                let mut place = base.then(&format!("[{}]", self.source(index)), class);
                let mentioned = self.locals_in(index).into_iter().chain(place.indexes.iter().copied());
                place.indexes = mentioned.collect();
                Some(place)
            }
            _ => None,
        }
    }

    fn place_of_variable(&self, ident: ExprId, depth: usize) -> Option<Place> {
        match self.def(ident) {
            Def::Package(ObjectKind::Var) => Some(Place::of(Base::Package(self.source(ident).into()))),
            Def::Local(declared) => {
                if self.is_reassigned(ident) {
                    return Some(self.place_of_local(declared));
                }
                if let Some(value) = self.initial_value(declared)
                    && (self.is_reference(declared) || self.is_address(value))
                    && let Some(place) = self.place_within(value, depth + 1)
                {
                    return Some(place);
                }
                Some(self.given_as(declared).map_or_else(|| self.place_of_local(declared), Place::of))
            }
            _ => None,
        }
    }

    /// A local that is no other place. A mutex of its own is one of its kind: `mu@Transfer`.
    fn place_of_local(&self, declared: ExprId) -> Place {
        let place = Place::of(Base::Local(declared));
        let is_mutex = self.type_is(self.ty(declared), &["sync.Mutex", "sync.RWMutex"]);
        let func = self.enclosing_decl(declared).filter(|_| is_mutex).and_then(|func| self.func_name(func));
        let class = func.map(|func| format!("{}@{func}", self.source(declared)).into());
        Place { class, ..place }
    }

    fn is_reference(&self, expr: ExprId) -> bool {
        matches!(self.under(expr), Type::Pointer(_) | Type::Interface(_) | Type::Map { .. })
    }

    fn is_address(&self, value: ExprId) -> bool {
        matches!(self.expr(self.unparen(value)), Expr::Unary { op: UnaryOp::Addr, .. })
    }

    fn locals_in(&self, expr: ExprId) -> Vec<ExprId> {
        let mut locals = Vec::new();
        self.any(expr, false, |node| {
            if let Node::Expr(id) = node
                && self.expr(id) == Expr::Ident
                && let Def::Local(declared) = self.def(id)
            {
                locals.push(declared);
            }
            false
        });
        locals
    }

    /// Which receiver or parameter of a declared function a local is.
    fn given_as(&self, declared: ExprId) -> Option<Base> {
        let Some(Node::Field(field)) = self.tree.parent(declared) else { return None };
        let mut above = self.tree.ancestors(field);
        let decl = match above.next()? {
            Node::Decl(decl) => decl,
            Node::Expr(_) => match above.next()? {
                Node::Decl(decl) => decl,
                _ => return None,
            },
            _ => return None,
        };
        let Decl::Func { recv, ty, .. } = self.decl(decl) else { return None };
        if self.params(recv).iter().any(|(name, _)| *name == Some(declared)) {
            return Some(Base::Receiver);
        }
        let Expr::FuncType { params, .. } = self.expr(ty) else { return None };
        self.params(params).iter().position(|(name, _)| *name == Some(declared)).map(Base::Param)
    }

    /// The way that a selection takes from a value of a type, by the indexes of fields, `.Base.mu`, and the class of what it leads to.
    fn way(&self, mut ty: TypeId, path: &[u32]) -> Option<(String, Option<Rc<str>>)> {
        let (mut way, mut class) = (String::new(), None);
        for &index in path {
            let owner = self.deref_under(ty);
            let Type::Struct(of) = self.store.under(owner) else { return None };
            let field = of.fields.get(index as usize)?;
            let name = self.store.text(field.name);
            way.push('.');
            way.push_str(name);
            class = self.store.qualified_name(owner).map(|(_, owner)| format!("{owner}.{name}").into());
            ty = field.ty;
        }
        Some((way, class))
    }

    fn deref_under(&self, ty: TypeId) -> TypeId {
        match self.store.under(ty) {
            Type::Pointer(elem) => elem,
            _ => ty,
        }
    }

    /// Where what a method is called on is: with the embedded fields that lead to the method's own receiver.
    pub fn receiver_place(&self, call: Call<'_>) -> Option<Place> {
        let selection = self.facts.selection(self.unparen(call.fun))?;
        let (path, class) = self.way(selection.recv, &selection.path)?;
        Some(self.place(call.receiver?)?.then(&path, class))
    }

    /// What a place of the function, or the function literal, that a call calls is here. None if that does not show.
    pub(crate) fn place_in_caller(&self, place: &Place, call: ExprId) -> Option<Place> {
        let Expr::Call { args, spread: false, .. } = self.expr(self.unparen(call)) else { return None };
        let args = self.exprs(args);
        let there = match (place.base.clone(), self.literal_called(call)) {
            (Base::Package(_), _) => return Some(place.clone()),
            (Base::Local(declared), Some(literal)) => match self.param_of_literal(literal, declared) {
                Some(index) => self.place(*args.get(index)?)?,
                None => return Some(place.clone()),
            },
            // Those of the function around the literal.
            (_, Some(_)) => return Some(place.clone()),
            (Base::Receiver, None) => self.receiver_place(self.call(call)?)?,
            (Base::Param(index), None) => self.place(*args.get(index)?)?,
            (Base::Local(_), None) => return None,
        };
        Some(there.then(&place.path, place.class.clone()))
    }

    pub(crate) fn param_of_literal(&self, literal: ExprId, declared: ExprId) -> Option<usize> {
        let func = self.as_func(Node::Expr(literal))?;
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return None };
        self.params(params).iter().position(|(name, _)| *name == Some(declared))
    }
}
