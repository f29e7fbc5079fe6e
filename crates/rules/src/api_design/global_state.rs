//! A package-level variable is written while the program runs, or `init` does work of its own.
//!
//! Each test and each caller shares it: tests cannot run in parallel or stand in a fake, two clients cannot have two
//! configurations, and without a lock it is a data race. An `init` that reads the environment, opens files or connections,
//! starts goroutines or panics does so for whoever imports the package, tests included, and cannot be told not to. Keep
//! the state in a struct that `main` makes and hands on.
//!
//! Looked at within one file; of many variables in one only the first is reported. Silent about what a `sync.Once` sets, what
//! is written under a lock, about registries, what functions named so set up (`Init…`, `load…`, `Set…`, `mock…`) or end (`Stop…`), and in
//! tests. An `init` that panics over an error, and does nothing else, checks what the program is made of.
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
//! var client *http.Client
//!
//! func init() {
//! 	client = &http.Client{Timeout: time.Second}
//! 	if os.Getenv("TOKEN") == "" {
//! 	// ^^^^^^^^^ `init` reads the environment with `os.Getenv`
//! 		panic("no token")
//! //^^^^^ `init` can end the program with `panic`
//! 	}
//! 	for range 2 {
//! 		go refresh()
//! //^^^^^^^^^^^^ `init` starts a goroutine
//! 	}
//! }
//!
//! func refresh() {}
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
//! var (
//! 	clock  = time.Now
//! 	level  int
//! 	prefix string
//! )
//!
//! func remember(id, name string) {
//! 	mu.Lock()
//! 	defer mu.Unlock()
//! 	names[id] = name
//! }
//!
//! func SetClock(now func() time.Time) { clock = now }
//!
//! func loadConfig(path string) { prefix = path }
//!
//! func mockLevel() func() {
//! 	old := level
//! 	level = 1
//! 	return func() { level = old }
//! }
//!
//! func init() {
//! 	if err := check(); err != nil {
//! 		panic(err)
//! 	}
//! }
//!
//! func check() error { return nil }
//! ```
//! ```go good
//! var ErrGone = errors.New("gone")
//!
//! var digits = regexp.MustCompile(`\d+`)
//!
//! var (
//! 	once   sync.Once
//! 	shared *http.Client
//! )
//!
//! var drivers = map[string]func() error{}
//!
//! var started atomic.Bool
//!
//! func Register(name string, open func() error) { drivers[name] = open }
//!
//! func client() *http.Client {
//! 	once.Do(func() { shared = &http.Client{Timeout: time.Second} })
//! 	started.Store(true)
//! 	return shared
//! }
//!
//! func init() {
//! 	Register("none", func() error { return ErrGone })
//! 	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, os.Getenv("HOME"), digits) })
//! }
//!
//! var load = sync.OnceFunc(func() { shared = http.DefaultClient })
//!
//! func local() {
//! 	drivers := map[string]int{}
//! 	drivers["a"] = 1
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::ObjectKind;
use std::collections::BTreeMap;

use crate::errors::support::is_error;

pub static RULE: Rule = Rule {
    id: "api-design/global-state",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Tests, 1), (Concern::Race, 3), (Concern::Clarity, 2)],
    equivalents: &["gochecknoglobals", "gochecknoinits"],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::File(check_variables), Hook::Decl(&[DeclKind::Func], check_init)],
    file: file!(),
};

/// Functions that reach outside the program, and what they do there.
const OUTSIDE: &[(&str, &str)] = &[
    ("os.Getenv", "reads the environment"),
    ("os.LookupEnv", "reads the environment"),
    ("os.ReadFile", "reads a file"),
    ("os.Open", "opens a file"),
    ("os.OpenFile", "opens a file"),
    ("os.Create", "creates a file"),
    ("os.MkdirAll", "creates a directory"),
    ("os.Mkdir", "creates a directory"),
    ("io/ioutil.ReadFile", "reads a file"),
    ("database/sql.Open", "opens a database"),
    ("gorm.io/gorm.Open", "opens a database"),
    ("github.com/jmoiron/sqlx.Connect", "opens a database"),
    ("github.com/jmoiron/sqlx.MustConnect", "opens a database"),
    ("github.com/redis/go-redis/v9.NewClient", "makes a client"),
    ("net/http.Get", "sends a request"),
    ("net/http.Post", "sends a request"),
    ("net/http.ListenAndServe", "listens"),
    ("net.Dial", "opens a connection"),
    ("net.Listen", "listens"),
    ("os/exec.Command", "runs a program"),
    ("github.com/joho/godotenv.Load", "reads a file"),
    ("os.Exit", "can end the program"),
    ("log.Fatal", "can end the program"),
    ("log.Fatalf", "can end the program"),
    ("log.Fatalln", "can end the program"),
];

fn check_init(cx: &mut Cx, decl: DeclId) {
    let Decl::Func { recv, name, body: Some(body), .. } = cx.decl(decl) else { return };
    if cx.source(name) != "init" || !recv.is_empty() || cx.file.generated {
        return;
    }
    cx.examined();
    let mut told: Vec<&str> = Vec::new();
    let mut found: Vec<(Node, String)> = Vec::new();
    cx.any(body, false, |node| {
        let (at, what, with) = match node {
            Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Go(_)) => (node, "starts a goroutine", None),
            Node::Expr(id) => match cx.expr(id) {
                Expr::Call { fun, args, .. } => match outside(cx, fun) {
                    // A program that runs itself again under another name leaves with success.
                    Some(_) if cx.is_builtin(fun, "panic") && is_over_error(cx, id) => return false,
                    Some(_) if cx.only(args).is_some_and(|arg| cx.int_value(arg) == Some(0)) => return false,
                    Some(what) if !registers(cx, id) => (fun.into(), what, Some(fun)),
                    _ => return false,
                },
                _ => return false,
            },
            _ => return false,
        };
        if !told.contains(&what) {
            told.push(what);
            let with = with.map_or_else(String::new, |fun| format!(" with `{}`", cx.source(fun)));
            found.push((at, format!("`init` {what}{with}")));
        }
        false
    });
    for (at, message) in found {
        cx.report(at, message)
            .note("importing the package is enough to run it, in tests too; a function that `main` calls can be configured and can return an error");
    }
}

/// `if err != nil { panic(err) }`
fn is_over_error(cx: &Cx, call: ExprId) -> bool {
    cx.tree.ancestors(call).any(|node| {
        let Node::Stmt(stmt) = node else { return false };
        let Stmt::If { cond, .. } = cx.stmt(stmt) else { return false };
        matches!(cx.expr(cond), Expr::Binary { op: BinaryOp::NotEqual, lhs, rhs }
            if cx.is_builtin(rhs, "nil") && is_error(cx, lhs))
    })
}

/// `if err := driver.Register(…); err != nil { panic(err) }`: what init is for.
fn registers(cx: &Cx, call: ExprId) -> bool {
    cx.tree.ancestors(call).any(|node| {
        let Node::Stmt(stmt) = node else { return false };
        let Stmt::If { init: Some(init), .. } = cx.stmt(stmt) else { return false };
        cx.source(init).contains("Register")
    })
}

fn outside(cx: &Cx, fun: ExprId) -> Option<&'static str> {
    if cx.is_builtin(fun, "panic") {
        return Some("can end the program");
    }
    let name = cx.object(fun)?;
    OUTSIDE.iter().find(|(full, _)| name.is(&[full])).map(|(_, what)| *what)
}

fn check_variables(file: &mut FileCx) {
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
