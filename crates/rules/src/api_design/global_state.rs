//! A package-level variable is written while the program runs.
//!
//! Each test and each caller shares it: tests cannot run in parallel or pass a fake, two clients cannot have two
//! configurations, and without a lock it is a data race. Keep the state in a struct that `main` makes and hands on.
//!
//! Of many such variables in a file only the first is reported, with the places of the others.
//!
//! Limits: writes are looked for in the variable's own file. Left alone is what a `sync.Once` sets, what is written under a
//! lock, and what functions write that set up or end something by their names (`Init…`, `load…`, `Set…`, `Register…`, `mock…`,
//! `Stop…`). Tests are left alone.
//!
//! ```go bad
//! var db *sql.DB
//! //  ^^ `db` is package-level state, written by `main`
//!
//! var cache = map[string]string{}
//! //  ^^^^^ `cache` is package-level state, written by `name`
//!
//! func name(id string) string {
//! 	if known, ok := cache[id]; ok {
//! 		return known
//! 	}
//! 	var name string
//! 	if err := db.QueryRow("SELECT name FROM users WHERE id = $1", id).Scan(&name); err == nil {
//! 		cache[id] = name
//! 	}
//! 	return name
//! }
//!
//! func main() {
//! 	var err error
//! 	db, err = sql.Open("postgres", "")
//! 	fmt.Println(name("1"), err)
//! }
//! ```
//! ```go bad
//! type loop struct{}
//!
//! func (loop) Do(f func()) { f() }
//!
//! var turns int
//! //  ^^^^^ `turns` is package-level state, written by `turn`
//!
//! func turn(l loop) {
//! 	l.Do(func() { turns++ })
//! }
//! ```
//! ```go bad
//! var hits, misses, total, last int
//! //  ^^^^ `hits` is package-level state, written by `count`
//!
//! func count(hit bool) {
//! 	if hit {
//! 		hits++
//! 	} else {
//! 		misses++
//! 	}
//! 	total++
//! 	last = total
//! }
//! ```
//! ```go good
//! var mu sync.Mutex
//!
//! var names = map[string]string{}
//!
//! func remember(id, name string) {
//! 	mu.Lock() // shared with care
//! 	defer mu.Unlock()
//! 	names[id] = name
//! }
//! ```
//! ```go good
//! var (
//! 	clock   = time.Now
//! 	prefix  string
//! 	drivers = map[string]func() error{}
//! )
//!
//! func SetClock(now func() time.Time) { clock = now } // set up before the program starts its work
//!
//! func loadConfig(path string) { prefix = path }
//!
//! func Register(name string, open func() error) { drivers[name] = open }
//! ```
//! ```go good
//! var level int
//!
//! func mockLevel() func() { // for tests
//! 	old := level
//! 	level = 1
//! 	return func() { level = old }
//! }
//! ```
//! ```go good
//! var (
//! 	once   sync.Once
//! 	shared *http.Client
//! )
//!
//! func client() *http.Client {
//! 	once.Do(func() { shared = &http.Client{Timeout: time.Second} }) // runs once
//! 	return shared
//! }
//!
//! var load = sync.OnceFunc(func() { shared = http.DefaultClient })
//! ```
//! ```go good
//! var ErrGone = errors.New("gone") // never written
//!
//! var started atomic.Bool
//!
//! func start() { started.Store(true) }
//!
//! var drivers = map[string]int{}
//!
//! func local() {
//! 	drivers := map[string]int{} // another one
//! 	drivers["a"] = 1
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;
use std::collections::BTreeMap;

pub static RULE: Rule = Rule {
    id: "api-design/global-state",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Tests, 1), (Concern::Race, 3), (Concern::Clarity, 2)],
    equivalents: &["gochecknoglobals"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::File(check)],
    file: file!(),
};

fn check(file: &mut FileCx) {
    if file.file.generated {
        return;
    }
    let mut once: Vec<String> = Vec::new();
    file.each_piece(|cx| {
        once.extend(cx.tree.all_exprs().filter_map(|(id, expr)| match expr {
            Expr::Call { args, .. } if cx.runs_once(id) => Some(cx.source(cx.only(args)?).to_owned()),
            _ => None,
        }));
    });
    let mut writers: BTreeMap<String, String> = BTreeMap::default();
    file.each_piece(|cx| {
        let pieces: Vec<DeclId> = cx.tree.roots().to_vec();
        for root in pieces {
            if cx.func_name(root).is_some_and(|name| !is_set_up(name) && !once.iter().any(|once| once == name))
                && !locks(cx, root)
            {
                collect_writes(cx, root, &mut writers);
            }
        }
    });
    if writers.is_empty() {
        return;
    }
    file.each_piece(|cx| {
        for (spec, _) in cx.tree.all_decls().filter(|(_, decl)| matches!(decl, Decl::Value { .. })) {
            check_declaration(cx, spec, &writers);
        }
    });
}

fn check_declaration(cx: &mut Cx, spec: DeclId, writers: &BTreeMap<String, String>) {
    let Decl::Value { names, .. } = cx.decl(spec) else { return };
    for &name in cx.exprs(names) {
        if cx.def(name) == Def::Package(ObjectKind::Var) {
            cx.examined();
            let shown = cx.source(name);
            if let Some(writer) = writers.get(shown) {
                cx.report(name, format!("`{shown}` is package-level state, written by `{writer}`"))
                    .note("every caller and every test shares it; a field of a struct that is handed on does not")
                    .one_of("variables of this file are written while the program runs");
            }
        }
    }
}

/// Registries are filled and settings are made before the program starts its work, and what they set is constant from then
/// on; what resets or mocks is there for tests.
fn is_set_up(name: &str) -> bool {
    const SET_UP: &[&str] = &[
        "close",
        "configure",
        "disable",
        "enable",
        "init",
        "load",
        "mock",
        "reset",
        "set",
        "setup",
        "shutdown",
        "start",
        "stop",
        "stub",
    ];
    let lower = name.to_ascii_lowercase();
    let begins = |verb: &&str| {
        let rest = name.get(verb.len()..).filter(|_| lower.starts_with(*verb));
        rest.is_some_and(|rest| !rest.starts_with(char::is_lowercase))
    };
    lower.contains("register") || SET_UP.iter().any(begins)
}

/// Whether a function takes a lock of the package: then the state is shared on purpose, and with care.
fn locks(cx: &Cx, decl: DeclId) -> bool {
    cx.any(decl, true, |node| {
        let Node::Expr(id) = node else { return false };
        let Some((lock, "Lock", [])) = cx.method_call(id) else { return false };
        root(cx, lock).is_some()
    })
}

/// Adds the package-level variables that a function writes, each with the first function that does.
fn collect_writes(cx: &Cx, decl: DeclId, writers: &mut BTreeMap<String, String>) {
    let Some(writer) = cx.func_name(decl) else { return };
    let mut written: Vec<ExprId> = Vec::new();
    cx.tree.walk(decl, &mut |node| {
        match node {
            Node::Stmt(id) => match cx.stmt(id) {
                Stmt::Assign { lhs, op, .. } if op != AssignOp::Define => written.extend(cx.exprs(lhs)),
                Stmt::IncDec { operand, .. } => written.push(operand),
                _ => {}
            },
            Node::Expr(id) => match cx.expr(id) {
                // What runs once cannot change again.
                Expr::FuncLit { .. } if is_run_once(cx, id) => return false,
                Expr::Call { fun, args, .. } if cx.is_builtin(fun, "delete") || cx.is_builtin(fun, "clear") => {
                    written.extend(cx.exprs(args).first());
                }
                _ => {}
            },
            _ => {}
        }
        true
    });
    for target in written {
        if let Some(root) = root(cx, target).filter(|&root| writers.get(cx.source(root)).is_none()) {
            writers.insert(cx.source(root).to_owned(), writer.to_owned());
        }
    }
}

/// `once.Do(func() { … })`, `sync.OnceFunc(func() { … })`.
fn is_run_once(cx: &Cx, literal: ExprId) -> bool {
    matches!(cx.tree.parent(literal), Some(Node::Expr(call)) if cx.runs_once(call))
}

/// The package-level variable that an assignment to `target` changes: `v`, `v.f`, `v[k]`.
fn root(cx: &Cx, target: ExprId) -> Option<ExprId> {
    let mut at = cx.unparen(target);
    loop {
        at = match cx.expr(at) {
            Expr::Ident => return (cx.def(at) == Def::Package(ObjectKind::Var)).then_some(at),
            Expr::Selector { base, .. } | Expr::Index { base, .. } => cx.unparen(base),
            _ => return None,
        };
    }
}
