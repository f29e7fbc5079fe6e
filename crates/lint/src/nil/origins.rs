//! Where a function says that a value is nil.

use gopeer_flow::Use;
use gopeer_sema::types::{Basic, Type, TypeId};
use gopeer_sema::{Def, SelectionKind};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{AssignOp, BinaryOp, Decl, DeclId, Expr, ExprId, GroupKind, Node, Stmt, StmtId, UnaryOp};

use super::{Nil, Origin};
use crate::{Cx, Func};

/// Kinds of types whose nil does harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Map,
    Other,
}

/// Where values are nil.
impl<'a> Cx<'a> {
    /// The type of a variable where it is declared, too, or of another expression.
    pub(super) fn place_type(&self, place: ExprId) -> TypeId {
        self.facts.local(place).map_or_else(|| self.ty(place), |local| local.ty)
    }

    /// Whether a value is a map, whose nil does harm where it is written to.
    pub fn is_nil_map(&self, nil: &Nil<'_>) -> bool {
        matches!(nil.origin, Origin::Unset(_)) || self.kind_of(self.place_type(nil.place)) == Some(Kind::Map)
    }

    /// What is nil, as the source has it: `c.rooms`.
    pub fn nil_name(&self, nil: &Nil<'_>) -> String {
        match nil.origin {
            Origin::Unset(field) => format!("{}.{field}", self.source(nil.place)),
            _ => self.source(nil.place).to_owned(),
        }
    }

    fn kind_of(&self, ty: TypeId) -> Option<Kind> {
        match self.store.get(ty) {
            Type::Unknown | Type::Param(_) => None,
            _ => match self.store.under(ty) {
                Type::Pointer(_) | Type::Interface(_) | Type::Signature(_) => Some(Kind::Other),
                Type::Map { .. } => Some(Kind::Map),
                _ => None,
            },
        }
    }

    /// What a node says to be nil: a comparison, an assignment, or a declaration.
    pub(crate) fn nils(&self, node: Node) -> Vec<Nil<'a>> {
        match node {
            Node::Expr(cond) => self.nil_tested(cond).into_iter().collect(),
            Node::Stmt(stmt) => self.nil_assigned(stmt),
            Node::Decl(spec) => self.nil_declared(spec),
            Node::Field(_) => Vec::new(),
        }
    }

    /// The variables of a declaration without values that are nil.
    fn nil_declared(&self, spec: DeclId) -> Vec<Nil<'a>> {
        let Decl::Value { names, values, .. } = self.decl(spec) else { return Vec::new() };
        let is_var = matches!(self.tree.parent(spec), Some(Node::Decl(group)) if matches!(self.decl(group), Decl::Group { kind: GroupKind::Var, .. }));
        if !values.is_empty() || !is_var || self.enclosing_func(spec).is_none() {
            return Vec::new();
        }
        let nil = |&name: &ExprId| Nil { place: name, origin: Origin::Declared, root: name, returned: false };
        let names = self.exprs(names);
        let whole = names.iter().map(nil).filter(|nil| self.may_harm(nil));
        whole.chain(names.iter().flat_map(|&name| self.unset(name, None))).collect()
    }

    /// The variables of a declaration without values that are nil pointers and returned as interfaces.
    pub fn nil_returned(&self, spec: DeclId) -> Vec<Nil<'a>> {
        let Decl::Value { names, values, .. } = self.decl(spec) else { return Vec::new() };
        let Some(func) = self.enclosing_func(spec).filter(|_| values.is_empty()) else { return Vec::new() };
        let is_returned = |&name: &ExprId| {
            self.is_pointer(self.place_type(name))
                && self.names.uses(name).take(MOST_USES).any(|used| self.is_returned_as_interface(func, used))
        };
        let nil = |&name: &ExprId| Nil { place: name, origin: Origin::Declared, root: name, returned: true };
        self.exprs(names).iter().filter(|name| is_returned(name)).map(nil).collect()
    }

    /// Whether an identifier is a result of the function, and that result an interface.
    pub(super) fn is_returned_as_interface(&self, func: Func, ident: ExprId) -> bool {
        let Use::Returned(at) = self.names_input().use_of(ident) else { return false };
        let ty = self.results_of(func).get(at).map_or(TypeId::UNKNOWN, |(_, ty)| self.ty(*ty));
        let of_func = self.enclosing_func(ident).is_some_and(|around| around.node == func.node);
        let is_interface =
            !matches!(self.store.get(ty), Type::Param(_)) && matches!(self.store.under(ty), Type::Interface(_));
        of_func && is_interface
    }

    /// The maps that a struct is made without, and that are written to.
    fn unset(&self, variable: ExprId, source: Option<ExprId>) -> Vec<Nil<'a>> {
        let Def::Local(root) = self.def(variable) else { return Vec::new() };
        let ty = self.place_type(variable);
        let of_struct = if source.is_some() { self.deref(ty) } else { ty };
        if !matches!(self.store.under(of_struct), Type::Struct(_)) {
            return Vec::new();
        }
        let Some(set) = self.fields_set(source) else { return Vec::new() };
        let mut fields: Vec<&str> = Vec::new();
        for used in self.names.uses(root).take(MOST_USES) {
            if let Some(field) = self.written_map(used)
                && !set.contains(&field)
                && !fields.contains(&field)
            {
                fields.push(field);
            }
        }
        fields
            .into_iter()
            .map(|field| Nil { place: variable, origin: Origin::Unset(field), root, returned: false })
            .collect()
    }

    /// The fields that a literal sets; none where it is no literal, or one without keys.
    fn fields_set(&self, source: Option<ExprId>) -> Option<Vec<&'a str>> {
        let Some(source) = source else { return Some(Vec::new()) };
        let source = match self.expr(self.unparen(source)) {
            Expr::Unary { op: UnaryOp::Addr, operand } => self.unparen(operand),
            Expr::Call { fun, args, .. } if self.is_builtin(fun, "new") => {
                return self.only(args).filter(|&ty| self.is_type_expr(ty)).map(|_| Vec::new());
            }
            _ => self.unparen(source),
        };
        let Expr::Composite { elems, .. } = self.expr(source) else { return None };
        let key = |&elem: &ExprId| match self.expr(elem) {
            Expr::KeyValue { key, .. } => Some(self.source(key)),
            _ => None,
        };
        self.exprs(elems).iter().map(key).collect()
    }

    /// The field of a variable that is a map and that is written to where the variable is mentioned.
    fn written_map(&self, used: ExprId) -> Option<&'a str> {
        let Some(Node::Expr(selector)) = self.tree.parent(used) else { return None };
        let Expr::Selector { base, name } = self.expr(selector) else { return None };
        let own = self.facts.selection(selector).is_some_and(|selection| selection.path.len() == 1);
        let is_map = self.kind_of(self.ty(selector)) == Some(Kind::Map);
        (base == used && own && is_map && self.is_harmful(selector, Kind::Map)).then(|| self.source(name))
    }

    /// The targets of an assignment that are nil because it says so, or that are nil if it fails.
    fn nil_assigned(&self, stmt: StmtId) -> Vec<Nil<'a>> {
        let Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, rhs } = self.stmt(stmt) else {
            return Vec::new();
        };
        let (targets, sources) = (self.exprs(lhs), self.exprs(rhs));
        let found: Vec<Nil> = match (targets, sources) {
            (&[value, ok], &[source]) if self.is_comma_ok(source) => {
                let origin = (self.source(ok) != "_").then_some(Origin::Absent(ok));
                origin.and_then(|origin| self.nil(value, origin)).into_iter().collect()
            }
            (&[.., error], &[source]) if targets.len() > 1 => self.failed(targets, source, error),
            _ if targets.len() == sources.len() => {
                let pairs = targets.iter().zip(sources).filter(|(_, source)| self.is_nil(**source));
                pairs.filter_map(|(&target, _)| self.nil(target, Origin::Assigned)).collect()
            }
            _ => Vec::new(),
        };
        let unset = match (targets, sources) {
            (&[target], &[source]) if self.expr(target) == Expr::Ident => self.unset(target, Some(source)),
            _ => Vec::new(),
        };
        let given = match sources {
            &[source] => self.given_nil(targets, source),
            _ => Vec::new(),
        };
        found.into_iter().filter(|nil| self.may_harm(nil)).chain(unset).chain(given).collect()
    }

    /// The results that a function of the package may return as nil without an error.
    fn given_nil(&self, targets: &[ExprId], source: ExprId) -> Vec<Nil<'a>> {
        let call = self.unparen(source);
        if !matches!(self.expr(call), Expr::Call { .. }) || self.callee(call).is_none_or(|callee| !self.is_own(&callee))
        {
            return Vec::new();
        }
        // Where no error says so, most callers know that there is something to return; with a result more, who knows what it says.
        let &[value, error] = targets else { return Vec::new() };
        if !self.returns_error(call) || self.expr(error) != Expr::Ident || self.source(error) == "_" {
            return Vec::new();
        }
        let nil = self.nil(value, Origin::Returned { call, error }).filter(|nil| self.may_harm(nil));
        nil.filter(|_| self.may_give_nil(call, 0)).into_iter().collect()
    }

    /// What a comparison with nil says to be nil, if the function goes on then.
    pub(super) fn nil_tested(&self, cond: ExprId) -> Option<Nil<'a>> {
        let Expr::Binary { op: op @ (BinaryOp::Equal | BinaryOp::NotEqual), lhs, rhs } = self.expr(cond) else {
            return None;
        };
        let place = match (self.is_builtin(lhs, "nil"), self.is_builtin(rhs, "nil")) {
            (false, true) => lhs,
            (true, false) => rhs,
            _ => return None,
        };
        let nil = self.nil(self.unparen(place), Origin::Tested { cond, holds: op == BinaryOp::Equal })?;
        (self.ty(place) != TypeId::ERROR && self.goes_on(&nil, cond, op) && self.may_harm(&nil)).then_some(nil)
    }

    fn nil(&self, place: ExprId, origin: Origin<'a>) -> Option<Nil<'a>> {
        let mut base = place;
        while let Expr::Selector { base: inner, .. } = self.expr(base) {
            let selection = self.facts.selection(base)?;
            if selection.kind != SelectionKind::Field {
                return None;
            }
            base = self.unparen(inner);
        }
        let Def::Local(root) = self.def(base) else { return None };
        let simple = base == place || matches!(origin, Origin::Tested { .. });
        (self.expr(base) == Expr::Ident && simple).then_some(Nil { place, origin, root, returned: false })
    }

    fn is_nil(&self, source: ExprId) -> bool {
        let source = self.unparen(source);
        match self.expr(source) {
            // `(*T)(nil)`
            Expr::Call { fun, args, .. } if self.is_type_expr(fun) && self.is_pointer(self.ty(source)) => {
                self.only(args).is_some_and(|arg| self.is_builtin(arg, "nil"))
            }
            _ => self.is_builtin(source, "nil"),
        }
    }

    pub(super) fn is_pointer(&self, ty: TypeId) -> bool {
        matches!(self.store.under(ty), Type::Pointer(_))
    }

    fn is_comma_ok(&self, source: ExprId) -> bool {
        match self.expr(self.unparen(source)) {
            Expr::Index { base, .. } => matches!(self.under(base), Type::Map { .. }),
            Expr::TypeAssert { .. } | Expr::Unary { op: UnaryOp::Recv, .. } => true,
            _ => false,
        }
    }

    /// The results that are nil if a call fails.
    fn failed(&self, targets: &[ExprId], call: ExprId, error: ExprId) -> Vec<Nil<'a>> {
        let call = self.unparen(call);
        let is_call = matches!(self.expr(call), Expr::Call { .. });
        if !is_call || self.expr(error) != Expr::Ident || self.source(error) == "_" || !self.returns_error(call) {
            return Vec::new();
        }
        // The clients of Kubernetes give an empty object.
        let gives_empty = |path: &str| path.starts_with("k8s.io/client-go/kubernetes/typed/");
        if self.calls(call, USABLE_BESIDE_ERROR) || self.callee(call).is_some_and(|callee| gives_empty(callee.path)) {
            return Vec::new();
        }
        let values = &targets[..targets.len() - 1];
        let origin = Origin::Failed { call, error };
        // A function that cleans up is often there whatever happens.
        let is_func = |value: ExprId| matches!(self.store.under(self.place_type(value)), Type::Signature(_));
        // Another result may say whether there is one.
        let says = |&other: &ExprId| self.place_type(other) == TypeId::from(Basic::Bool) && self.source(other) != "_";
        if values.iter().any(says) {
            return Vec::new();
        }
        let nil = |&value: &ExprId| {
            self.nil(value, origin).filter(|nil| !self.is_checked_at_once(nil, error) && !is_func(value))
        };
        values.iter().filter_map(nil).collect()
    }

    /// Whether the statement is followed by `if err != nil { …; return }` that does not mention the variable: most are.
    fn is_checked_at_once(&self, nil: &Nil<'_>, error: ExprId) -> bool {
        let Some(Node::Stmt(stmt)) = self.tree.parent(nil.place) else { return false };
        let check = match self.tree.parent(stmt) {
            Some(Node::Stmt(around)) if matches!(self.stmt(around), Stmt::If { init: Some(init), .. } if init == stmt) => {
                Some(around)
            }
            _ => self.next_stmt(stmt).filter(|&next| matches!(self.stmt(next), Stmt::If { init: None, .. })),
        };
        let Some(Stmt::If { cond, then, .. }) = check.map(|check| self.stmt(check)) else { return false };
        let Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs } = self.expr(self.unparen(cond)) else { return false };
        let same = self.expr(lhs) == Expr::Ident && self.def(lhs) == self.def(error) && self.is_builtin(rhs, "nil");
        same && self.leaves(then) && !self.is_mentioned_in(nil.root, self.span(then))
    }

    /// Whether a variable is mentioned inside a span.
    fn is_mentioned_in(&self, root: ExprId, span: Span) -> bool {
        self.names.uses(root).take(MOST_USES).any(|used| span.contains(self.span(used)))
    }

    /// Whether a block ends by leaving the function, the loop or the process.
    pub(crate) fn leaves(&self, block: StmtId) -> bool {
        let Stmt::Block(list) = self.stmt(block) else { return false };
        let Some(&last) = self.stmts(list).last() else { return false };
        match self.stmt(last) {
            Stmt::Return(_) | Stmt::Branch { .. } => true,
            Stmt::Expr(call) => self.may_end(call),
            _ => false,
        }
    }

    /// Whether something happens where a comparison says that a value is nil, other than leaving at once.
    fn goes_on(&self, nil: &Nil<'_>, cond: ExprId, op: BinaryOp) -> bool {
        let mut whole = cond;
        let mut chained = None;
        while let Some(Node::Expr(around)) = self.tree.parent(whole) {
            match self.expr(around) {
                Expr::Paren(_) => {}
                Expr::Binary { op: BinaryOp::LogicalAnd, .. } if chained != Some(BinaryOp::LogicalOr) => {
                    chained = Some(BinaryOp::LogicalAnd)
                }
                Expr::Binary { op: BinaryOp::LogicalOr, .. } if chained != Some(BinaryOp::LogicalAnd) => {
                    chained = Some(BinaryOp::LogicalOr)
                }
                Expr::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr, .. }
                | Expr::Unary { op: UnaryOp::Not, .. } => chained = Some(BinaryOp::Add),
                // An argument, an operand: nothing is decided.
                _ => return false,
            }
            whole = around;
        }
        let Some(Node::Stmt(stmt)) = self.tree.parent(whole) else { return false };
        match self.stmt(stmt) {
            Stmt::If { cond: decides, then, .. } if decides == whole => {
                let nil_goes_in = op == BinaryOp::Equal && matches!(chained, None | Some(BinaryOp::LogicalOr));
                !nil_goes_in || !self.leaves(then) || self.is_mentioned_in(nil.root, self.span(then))
            }
            Stmt::For { .. } | Stmt::CaseClause { .. } => true,
            _ => false,
        }
    }

    /// Whether the value is somewhere used so that nil does harm: most are not, and need not be followed.
    fn may_harm(&self, nil: &Nil<'_>) -> bool {
        let Some(kind) = self.kind_of(self.place_type(nil.place)) else { return false };
        let path = self.source(nil.place);
        self.names.uses(nil.root).take(MOST_USES).any(|used| {
            let mut at = used;
            while self.source(at).len() < path.len()
                && let Some(Node::Expr(around)) = self.tree.parent(at)
                && matches!(self.expr(around), Expr::Selector { base, .. } if base == at)
            {
                at = around;
            }
            at != nil.place && self.source(at) == path && self.is_harmful(at, kind)
        })
    }

    fn is_harmful(&self, at: ExprId, kind: Kind) -> bool {
        let Some(Node::Expr(around)) = self.tree.parent(at) else { return false };
        match self.expr(around) {
            Expr::Paren(_) => self.is_harmful(around, kind),
            Expr::Selector { base, .. } => kind == Kind::Other && base == at,
            Expr::Star(_) => kind == Kind::Other,
            Expr::Call { fun, .. } => kind == Kind::Other && fun == at,
            Expr::Index { base, .. } => kind == Kind::Map && base == at && self.is_target(around),
            _ => false,
        }
    }
}

/// How many uses of a variable are looked at before it is followed.
pub(super) const MOST_USES: usize = 256;

/// Functions whose value can be used although they return an error.
const USABLE_BESIDE_ERROR: &[&str] = &[
    "archive/tar.Reader.Next",
    "archive/zip.NewReader",
    "archive/zip.OpenReader",
    "go/build.Context.Import",
    "go/build.Context.ImportDir",
    "go/build.Import",
    "go/build.ImportDir",
    "go/parser.ParseDir",
    "go/parser.ParseExpr",
    "go/parser.ParseExprFrom",
    "go/parser.ParseFile",
    "go/types.Config.Check",
    "image.Decode",
    "net/http/httputil.ClientConn.Do",
    "net/http/httputil.ClientConn.Read",
    "net/http/httputil.ServerConn.Read",
];
