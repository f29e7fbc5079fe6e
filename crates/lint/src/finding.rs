//! Findings, and how a rule reports them.

use std::rc::Rc;

use gopeer_syntax::Span;
use gopeer_syntax::ast::ExprId;

use crate::{Confidence, FixKind, FuncName, Rule, Severity};

/// One finding. Spans count from the start of the piece it was found in.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How bad it is here: that of the rule, unless the rule grades it.
    pub severity: Severity,
    /// How sure it is here: that of the rule, unless the rule asks.
    pub confidence: Confidence,
    /// The least text that shows the problem.
    pub span: Span,
    /// What is wrong here: one sentence without a full stop, names in backquotes.
    pub message: String,
    /// The same as a question of its own, where the rule asks ([`Report::asks`]): whole sentences.
    pub asks: Option<String>,
    /// What explains it: why, under which condition, what else is involved.
    pub notes: Vec<(Option<Span>, String)>,
    /// The way on which it happens, step by step: where, and what happens there.
    pub steps: Vec<Step>,
    /// Fixes, best first.
    pub fixes: Vec<Fix>,
    /// What several of its kind are called, where the first of many in a file stands for all ([`Report::one_of`]).
    pub one_of: Option<&'static str>,
    /// What causes this finding and others of its rule, in whatever file ([`Report::one_cause`]).
    pub cause: Option<String>,
    /// The comment in the code that gives a reason for what was found ([`Report::excused`]).
    pub excuse: Option<String>,
}

/// A step of the way on which something happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where.
    pub place: StepPlace,
    /// What happens there.
    pub text: String,
    /// Which goroutine does it, in words, where several are involved: `a worker`.
    pub goroutine: Option<Rc<str>>,
}

/// Where a step is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepPlace {
    /// In the piece of the finding.
    Here(Span),
    /// At an expression of another function of the package. Where that is shows when the review is made: what stands before it may
    /// have moved since the finding was made.
    In(FuncName, ExprId),
}

impl Step {
    /// A step in another function of the package.
    pub fn within(function: FuncName, at: ExprId, text: impl Into<String>) -> Step {
        Step { place: StepPlace::In(function, at), text: text.into(), goroutine: None }
    }

    /// The same step, taken by this goroutine.
    pub fn by(self, goroutine: impl Into<Rc<str>>) -> Step {
        Step { goroutine: Some(goroutine.into()), ..self }
    }
}

impl From<(Span, String)> for Step {
    fn from((span, text): (Span, String)) -> Step {
        Step { place: StepPlace::Here(span), text, goroutine: None }
    }
}

/// A fix.
#[derive(Clone, Debug)]
pub struct Fix {
    /// An imperative sentence without a full stop: `Defer the call to cancel`.
    pub title: String,
    /// Safe or suggested.
    pub kind: FixKind,
    /// Replacements that do not overlap.
    pub edits: Vec<Edit>,
    /// Import paths that the fixed text needs; the engine adds those the file lacks.
    pub imports: Vec<&'static str>,
}

/// One replacement: an empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub insert: String,
}

/// A finding that is being reported: add notes and fixes, or nothing.
pub struct Report<'r> {
    pub(crate) finding: &'r mut Finding,
}

impl Report<'_> {
    /// Adds a remark without a place: why it hurts, or what to do.
    pub fn note(self, text: impl Into<String>) -> Self {
        self.remark(None, text.into())
    }

    /// Adds remarks that hold only at some places.
    pub fn notes(self, texts: impl IntoIterator<Item = String>) -> Self {
        texts.into_iter().fold(self, Report::note)
    }

    /// Adds a remark about a second place of the same piece.
    pub fn note_at(self, span: Span, text: impl Into<String>) -> Self {
        self.remark(Some(span), text.into())
    }

    fn remark(self, place: Option<Span>, text: String) -> Self {
        self.finding.notes.push((place, text));
        self
    }

    /// Grades this finding differently from the rule's others: what is at stake depends on the place.
    pub fn severity(self, severity: Severity) -> Self {
        self.finding.severity = severity;
        self
    }

    /// Puts the finding as a question unless the code at hand settles it.
    pub fn question_unless(self, settled: bool) -> Self {
        if settled { self } else { self.question() }
    }

    /// Makes this finding a question: the rule guesses here.
    pub fn question(self) -> Self {
        self.finding.confidence = self.finding.confidence.min(Confidence::Low);
        self
    }

    /// Makes this finding a question, in words of its own: whole sentences, of which the first one asks.
    pub fn asks(self, question: impl Into<String>) -> Self {
        self.finding.asks = Some(question.into());
        self.question()
    }

    /// Says that this finding rests on something that is not seen but nearly always so.
    pub fn likely(self) -> Self {
        self.finding.confidence = self.finding.confidence.min(Confidence::Medium);
        self
    }

    /// Names what causes this finding. Those of one rule and one cause are one finding, whatever files they are in: the first,
    /// with the places of the others.
    pub fn one_cause(self, cause: impl Into<String>) -> Self {
        self.one_cause_if(Some(cause.into()))
    }

    /// Names what causes this finding, as [`Self::one_cause`], if it shares that with others.
    pub fn one_cause_if(self, cause: Option<String>) -> Self {
        self.finding.cause = cause;
        self
    }

    /// Silences the finding if a comment in the code gives a reason for what was found ([`crate::Cx::explanation`]). It is then
    /// listed with those that `//nolint` silences.
    pub fn excused(self, comment: Option<&str>) -> Self {
        self.finding.excuse = comment.map(str::to_owned);
        self
    }

    /// Adds the way on which it happens ([`crate::Cx::steps`]).
    pub fn steps(self, steps: impl IntoIterator<Item: Into<Step>>) -> Self {
        self.finding.steps = steps.into_iter().map(Into::into).collect();
        self
    }

    /// Says that where a file has many findings of this kind, one is enough: the first is shown, with the count and the places
    /// of the others. `what` follows the count: `5 more names in this file are written this way`.
    pub fn one_of(self, what: &'static str) -> Self {
        self.finding.one_of = Some(what);
        self
    }

    /// Adds a fix of the kind that the rule declares, made of replacements; without any, there is no fix.
    pub fn fix(self, title: impl Into<String>, edits: impl IntoIterator<Item = (Span, String)>) -> Self {
        let kind = self.finding.rule.fix;
        self.add_fix(kind, title.into(), &mut edits.into_iter())
    }

    /// Adds a fix that adds an import and nothing else.
    pub fn fix_by_import(self, path: &'static str) -> Self {
        let kind = self.finding.rule.fix;
        let title = format!("Import {path}");
        self.finding.fixes.push(Fix { title, kind, edits: Vec::new(), imports: vec![path] });
        self
    }

    /// Adds a fix to look at first, where the rule's other fixes are safe.
    pub fn suggest(self, title: impl Into<String>, edits: impl IntoIterator<Item = (Span, String)>) -> Self {
        self.add_fix(FixKind::Suggested, title.into(), &mut edits.into_iter())
    }

    fn add_fix(self, kind: FixKind, title: String, edits: &mut dyn Iterator<Item = (Span, String)>) -> Self {
        let edits: Vec<Edit> = edits.map(|(span, insert)| Edit { span, insert }).collect();
        if !edits.is_empty() {
            self.finding.fixes.push(Fix { title, kind, edits, imports: Vec::new() });
        }
        self
    }

    /// Says that the fix added last needs this import.
    pub fn needing(self, path: &'static str) -> Self {
        if let Some(fix) = self.finding.fixes.last_mut() {
            fix.imports.push(path);
        }
        self
    }
}
