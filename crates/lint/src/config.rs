//! Configured values: structs of settings that a literal, or a constructor of their library, makes and the code after it
//! completes. What rules about clients, servers and connections ask.

mod across;

use gopeer_sema::types::{NamedId, Store, Type, TypeId};
use gopeer_sema::{Def, Mode, SelectionKind};
use gopeer_syntax::ast::{AssignOp, Expr, ExprId, Node, Stmt, StmtId, UnaryOp};
use gopeer_syntax::{Span, Tree};

pub use across::{SetTo, Whose};

use crate::{Call, Cx, Object, words};

/// A value that is configured where it is made.
#[derive(Clone, Copy, Debug)]
pub struct Config<'a> {
    /// The composite literal, or the call of the constructor.
    pub expr: ExprId,
    made: Made<'a>,
    /// The variable or field that keeps the value.
    kept: Option<ExprId>,
}

#[derive(Clone, Copy, Debug)]
enum Made<'a> {
    /// Somewhere else: only what this piece assigns to it shows.
    Elsewhere,
    /// By a literal with these elements.
    Literal(&'a [ExprId]),
    /// By a function of the library that declares the type: it sets defaults, and may take options.
    Constructor(Call<'a>),
    /// By a function of this package.
    Own(Call<'a>),
}

/// What is known of a setting of a [`Config`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting<'a> {
    /// It is set to the value of this expression.
    Set(ExprId),
    /// Nothing sets it. The default is what the facts of the library say; without one, it is the zero value.
    Unset(Option<&'a str>),
    /// It may be set in a way that does not show: under a condition, by a function that makes or gets the value, by an option
    /// in a variable.
    Unknown,
}

/// A place where a setting gets its value.
#[derive(Clone, Copy, Debug)]
pub struct Assigned {
    /// The name of the setting: the key of the element, the name of the field, or that of the option.
    pub name: ExprId,
    /// The value.
    pub value: ExprId,
    /// The element of a literal, the assignment, or the call of the option.
    pub at: Node,
}

impl Config<'_> {
    /// Whether a literal makes it, and not a constructor.
    pub fn is_literal(&self) -> bool {
        matches!(self.made, Made::Literal(_))
    }

    /// Whether code of this package makes it, and not a library.
    pub fn is_own(&self) -> bool {
        matches!(self.made, Made::Literal(_) | Made::Own(_))
    }
}

impl Setting<'_> {
    /// The value, if it is set here.
    pub fn value(self) -> Option<ExprId> {
        match self {
            Setting::Set(value) => Some(value),
            _ => None,
        }
    }

    /// Whether it is certain that nothing sets it.
    pub fn is_unset(self) -> bool {
        matches!(self, Setting::Unset(_))
    }
}

/// Configured values.
impl<'a> Cx<'a> {
    /// The configured value that an expression is: a literal, a call of a constructor of the library or of this package, or a
    /// variable that starts as one.
    pub fn config(&self, expr: ExprId) -> Option<Config<'a>> {
        let expr = self.unparen(expr);
        match self.expr(expr) {
            Expr::Ident => self.config_made_by(self.origin(expr).filter(|(_, result)| *result == 0)?.0),
            _ => self.config_made_by(expr),
        }
    }

    /// The configured value that a literal or call makes, be it a call of a function of this package.
    fn config_made_by(&self, expr: ExprId) -> Option<Config<'a>> {
        self.made_here(expr).or_else(|| self.made_by_own(self.unparen(expr)))
    }

    /// The configured value that a literal, or a call of a constructor of the library, makes.
    pub(crate) fn made_here(&self, expr: ExprId) -> Option<Config<'a>> {
        let expr = self.unparen(expr);
        let made = match self.expr(expr) {
            Expr::Unary { op: UnaryOp::Addr, operand } => return self.literal(self.unparen(operand)),
            Expr::Call { .. } => Made::Constructor(self.constructor(expr)?),
            _ => return self.literal(expr),
        };
        Some(Config { expr, made, kept: self.kept_in(expr) })
    }

    fn literal(&self, expr: ExprId) -> Option<Config<'a>> {
        let Expr::Composite { elems, .. } = self.expr(expr) else { return None };
        Some(Config { expr, made: Made::Literal(self.exprs(elems)), kept: self.kept_in(expr) })
    }

    /// A call of a function that makes a value of a type of its own package.
    fn constructor(&self, call: ExprId) -> Option<Call<'a>> {
        let call = self.call(call).filter(|call| call.callee.recv.is_none())?;
        let made = self.type_path(self.made_type(call.expr))?;
        (made == call.callee.path && !self.is_own(&call.callee)).then_some(call)
    }

    /// The type of the value that a literal or a constructor makes, without the `*` of a pointer.
    fn made_type(&self, expr: ExprId) -> TypeId {
        made_type(self.store, self.ty(expr))
    }

    /// Whether a literal or a constructor makes a value of one of these types.
    pub(crate) fn makes(&self, expr: ExprId, full: &[&str]) -> bool {
        if !matches!(self.expr(expr), Expr::Composite { .. } | Expr::Call { .. }) {
            return false;
        }
        let ty = self.made_type(expr);
        if ty.is_unknown() { self.has_type(expr, full) } else { self.type_is(ty, full) }
    }

    /// The full name of the setting that a key stands for: that of an element of a literal, or of a map.
    pub(crate) fn key_name(&self, config: ExprId, key: ExprId) -> Option<String> {
        let (path, name) = self.store.qualified_name(self.deref(self.ty(config)))?;
        Some(format!("{path}.{name}.{}", self.key(key)?))
    }

    /// The full name of the field that a selector selects.
    pub(crate) fn field_name(&self, selector: ExprId) -> Option<String> {
        let (_, owner, fields) = self.owner_of_field(selector)?;
        let (path, name) = self.store.named_path(owner);
        Some(format!("{path}.{name}.{}", fields.join(".")))
    }

    /// The value of a named type that the field of a selector belongs to, through structs without a name; its type, and the
    /// names of the fields on the way.
    fn owner_of_field(&self, selector: ExprId) -> Option<(ExprId, NamedId, Vec<&'a str>)> {
        let (mut at, mut fields) = (selector, Vec::new());
        while let Expr::Selector { base, name } = self.expr(at) {
            let selection = self.facts.selection(at).filter(|selection| selection.kind == SelectionKind::Field)?;
            fields.push(self.source(name));
            at = self.unparen(base);
            if let Some(owner) = selection.owner {
                fields.reverse();
                return Some((at, owner, fields));
            }
        }
        None
    }

    /// All values of these types that the piece makes.
    pub fn configs(&self, full: &[&str]) -> Vec<Config<'a>> {
        let tree = self.tree;
        tree.all_exprs().filter(|&(id, _)| self.makes(id, full)).filter_map(|(id, _)| self.made_here(id)).collect()
    }

    /// The value one of whose settings is set here. Of one that is made elsewhere only what this piece sets is known.
    pub fn config_of(&self, set: Assigned) -> Option<Config<'a>> {
        match (set.at, self.tree.parent(set.name)?) {
            (Node::Stmt(_), Node::Expr(selector)) => {
                let (owner, ..) = self.owner_of_field(selector)?;
                let elsewhere = Config { expr: owner, made: Made::Elsewhere, kept: Some(owner) };
                Some(self.config(owner).unwrap_or(elsewhere))
            }
            _ => match self.tree.parent(set.at)? {
                Node::Expr(maker) => self.config(maker),
                _ => None,
            },
        }
    }

    /// What is known of the setting `path` of a value: of a field (`Timeout`), of a field of a field
    /// (`Producer.RequiredAcks`), or of an option by the name of its function (`RequiredAcks`).
    pub fn setting(&self, config: Config<'a>, path: &str) -> Setting<'a> {
        match self.setting_here(config, path) {
            Setting::Unset(_) if self.is_set_by_caller(config, path) => Setting::Unknown,
            setting => setting,
        }
    }

    /// The same, without what callers do that get the value.
    fn setting_here(&self, config: Config<'a>, path: &str) -> Setting<'a> {
        let later = if self.takes_option(config, path) { None } else { self.setting_later(config, path) };
        later.unwrap_or_else(|| self.made_with(config, path))
    }

    /// Whether one of the settings is set, or may be.
    pub fn may_set(&self, config: Config<'a>, paths: &[&str]) -> bool {
        paths.iter().any(|path| !self.setting(config, path).is_unset())
    }

    /// Whether the literal, the constructor or later code of this piece sets one of the settings, be it under a condition.
    /// Unlike [`Cx::may_set`], this leaves out what code that gets hold of the value may do.
    pub fn sets(&self, config: Config<'a>, paths: &[&str]) -> bool {
        let later = config.kept.map_or_else(Vec::new, |kept| self.uses_of(config, kept));
        paths.iter().any(|path| {
            let made_with = match self.stated(config, path) {
                // An option that is not known may be any.
                Some(Setting::Unknown) => config.is_literal(),
                made_with => made_with.is_some(),
            };
            made_with || later.iter().any(|&used| self.assigned(used, path).is_some())
        })
    }

    /// The edit that sets a setting which is not set yet: an element at the end of the literal, or a line after the
    /// constructor's.
    pub fn with_setting(&self, config: Config<'a>, path: &str, value: &str) -> Option<(Span, String)> {
        if config.is_literal() {
            // What is in a field of a field may have its own literal.
            return (!path.contains('.')).then(|| self.with_field(config.expr, &format!("{path}: {value}")));
        }
        let Node::Stmt(stmt) = self.tree.parent(config.expr)? else { return None };
        // There is no value yet where an error is still to be looked at.
        if matches!(self.store.get(self.ty(config.expr)), Type::Tuple(_)) {
            return None;
        }
        let (end, kept) = (self.span(stmt).end, self.source(config.kept?));
        Some((Span::new(end, end), format!("\n{}{kept}.{path} = {value}", self.indent(stmt))))
    }

    /// The edit that sets several settings, each as [`Cx::with_setting`] does.
    pub fn with_settings(&self, config: Config<'a>, settings: &[(&str, &str)]) -> Option<(Span, String)> {
        let is_empty = matches!(self.expr(config.expr), Expr::Composite { elems, .. } if self.exprs(elems).is_empty());
        // Only what begins a literal brings no separator of its own.
        let between = if is_empty { ", " } else { "" };
        let edits = settings.iter().filter_map(|(path, value)| self.with_setting(config, path, value));
        edits.reduce(|(span, text), (_, more)| (span, text + between + &more))
    }

    /// The variable or field that keeps the value, if one does.
    pub fn keeper(&self, config: Config<'a>) -> Option<ExprId> {
        config.kept
    }

    /// Where a finding about the value as a whole stands: the type of the literal, or the name of the constructor.
    pub fn head(&self, config: Config<'a>) -> ExprId {
        match (config.made, self.expr(config.expr)) {
            (Made::Constructor(call) | Made::Own(call), _) => call.fun,
            (_, Expr::Composite { ty: Some(ty), .. }) => ty,
            _ => config.expr,
        }
    }

    /// The setting as the literal or the constructor leaves it, whatever happens to it later.
    pub fn made_with(&self, config: Config<'a>, path: &str) -> Setting<'a> {
        match (self.stated(config, path), config.made, self.default(config, path)) {
            (Some(setting), ..) => setting,
            // Somebody else may get hold of the value before anybody uses it.
            _ if config.kept.is_none() && !self.takes_option(config, path) && self.is_given_away(config.expr, path) => {
                Setting::Unknown
            }
            (None, Made::Elsewhere, _) => Setting::Unknown,
            // Only the facts know what a constructor sets.
            (None, Made::Constructor(_), None) => Setting::Unknown,
            (None, _, default) => Setting::Unset(default),
        }
    }

    /// What the elements of the literal, or the options of the constructor, say.
    fn stated(&self, config: Config<'a>, path: &str) -> Option<Setting<'a>> {
        match config.made {
            Made::Literal(elems) => self.element(elems, path),
            Made::Constructor(call) => self.option(call, path),
            Made::Own(call) => self.setting_of_own(call, path),
            Made::Elsewhere => None,
        }
    }

    fn element(&self, elems: &[ExprId], path: &str) -> Option<Setting<'a>> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let value = elems.iter().find_map(|&elem| match self.expr(elem) {
            Expr::KeyValue { key, value } => (self.key(key)? == first).then_some(Some(value)),
            _ => Some(None),
        })?;
        Some(match (value, rest) {
            (None, _) => Setting::Unknown,
            (Some(value), None) => Setting::Set(value),
            (Some(value), Some(rest)) => {
                self.config_made_by(value).map_or(Setting::Unknown, |inner| self.made_with(inner, rest))
            }
        })
    }

    /// The name of a field, or the string, before the colon of an element.
    pub(crate) fn key(&self, key: ExprId) -> Option<std::borrow::Cow<'a, str>> {
        match self.expr(key) {
            Expr::Ident if self.constant_value(key).is_none() => Some(self.source(key).into()),
            _ => self.string_value(key),
        }
    }

    /// What the options of a constructor say.
    fn option(&self, constructor: Call<'a>, name: &str) -> Option<Setting<'a>> {
        let of_library = |object: &Object| object.path == constructor.callee.path;
        let mut unknown = None;
        for &arg in constructor.args {
            match self.call(arg).filter(|call| of_library(&call.callee)) {
                Some(option) if option.callee.name == name => {
                    return Some(Setting::Set(option.args.first().copied().unwrap_or(arg)));
                }
                None if self.is_option(constructor, arg) => unknown = Some(Setting::Unknown),
                _ => {}
            }
        }
        unknown
    }

    /// Whether the setting is an option of the constructor, which nothing changes once the value is made.
    fn takes_option(&self, config: Config<'a>, name: &str) -> bool {
        matches!(config.made, Made::Constructor(call) if self.store.known(call.callee.path, None, name).is_some())
    }

    /// Whether an argument, or each element of one with `...`, is of a type of the library, as options are.
    fn is_option(&self, constructor: Call<'a>, arg: ExprId) -> bool {
        let ty = match self.under(arg) {
            Type::Slice(elem) => elem,
            _ => self.deref(self.ty(arg)),
        };
        ty.is_unknown() || self.type_path(ty) == Some(constructor.callee.path)
    }

    fn default(&self, config: Config<'a>, path: &str) -> Option<&'a str> {
        let (package, name) = self.store.qualified_name(self.made_type(config.expr))?;
        self.store.default_setting(package, &format!("{name}.{path}"))
    }

    /// What the code after the value is made does to the setting.
    fn setting_later(&self, config: Config<'a>, path: &str) -> Option<Setting<'a>> {
        let Some(kept) = config.kept else { return self.setting_of_part(config, path) };
        let mut setting = None;
        for used in self.uses_of(config, kept) {
            match self.effect(config, used, path) {
                Some(Setting::Unknown) => return Some(Setting::Unknown),
                Some(found) => setting = Some(found),
                None => {}
            }
        }
        setting
    }

    /// What later code does to a setting of a value that is made inside another literal: `p.writer.Async = true` after
    /// `p := producer{writer: kafka.Writer{}}`.
    fn setting_of_part(&self, config: Config<'a>, path: &str) -> Option<Setting<'a>> {
        let (mut at, mut path) = (config.expr, path.to_owned());
        let whole = loop {
            let Node::Expr(parent) = self.tree.parent(at)? else { return None };
            match self.expr(parent) {
                Expr::Paren(_) | Expr::Unary { op: UnaryOp::Addr, .. } => {}
                Expr::KeyValue { key, value } if value == at => path = format!("{}.{path}", self.key(key)?),
                Expr::Composite { .. } => {
                    if let Some(whole) = self.kept_in(parent) {
                        break whole;
                    }
                }
                _ => return None,
            }
            at = parent;
        };
        let Def::Local(declaring) = self.def(whole) else { return None };
        let set = |used| self.effect(config, used, &path).filter(|_| !self.place_from(used).1.is_empty());
        self.names.uses(declaring).filter(|&used| used != whole).filter_map(set).last()
    }

    /// Where the variable or the field that keeps a value is used in this piece.
    fn uses_of(&self, config: Config<'a>, kept: ExprId) -> Vec<ExprId> {
        /// A function that assigns to more fields than this is data.
        const MOST: usize = 1_000;
        if let Def::Local(declaring) = self.def(kept) {
            return self.names.uses(declaring).filter(|&used| used != kept).collect();
        }
        let Some(func) = self.enclosing_decl(config.expr) else { return Vec::new() };
        let bases = self.within(func, true, |cx, node| cx.assigned_base(node).is_some());
        let bases = bases.iter().take(MOST).filter_map(|&node| self.assigned_base(node));
        bases.filter(|&base| self.same_text(base, kept)).collect()
    }

    /// `s.client`, where a node is the left operand `s.client.Timeout` of an assignment.
    fn assigned_base(&self, node: Node) -> Option<ExprId> {
        let Node::Expr(target) = node else { return None };
        let Expr::Selector { base, .. } = self.expr(target) else { return None };
        let assigned = matches!(self.expr(base), Expr::Selector { .. }) && assignment_to(self.tree, target).is_some();
        assigned.then_some(base)
    }

    /// What one use of the variable does to the setting.
    fn effect(&self, config: Config<'a>, used: ExprId, path: &str) -> Option<Setting<'a>> {
        let Some((stmt, value, rest)) = self.assigned(used, path) else {
            let (place, fields) = self.place_from(used);
            return self.is_given_away(place, below(path, &fields)?).then_some(Setting::Unknown);
        };
        Some(match value.filter(|_| self.follows(config.expr, stmt)) {
            None => Setting::Unknown,
            Some(value) if rest.is_empty() => Setting::Set(value),
            Some(value) => self.config_made_by(value).map_or(Setting::Unknown, |inner| self.made_with(inner, rest)),
        })
    }

    /// The statement that assigns to the setting, or to a field that holds it, where the variable is used; the value, and
    /// what is left of the path below it.
    fn assigned<'p>(&self, used: ExprId, path: &'p str) -> Option<(StmtId, Option<ExprId>, &'p str)> {
        let (place, fields) = self.place_from(used);
        let rest = below(path, &fields)?;
        let (stmt, value) = assignment_to(self.tree, place)?;
        Some((stmt, value, rest))
    }

    /// The field of a field … of a variable that is used here, and the names on the way.
    pub(crate) fn place_from(&self, used: ExprId) -> (ExprId, String) {
        let (mut place, mut fields) = (used, String::new());
        while let Some(Node::Expr(parent)) = self.tree.parent(place)
            && let Expr::Selector { base, name } = self.expr(parent)
            && base == place
            && self.facts.selection(parent).is_none_or(|selection| selection.kind == SelectionKind::Field)
        {
            if !fields.is_empty() {
                fields.push('.');
            }
            fields.push_str(self.source(name));
            place = parent;
        }
        (place, fields)
    }

    /// Whether a value is handed to code that may change this setting: a pointer to it is an argument of a function that no library
    /// declares, unless its name says that it runs or ends what it is given, as `startServer` does, or its body leaves the setting
    /// alone.
    fn is_given_away(&self, value: ExprId, path: &str) -> bool {
        let mut at = value;
        let mut shared = !matches!(self.under(value), Type::Struct(_) | Type::Basic(_));
        while let Some(Node::Expr(parent)) = self.tree.parent(at) {
            match self.expr(parent) {
                Expr::Paren(_) => {}
                Expr::Unary { op: UnaryOp::Addr, .. } => shared = true,
                Expr::Call { fun, args, .. } if fun != at => {
                    let known =
                        self.call(parent).is_some_and(|call| !self.is_own(&call.callee) || runs(call.callee.name));
                    let leaves = || {
                        let at = self.tree.place(self.exprs(args), at);
                        at.is_some_and(|at| self.leaves_setting(parent, at, path))
                    };
                    let may_change = shared && !known && !matches!(self.facts.mode(fun), Mode::Builtin(_) | Mode::Type);
                    return may_change && !leaves();
                }
                _ => return false,
            }
            at = parent;
        }
        false
    }

    /// Whether a statement runs whenever the one that makes a value has run: it stands in the same list, or in a plain block
    /// in it.
    fn follows(&self, made: ExprId, stmt: StmtId) -> bool {
        let making = self.tree.ancestors(made).find(|node| matches!(node, Node::Stmt(_)));
        let Some(home) = making.and_then(|making| self.tree.parent(making)) else { return false };
        for around in self.tree.ancestors(stmt) {
            if around == home {
                return !self.list_of(home).is_empty();
            }
            if !matches!(around, Node::Stmt(id) if matches!(self.stmt(id), Stmt::Block(_))) {
                return false;
            }
        }
        false
    }
}

/// Whether a function of this name runs or ends what it is given, and so takes it as it is.
fn runs(name: &str) -> bool {
    const VERBS: &[&str] = &["close", "listen", "run", "serve", "shutdown", "start", "stop", "wait"];
    words(name).first().is_some_and(|verb| VERBS.contains(&verb.as_str()))
}

/// The type of what is made by an expression of this type: the first result of a constructor, without the `*` of a pointer.
pub(crate) fn made_type(store: &Store, ty: TypeId) -> TypeId {
    let first = match store.get(ty) {
        Type::Tuple(types) => types.first().copied().unwrap_or(TypeId::UNKNOWN),
        _ => ty,
    };
    match store.get(first) {
        Type::Pointer(elem) => elem,
        _ => first,
    }
}

/// The statement that assigns to a variable or field, and the value, if it is that of one expression.
pub(crate) fn assignment_to(tree: &Tree, place: ExprId) -> Option<(StmtId, Option<ExprId>)> {
    let Node::Stmt(stmt) = tree.parent(place)? else { return None };
    let value = match tree.stmt(stmt) {
        Stmt::Assign { lhs, op, rhs } => {
            let index = tree.place(tree.exprs(lhs), place)?;
            let plain = matches!(op, AssignOp::Assign | AssignOp::Define) && lhs.len() == rhs.len();
            tree.exprs(rhs).get(index).copied().filter(|_| plain)
        }
        Stmt::IncDec { .. } => None,
        Stmt::Range { key, value, .. } if key == Some(place) || value == Some(place) => None,
        _ => return None,
    };
    Some((stmt, value))
}

/// What is left of the path of a setting below these fields; none where the fields lead elsewhere.
fn below<'p>(path: &'p str, fields: &str) -> Option<&'p str> {
    match path.strip_prefix(fields)? {
        rest if fields.is_empty() || rest.is_empty() => Some(rest),
        rest => rest.strip_prefix('.'),
    }
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn paths_of_settings() {
        assert_eq!(below("Producer.RequiredAcks", ""), Some("Producer.RequiredAcks"));
        assert_eq!(below("Producer.RequiredAcks", "Producer"), Some("RequiredAcks"));
        assert_eq!(below("Producer.RequiredAcks", "Producer.RequiredAcks"), Some(""));
        assert_eq!(below("Producer.RequiredAcks", "Prod"), None);
        assert_eq!(below("Timeout", "Transport"), None);
    }
}
