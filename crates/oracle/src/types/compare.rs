//! Holds what we say of a package against what go/types says.

use std::collections::BTreeMap;

use gopeer_sema::Def;
use gopeer_syntax::ast::{Expr, ExprKind, Node};

use super::canon::UNKNOWN;
use super::facts::{Record, TheirFacts};
use super::ours::{Package, Place, Reader};

/// How many of something agree and how many do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The same on both sides.
    pub agree: usize,
    /// Not known to us, and not to go/types either where it knows the index alone; or that one says the same as we.
    pub unknown_dependency: usize,
    /// Not known to us, though it can be known.
    pub unknown: usize,
    /// Different.
    pub differ: usize,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.agree += other.agree;
        self.unknown_dependency += other.unknown_dependency;
        self.unknown += other.unknown;
        self.differ += other.differ;
    }

    /// Those whose dependencies are known.
    pub fn known(&self) -> usize {
        self.agree + self.unknown + self.differ
    }

    /// How many percent of [`Count::known`] agree.
    pub fn percent(&self) -> f64 {
        if self.known() == 0 { 100.0 } else { 100.0 * self.agree as f64 / self.known() as f64 }
    }

    fn note(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Agree => self.agree += 1,
            Verdict::UnknownDependency => self.unknown_dependency += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Differ => self.differ += 1,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Agree,
    UnknownDependency,
    Unknown,
    Differ,
}

/// Disagreements of one cause.
#[derive(Clone, Debug, Default)]
pub struct Cause {
    /// How many.
    pub count: usize,
    /// The first of them, for readers.
    pub samples: Vec<String>,
}

/// How many samples of a cause are kept.
const SAMPLES: usize = 40;

/// What comparing some packages has shown.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Packages compared.
    pub packages: usize,
    /// Their files.
    pub files: usize,
    /// Expressions, by type and mode.
    pub types: Count,
    /// Names, by object.
    pub objects: Count,
    /// Constants, by value.
    pub values: Count,
    /// Compile errors that we report in packages that go/types takes.
    pub errors: BTreeMap<String, Cause>,
    /// Packages that go/types does not take.
    pub skipped: Vec<String>,
    /// Packages at which we panicked.
    pub panics: Vec<String>,
    /// Disagreements by cause.
    pub causes: BTreeMap<String, Cause>,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: Tally) {
        self.packages += other.packages;
        self.files += other.files;
        self.types.add(other.types);
        self.objects.add(other.objects);
        self.values.add(other.values);
        self.skipped.extend(other.skipped);
        self.panics.extend(other.panics);
        merge(&mut self.errors, other.errors);
        merge(&mut self.causes, other.causes);
    }

    /// How many errors we report.
    pub fn error_count(&self) -> usize {
        self.errors.values().map(|cause| cause.count).sum()
    }

    fn error(&mut self, error: &str) {
        let (code, what) = error.split_once('\t').unwrap_or(("", error));
        note(&mut self.errors, code.to_owned(), || what.to_owned());
    }
}

fn merge(into: &mut BTreeMap<String, Cause>, from: BTreeMap<String, Cause>) {
    for (name, cause) in from {
        let known = into.entry(name).or_default();
        known.count += cause.count;
        let room = SAMPLES.saturating_sub(known.samples.len());
        known.samples.extend(cause.samples.into_iter().take(room));
    }
}

fn note(causes: &mut BTreeMap<String, Cause>, name: String, sample: impl FnOnce() -> String) {
    let cause = causes.entry(name).or_default();
    cause.count += 1;
    if cause.samples.len() < SAMPLES {
        cause.samples.push(sample());
    }
}

/// Compares a package.
pub fn compare(theirs: &TheirFacts, ours: &Package) -> Tally {
    let mut comparison =
        Comparison { theirs, ours, reader: Reader::new(ours), tally: Tally { packages: 1, ..Tally::default() } };
    for (at, file) in theirs.files.iter().enumerate() {
        comparison.tally.files += 1;
        let Some(mine) = ours.files.get(at) else { continue };
        let expressions = mine.expressions();
        for record in &file.records {
            let found = expressions.get(&(record.start, record.end, record.kind));
            comparison.record(at, record, found.map(|&(piece, expr)| Place { file: at, piece, expr }));
        }
    }
    ours.errors().iter().for_each(|error| comparison.tally.error(error));
    comparison.tally
}

struct Comparison<'a> {
    theirs: &'a TheirFacts,
    ours: &'a Package,
    reader: Reader<'a>,
    tally: Tally,
}

impl Comparison<'_> {
    fn record(&mut self, file: usize, record: &Record, found: Option<Place>) {
        let Some(at) = found else {
            self.tally.types.note(Verdict::Differ);
            return self.cause("no such expression".to_owned(), file, record, String::new());
        };
        if record.mode == b'b' || record.ty != 0 {
            self.types(record, at);
        }
        if record.value != 0 || record.mode == b'c' {
            self.values(record, at);
        }
        if record.object != 0 {
            self.objects(record, at);
        }
    }

    fn types(&mut self, record: &Record, at: Place) {
        let (theirs, mode) = (self.theirs.text(record.ty), self.reader.mode(at));
        let ours = self.reader.canon.ty(self.reader.ty(at));
        let builtin = record.mode == b'b';
        let same_mode = record.mode == b'-' || record.mode == mode;
        let verdict = if same_mode && (builtin || *ours == *theirs) {
            Verdict::Agree
        } else if ours.contains(UNKNOWN) || (mode == b'?' && record.mode != b'-') {
            if record.type_known { Verdict::Unknown } else { Verdict::UnknownDependency }
        } else if !record.type_known && *ours == *self.theirs.text(record.reduced) {
            Verdict::UnknownDependency
        } else {
            Verdict::Differ
        };
        self.tally.types.note(verdict);
        let said = || format!("go {} {theirs}, ours {} {ours}", char::from(record.mode), char::from(mode));
        match verdict {
            Verdict::Unknown => {
                let what = if self.is_root(at) {
                    format!("unknown: {} {}", self.describe(at), shape(theirs))
                } else {
                    format!("unknown, follows: {}", self.kind(at))
                };
                self.cause(what, at.file, record, said());
            }
            Verdict::Differ if !same_mode => {
                let modes = format!("mode {}, not {}", char::from(record.mode), char::from(mode));
                self.cause(format!("{modes}: {}", self.describe(at)), at.file, record, said());
            }
            Verdict::Differ => {
                let context = if ours.contains("untyped ") || theirs.contains("untyped ") {
                    self.context(at)
                } else {
                    String::new()
                };
                let what = format!("type: {} {}, not {}{context}", self.describe(at), shape(theirs), shape(&ours));
                self.cause(what, at.file, record, said());
            }
            Verdict::Agree | Verdict::UnknownDependency => {}
        }
    }

    fn values(&mut self, record: &Record, at: Place) {
        let theirs = self.theirs.text(record.value);
        if theirs.contains("rounded") {
            return;
        }
        let ours = self.reader.value(at);
        let ours = if record.mode == b'-' { ours.or_else(|| self.reader.declared_value(at)) } else { ours };
        let verdict = match &ours {
            Some(ours) if *ours == *theirs => Verdict::Agree,
            Some(_) => Verdict::Differ,
            None if record.value_known => Verdict::Unknown,
            None => Verdict::UnknownDependency,
        };
        self.tally.values.note(verdict);
        // An expression without a type has no value either, and is told already.
        let told = verdict == Verdict::Unknown && self.reader.ty(at).is_unknown();
        if matches!(verdict, Verdict::Unknown | Verdict::Differ) {
            let what = match ours {
                _ if told => "no value, follows",
                Some(_) => "value",
                None => "no value",
            };
            let said = format!("go {theirs}, ours {}", ours.as_deref().unwrap_or("unknown"));
            self.cause(format!("{what}: {}", self.describe(at)), at.file, record, said);
        }
    }

    fn objects(&mut self, record: &Record, at: Place) {
        let theirs = self.theirs.text(record.object);
        // What declares a field or a method needs no further object; a label is known by its place in the function.
        if theirs.ends_with(" declared") || theirs.starts_with("l ") || self.is_nameless(at) {
            return;
        }
        let ours = self.reader.object(at);
        let verdict = if ours == theirs {
            Verdict::Agree
        } else if ours.is_empty() || ours.starts_with(UNKNOWN) {
            if record.object_known { Verdict::Unknown } else { Verdict::UnknownDependency }
        } else {
            Verdict::Differ
        };
        self.tally.objects.note(verdict);
        // A selector whose base is not known selects nothing that is.
        let told = verdict == Verdict::Unknown && self.base_is_unknown(at);
        if matches!(verdict, Verdict::Unknown | Verdict::Differ) {
            let letter = |object: &str| object.chars().next().unwrap_or(UNKNOWN);
            let what = if told {
                format!("object, follows: {}", letter(theirs))
            } else {
                format!("object: {} {}, not {}", self.describe(at), letter(theirs), letter(&ours))
            };
            self.cause(what, at.file, record, format!("go {theirs}, ours {ours}"));
        }
    }

    fn cause(&mut self, name: String, file: usize, record: &Record, said: String) {
        let file = self.ours.files.get(file);
        note(&mut self.tally.causes, name, || {
            let Some(file) = file else { return said };
            let text = file.text.get(record.start as usize..record.end as usize).unwrap_or_default();
            let first = text.lines().next().unwrap_or_default();
            let text: String = first.chars().take(70).collect();
            let said: String = said.chars().take(300).collect();
            format!("{}: {text}\n        {said}", file.place(record.start))
        });
    }

    fn kind(&self, at: Place) -> &'static str {
        self.reader.piece(at).map_or("", |(piece, _)| kind_name(piece.tree.expr(at.expr).kind()))
    }

    /// Whether an expression is unknown for a reason of its own: all that it is made of is known.
    fn is_root(&self, at: Place) -> bool {
        let Some((piece, _)) = self.reader.piece(at) else { return true };
        let tree = &piece.tree;
        if tree.expr(at.expr) == Expr::Ident {
            return match piece.names.def(at.expr) {
                Def::Local(declaring) => declaring == at.expr && !self.initialised_by_unknown(at),
                _ => true,
            };
        }
        let mut root = true;
        tree.for_each_child(at.expr, |child| {
            if let Node::Expr(child) = child {
                let known = !self.reader.ty(Place { expr: child, ..at }).is_unknown();
                let plain = matches!(tree.expr(child), Expr::KeyValue { .. } | Expr::Ellipsis(_));
                let name = matches!(tree.expr(at.expr), Expr::Selector { name, .. } if name == child);
                root &= known || plain || name || self.is_package(Place { expr: child, ..at });
            }
        });
        root
    }

    fn is_package(&self, at: Place) -> bool {
        self.reader.piece(at).is_some_and(|(piece, _)| matches!(piece.names.def(at.expr), Def::Import(_)))
    }

    /// Whether a declared name stands beside an expression that is not known.
    fn initialised_by_unknown(&self, at: Place) -> bool {
        let Some((piece, facts)) = self.reader.piece(at) else { return false };
        let Some(parent) = piece.tree.parent(at.expr) else { return false };
        let mut unknown = false;
        piece.tree.for_each_child(parent, |child| {
            if let Node::Expr(child) = child {
                unknown |= child != at.expr && facts.type_of(child).is_unknown();
            }
        });
        unknown
    }

    /// Whether a name is declared to which nothing can refer.
    fn is_nameless(&self, at: Place) -> bool {
        let Some((piece, _)) = self.reader.piece(at) else { return false };
        let declares = matches!(piece.tree.parent(at.expr), Some(Node::Decl(_)));
        declares && matches!(piece.tree.source(at.expr), "_" | "init")
    }

    /// What an expression is in, which decides over the types of untyped ones.
    fn context(&self, at: Place) -> String {
        let Some((piece, _)) = self.reader.piece(at) else { return String::new() };
        match piece.tree.parent(at.expr) {
            Some(Node::Expr(parent)) => format!(", in {}", self.describe(Place { expr: parent, ..at })),
            Some(parent) => format!(", in {}", self.parent_name(piece, parent)),
            None => String::new(),
        }
    }

    fn base_is_unknown(&self, at: Place) -> bool {
        let Some((piece, facts)) = self.reader.piece(at) else { return false };
        match piece.tree.parent(at.expr) {
            Some(Node::Expr(parent)) => match piece.tree.expr(parent) {
                Expr::Selector { base, .. } => {
                    facts.type_of(base).is_unknown() && !self.is_package(Place { expr: base, ..at })
                }
                Expr::KeyValue { .. } => match piece.tree.parent(parent) {
                    Some(Node::Expr(literal)) => facts.type_of(literal).is_unknown(),
                    _ => false,
                },
                _ => false,
            },
            _ => false,
        }
    }

    /// The kind of an expression, with what tells its cases apart.
    fn describe(&self, at: Place) -> String {
        let Some((piece, facts)) = self.reader.piece(at) else { return String::new() };
        let tree = &piece.tree;
        let kind = kind_name(tree.expr(at.expr).kind());
        match tree.expr(at.expr) {
            Expr::Ident => {
                let def = match piece.names.def(at.expr) {
                    Def::Local(declaring) if declaring == at.expr => "declares a local",
                    Def::Local(_) => "local",
                    Def::Package(_) => "package-level",
                    Def::Import(_) => "import",
                    Def::Universe => tree.source(at.expr),
                    Def::Implied(_) => "implied",
                    Def::Unknown => "",
                };
                let parent = tree.parent(at.expr).map_or("", |parent| self.parent_name(piece, parent));
                format!("{kind} ({def}) in {parent}")
            }
            Expr::Binary { op, .. } => format!("{kind} {}", op.as_str()),
            Expr::Unary { op, .. } => format!("{kind} {}", op.as_str()),
            Expr::Literal(of) => format!("{kind} {of:?}"),
            Expr::Call { fun, .. } => match facts.mode(fun) {
                gopeer_sema::Mode::Builtin(_) => format!("{kind} of built-in {}", tree.source(fun)),
                gopeer_sema::Mode::Type => format!("{kind}: conversion"),
                _ => format!("{kind} of {}", kind_name(tree.expr(fun).kind())),
            },
            _ => kind.to_owned(),
        }
    }

    fn parent_name(&self, piece: &super::ours::Piece, parent: Node) -> &'static str {
        match parent {
            Node::Expr(id) => match piece.tree.expr(id) {
                Expr::Selector { .. } => "Selector",
                other => kind_name(other.kind()),
            },
            Node::Stmt(id) => stmt_name(piece.tree.stmt(id)),
            Node::Decl(id) => decl_name(piece.tree.decl(id)),
            Node::Field(id) => match piece.tree.parent(id) {
                Some(Node::Expr(of)) => match piece.tree.expr(of) {
                    Expr::StructType { .. } => "field of a struct",
                    Expr::InterfaceType { .. } => "element of an interface",
                    _ => "parameter",
                },
                _ => "parameter of a declaration",
            },
        }
    }
}

/// The outermost of a type.
fn shape(ty: &str) -> String {
    let head = |text: &str| {
        match text {
            "" => "nothing",
            "()" => "()",
            _ if text.starts_with('(') => "tuple",
            _ if text.starts_with("func(") => "func",
            _ if text.starts_with("struct{") => "struct",
            _ if text.starts_with("interface{") => "interface",
            _ if text.starts_with("map[") => "map",
            _ if text.starts_with("chan") || text.starts_with("<-chan") => "chan",
            _ if text.starts_with("[]") => "slice",
            _ if text.starts_with('[') => "array",
            _ if text.starts_with('$') => "type parameter",
            _ if text.starts_with(UNKNOWN) => "unknown",
            _ if text.contains(['|', '~']) => "union",
            _ if text.contains('.') && text.contains('[') => "instance",
            _ if text.contains('.') && text != "unsafe.Pointer" => "named",
            basic => return basic.to_owned(),
        }
        .to_owned()
    };
    match ty.strip_prefix('*') {
        Some(elem) => format!("*{}", head(elem)),
        None => head(ty),
    }
}

fn kind_name(kind: ExprKind) -> &'static str {
    match kind {
        ExprKind::Bad => "Bad",
        ExprKind::Ident => "Ident",
        ExprKind::Literal => "Literal",
        ExprKind::Composite => "Composite",
        ExprKind::KeyValue => "KeyValue",
        ExprKind::FuncLit => "FuncLit",
        ExprKind::Paren => "Paren",
        ExprKind::Selector => "Selector",
        ExprKind::Index => "Index",
        ExprKind::Slice => "Slice",
        ExprKind::TypeAssert => "TypeAssert",
        ExprKind::Call => "Call",
        ExprKind::Star => "Star",
        ExprKind::Unary => "Unary",
        ExprKind::Binary => "Binary",
        ExprKind::Ellipsis => "Ellipsis",
        ExprKind::ArrayType => "ArrayType",
        ExprKind::StructType => "StructType",
        ExprKind::FuncType => "FuncType",
        ExprKind::InterfaceType => "InterfaceType",
        ExprKind::MapType => "MapType",
        ExprKind::ChanType => "ChanType",
    }
}

fn stmt_name(stmt: gopeer_syntax::ast::Stmt) -> &'static str {
    use gopeer_syntax::ast::StmtKind;
    match stmt.kind() {
        StmtKind::Assign => "=",
        StmtKind::Define => ":=",
        StmtKind::OpAssign => "op=",
        StmtKind::Range => "range",
        StmtKind::TypeSwitch => "type switch",
        StmtKind::CaseClause => "case",
        StmtKind::Return => "return",
        _ => "statement",
    }
}

fn decl_name(decl: gopeer_syntax::ast::Decl) -> &'static str {
    use gopeer_syntax::ast::DeclKind;
    match decl.kind() {
        DeclKind::Value => "const or var",
        DeclKind::Type => "type declaration",
        DeclKind::Func => "func declaration",
        _ => "declaration",
    }
}
