//! What expressions stand for while a path is followed: symbols, of which one can be known to be equal to another.
//!
//! Two expressions with one [`Val`] have one value. What is not known gets a symbol of its own, named by where it came from,
//! so there are no more symbols than places in the source, and nothing is ever widened.

use std::collections::BTreeMap;

use gopeer_sema::types::{Type, TypeId};
use gopeer_sema::value::Value;
use gopeer_sema::{CallFacts, Def, Mode, ObjectKind, SelectionKind};
use gopeer_syntax::ast::{BinaryOp, Expr, ExprId, UnaryOp};
use rustc_hash::FxHashMap;

use crate::state::State;
use crate::{Calls, Input};

/// A symbol for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Val(u32);

impl Val {
    /// `nil`.
    pub const NIL: Val = Val(0);
    /// `true`.
    pub const TRUE: Val = Val(1);
    /// `false`.
    pub const FALSE: Val = Val(2);
    /// The integer zero.
    pub const ZERO: Val = Val(3);
}

/// A variable: a local by the identifier that declares it, or one of a package by the one that first names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Root(pub ExprId);

/// What a symbol stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Symbol {
    /// `nil`.
    Nil,
    /// A constant.
    Const(Value),
    /// What a variable held when the path began.
    Initial(Root),
    /// What evaluating an expression gave: the n-th result of a call. `older` is one of an earlier iteration of a loop.
    Made {
        /// The expression.
        at: ExprId,
        /// Which of its results.
        result: u16,
        /// Whether it was evaluated again since.
        older: bool,
    },
    /// What a call left in a variable whose address it was given.
    Left(ExprId, Root),
    /// The field of a struct, or of what a pointer points to.
    Field(Val, Box<str>),
    /// `len(x)`.
    Len(Val),
    /// Whether two values are equal, or that they are not.
    Test {
        /// One.
        left: Val,
        /// The other; the constant, if one is.
        right: Val,
        /// Whether `true` means that they are equal.
        equal: bool,
    },
    /// An operation without effects: an operator, or a call of a function that always answers the same. Where the name begins with
    /// a question mark, `true` means that the first argument is an error.
    Apply(Box<str>, Box<[Val]>),
}

/// The symbols met so far, and what expressions evaluate to.
pub struct Values<'a> {
    /// What is known of the piece.
    pub input: Input<'a>,
    pub(crate) calls: &'a dyn Calls,
    symbols: Vec<Symbol>,
    known: FxHashMap<Symbol, Val>,
    packages: BTreeMap<&'a str, Root>,
}

/// The symbol of a variable that has another at each look: a closure may have assigned to it.
const SHARED: u16 = u16::MAX;

impl<'a> Values<'a> {
    /// None but the constants.
    pub fn new(input: Input<'a>, calls: &'a dyn Calls) -> Values<'a> {
        let (symbols, known, packages) = (Vec::new(), FxHashMap::default(), BTreeMap::new());
        let mut values = Values { input, calls, symbols, known, packages };
        let zero = Symbol::Const(Value::int(0));
        for symbol in [Symbol::Nil, Symbol::Const(Value::Bool(true)), Symbol::Const(Value::Bool(false)), zero] {
            values.intern(symbol);
        }
        values
    }

    /// The symbol.
    pub fn intern(&mut self, symbol: Symbol) -> Val {
        if let Some(&known) = self.known.get(&symbol) {
            return known;
        }
        let val = Val(self.symbols.len() as u32);
        self.symbols.push(symbol.clone());
        self.known.insert(symbol, val);
        val
    }

    /// What a symbol stands for.
    pub fn symbol(&self, val: Val) -> &Symbol {
        self.symbols.get(val.0 as usize).unwrap_or(&Symbol::Nil)
    }

    /// The n-th result of an expression, as it was evaluated last.
    pub fn made(&mut self, at: ExprId, result: usize) -> Val {
        self.intern(Symbol::Made { at, result: result as u16, older: false })
    }

    /// Whether it is a constant: two of them are equal only if they are the same.
    pub fn is_constant(&self, val: Val) -> bool {
        matches!(self.symbol(val), Symbol::Nil | Symbol::Const(_))
    }

    /// The integer that it is a constant for.
    pub(crate) fn int(&self, val: Val) -> Option<i64> {
        match self.symbol(val) {
            Symbol::Const(value) => value.as_i64(),
            _ => None,
        }
    }

    /// Whether it is certainly not nil: something that was made here.
    pub fn is_never_nil(&self, val: Val) -> bool {
        let Symbol::Made { at, .. } = *self.symbol(val) else { return matches!(self.symbol(val), Symbol::Const(_)) };
        match self.input.tree.expr(at) {
            Expr::Composite { .. } | Expr::FuncLit { .. } | Expr::Unary { op: UnaryOp::Addr, .. } => true,
            Expr::Call { .. } => self.calls.never_nil(at),
            _ => false,
        }
    }

    /// Whether it is what a variable of a package of type `error` holds: `io.EOF`.
    pub fn is_sentinel(&self, val: Val) -> bool {
        let of_package = |ident: ExprId| match self.input.tree.expr(ident) {
            Expr::Ident => self.input.names.def(ident) == Def::Package(ObjectKind::Var),
            Expr::Selector { base, .. } => matches!(self.input.names.def(base), Def::Import(_) | Def::Implied(_)),
            _ => false,
        };
        let at = match *self.symbol(val) {
            Symbol::Made { at, .. } => at,
            Symbol::Initial(Root(ident)) => ident,
            // In a steady state it has its name only.
            Symbol::Apply(ref name, ref args) if args.is_empty() => {
                let name = name.rsplit('.').next().unwrap_or_default();
                return name.starts_with("Err") || ["EOF", "Canceled", "DeadlineExceeded"].contains(&name);
            }
            _ => return false,
        };
        of_package(at) && self.input.facts.type_of(at) == TypeId::ERROR
    }

    /// The symbols that one is made of: what a field is of, what is compared.
    pub fn parts(&self, val: Val) -> Vec<Val> {
        match self.symbol(val) {
            Symbol::Field(of, _) | Symbol::Len(of) => vec![*of],
            Symbol::Test { left, right, .. } => vec![*left, *right],
            Symbol::Apply(_, args) => args.to_vec(),
            _ => Vec::new(),
        }
    }

    /// The variable that an identifier names.
    pub fn root(&mut self, ident: ExprId) -> Option<Root> {
        match self.input.names.def(ident) {
            Def::Local(declared) => Some(Root(declared)),
            Def::Package(ObjectKind::Var) => {
                let tree: &'a gopeer_syntax::Tree = self.input.tree;
                Some(*self.packages.entry(tree.source(ident)).or_insert(Root(ident)))
            }
            _ => None,
        }
    }

    /// The variables of packages that were met.
    pub(crate) fn package_variables(&self) -> impl Iterator<Item = Root> + '_ {
        self.packages.values().copied()
    }

    /// The expression without parentheses.
    pub fn unparen(&self, mut id: ExprId) -> ExprId {
        while let Expr::Paren(inner) = self.input.tree.expr(id) {
            id = inner;
        }
        id
    }

    /// What an expression evaluates to. Its calls are taken to have been made already.
    pub fn eval(&mut self, id: ExprId, state: &State) -> Val {
        let id = self.unparen(id);
        if let Some(value) = self.input.facts.value(id) {
            return self.intern(Symbol::Const(value.clone()));
        }
        match self.input.tree.expr(id) {
            Expr::Ident => self.ident(id, state),
            Expr::Selector { base, name } => self.selector(id, base, name, state),
            Expr::Call { fun, args, .. } => self.call(id, fun, self.input.tree.exprs(args), state),
            Expr::Unary { op: UnaryOp::Not, operand } => {
                let operand = self.eval(operand, state);
                self.not(operand)
            }
            Expr::Binary { op, lhs, rhs } => self.binary(id, op, lhs, rhs, state),
            _ => self.made(id, 0),
        }
    }

    fn ident(&mut self, id: ExprId, state: &State) -> Val {
        if self.input.names.def(id) == Def::Universe && self.input.tree.source(id) == "nil" {
            return Val::NIL;
        }
        match self.root(id) {
            Some(root) => self.variable(root, id, state),
            None => self.made(id, 0),
        }
    }

    /// What a variable holds.
    pub fn variable(&mut self, root: Root, at: ExprId, state: &State) -> Val {
        match state.get(root) {
            Some(known) => known,
            None if state.is_shared(root) => self.made(at, SHARED as usize),
            None => self.intern(Symbol::Initial(root)),
        }
    }

    fn selector(&mut self, id: ExprId, base: ExprId, name: ExprId, state: &State) -> Val {
        let tree: &'a gopeer_syntax::Tree = self.input.tree;
        if matches!(self.input.names.def(base), Def::Import(_) | Def::Implied(_)) {
            return match state.steady {
                true => self.intern(Symbol::Apply(tree.source(id).into(), [].into())),
                false => self.made(id, 0),
            };
        }
        // Of an unknown type, a selector that is not called is a field.
        let is_field = self.input.facts.selection(id).is_none_or(|selection| selection.kind == SelectionKind::Field);
        if !is_field {
            return self.made(id, 0);
        }
        let of = self.eval(base, state);
        self.field(of, tree.source(name), state)
    }

    /// What a field holds.
    pub fn field(&mut self, of: Val, name: &str, state: &State) -> Val {
        let symbol = Symbol::Field(of, name.into());
        let own = self.intern(symbol);
        state.stored(own).unwrap_or(own)
    }

    fn call(&mut self, id: ExprId, fun: ExprId, args: &[ExprId], state: &State) -> Val {
        let (facts, tree) = (self.input.facts, self.input.tree);
        if facts.mode(fun) == Mode::Type {
            // To an interface, a nil pointer becomes a value that is not nil.
            let to_interface = matches!(self.input.store.under(facts.type_of(id)), Type::Interface(_));
            return match args {
                [arg] if !to_interface => self.eval(*arg, state),
                _ => self.made(id, 0),
            };
        }
        let universe = self.input.names.def(self.unparen(fun)) == Def::Universe;
        if let ("len", true, [arg]) = (tree.source(fun), universe, args) {
            let of = self.eval(*arg, state);
            return if state.knows(of, Val::NIL) { Val::ZERO } else { self.intern(Symbol::Len(of)) };
        }
        if let Some(error) = self.calls.means_error(id) {
            let others = args.iter().filter(|&&arg| arg != error);
            let args: Box<[Val]> = [&error].into_iter().chain(others).map(|&arg| self.eval(arg, state)).collect();
            return self.intern(Symbol::Apply(format!("?{}", tree.source(fun)).into(), args));
        }
        if state.steady
            && let Some(asked) = self.asked(id, fun, args, state)
        {
            return asked;
        }
        if self.calls.facts(id).has(CallFacts::PURE) && !self.calls.never_nil(id) {
            let args: Box<[Val]> = args.iter().map(|&arg| self.eval(arg, state)).collect();
            return self.intern(Symbol::Apply(tree.source(fun).into(), args));
        }
        self.made(id, 0)
    }

    /// What a method answers that is asked for a property, by its name: the same each time.
    fn asked(&mut self, id: ExprId, fun: ExprId, args: &[ExprId], state: &State) -> Option<Val> {
        use gopeer_sema::types::Basic;
        const ASKS: &[&str] = &["is", "Is", "has", "Has", "can", "Can", "should", "Should", "needs", "Needs"];
        let boolean = self.input.store.under(self.input.facts.type_of(id)) == Type::Basic(Basic::Bool);
        let fun = self.unparen(fun);
        let (base, name) = match self.input.tree.expr(fun) {
            Expr::Selector { base, name } => {
                let package = matches!(self.input.names.def(base), Def::Import(_) | Def::Implied(_));
                (Some(base).filter(|_| !package), name)
            }
            Expr::Ident => (None, fun),
            _ => return None,
        };
        let text = self.input.tree.source(name);
        let asks =
            ASKS.iter().any(|word| text.strip_prefix(word).is_some_and(|rest| rest.starts_with(char::is_uppercase)));
        if !boolean || !asks && !text.ends_with("nabled") {
            return None;
        }
        let given: Box<[Val]> = base.into_iter().chain(args.iter().copied()).map(|arg| self.eval(arg, state)).collect();
        Some(self.intern(Symbol::Apply(text.into(), given)))
    }

    fn binary(&mut self, id: ExprId, op: BinaryOp, lhs: ExprId, rhs: ExprId, state: &State) -> Val {
        if matches!(op, BinaryOp::LogicalAnd | BinaryOp::LogicalOr) {
            return self.chain(id, op, state);
        }
        // Sums of thousands of operands nest to the left; only comparisons are of interest.
        let compares = matches!(
            op,
            BinaryOp::Equal
                | BinaryOp::NotEqual
                | BinaryOp::Less
                | BinaryOp::LessEqual
                | BinaryOp::Greater
                | BinaryOp::GreaterEqual
        );
        if !compares {
            return self.made(id, 0);
        }
        let (left, right) = (self.eval(lhs, state), self.eval(rhs, state));
        if let Some(holds) = self.int(left).zip(self.int(right)).and_then(|(left, right)| compare(op, left, right)) {
            return if holds { Val::TRUE } else { Val::FALSE };
        }
        let is_len = matches!(self.symbol(left), Symbol::Len(_));
        let one = Symbol::Const(Value::int(1));
        let against_one = *self.symbol(right) == one;
        match op {
            BinaryOp::Equal => self.test(left, right, true),
            BinaryOp::NotEqual => self.test(left, right, false),
            // A length is never negative.
            BinaryOp::Greater if is_len && right == Val::ZERO => self.test(left, right, false),
            BinaryOp::GreaterEqual if is_len && against_one => self.test(left, Val::ZERO, false),
            BinaryOp::Less if is_len && against_one => self.test(left, Val::ZERO, true),
            BinaryOp::Less | BinaryOp::Greater => {
                let (low, high) = if op == BinaryOp::Less { (left, right) } else { (right, left) };
                self.intern(Symbol::Apply("<".into(), [low, high].into()))
            }
            _ => {
                let (low, high) = if op == BinaryOp::LessEqual { (left, right) } else { (right, left) };
                let more = self.intern(Symbol::Apply("<".into(), [high, low].into()));
                self.not(more)
            }
        }
    }

    /// The value of operands joined by `&&` or `||`, which nest to the left without bound: the path to here knows what they are.
    fn chain(&mut self, id: ExprId, joined: BinaryOp, state: &State) -> Val {
        let (mut first, mut operands) = (id, Vec::new());
        while let Expr::Binary { op, lhs, rhs } = self.input.tree.expr(first)
            && op == joined
        {
            operands.push(rhs);
            first = self.unparen(lhs);
        }
        operands.push(first);
        // The operand that decides is the last that was evaluated.
        let decides = joined == BinaryOp::LogicalOr;
        for operand in operands.into_iter().rev() {
            let operand = self.eval(operand, state);
            match state.decides(operand, self) {
                Some(value) if value == decides => return self.intern(Symbol::Const(Value::Bool(decides))),
                Some(_) => {}
                None => return self.made(id, 0),
            }
        }
        self.intern(Symbol::Const(Value::Bool(!decides)))
    }

    /// Whether two values are equal, or are not.
    pub fn test(&mut self, left: Val, right: Val, equal: bool) -> Val {
        if self.is_constant(left) && self.is_constant(right) {
            return if (left == right) == equal { Val::TRUE } else { Val::FALSE };
        }
        let (left, right) = if self.is_constant(left) { (right, left) } else { (left, right) };
        // `ok == true` is `ok`.
        match right {
            Val::TRUE | Val::FALSE => {
                if (right == Val::TRUE) == equal {
                    left
                } else {
                    self.not(left)
                }
            }
            _ => self.intern(Symbol::Test { left, right, equal }),
        }
    }

    /// The opposite of a condition.
    pub fn not(&mut self, val: Val) -> Val {
        match *self.symbol(val) {
            Symbol::Const(Value::Bool(value)) => {
                if value {
                    Val::FALSE
                } else {
                    Val::TRUE
                }
            }
            Symbol::Test { left, right, equal } => self.intern(Symbol::Test { left, right, equal: !equal }),
            _ => self.intern(Symbol::Test { left: val, right: Val::TRUE, equal: false }),
        }
    }

    /// The zero value of a variable's type, if it is of those that conditions ask for.
    pub fn zero(&mut self, ident: ExprId) -> Val {
        use gopeer_sema::types::Basic;
        match self.input.store.under(self.input.facts.type_of(ident)) {
            Type::Pointer(_)
            | Type::Slice(_)
            | Type::Map { .. }
            | Type::Chan { .. }
            | Type::Signature(_)
            | Type::Interface(_) => Val::NIL,
            Type::Basic(Basic::Bool) => Val::FALSE,
            Type::Basic(Basic::String) => self.intern(Symbol::Const(Value::str(b""))),
            Type::Basic(Basic::Int | Basic::Int8 | Basic::Int16 | Basic::Int32 | Basic::Int64) => Val::ZERO,
            Type::Basic(Basic::Uint | Basic::Uint8 | Basic::Uint16 | Basic::Uint32 | Basic::Uint64) => Val::ZERO,
            _ => self.made(ident, 0),
        }
    }

    /// The symbol for what this one stood for before `at` was evaluated again.
    pub fn aged(&mut self, val: Val, at: ExprId) -> Val {
        let symbol = match self.symbol(val).clone() {
            Symbol::Made { at: of, result, .. } if of == at => Symbol::Made { at, result, older: true },
            Symbol::Field(of, name) => Symbol::Field(self.aged(of, at), name),
            Symbol::Len(of) => Symbol::Len(self.aged(of, at)),
            Symbol::Test { left, right, equal } => {
                Symbol::Test { left: self.aged(left, at), right: self.aged(right, at), equal }
            }
            Symbol::Apply(name, args) => Symbol::Apply(name, args.iter().map(|&arg| self.aged(arg, at)).collect()),
            _ => return val,
        };
        self.intern(symbol)
    }

    /// Whether a symbol has anything to do with what `at` gave last.
    pub fn is_of(&self, val: Val, at: ExprId) -> bool {
        self.is_made_by(val, at, false)
    }

    /// Whether a symbol has anything to do with what `at` gave in an earlier iteration.
    pub(crate) fn is_older(&self, val: Val, at: ExprId) -> bool {
        self.is_made_by(val, at, true)
    }

    fn is_made_by(&self, val: Val, at: ExprId, earlier: bool) -> bool {
        match self.symbol(val) {
            Symbol::Made { at: of, older, .. } => *of == at && *older == earlier,
            _ => self.parts(val).into_iter().any(|part| self.is_made_by(part, at, earlier)),
        }
    }
}

/// What an order of two constants is; equality goes by the symbols.
fn compare(op: BinaryOp, left: i64, right: i64) -> Option<bool> {
    match op {
        BinaryOp::Less => Some(left < right),
        BinaryOp::LessEqual => Some(left <= right),
        BinaryOp::Greater => Some(left > right),
        BinaryOp::GreaterEqual => Some(left >= right),
        _ => None,
    }
}
