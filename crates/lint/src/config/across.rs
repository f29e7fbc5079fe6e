//! What functions of the package do with settings: those that make a value, those that get it, and those that call its maker.

use gopeer_sema::Def;
use gopeer_sema::types::{PkgId, Type};
use gopeer_syntax::ast::{DeclId, Expr, ExprId, Node, Stmt, UnaryOp};

use super::{Config, Made, Setting, below};
use crate::summary::{Answer, FuncName, What, func_name};
use crate::{Call, Cx, Func};

/// The value whose setting is asked of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// Its first result.
    Result,
    /// What it is given as the parameter of this index.
    Param(usize),
    /// The first result of this function, which it calls.
    ResultOf(FuncName),
}

/// What a function sets a setting to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTo {
    /// To nothing: it stays as it is, or as the library has it.
    Nothing,
    /// To what it is given as the parameter of this index.
    Param(usize),
    /// To something else, or it may.
    Unknown,
}

/// Settings across functions.
impl<'a> Cx<'a> {
    /// The value that a call of a function of this package gives, of a type of another one.
    pub(super) fn made_by_own(&self, call: ExprId) -> Option<Config<'a>> {
        let made = self.call(call)?;
        self.functions?.declares(&self.own_function(made.callee)?).then_some(())?;
        let Type::Named(named, _) = self.store.get(self.made_type(call)) else { return None };
        let own = self.store.named(named).pkg == PkgId::SELF;
        (!own).then(|| Config { expr: call, made: Made::Own(made), kept: self.kept_in(call) })
    }

    /// The setting of the value that a call of a function of this package gives; none if that leaves it alone.
    pub(super) fn setting_of_own(&self, call: Call<'a>, path: &str) -> Option<Setting<'a>> {
        match self.across(call.expr, Whose::Result, path) {
            SetTo::Nothing => None,
            SetTo::Param(at) => Some(call.args.get(at).map_or(Setting::Unknown, |&given| Setting::Set(given))),
            SetTo::Unknown => Some(Setting::Unknown),
        }
    }

    /// Whether what a call calls is a function of this package that leaves this setting of an argument alone.
    pub(super) fn leaves_setting(&self, call: ExprId, at: usize, path: &str) -> bool {
        self.across(call, Whose::Param(at), path) == SetTo::Nothing
    }

    fn across(&self, call: ExprId, whose: Whose, path: &str) -> SetTo {
        match self.ask(call, What::Setting(whose, path.into())) {
            Some(Answer::Setting(set_to)) => set_to,
            _ => SetTo::Unknown,
        }
    }

    /// Whether the value is what its function gives, and a caller may set this setting of it.
    pub(super) fn is_set_by_caller(&self, config: Config<'a>, path: &str) -> bool {
        let maker = || func_name(self.tree, self.gives_config(config)?);
        let sets = |maker| self.any_function(&What::Setting(Whose::ResultOf(maker), path.into()));
        maker().and_then(sets) == Some(true)
    }

    /// The function that gives this value as its first result.
    fn gives_config(&self, config: Config<'a>) -> Option<DeclId> {
        let func = self.enclosing_func(config.expr)?;
        let Node::Decl(decl) = func.node else { return None };
        let gives = |value: ExprId| {
            self.is_first_result(value) && self.enclosing_func(value).is_some_and(|around| around.node == func.node)
        };
        let kept_gives = || match self.def(config.kept?) {
            Def::Local(declared) => self.names.uses(declared).find(|&used| gives(used)),
            _ => None,
        };
        (gives(config.expr) || kept_gives().is_some()).then_some(decl)
    }

    /// Whether a `return` gives a value, or its address, as the first result.
    fn is_first_result(&self, value: ExprId) -> bool {
        let mut at = value;
        loop {
            match self.tree.parent(at) {
                Some(Node::Expr(parent))
                    if matches!(self.expr(parent), Expr::Paren(_) | Expr::Unary { op: UnaryOp::Addr, .. }) =>
                {
                    at = parent;
                }
                Some(Node::Stmt(stmt)) => {
                    return matches!(self.stmt(stmt), Stmt::Return(results) if self.exprs(results).first() == Some(&at));
                }
                _ => return false,
            }
        }
    }

    /// Answers what a function does with a setting.
    pub(crate) fn setting_across(&self, decl: DeclId, whose: &Whose, path: &str) -> Answer {
        let Some(func) = self.as_func(Node::Decl(decl)) else { return Answer::Setting(SetTo::Unknown) };
        match whose {
            Whose::Result => Answer::Setting(self.setting_of_result(func, path)),
            Whose::Param(at) => Answer::Setting(self.setting_of_param(func, *at, path)),
            Whose::ResultOf(maker) => Answer::Is(self.sets_what_gives(decl, maker, path)),
        }
    }

    fn setting_of_result(&self, func: Func, path: &str) -> SetTo {
        let mut found = None;
        for results in self.returned(func.body) {
            // A bare return gives what the named result holds.
            let Some(&first) = results.first() else { return SetTo::Unknown };
            if self.is_builtin(first, "nil") {
                continue;
            }
            let setting = self.config(first).map(|config| self.setting_here(config, path));
            let set_to = match setting {
                Some(Setting::Unset(_)) => SetTo::Nothing,
                Some(Setting::Set(value)) => self.param_held_by(func, value).map_or(SetTo::Unknown, SetTo::Param),
                _ => SetTo::Unknown,
            };
            if found.is_some_and(|found| found != set_to) {
                return SetTo::Unknown;
            }
            found = Some(set_to);
        }
        found.unwrap_or(SetTo::Unknown)
    }

    /// The index of the parameter that an expression is, if it still holds what was given.
    fn param_held_by(&self, func: Func, value: ExprId) -> Option<usize> {
        let value = self.unparen(value);
        let Expr::FuncType { params, .. } = self.expr(func.ty) else { return None };
        let Def::Local(declared) = self.def(value) else { return None };
        let params = self.params(params);
        let at = params.iter().position(|(name, _)| *name == Some(declared))?;
        let is_one = !matches!(self.expr(params[at].1), Expr::Ellipsis(_));
        (is_one && !self.is_reassigned(value)).then_some(at)
    }

    fn setting_of_param(&self, func: Func, at: usize, path: &str) -> SetTo {
        let Some(declared) = self.param_at(func, at) else { return SetTo::Unknown };
        let is_many = matches!(self.under(declared), Type::Slice(_));
        let mut uses = self.names.uses(declared).filter(|&used| used != declared);
        let left = !is_many && uses.all(|used| self.leaves_where_used(used, path));
        if left { SetTo::Nothing } else { SetTo::Unknown }
    }

    /// Whether a use of a variable leaves a setting of its value as it is: another field of it is used, it is compared, a method of
    /// the library is called on it, or a function that leaves the setting as it is gets it.
    fn leaves_where_used(&self, used: ExprId, path: &str) -> bool {
        let (place, fields) = self.place_from(used);
        let Some(rest) = below(path, &fields) else { return true };
        let Some(Node::Expr(parent)) = self.tree.parent(place) else { return false };
        match self.expr(parent) {
            Expr::Call { fun, .. } => fun == place || !self.is_given_away(place, rest),
            Expr::Selector { .. } | Expr::Binary { .. } => true,
            _ => false,
        }
    }

    /// Whether a function sets, or may, this setting of what it gets from another one.
    fn sets_what_gives(&self, decl: DeclId, maker: &FuncName, path: &str) -> bool {
        let name = maker.rsplit_once('.').map_or(&**maker, |(_, name)| name);
        // Most functions never mention it.
        if !self.source(decl).contains(name) {
            return false;
        }
        let sets = |node: &Node| match *node {
            Node::Expr(call) if self.is_call_of(*node, maker) => {
                self.made_by_own(call).is_some_and(|made| self.changes_setting(made, path))
            }
            _ => false,
        };
        self.calls_within(decl, true).iter().any(sets)
    }

    /// Whether the piece sets, or may, a setting of a value that a function of the package made.
    fn changes_setting(&self, made: Config<'a>, path: &str) -> bool {
        match made.kept {
            Some(_) => self.setting_later(made, path).is_some(),
            None => self.is_given_away(made.expr, path) || self.is_chained(made.expr),
        }
    }

    /// Whether something is set of a value that has no name: `newServer().ReadTimeout = limit`.
    fn is_chained(&self, made: ExprId) -> bool {
        let (place, fields) = self.place_from(made);
        !fields.is_empty() && super::assignment_to(self.tree, place).is_some()
    }
}
