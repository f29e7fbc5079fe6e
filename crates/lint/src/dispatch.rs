//! Runs rules over a piece: one scan of each arena, and a table from node kind to rules.

use std::collections::{HashMap, HashSet};

use gopeer_syntax::Progress;
use gopeer_syntax::ast::{Decl, DeclId, DeclKind, Expr, ExprId, ExprKind, ExprList, Node, Stmt, StmtId, StmtKind};
use gopeer_syntax::{Span, Tree};

use crate::asked::Asked;
use crate::config::{assignment_to, made_type};
use crate::objects::name_of;
use crate::{
    Answer, Assigned, Call, Channel, CompanionCx, CompanionKind, Concern, Confidence, Config, Cx, Effects, FileCx,
    FileInfo, Finding, Func, Hook, Nil, PackageView, PieceView, Question, Resource, Rule, Severity,
};

/// Functions of rules, each with the index of its rule.
type Of<F> = Vec<(u16, F)>;
type ExprHook = fn(&mut Cx, ExprId);
type StmtHook = fn(&mut Cx, StmtId);
type DeclHook = fn(&mut Cx, DeclId);
type CallHook = (&'static [&'static str], fn(&mut Cx, Call));
type AcquireHook = fn(&mut Cx, &Resource);
type EffectHook = (Effects, fn(&mut Cx, Call));
type FuncHook = fn(&mut Cx, Func);
type ChannelHook = fn(&mut Cx, &Channel);
type NilHook = fn(&mut Cx, &Nil);
type ConfigHook = (&'static [&'static str], fn(&mut Cx, Config));
type SetHook = (&'static [&'static str], fn(&mut Cx, Assigned));
/// Hooks by the last word of a full name: `Do` of `net/http.Client.Do`.
type ByName<H> = HashMap<&'static str, Of<H>>;
type CompanionHook = (&'static [CompanionKind], fn(&mut CompanionCx));

/// Which rules want which node kinds; made once for a set of rules.
pub struct Dispatch {
    rules: Vec<&'static Rule>,
    calls: ByName<CallHook>,
    acquired: HashMap<&'static str, Of<AcquireHook>>,
    effects: Of<EffectHook>,
    channels: Of<ChannelHook>,
    nils: Of<NilHook>,
    configs: ByName<ConfigHook>,
    sets: ByName<SetHook>,
    funcs: Of<FuncHook>,
    exprs: [Of<ExprHook>; ExprKind::COUNT],
    stmts: [Of<StmtHook>; StmtKind::COUNT],
    decls: [Of<DeclHook>; DeclKind::COUNT],
    pieces: Of<fn(&mut Cx)>,
    files: Of<fn(&mut FileCx)>,
    companions: Of<CompanionHook>,
    progress: Progress,
}

/// What the rules say of one piece or file.
#[derive(Clone, Debug, Default)]
pub struct PieceResult {
    /// The findings, with the byte offset their spans count from.
    pub found: Vec<(u32, Finding)>,
    /// How many places each rule examined, by index in the set; only those above zero.
    pub examined: Vec<(u16, u32)>,
    /// Functions whose paths are too many to be followed: what happens on them was not examined to the end.
    pub unfollowed: Vec<Span>,
    /// What was asked about other functions of the package, and the answers: with other answers the result may be another.
    pub asked: Vec<(Question, Answer)>,
}

impl Dispatch {
    /// Builds the table.
    pub fn new(rules: impl IntoIterator<Item = &'static Rule>) -> Dispatch {
        let mut table = Dispatch {
            rules: rules.into_iter().collect(),
            calls: HashMap::new(),
            acquired: HashMap::new(),
            effects: Vec::new(),
            channels: Vec::new(),
            nils: Vec::new(),
            configs: HashMap::new(),
            sets: HashMap::new(),
            funcs: Vec::new(),
            exprs: std::array::from_fn(|_| Vec::new()),
            stmts: std::array::from_fn(|_| Vec::new()),
            decls: std::array::from_fn(|_| Vec::new()),
            pieces: Vec::new(),
            files: Vec::new(),
            companions: Vec::new(),
            progress: Progress::default(),
        };
        for (index, rule) in table.rules.clone().into_iter().enumerate() {
            rule.hooks.iter().for_each(|&hook| table.add(index as u16, hook));
        }
        table
    }

    fn add(&mut self, rule: u16, hook: Hook) {
        match hook {
            Hook::Call(full, check) => add_named(&mut self.calls, full, (rule, (full, check))),
            Hook::Acquire(kind, check) => self.acquired.entry(kind).or_default().push((rule, check)),
            Hook::Effect(effects, check) => self.effects.push((rule, (effects, check))),
            Hook::Channel(check) => self.channels.push((rule, check)),
            Hook::Nil(check) => self.nils.push((rule, check)),
            Hook::Config(full, check) => add_named(&mut self.configs, full, (rule, (full, check))),
            Hook::Set(full, check) => add_named(&mut self.sets, full, (rule, (full, check))),
            Hook::Func(check) => self.funcs.push((rule, check)),
            Hook::Expr(kinds, check) => kinds.iter().for_each(|&kind| self.exprs[kind as usize].push((rule, check))),
            Hook::Stmt(kinds, check) => kinds.iter().for_each(|&kind| self.stmts[kind as usize].push((rule, check))),
            Hook::Decl(kinds, check) => kinds.iter().for_each(|&kind| self.decls[kind as usize].push((rule, check))),
            Hook::Piece(check) => self.pieces.push((rule, check)),
            Hook::File(check) => self.files.push((rule, check)),
            Hook::Companion(kinds, check) => self.companions.push((rule, (kinds, check))),
        }
    }

    /// Says who is told that rules are at work.
    pub fn set_progress(&mut self, progress: Progress) {
        self.progress = progress;
    }

    /// The rules, in the order of the indices in [`PieceResult::examined`].
    pub fn rules(&self) -> &[&'static Rule] {
        &self.rules
    }

    /// Runs the rules that look at nodes and pieces. Spans of the findings count from the piece, offset 0.
    pub fn run_piece(&self, piece: &PieceView, file: &FileInfo, package: PackageView<'_>) -> PieceResult {
        let (found, examined) = (Vec::new(), vec![0; self.rules.len()]);
        let is_test = file.is_test();
        let asked = Asked::default();
        let mut run = Run { table: self, piece, file, package, is_test, asked: &asked, found, examined };
        for (id, expr) in piece.tree.all_exprs() {
            match expr {
                Expr::Call { fun, .. } => {
                    run.call(id, fun);
                    run.acquired(id);
                    run.effects(id);
                    run.channel(id);
                    run.config(id);
                }
                Expr::Composite { .. } => run.config(id),
                Expr::Binary { .. } => run.nils(id),
                Expr::KeyValue { key, value } => run.element(id, key, value),
                Expr::Selector { name, .. } => run.assigned(id, name),
                Expr::Index { base, args } => run.indexed(id, base, args),
                Expr::FuncLit { .. } => run.func(id.into()),
                _ => {}
            }
            for &(rule, check) in &self.exprs[expr.kind() as usize] {
                run.with(rule, &|cx| check(cx, id));
            }
        }
        for (id, stmt) in piece.tree.all_stmts() {
            if matches!(stmt, Stmt::Assign { .. }) {
                run.nils(id);
            }
            for &(rule, check) in &self.stmts[stmt.kind() as usize] {
                run.with(rule, &|cx| check(cx, id));
            }
        }
        for (id, decl) in piece.tree.all_decls() {
            match decl {
                Decl::Value { .. } => run.nils(id),
                Decl::Func { .. } => run.func(id.into()),
                _ => {}
            }
            for &(rule, check) in &self.decls[decl.kind() as usize] {
                run.with(rule, &|cx| check(cx, id));
            }
        }
        for &(rule, check) in &self.pieces {
            run.with(rule, &check);
        }
        // What surrounds text that did not parse may be read wrongly.
        let errors = Errors::of(&piece.tree);
        run.found.retain(|finding| !errors.any_inside(finding.span));
        let (found, examined) = (run.found.into_iter().map(|finding| (0, finding)).collect(), sparse(&run.examined));
        let mut unfollowed: Vec<Span> = asked.unfollowed().into_iter().map(|node| piece.tree.span(node)).collect();
        unfollowed.sort_by_key(|span| span.start);
        let asked = asked.questions.into_inner().into_iter().collect();
        PieceResult { found, examined, unfollowed, asked }
    }

    /// Runs the rules that look at whole Go files. Spans count from the offsets given with the findings.
    pub fn run_file(&self, pieces: &[PieceView], file: &FileInfo, package: PackageView<'_>) -> PieceResult {
        let mut found = Vec::new();
        let mut examined = vec![0; self.rules.len()];
        let is_test = file.is_test();
        let asked: Vec<Asked> = pieces.iter().map(|_| Asked::default()).collect();
        for &(index, check) in &self.files {
            self.progress.step();
            let rule = self.rules[index as usize];
            if !rule.scope.includes(is_test) {
                continue;
            }
            check(&mut FileCx {
                file,
                package,
                pieces,
                asked: &asked,
                rule,
                found: &mut found,
                examined: &mut examined[index as usize],
            });
        }
        PieceResult { found, examined: sparse(&examined), ..PieceResult::default() }
    }

    /// Runs the rules that look at files that are not Go.
    pub fn run_companion(&self, kind: CompanionKind, name: &str, text: &str) -> PieceResult {
        let mut found = Vec::new();
        let mut examined = vec![0; self.rules.len()];
        for &(index, (kinds, check)) in &self.companions {
            if kinds.contains(&kind) {
                let rule = self.rules[index as usize];
                let examined = &mut examined[index as usize];
                check(&mut CompanionCx { kind, name, text, rule, found: &mut found, examined });
            }
        }
        let found = found.into_iter().map(|finding| (0, finding)).collect();
        PieceResult { found, examined: sparse(&examined), ..PieceResult::default() }
    }
}

/// Adds a hook under the last word of each name.
fn add_named<H: Copy>(table: &mut ByName<H>, full: &'static [&'static str], hook: (u16, H)) {
    let names: HashSet<&str> = full.iter().copied().map(last_word).collect();
    names.into_iter().for_each(|name| table.entry(name).or_default().push(hook));
}

fn last_word(full: &str) -> &str {
    full.rsplit('.').next().unwrap_or(full)
}

struct Run<'a> {
    table: &'a Dispatch,
    piece: &'a PieceView,
    file: &'a FileInfo,
    package: PackageView<'a>,
    is_test: bool,
    asked: &'a Asked,
    found: Vec<Finding>,
    examined: Vec<u32>,
}

impl<'a> Run<'a> {
    /// Runs the rules that wait for a call of this function or method, or for this option.
    fn call(&mut self, id: ExprId, fun: ExprId) {
        let table = self.table;
        let tree = &self.piece.tree;
        let name = tree.source(name_of(tree, fun));
        for &(rule, (full, check)) in table.calls.get(name).into_iter().flatten() {
            self.with(rule, &|cx| {
                if let Some(call) = cx.call(id).filter(|call| call.callee.is(full)) {
                    check(cx, call);
                }
            });
        }
        for &(rule, (full, check)) in table.sets.get(name).into_iter().flatten() {
            self.with(rule, &|cx| {
                if let Some(call) = cx.call(id).filter(|call| call.callee.is(full))
                    && let Some(&value) = call.args.first()
                {
                    check(cx, Assigned { name: call.name, value, at: id.into() });
                }
            });
        }
    }

    /// Runs the rules that wait for what this call gives and somebody must release.
    fn acquired(&mut self, id: ExprId) {
        let table = self.table;
        if table.acquired.is_empty() {
            return;
        }
        let (mut unreported, mut uncounted) = Default::default();
        let Some(resource) = self.look(&mut unreported, &mut uncounted).acquired(id) else { return };
        for &(rule, check) in table.acquired.get(resource.kind).into_iter().flatten() {
            self.with(rule, &|cx| check(cx, &resource));
        }
    }

    /// Runs the rules that wait for effects which this call has.
    fn effects(&mut self, id: ExprId) {
        let table = self.table;
        if !self.is_wanted(&table.effects) {
            return;
        }
        let (mut unreported, mut uncounted) = Default::default();
        let effects = self.look(&mut unreported, &mut uncounted).effects(id);
        for &(rule, (_, check)) in table.effects.iter().filter(|(_, (wanted, _))| effects.has(*wanted)) {
            self.with(rule, &|cx| {
                if let Some(call) = cx.call(id) {
                    check(cx, call);
                }
            });
        }
    }

    /// Runs the rules that look at functions, if this one has a body.
    fn func(&mut self, node: Node) {
        let table = self.table;
        for &(rule, check) in &table.funcs {
            self.with(rule, &|cx| {
                if let Some(func) = cx.as_func(node) {
                    check(cx, func);
                }
            });
        }
    }

    /// Runs the rules that wait for channels, where this call makes one.
    fn channel(&mut self, id: ExprId) {
        let table = self.table;
        if !self.is_wanted(&table.channels) {
            return;
        }
        let (mut unreported, mut uncounted) = Default::default();
        let Some(channel) = self.look(&mut unreported, &mut uncounted).made_channel(id) else { return };
        for &(rule, check) in &table.channels {
            self.with(rule, &|cx| check(cx, &channel));
        }
    }

    /// Runs the rules that wait for nil values, where this node says that a value is nil.
    fn nils(&mut self, node: impl Into<Node>) {
        let table = self.table;
        if !self.is_wanted(&table.nils) {
            return;
        }
        let (mut unreported, mut uncounted) = Default::default();
        for nil in self.look(&mut unreported, &mut uncounted).nils(node.into()) {
            for &(rule, check) in &table.nils {
                self.with(rule, &|cx| check(cx, &nil));
            }
        }
    }

    /// Runs the rules that wait for values of the type that is made here.
    fn config(&mut self, id: ExprId) {
        let table = self.table;
        let (facts, store) = (&self.piece.facts, self.package.store);
        let name = match store.qualified_name(made_type(store, facts.type_of(id))) {
            Some((_, name)) => name,
            None => match self.piece.tree.expr(id) {
                Expr::Composite { ty: Some(ty), .. } => self.piece.tree.source(name_of(&self.piece.tree, ty)),
                _ => return,
            },
        };
        for &(rule, (full, check)) in table.configs.get(name).into_iter().flatten() {
            self.with(rule, &|cx| {
                if let Some(config) = cx.made_here(id).filter(|_| cx.makes(id, full)) {
                    check(cx, config);
                }
            });
        }
    }

    /// Runs the rules that wait for the setting that an element of a literal sets.
    fn element(&mut self, id: ExprId, key: ExprId, value: ExprId) {
        let text = self.piece.tree.source(key).trim_matches('"');
        self.set(last_word(text), Assigned { name: key, value, at: id.into() }, &|cx| match cx.tree.parent(id) {
            Some(Node::Expr(literal)) => cx.key_name(literal, key),
            _ => None,
        });
    }

    /// Runs the rules that wait for the setting of a map that an index is, where it is assigned to: `config["acks"] = 1`.
    fn indexed(&mut self, id: ExprId, map: ExprId, keys: ExprList) {
        let tree = &self.piece.tree;
        let (&[key], Some((stmt, Some(value)))) = (tree.exprs(keys), assignment_to(tree, id)) else { return };
        let text = tree.source(key).trim_matches('"');
        self.set(last_word(text), Assigned { name: key, value, at: stmt.into() }, &|cx| cx.key_name(map, key));
    }

    /// Runs the rules that wait for the setting that a selector is, where it is assigned to.
    fn assigned(&mut self, id: ExprId, name: ExprId) {
        let tree = &self.piece.tree;
        if let Some((stmt, Some(value))) = assignment_to(tree, id) {
            self.set(tree.source(name), Assigned { name, value, at: stmt.into() }, &|cx| cx.field_name(id));
        }
    }

    fn set(&mut self, name: &str, assigned: Assigned, full_name: &dyn Fn(&Cx) -> Option<String>) {
        let table = self.table;
        for &(rule, (full, check)) in table.sets.get(name).into_iter().flatten() {
            self.with(rule, &|cx| {
                if full_name(cx).is_some_and(|name| full.contains(&&*name)) {
                    check(cx, assigned);
                }
            });
        }
    }

    /// Whether one of the rules that these belong to looks at this file.
    fn is_wanted<H>(&self, hooks: &Of<H>) -> bool {
        hooks.iter().any(|&(rule, _)| self.table.rules[rule as usize].scope.includes(self.is_test))
    }

    /// The view of the piece for what is looked up once for several rules; nothing is reported by it.
    fn look<'c>(&self, unreported: &'c mut Vec<Finding>, uncounted: &'c mut u32) -> Cx<'c>
    where
        'a: 'c,
    {
        Cx::new(self.piece, self.file, self.package, self.asked, &Rule::NONE, unreported, uncounted)
    }

    fn with(&mut self, rule: u16, check: &dyn Fn(&mut Cx)) {
        self.table.progress.step();
        let index = rule as usize;
        let rule = self.table.rules[index];
        if !rule.scope.includes(self.is_test) {
            return;
        }
        let before = self.found.len();
        let (found, examined) = (&mut self.found, &mut self.examined[index]);
        let mut cx = Cx::new(self.piece, self.file, self.package, self.asked, rule, found, examined);
        check(&mut cx);
        // Whatever the rule says of it, what leaks ends with a command that ends soon.
        if matches!(rule.concerns, [(Concern::Leak, _), ..]) && before < cx.found.len() && cx.ends_soon() {
            cx.found[before..].iter_mut().for_each(|found| found.severity = Severity::Low);
        }
        // What is asked may not be so.
        let asked = self.found[before..].iter_mut().filter(|found| found.confidence <= Confidence::Low);
        asked.for_each(|found| found.severity = found.severity.min(Severity::High));
        // A test that hangs or races is seen where it runs, and harms nobody else.
        if self.is_test && matches!(rule.concerns, [(Concern::Deadlock | Concern::Leak | Concern::Race, _), ..]) {
            self.found[before..].iter_mut().for_each(|found| found.severity = found.severity.min(Severity::Medium));
        }
    }
}

/// Where a piece did not parse: starts in order, each with the nearest end of an error that begins there or later.
pub struct Errors(Vec<(u32, u32)>);

impl Errors {
    /// Those of a piece.
    pub fn of(tree: &Tree) -> Errors {
        let mut spans: Vec<(u32, u32)> = tree.errors().iter().map(|error| (error.span.start, error.span.end)).collect();
        spans.sort_unstable();
        let mut nearest = u32::MAX;
        for (_, end) in spans.iter_mut().rev() {
            nearest = nearest.min(*end);
            *end = nearest;
        }
        Errors(spans)
    }

    /// Whether one lies in the span: what surrounds text that did not parse may be read wrongly.
    pub fn any_inside(&self, span: Span) -> bool {
        let first = self.0.partition_point(|(start, _)| *start < span.start);
        self.0.get(first).is_some_and(|(_, end)| *end <= span.end)
    }
}

fn sparse(counts: &[u32]) -> Vec<(u16, u32)> {
    counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(i, n)| (i as u16, *n)).collect()
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::sync::Arc;

    use gopeer_sema::{Checked, FileScope, Names, PackageScope, Source, SourceFile};
    use gopeer_syntax::Parser;

    use super::*;

    static ASSIGNMENTS: Rule = Rule {
        id: "test/assignments",
        hooks: &[Hook::Stmt(&[StmtKind::Assign], |cx, stmt| {
            cx.report(stmt, "an assignment");
        })],
        ..Rule::NONE
    };

    #[test]
    fn what_holds_a_syntax_error_is_not_judged() {
        let tree = Parser::new().parse("func f() {\n\ta = 1\n\tb = @ 2\n}\n");
        assert!(!tree.errors().is_empty());
        let (scope, package) = (FileScope::default(), PackageScope::default());
        let names = Names::resolve(&tree, &scope, &package);
        let source = Source {
            files: vec![SourceFile { scope: &scope, excluded: false, pieces: vec![(&tree, &names).into()] }],
            whole: false,
            progress: Progress::default(),
        };
        let mut checked = Checked::new("", "p", &source, Rc::default());
        let facts = checked.facts.remove(0).remove(0);
        let piece = PieceView { start: 0, tree: Arc::new(tree), names: Arc::new(names), facts };
        let package = PackageView { scope: &package, store: &checked.store, functions: None };
        let result = Dispatch::new([&ASSIGNMENTS]).run_piece(&piece, &FileInfo::default(), package);
        let found: Vec<&str> = result.found.iter().map(|(_, finding)| finding.span.of(piece.tree.text())).collect();
        assert_eq!(found, ["a = 1"]);
    }
}
