//! The static description of a rule.

use gopeer_syntax::ast::{DeclId, DeclKind, ExprId, ExprKind, StmtId, StmtKind};

use crate::{
    Assigned, Call, Channel, CompanionCx, CompanionKind, Concern, Config, Cx, Effects, FileCx, Func, Nil, Resource,
};

/// A rule: one file, one `static` (see CONTRIBUTING.md for its documentation and examples).
pub struct Rule {
    /// `category/name`; the name says the thing found. Never reused.
    pub id: &'static str,
    /// How bad a finding is.
    pub severity: Severity,
    /// How sure a finding is.
    pub confidence: Confidence,
    /// What a finding threatens, each with a strength of 1 to 3.
    pub concerns: &'static [(Concern, u8)],
    /// The same check in other tools, as `tool:check`; `gopeer:category/name` is a rule that this one was once part of.
    pub equivalents: &'static [&'static str],
    /// Whether findings carry a fix.
    pub fix: FixKind,
    /// In which Go files it looks.
    pub scope: Scope,
    /// What it looks at.
    pub hooks: &'static [Hook],
    /// What [`Cx::examined`] counts, in the plural: `TLS versions`. A review says with it what was checked.
    pub examines: &'static str,
}

impl Rule {
    /// No rule: for looking at code without reporting anything.
    pub const NONE: Rule = Rule {
        id: "none/none",
        severity: Severity::Low,
        confidence: Confidence::High,
        concerns: &[],
        equivalents: &[],
        fix: FixKind::None,
        scope: Scope::Both,
        hooks: &[],
        examines: "",
    };

    /// The ids of rules that this one was once part of.
    pub fn former_ids(&self) -> impl Iterator<Item = &'static str> {
        self.equivalents.iter().filter_map(|known| known.strip_prefix("gopeer:"))
    }

    /// The part of the id before the slash.
    pub fn category(&self) -> &'static str {
        self.id.split_once('/').map_or(self.id, |(category, _)| category)
    }

    /// The part of the id after the slash.
    pub fn name(&self) -> &'static str {
        self.id.split_once('/').map_or(self.id, |(_, name)| name)
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

/// What a rule looks at. The function is called for each call or node named.
#[derive(Clone, Copy)]
pub enum Hook {
    /// Calls of these functions and methods, written as in [`crate::Object::is`]: `net/http.Get`, `net/http.Client.Do`.
    Call(&'static [&'static str], fn(&mut Cx, Call)),
    /// Calls that give something of this kind, which must be released ([`Cx::acquired`]).
    Acquire(&'static str, fn(&mut Cx, &Resource)),
    /// Calls that have one of these effects, by themselves or by what they call ([`Cx::effects`]).
    Effect(Effects, fn(&mut Cx, Call)),
    /// Channels that a function makes and a variable of it is the first to hold ([`Cx::made_channel`]).
    Channel(fn(&mut Cx, &Channel)),
    /// Places where the function itself says that a value is nil, and where that nil can do harm ([`Cx::nil_use`]).
    Nil(fn(&mut Cx, &Nil)),
    /// Values of these types, where a literal or a constructor of the library makes them: `net/http.Server`.
    Config(&'static [&'static str], fn(&mut Cx, Config)),
    /// Places where one of these settings gets a value: a field in a literal or an assignment
    /// (`net/http.Server.ReadTimeout`, `github.com/IBM/sarama.Config.Producer.RequiredAcks`), the key of a map of settings
    /// (`….kafka.ConfigMap.acks`), or an option by its function (`github.com/twmb/franz-go/pkg/kgo.RequiredAcks`).
    Set(&'static [&'static str], fn(&mut Cx, Assigned)),
    /// Functions and methods that have a body, and function literals.
    Func(fn(&mut Cx, Func)),
    /// Expressions.
    Expr(&'static [ExprKind], fn(&mut Cx, ExprId)),
    /// Statements.
    Stmt(&'static [StmtKind], fn(&mut Cx, StmtId)),
    /// Declarations and specs.
    Decl(&'static [DeclKind], fn(&mut Cx, DeclId)),
    /// A whole top-level piece: its text and comments.
    Piece(fn(&mut Cx)),
    /// A whole Go file, for what only shows across its declarations.
    File(fn(&mut FileCx)),
    /// A file that is not Go.
    Companion(&'static [CompanionKind], fn(&mut CompanionCx)),
}

/// In which Go files a rule looks ([`crate::FileInfo::is_test`] tells tests from the rest).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All but tests: what it finds does not hurt there.
    Production,
    /// What runs in production. Findings in examples, benchmarks, tools, helpers of tests and generated code are listed, but not
    /// shown ([`crate::Purpose::is_service`]).
    Service,
    /// Tests.
    Tests,
    /// All.
    Both,
}

impl Scope {
    /// Whether a rule of this scope looks at a file.
    pub fn includes(self, is_test: bool) -> bool {
        match self {
            Scope::Production | Scope::Service => !is_test,
            Scope::Tests => is_test,
            Scope::Both => true,
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a thought.
    Low,
    /// Worth a change.
    Medium,
    /// Will hurt.
    High,
    /// Loses data, races, deadlocks, or lets an attacker in.
    Critical,
}

/// How sure a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A new rule, which has still to prove itself over real code: shown as a question.
    New,
    /// A question rather than a statement.
    Low,
    /// Usually right.
    Medium,
    /// Right.
    High,
}

/// Whether findings carry a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FixKind {
    /// None.
    None,
    /// One to look at first.
    Suggested,
    /// One that keeps the meaning of correct code.
    Safe,
}
