//! Things that a call gives and that must be released on every path: files, rows, transactions, bodies, cancel functions.
//!
//! Which calls give one is a fact (`must-close`), and how a type of them is released is another (`releases`, in
//! `crates/api/facts`); a type without one is released by its `Close` or `Stop`. A resource is followed from the call on, along the
//! paths on which it succeeded. A path is settled where the resource is released, or where its release is deferred, and where
//! somebody else has it: it is returned, stored, sent, captured by a closure, or given to a function that may release it.

mod given;
mod leak;
mod watch;

use std::cell::Cell;

use gopeer_sema::CallFacts;
use gopeer_sema::types::{Lookup, PkgId, Type, TypeId};
use gopeer_syntax::Span;
use gopeer_syntax::ast::{Expr, ExprId, StmtId};

use crate::summary::{Answer, What};
use crate::{Call, Cx, Report, words};

/// What a call gives and somebody must release.
#[derive(Clone, Debug)]
pub struct Resource<'a> {
    /// The call.
    pub call: Call<'a>,
    /// What it is, as the facts name it: `rows`, `transaction`; `closer` if they say nothing.
    pub kind: &'a str,
    /// Which result.
    pub result: usize,
    /// Its type.
    pub ty: TypeId,
    /// How it is released.
    pub release: Release,
    /// Whether it is known that the caller must release it: the facts say so, or the function has acquired it. Otherwise only a caller
    /// that releases it on some path is taken at its word.
    pub sure: bool,
}

/// How something is released.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Release {
    /// The field that is released, as `Body` of a response; empty for the thing itself.
    pub field: Box<str>,
    /// The methods that release it; `()` if it is called itself.
    pub methods: Vec<Box<str>>,
    /// The method that has released it once it answers `false`.
    pub ends: Option<Box<str>>,
    /// The methods of it, and the functions that get it, that have released it once they fail.
    pub fails: Vec<Box<str>>,
    /// Whether reading it to its end releases it as well, as that gives a connection back.
    pub drains: bool,
}

impl Release {
    pub(crate) fn by(method: &str) -> Release {
        Release { methods: vec![method.into()], ..Release::default() }
    }

    /// Reads what the facts say: `Close`, `Commit, Rollback`, `Body.Close`, `Close; until Next; failed Err`.
    fn read(text: &str) -> Release {
        let list = |names: &str| names.split(", ").map(Into::into).collect();
        let mut parts = text.split("; ");
        let how = parts.next().unwrap_or_default();
        let (field, methods) = how.split_once('.').unwrap_or(("", how));
        let mut release = Release { field: field.into(), methods: list(methods), ..Release::default() };
        for part in parts {
            match part.split_once(' ') {
                Some(("until", ends)) => release.ends = Some(ends.into()),
                Some(("failed", names)) => release.fails = list(names),
                _ => {}
            }
        }
        release
    }

    /// Whether a method of this name releases it.
    pub fn is_method(&self, name: &str) -> bool {
        self.methods.iter().any(|method| &**method == name)
    }

    /// Whether it is a function, and calling it releases what it stands for.
    pub fn is_call(&self) -> bool {
        self.is_method("()")
    }
}

/// That a resource is not released on some path.
#[derive(Default)]
pub struct Leak {
    /// The variable that holds it; none where the call's result is thrown away.
    pub variable: Option<ExprId>,
    /// Whether no path releases it.
    pub never: bool,
    /// Whether it is lost because something else is assigned to its variable.
    pub overwritten: bool,
    /// Whether it is one where an error is returned.
    pub fails: bool,
    /// Whether the path is one on which something that was done with it has failed, as writing to a file.
    pub tried: bool,
    /// Of a leak on success, whether anything was done with it before, on the path or in an earlier iteration of a loop.
    pub used: bool,
    /// The path, step by step.
    pub steps: Vec<(Span, String)>,
    /// Where `defer` would release it on every path: behind the check of its error, or of the value itself.
    pub defer_after: Option<StmtId>,
    /// The `defer` that releases it too late, and goes there instead.
    pub moved: Option<StmtId>,
    /// Whether a goroutine has it that does not release it.
    pub goes: bool,
}

impl Leak {
    /// Reports it, with the path and the fix that defers the release.
    pub fn report<'c>(self, cx: &'c mut Cx<'_>, resource: &Resource<'_>) -> Report<'c> {
        let message = self.message(cx, resource);
        let at: ExprId = self.variable.unwrap_or(resource.call.fun);
        // Whether a type of the module can be closed a second time, only its code says.
        let can_close_again = self.never || !cx.is_of_module(cx.deref(resource.ty));
        let place = self.variable.zip(self.defer_after).filter(|_| can_close_again);
        let edits = place.and_then(|(variable, stmt)| {
            let release = resource.release(cx, variable)?;
            let end = cx.span(stmt).end;
            let mut edits = vec![(Span::new(end, end), format!("\n{}defer {release}", cx.indent(stmt)))];
            if let Some(late) = self.moved {
                let lines = cx.lines(late);
                let alone = lines.of(cx.tree.text()).trim() == format!("defer {release}");
                edits.push(alone.then_some((lines, String::new()))?);
            }
            Some((edits, release))
        });
        // A writer, an iterator and a span take nothing with them but what they would have said.
        let stays = !matches!(resource.kind, "iterator" | "span" | "test" | "writer");
        let growth = stays.then(|| cx.grows_with(resource.call.expr)).flatten();
        let mut report = cx.report(at, message).steps(self.steps).notes(growth);
        if let Some((edits, release)) = edits {
            let title = match self.moved {
                Some(_) => format!("Move `defer {release}` up"),
                None => format!("Add `defer {release}`"),
            };
            report = report.fix(title, edits);
        }
        report
    }

    /// The same without a fix: where deferring the release is not what is needed.
    pub fn without_fix(self) -> Leak {
        Leak { defer_after: None, ..self }
    }

    /// Whether it happens only where a function fails that, by its name, runs when a program starts.
    pub fn is_at_start(&self, cx: &Cx<'_>, resource: &Resource<'_>) -> bool {
        const STARTS: &[&str] = &["init", "listen", "must", "new", "run", "serve", "setup", "start"];
        let name = cx.enclosing_decl(resource.call.expr).and_then(|decl| cx.func_name(decl)).unwrap_or_default();
        let starts = || words(name).first().is_some_and(|first| STARTS.contains(&first.as_str()));
        self.fails && !self.never && starts()
    }

    fn message(&self, cx: &Cx<'_>, resource: &Resource<'_>) -> String {
        let done = resource.done();
        let Some(variable) = self.variable else {
            return match resource.release.is_call() {
                true => format!("the function that `{}` returns is thrown away", cx.source(resource.call.fun)),
                false => format!("what `{}` returns is never {done}", cx.source(resource.call.fun)),
            };
        };
        let (name, named) = (cx.source(variable), resource.named(cx, variable));
        let around = cx.func_in_words(resource.call.expr);
        match (self.never, self.overwritten) {
            (true, _) => format!("{named} is never {done}"),
            (_, true) if resource.release.field.is_empty() => {
                format!("{named} is not {done} before it gets another value")
            }
            (_, true) => format!("{named} is not {done} before `{name}` gets another value"),
            _ if self.goes => format!("{named} is not {done} on every path out of the goroutine that has it"),
            _ => format!("{named} is not {done} on every path out of {around}"),
        }
    }
}

impl Resource<'_> {
    /// The participle that says that it is released.
    fn done(&self) -> String {
        let past = |method: &str| match method {
            "()" => "called".to_owned(),
            "Stop" => "stopped".to_owned(),
            "Commit" => "committed".to_owned(),
            "Rollback" => "rolled back".to_owned(),
            "Err" => "asked for its error".to_owned(),
            "EndSession" => "ended".to_owned(),
            "CloseAndRecv" => "closed".to_owned(),
            _ if method.ends_with('e') => format!("{}d", method.to_lowercase()),
            _ => format!("{}ed", method.to_lowercase()),
        };
        let methods = &self.release.methods;
        match (self.release.is_method("Commit"), methods.first()) {
            (true, _) => "committed or rolled back".to_owned(),
            (_, method) => method.map_or("released".to_owned(), |method| past(method)),
        }
    }

    /// What has to be released, in backquotes: a variable, or its field.
    fn named(&self, cx: &Cx<'_>, variable: ExprId) -> String {
        let name = cx.source(variable);
        match &*self.release.field {
            "" => format!("`{name}`"),
            field => format!("`{name}.{field}`"),
        }
    }

    /// The call that releases it on every path; none if it needs an argument that is not at hand.
    fn release(&self, cx: &Cx<'_>, variable: ExprId) -> Option<String> {
        let (name, methods) = (cx.source(variable), &self.release.methods);
        let last = methods.iter().find(|method| &***method == "Rollback").or(methods.first());
        Some(match (&*self.release.field, last.map_or("Close", |last| last)) {
            (_, "()") if self.call.callee.name.ends_with("Cause") => format!("{name}(nil)"),
            (_, "()") => format!("{name}()"),
            ("", method) => format!("{name}.{method}({})", self.argument_of(cx, method)?),
            (field, method) => format!("{name}.{field}.{method}()"),
        })
    }

    /// What its method is called with: nothing, or the context with which it was acquired.
    fn argument_of<'c>(&self, cx: &Cx<'c>, method: &str) -> Option<&'c str> {
        let method = cx.store.lookup(self.ty, PkgId::SELF, cx.store.symbol(method));
        let Lookup::Method { method, .. } = method else { return Some("") };
        let Type::Signature(signature) = cx.store.get(method.sig) else { return Some("") };
        let is_context = |ty: TypeId| cx.store.qualified_name(ty) == Some(("context", "Context"));
        match signature.params[..] {
            [] => Some(""),
            [_] if signature.variadic => Some(""),
            [param] if is_context(param) => {
                let first = *self.call.args.first()?;
                (cx.expr(first) == Expr::Ident && is_context(cx.ty(first))).then(|| cx.source(first))
            }
            _ => None,
        }
    }
}

impl<'a> Cx<'a> {
    /// What a call gives that must be released.
    pub fn acquired(&self, call: ExprId) -> Option<Resource<'a>> {
        let results = self.results(call)?;
        if !results.iter().any(|&ty| self.may_be_resource(ty)) {
            return None;
        }
        let call = self.call(call)?;
        let known = self.known(&call.callee);
        let by_fact =
            known.as_ref().is_some_and(|known| known.facts.has(CallFacts::MUST_CLOSE)) || self.gives_of_literal(&call);
        if known.is_some() && !by_fact {
            return None;
        }
        let known = results.iter().enumerate().find_map(|(at, &ty)| Some((at, ty, self.release_of(ty)?)));
        let Some((result, ty, text)) = known else {
            let (result, ty, method) =
                results.iter().enumerate().find_map(|(at, &ty)| Some((at, ty, self.closing_method(ty)?)))?;
            let resource = Resource { call, kind: "closer", result, ty, release: Release::by(method), sure: by_fact };
            return Some(self.made_sure(resource));
        };
        let (kind, how) = text.split_once(": ")?;
        Some(self.made_sure(Resource { call, kind, result, ty, release: Release::read(how), sure: by_fact }))
    }

    /// Whether a call gives what the function literal gives that it is given.
    fn gives_of_literal(&self, call: &Call<'_>) -> bool {
        const RUNS: &[&str] = &[
            "github.com/avast/retry-go/v4.DoWithData",
            "github.com/cenkalti/backoff/v4.RetryWithData",
            "github.com/cenkalti/backoff/v5.Retry",
            "github.com/sony/gobreaker/v2.CircuitBreaker.Execute",
        ];
        let literal = || call.args.iter().find_map(|&arg| self.as_func(self.unparen(arg).into()));
        call.callee.is(RUNS) && literal().is_some_and(|func| self.gives(func.body, 0))
    }

    /// Whether a call derives a context without a timer from `context.Background()`, which keeps nothing of it.
    pub fn keeps_no_context(&self, call: &Call<'_>) -> bool {
        call.callee.is(&["context.WithCancel", "context.WithCancelCause"]) && self.is_fresh_parent(call)
    }

    /// Whether the parent of a derived context is `context.Background()`, or a local that was declared with it right before.
    pub fn is_fresh_parent(&self, call: &Call<'_>) -> bool {
        const FRESH: &[&str] = &["context.Background", "context.TODO"];
        let Some(&parent) = call.args.first() else { return false };
        let declared = || {
            let (value, _) = self.origin(parent)?;
            let stmt = |expr| self.enclosing_stmt(expr);
            (self.next_stmt(stmt(value)?) == stmt(call.expr)).then_some(value)
        };
        self.calls(parent, FRESH) || declared().is_some_and(|value| self.calls(value, FRESH))
    }

    /// Whether the name of a function says that each call gives something new: `openSegment`, `dial`.
    fn says_new(&self, call: &Call<'_>) -> bool {
        const WORDS: &[&str] =
            &["accept", "begin", "connect", "create", "dial", "listen", "make", "new", "open", "start"];
        words(call.callee.name).first().is_some_and(|word| WORDS.contains(&word.as_str()))
    }

    /// Whether a value of a type of this module holds nothing that somebody must release, as its fields show: it writes to what it was
    /// given, or only takes the time. A function, a channel, or what could be anything, may stand for something.
    fn holds_nothing(&self, ty: TypeId) -> bool {
        const DEEP: u32 = 4;
        const MOST: u32 = 1024;
        let (ty, left) = (self.deref(ty), Cell::new(MOST));
        match self.store.under(ty) {
            Type::Struct(of) if self.is_of_module(ty) => {
                !of.fields.is_empty() && of.fields.iter().all(|field| self.is_without_end(field.ty, DEEP, &left))
            }
            _ => false,
        }
    }

    fn is_of_module(&self, ty: TypeId) -> bool {
        matches!(self.store.get(ty), Type::Named(named, _) if {
            let package = self.store.named(named).pkg;
            !self.store.is_third_party(package) && !self.store.is_std(package)
        })
    }

    /// Whether a value has nothing that must be released, as far as its type shows that many levels deep, and so many types in all.
    fn is_without_end(&self, ty: TypeId, deep: u32, left: &Cell<u32>) -> bool {
        let (Some(deep), Some(rest)) = (deep.checked_sub(1), left.get().checked_sub(1)) else { return true };
        left.set(rest);
        let all = |of: &[TypeId]| of.iter().all(|&ty| self.is_without_end(ty, deep, left));
        let of_std = || match self.store.qualified_name(ty) {
            Some((path, _)) => path != "sync" && !self.is_of_module(ty) && !self.is_of_library(ty),
            None => false,
        };
        let itself = match self.store.under(ty) {
            Type::Basic(_) => true,
            Type::Interface(of) => !of.methods.is_empty(),
            Type::Slice(to) | Type::Pointer(to) | Type::Array { elem: to, .. } => all(&[to]),
            Type::Map { key, value } => all(&[key, value]),
            Type::Struct(_) if of_std() => true,
            Type::Struct(of) => {
                !self.is_of_library(ty) && of.fields.iter().all(|field| self.is_without_end(field.ty, deep, left))
            }
            _ => false,
        };
        itself && self.closing_method(ty).is_none()
    }

    /// A function of the package may give what it has acquired.
    fn made_sure<'r>(&self, resource: Resource<'r>) -> Resource<'r> {
        let gives = || self.ask(resource.call.expr, What::Gives(resource.result)) == Some(Answer::Is(true));
        Resource { sure: resource.sure || gives(), ..resource }
    }

    fn may_be_resource(&self, ty: TypeId) -> bool {
        matches!(self.store.get(self.deref(ty)), Type::Named(named, _) if self.store.named(named).pkg != PkgId::UNIVERSE)
    }

    /// How the values of a type are released, if the facts say it.
    fn release_of(&self, ty: TypeId) -> Option<&'a str> {
        let (path, name) = self.store.qualified_name(self.deref(ty))?;
        self.store.default_setting(path, name)
    }

    fn closing_method(&self, ty: TypeId) -> Option<&'static str> {
        let has = |name: &&&'static str| {
            matches!(self.store.lookup(ty, PkgId::SELF, self.store.symbol(name)), Lookup::Method { .. })
        };
        ["Close", "Stop"].iter().find(has).copied()
    }
}
