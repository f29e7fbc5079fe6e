//! What the functions of a package do, as far as those who call them ask.
//!
//! A question is answered by looking at the body of the function, which may ask further ones. Answers are kept, with the functions
//! that were looked at for them: they hold until the text of one of these changes. A piece remembers what it asked, and is examined
//! again when an answer has become another one.

mod own;
mod package;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use gopeer_flow::End;
use gopeer_sema::receiver_base;
use gopeer_syntax::ast::{Decl, DeclId, Expr, ExprId, Node};
use gopeer_syntax::{Progress, Tree};
use rustc_hash::FxHashMap;

use crate::asked::Asked;
use crate::channels::{ChannelUse, FieldUse, MadeChannel};
use crate::config::{SetTo, Whose};
use crate::effects::{Done, Effects};
use crate::locks::{
    Across, HandedOut, Inverted, LockEnds, LockFacts, LockedResult, Locking, PackageLocks, Unguarded, WaitsForItself,
};
use crate::races::{AtomicUse, FieldRace, Looked, PackageSharing, SharingFacts};
use crate::resource::Release;
use crate::taint::{TaintFlow, TaintPart};
use crate::{Call, Cx, FileInfo, Object, PackageView, PieceView, Rule};

/// A function or method of the package, `Load` or `Store.Load`.
pub type FuncName = Arc<str>;

/// What is asked of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The function.
    pub of: FuncName,
    /// What is asked.
    pub what: What,
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// Whether it comes back.
    Ends,
    /// What it does with the parameter of this index, which somebody must release.
    Given(usize, Release),
    /// Whether this result is always something that was acquired here and that the caller must release.
    Gives(usize),
    /// Whether this result can be nil although no error is returned, and the parameter of that index is not nil.
    Nil(usize, Option<usize>),
    /// Whether this result is a value that the function makes, with each error as well.
    Beside(usize),
    /// What it does with the parameter of this index, which is a channel.
    Channel(usize),
    /// What it does with channels of fields.
    FieldFacts,
    /// What all functions of the package do with channels of fields.
    Fields,
    /// The same for one field, by the type that has it.
    ChannelField(Rc<str>, Rc<str>),
    /// Whether this result is always a channel that it makes, and what goroutines do with that.
    Makes(usize),
    /// Whether it can leave a channel behind that this function makes for it, on which a goroutine is then stuck at a send.
    Abandons(FuncName),
    /// Whether this result is what comes out of a map that others have as well.
    GivesShared(usize),
    /// Whether it has a goroutine call this function with a channel as the argument of this index that it leaves open.
    LeavesOpen(FuncName, usize),
    /// Whether it continues after a panic of this function, which it calls.
    RecoversFrom(FuncName),
    /// Whether it leads to a call of this function, without a goroutine in between.
    LeadsTo(FuncName),
    /// Whether it, or what is beside it in its piece, calls one of these functions or methods.
    Calls(&'static [&'static str]),
    /// Whether it calls a method on a variable or field of a name, whatever its type.
    CallsOn {
        /// The method.
        method: Box<str>,
        /// The name; if empty, any.
        of: Box<str>,
        /// A method that it must not call on the same name: what unlocks and never locks has been locked by somebody else.
        never: Option<Box<str>>,
    },
    /// What is left of locks when it returns.
    LockEnds,
    /// What it does with locks by itself: what [`What::Locks`] is made of.
    LockFacts,
    /// What all functions of the package do with locks.
    Locks,
    /// What it does with locks.
    Locking,
    /// The fields that it looks at without the lock that others hold.
    Unguarded,
    /// The locks that it takes in an order that is the other one elsewhere.
    Inverted,
    /// What it waits for while it holds a lock.
    Across,
    /// The result that it gives locked, or that unlocks.
    LockedResult,
    /// The fields of its receiver that it looks at under a lock that it has released when it returns.
    Looks,
    /// What it waits for that a goroutine gets to for which it is waited.
    WaitsForItself,
    /// The fields that it returns although a lock guards them.
    HandedOut,
    /// Whether it takes a lock of this class for writing.
    Writes(Rc<str>),
    /// Whether it unlocks a lock of this class ([`crate::Place::class`]) that its caller has locked.
    Releases(Rc<str>),
    /// Whether it never comes back because of a loop without a way out.
    Endless,
    /// The same as long as the context does not end that is its parameter of this index.
    EndlessUnder(usize),
    /// Whether it waits with `sync.Cond.Wait` in a loop that asks for a variable or field of this name.
    WaitsFor(Box<str>),
    /// Whether it waits for a `WaitGroup` that a variable or field of this name holds, and has received a message before, or has not.
    WaitsForGroup(Box<str>, bool),
    /// Whether it uses a channel, or calls a method `Done`.
    Communicates,
    /// Whether it receives from a channel that a variable or field of this name holds.
    ReceivesFrom(Box<str>),
    /// The functions of the package to which it does this: asked of all functions, with one that does it to each.
    Deeds(Deed),
    /// The function of the package that does this to the one of that name. [`What::Deeds`] is asked of each function once; were each
    /// asked about each, that would cost the square of their number.
    Doer(Deed, FuncName),
    /// The fields and variables of the package that are used with functions of `sync/atomic`: by it, or by all.
    Atomics,
    /// Whether it starts a goroutine, or answers requests.
    Concurrent,
    /// What it does by itself with what it may share: what [`What::Sharing`] is made of.
    SharingFacts,
    /// What all functions of the package share.
    Sharing,
    /// The fields and variables that it writes while others use them.
    Shared,
    /// Whether it puts the parameter of this index, or its receiver if there is none, into a `sync.Pool`, unless it is too large.
    Puts(Option<usize>),
    /// What input from outside, or what it is given, comes out as this result, or as these fields of it.
    TaintResult(usize, Rc<[Rc<str>]>),
    /// What it puts into these fields of what it is given.
    TaintFills(TaintPart, Rc<[Rc<str>]>),
    /// Where what it is given can do harm.
    TaintSinks,
    /// What harm what it is given cannot do once it has returned no error.
    TaintCleared,
    /// Whether it logs each error that it returns.
    Reports,
    /// Whether it gives a message authentication code.
    GivesMac,
    /// Whether it asks for no more than that what it is given is there, or how long it is.
    ChecksNothing,
    /// Whether it defers a call of this method on the parameter of this index, and does nothing else with it.
    DefersOn(&'static str, usize),
    /// Whether its text holds one of these.
    Mentions(&'static [&'static str]),
    /// What it does outside of the process.
    Effects,
    /// The first call in it that has one of these effects.
    FirstEffect(Effects),
    /// What the methods of this name do outside of the process.
    MethodEffects(Box<str>),
    /// Whether it asks no more of the field of this name than that it is there, or how long it is.
    Ignores(Box<str>),
    /// What it does with this setting of a value.
    Setting(Whose, Box<str>),
    /// What a rule looks for in it, given the index of a parameter.
    Finds(Find, usize),
}

/// Looks for something in a function, given the index of a parameter.
#[derive(Clone, Copy, Debug)]
pub struct Find(pub fn(&Cx<'_>, DeclId, usize) -> Option<ExprId>);

/// By the address: what has two is asked twice, and no more.
impl PartialEq for Find {
    fn eq(&self, other: &Find) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Eq for Find {}

impl std::hash::Hash for Find {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.0 as usize).hash(state);
    }
}

impl What {
    /// How many questions may be asked, each by the one before: fewer where a function asks about all that it calls.
    fn deep(&self) -> usize {
        match self {
            What::Effects | What::FirstEffect(_) | What::MethodEffects(_) => DEEP / 3,
            _ => DEEP,
        }
    }
}

/// What one function does to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// It starts it in a goroutine.
    Starts,
    /// It starts it in a goroutine, or has one call it.
    Runs,
    /// It does that in each iteration of a loop.
    StartsMany,
    /// It calls it in a loop.
    CallsInLoop,
    /// It calls that method on the same value in a `defer`, and once more.
    CallsTwice,
}

/// What a function does with what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Given {
    /// It uses it, and the caller still has to release it.
    Borrows,
    /// It releases it on every path.
    Releases,
    /// It releases it on some path and leaves it as it is on another.
    Sometimes,
    /// It may keep it or pass it on.
    Keeps,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// How a call of it ends; none if it comes back.
    Ends(Option<End>),
    /// What it does with what it is given.
    Given(Given),
    /// What it does with the channel that it is given.
    Channel(ChannelUse),
    /// What is done with channels of fields.
    Fields(Rc<[FieldUse]>),
    /// The channel that it makes.
    Made(Option<MadeChannel>),
    /// The first function for which it is so.
    Who(Option<FuncName>),
    /// Functions to which something is done, each with the first one that does it, by their names.
    Deeds(Rc<[(FuncName, FuncName)]>),
    /// Whether it is so.
    Is(bool),
    /// What is left of locks.
    LockEnds(Rc<LockEnds>),
    /// What a function does with locks by itself.
    LockFacts(Rc<LockFacts>),
    /// What all functions of the package do with locks.
    Locks(Rc<PackageLocks>),
    /// What it does with locks.
    Locking(Rc<Locking>),
    /// Fields that are looked at without the lock that others hold.
    Unguarded(Rc<[Unguarded]>),
    /// Locks that are taken in an order that is the other one elsewhere.
    Inverted(Rc<[Inverted]>),
    /// Fields that are returned although a lock guards them.
    HandedOut(Rc<[HandedOut]>),
    /// What is waited for while a lock is held.
    Across(Rc<[Across]>),
    /// The result that is locked, or that unlocks, and how it is unlocked.
    LockedResult(Option<LockedResult>),
    /// Fields that were looked at under a lock.
    Looks(Rc<[Looked]>),
    /// Waits for the goroutine that waits.
    WaitsForItself(Rc<[WaitsForItself]>),
    /// What a function does by itself with what it may share.
    SharingFacts(Rc<SharingFacts>),
    /// What all functions of the package share.
    Sharing(Rc<PackageSharing>),
    /// Fields and variables that are written while others use them.
    Shared(Rc<[FieldRace]>),
    /// Fields and variables that are used with functions of `sync/atomic`, by whom.
    Atomics(Rc<[AtomicUse]>),
    /// What comes from outside, or from what a function is given.
    Taint(Rc<[TaintFlow]>),
    /// What is done outside of the process.
    Effects(Rc<Done>),
    /// What it sets a setting to.
    Setting(SetTo),
    /// A place in it.
    At(Option<ExprId>),
}

/// Answers that were found.
#[derive(Debug, Default)]
pub struct Answers {
    kept: RefCell<FxHashMap<Question, Kept>>,
    /// Which review it is that asks.
    review: Cell<u32>,
}

/// An answer that was found.
#[derive(Clone, Debug)]
struct Kept {
    answer: Answer,
    /// The hash of the function's text.
    hash: u64,
    /// What its function asked in turn.
    rests_on: Rc<[(Question, Answer)]>,
    /// How many questions, each asked by the one before, it takes to find it.
    depth: usize,
    /// Whether something that it asked was given up: functions call each other, or the chain of questions is too long.
    cut: bool,
    /// The review that last looked whether it still holds.
    review: u32,
    /// Whether it held then; not while that is being looked at.
    holds: bool,
}

/// A function of the package.
struct Declared<'a> {
    piece: PieceView,
    file: &'a FileInfo,
    decl: DeclId,
    hash: u64,
    asked: OnceCell<Rc<Asked>>,
}

/// A question that is being answered.
struct Open {
    question: Question,
    asked: Vec<(Question, Answer)>,
    depth: usize,
    cut: bool,
}

/// The functions of a package.
///
/// What a function is found to do depends on its text and on the answers to what it asks, never on who asked first: an answer for
/// which something was given up is one for the outermost question only.
pub struct Functions<'a> {
    declared: FxHashMap<FuncName, Declared<'a>>,
    /// The methods by their names; none where several have it.
    methods: OnceCell<HashMap<Box<str>, Option<FuncName>>>,
    package: PackageView<'a>,
    answers: &'a Answers,
    /// The questions that are being answered, from the outside.
    open: RefCell<Vec<Open>>,
    /// Questions that were given up: a bit for each number of questions that were open then.
    given_up: RefCell<FxHashMap<Question, u16>>,
    solved: Cell<u32>,
    progress: Progress,
}

/// The name that stands for all functions of the package.
const EVERY: &str = "*";

/// How many questions may be open, each asked by the one before. It bounds the stack.
const DEEP: usize = 10;

impl<'a> Functions<'a> {
    /// The functions of these pieces, with the hashes of their texts. What is declared twice is left out: which one is meant is not
    /// known.
    pub fn new(
        pieces: impl Iterator<Item = (PieceView, &'a FileInfo, u64)>,
        package: PackageView<'a>,
        answers: &'a Answers,
    ) -> Functions<'a> {
        answers.review.set(answers.review.get().wrapping_add(1));
        let mut declared: FxHashMap<FuncName, Option<Declared<'a>>> = FxHashMap::default();
        for (piece, file, hash) in pieces {
            for &decl in piece.tree.roots() {
                let Some(name) = func_name(&piece.tree, decl) else { continue };
                let func = Declared { piece: piece.clone(), file, decl, hash, asked: OnceCell::new() };
                declared.entry(name).and_modify(|known| *known = None).or_insert(Some(func));
            }
        }
        Functions {
            declared: declared.into_iter().filter_map(|(name, func)| Some((name, func?))).collect(),
            methods: OnceCell::new(),
            package,
            answers,
            open: RefCell::default(),
            given_up: RefCell::default(),
            solved: Cell::new(0),
            progress: Progress::default(),
        }
    }

    /// Says at each question that work goes on: some are asked of all functions of a package at once.
    pub fn with_progress(self, progress: &Progress) -> Functions<'a> {
        Functions { progress: progress.clone(), ..self }
    }

    /// Whether a function or method of this name has a body in the package.
    pub(crate) fn declares(&self, name: &FuncName) -> bool {
        self.declared.contains_key(name)
    }

    /// Whether a function can be called with so many arguments.
    pub(crate) fn takes(&self, name: &FuncName, args: usize) -> bool {
        let Some(Declared { piece, decl, .. }) = self.declared.get(name) else { return false };
        let tree = &piece.tree;
        let Decl::Func { ty, .. } = tree.decl(*decl) else { return false };
        let Expr::FuncType { params, .. } = tree.expr(ty) else { return false };
        let fields = tree.fields(params).iter().map(|&field| tree.field(field));
        let many = fields.clone().next_back().is_some_and(|field| matches!(tree.expr(field.ty), Expr::Ellipsis(_)));
        let count: usize = fields.map(|field| tree.exprs(field.names).len().max(1)).sum();
        if many { args + 1 >= count } else { args == count }
    }

    /// The only method of this name that has a body in the package.
    pub(crate) fn only_method(&self, name: &str) -> Option<FuncName> {
        let methods = self.methods.get_or_init(|| {
            let mut methods: HashMap<Box<str>, Option<FuncName>> = HashMap::new();
            for known in self.declared.keys() {
                if let Some((_, method)) = known.split_once('.') {
                    methods.entry(method.into()).and_modify(|only| *only = None).or_insert(Some(known.clone()));
                }
            }
            methods
        });
        methods.get(name)?.clone()
    }

    /// How many questions were answered by looking at a body.
    pub fn solved(&self) -> u32 {
        self.solved.get()
    }

    /// The answer to a question, if it can be found.
    pub fn answer(&self, question: &Question) -> Option<Answer> {
        let level = self.open.borrow().len();
        let deep = question.what.deep();
        if let Some((answer, depth, cut)) = self.kept(question) {
            if level > 0 && (cut || level + depth >= deep) {
                return self.give_up();
            }
            self.note(question, &answer, depth);
            return Some(answer);
        }
        let hash = self.hash(&question.of)?;
        let is_open = self.open.borrow().iter().any(|open| open.question == *question);
        if is_open && question.what == What::Ends {
            // As long as nothing else is known, a function that calls itself comes back.
            return Some(Answer::Ends(None));
        }
        let given_up = || self.given_up.borrow().get(question).is_some_and(|levels| levels & (1 << level) != 0);
        if is_open || level >= deep || given_up() {
            return self.give_up();
        }
        self.open.borrow_mut().push(Open { question: question.clone(), asked: Vec::new(), depth: 0, cut: false });
        self.solved.set(self.solved.get() + 1);
        self.progress.step();
        let answer = match self.declared.get(&question.of) {
            Some(func) => self.look(&question.of, func, &question.what),
            None => self.look_at_all(&question.what),
        };
        let Open { asked, depth, cut, .. } = self.open.borrow_mut().pop()?;
        if level == 0 {
            self.given_up.borrow_mut().clear();
        } else if cut {
            *self.given_up.borrow_mut().entry(question.clone()).or_default() |= 1 << level;
            return self.give_up();
        }
        let review = self.answers.review.get();
        let kept = Kept { answer: answer.clone(), hash, rests_on: asked.into(), depth, cut, review, holds: true };
        self.answers.kept.borrow_mut().insert(question.clone(), kept);
        self.note(question, &answer, depth);
        Some(answer)
    }

    /// The question that is being answered is not answered to the end.
    fn give_up(&self) -> Option<Answer> {
        if let Some(open) = self.open.borrow_mut().last_mut() {
            open.cut = true;
        }
        None
    }

    /// The question that is being answered rests on this answer.
    fn note(&self, question: &Question, answer: &Answer, depth: usize) {
        if let Some(open) = self.open.borrow_mut().last_mut() {
            open.asked.push((question.clone(), answer.clone()));
            open.depth = open.depth.max(depth + 1);
        }
    }

    /// The answer that was found before, if what it rests on is as it was, with how deep it is and whether it was cut.
    fn kept(&self, question: &Question) -> Option<(Answer, usize, bool)> {
        let holds = self.holds(question);
        let all = self.answers.kept.borrow();
        let kept = all.get(question).filter(|_| holds)?;
        Some((kept.answer.clone(), kept.depth, kept.cut))
    }

    /// Whether the answer that was found before holds: the function's text is the same, and so is what it asked in turn.
    fn holds(&self, question: &Question) -> bool {
        let (hash, rests_on) = match self.answers.kept.borrow().get(question) {
            Some(kept) if kept.review == self.answers.review.get() => return kept.holds,
            Some(kept) => (kept.hash, Rc::clone(&kept.rests_on)),
            None => return false,
        };
        self.say(question, false);
        let open = self.open.take();
        let is_still = |(asked, answer): &(Question, Answer)| match self.holds(asked) {
            true => self.answers.kept.borrow().get(asked).is_some_and(|kept| kept.answer == *answer),
            false => self.answer(asked).as_ref() == Some(answer),
        };
        let holds = self.hash(&question.of) == Some(hash) && rests_on.iter().all(is_still);
        self.open.replace(open);
        self.say(question, holds);
        holds
    }

    /// Says whether a kept answer holds for this review.
    fn say(&self, question: &Question, holds: bool) {
        if let Some(kept) = self.answers.kept.borrow_mut().get_mut(question) {
            (kept.review, kept.holds) = (self.answers.review.get(), holds);
        }
    }

    /// The hash of a function's text; what all functions together do rests on nothing else than what each does.
    fn hash(&self, of: &FuncName) -> Option<u64> {
        if &**of == EVERY { Some(0) } else { Some(self.declared.get(of)?.hash) }
    }

    fn look(&self, of: &FuncName, func: &Declared<'a>, what: &What) -> Answer {
        let asked = func.asked.get_or_init(Rc::default);
        // No answer depends on how much was asked before.
        asked.refuel();
        let (mut found, mut examined) = (Vec::new(), 0);
        let package = PackageView { functions: Some(self), ..self.package };
        let cx = Cx::new(&func.piece, func.file, package, asked, &Rule::NONE, &mut found, &mut examined);
        match what {
            What::Ends => Answer::Ends(cx.ending(func.decl)),
            What::Given(index, release) => Answer::Given(cx.given(func.decl, *index, release)),
            What::Channel(index) => Answer::Channel(cx.channel_given(func.decl, *index)),
            What::FieldFacts => Answer::Fields(cx.field_facts(func.decl)),
            What::Makes(result) => Answer::Made(cx.makes_channel(func.decl, *result)),
            What::Deeds(deed) => {
                let to = match deed {
                    Deed::Starts => cx.starts(func.decl),
                    Deed::Runs => cx.runs(func.decl),
                    Deed::StartsMany => cx.starts_many(func.decl),
                    Deed::CallsInLoop => cx.calls_in_loop(func.decl),
                    Deed::CallsTwice => cx.calls_twice(func.decl),
                };
                Answer::Deeds(to.into_iter().map(|to| (to, of.clone())).collect())
            }
            What::GivesShared(result) => Answer::Is(cx.gives_shared(func.decl, *result)),
            What::LeavesOpen(ranger, index) => Answer::Is(cx.leaves_open(func.decl, ranger, *index)),
            What::RecoversFrom(target) => Answer::Is(cx.recovers_from(func.decl, target)),
            What::LeadsTo(target) => Answer::Is(cx.leads_to(func.decl, target)),
            What::Abandons(maker) => Answer::Is(cx.abandons(func.decl, maker)),
            What::Gives(result) => Answer::Is(cx.gives(func.decl, *result)),
            What::Nil(result, given) => Answer::Is(cx.returns_nil(func.decl, *result, *given)),
            What::Beside(result) => Answer::Is(cx.makes_on_all_ways(func.decl, *result)),
            What::Calls(names) => Answer::Is(!cx.calls_of(names).is_empty()),
            What::CallsOn { method, of, never } => {
                let calls = |method: &str| cx.calls_on(func.decl, method, of);
                Answer::Is(calls(method) && !never.as_deref().is_some_and(calls))
            }
            What::Writes(class) => Answer::Is(cx.write_locks(func.decl, class)),
            What::Releases(class) => Answer::Is(cx.releases_class(func.decl, class)),
            What::LockEnds => Answer::LockEnds(Rc::new(cx.lock_ends_of_decl(func.decl))),
            What::LockFacts => Answer::LockFacts(Rc::new(cx.lock_facts(func.decl))),
            What::Locking => Answer::Locking(self.locks().locking(of)),
            What::Unguarded => Answer::Unguarded(self.locks().unguarded(of)),
            What::Inverted => Answer::Inverted(self.locks().inverted(of)),
            What::Across => Answer::Across(self.locks().across(of)),
            What::LockedResult => Answer::LockedResult(cx.gives_locked(func.decl)),
            What::Looks => Answer::Looks(cx.looks(func.decl)),
            What::WaitsForItself => Answer::WaitsForItself(self.locks().waits_for_itself(of)),
            What::HandedOut => Answer::HandedOut(self.locks().handed_out(of)),
            // That is asked of all functions.
            What::Locks
            | What::Sharing
            | What::Fields
            | What::ChannelField(..)
            | What::MethodEffects(_)
            | What::Doer(..) => Answer::Is(false),
            What::Mentions(texts) => {
                let source = cx.source(func.decl);
                Answer::Is(texts.iter().any(|text| source.contains(text)))
            }
            What::Effects => Answer::Effects(Rc::new(cx.done(func.decl, of))),
            What::FirstEffect(effects) => Answer::At(cx.first_effect(func.decl, *effects)),
            What::Concurrent => Answer::Is(cx.is_concurrent(func.decl)),
            What::SharingFacts => Answer::SharingFacts(Rc::new(cx.sharing_facts(func.decl))),
            What::Shared => Answer::Shared(self.sharing().races(of)),
            What::Atomics => Answer::Atomics(cx.atomics(func.decl, of)),
            What::Puts(param) => Answer::Is(cx.puts(func.decl, *param)),
            What::DefersOn(method, param) => Answer::Is(cx.defers_on(func.decl, method, *param)),
            What::TaintResult(result, fields) => Answer::Taint(cx.taint_of_result(of, func.decl, *result, fields)),
            What::TaintFills(part, fields) => Answer::Taint(cx.taint_filled(of, func.decl, *part, fields)),
            What::TaintSinks => Answer::Taint(cx.taint_sinks(of, func.decl)),
            What::TaintCleared => Answer::Taint(cx.taint_cleared(func.decl)),
            What::Reports => Answer::Is(cx.logs_what_it_returns(func.decl)),
            What::GivesMac => Answer::Is(cx.gives_mac(func.decl)),
            What::ChecksNothing => Answer::Is(cx.checks_nothing(func.decl)),
            What::Ignores(field) => Answer::Is(cx.ignores(func.decl, field)),
            What::Setting(whose, path) => cx.setting_across(func.decl, whose, path),
            What::Finds(find, index) => Answer::At((find.0)(&cx, func.decl, *index)),
            What::Endless => Answer::Is(cx.is_endless(Node::Decl(func.decl), None)),
            What::EndlessUnder(index) => Answer::Is(cx.is_endless_under(func.decl, *index)),
            What::WaitsFor(name) => Answer::Is(cx.asks_and_waits(func.decl, name)),
            What::WaitsForGroup(group, answered) => Answer::Is(cx.waits_for_group(func.decl, group, *answered)),
            What::Communicates => Answer::Is(cx.communicates(func.decl)),
            What::ReceivesFrom(name) => Answer::Is(cx.receives_from(func.decl, name)),
        }
    }
}

/// The name of a function, or of a method with its type before it; none for what many may be called (`init`, `_`).
pub fn func_name(tree: &Tree, decl: DeclId) -> Option<FuncName> {
    let Decl::Func { recv, name, body: Some(_), .. } = tree.decl(decl) else { return None };
    let name = tree.source(name);
    match receiver_base(tree, recv) {
        Some((base, _)) => Some(format!("{}.{name}", tree.source(base)).into()),
        None => (name != "init" && name != "_").then(|| name.into()),
    }
}

/// Asking.
impl Cx<'_> {
    /// Asks what a call does that calls a function or method of this package; none where that is not known.
    pub(crate) fn ask(&self, call: ExprId, what: What) -> Option<Answer> {
        self.ask_function(self.own_function(self.callee(call)?)?, what)
    }

    /// Where a call of a function of this package leads to what `find` looks for in it, given the index of a parameter.
    pub fn find_within(
        &self,
        call: Call<'_>,
        find: fn(&Cx<'_>, DeclId, usize) -> Option<ExprId>,
        index: usize,
    ) -> Option<(FuncName, ExprId)> {
        let of = self.function_of(&call)?;
        match self.ask_function(of.clone(), What::Finds(Find(find), index))? {
            Answer::At(at) => Some((of, at?)),
            _ => None,
        }
    }

    /// Whether `find` finds something in some function of the package. None where its functions are not at hand.
    pub fn package_finds(&self, find: fn(&Cx<'_>, DeclId, usize) -> Option<ExprId>) -> Option<bool> {
        self.any_function(&What::Finds(Find(find), 0))
    }

    /// The name of a function or method of this package; none if it is of another one.
    pub fn own_function(&self, callee: Object<'_>) -> Option<FuncName> {
        if self.store.add_package(callee.path) != gopeer_sema::types::PkgId::SELF {
            return None;
        }
        Some(callee.recv.map_or_else(|| callee.name.into(), |recv| format!("{recv}.{}", callee.name).into()))
    }

    /// Asks about the function of this piece.
    pub(crate) fn ask_of_piece(&self, what: What) -> Option<Answer> {
        let of = self.tree.roots().iter().find_map(|&decl| func_name(self.tree, decl))?;
        self.ask_function(of, what)
    }

    /// Asks what a function of this package does; none where that is not known.
    pub(crate) fn ask_function(&self, of: FuncName, what: What) -> Option<Answer> {
        let functions = self.functions?;
        let question = Question { of, what };
        let answer = functions.answer(&question)?;
        self.asked.questions.borrow_mut().insert(question, answer.clone());
        Some(answer)
    }

    /// Whether the answer is yes for some function of the package.
    pub(crate) fn any_function(&self, what: &What) -> Option<bool> {
        Some(self.ask_all(what.clone())? == Answer::Is(true))
    }

    /// Asks what all functions of the package do together.
    pub(crate) fn ask_all(&self, what: What) -> Option<Answer> {
        self.ask_function(EVERY.into(), what)
    }
}
