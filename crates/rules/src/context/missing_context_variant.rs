//! A blocking call is made in its form without context, although a context is at hand.
//!
//! The call then runs on when the caller has gone and the deadline has passed: it keeps its connection or process, and
//! its span is missing from the trace. Each of these has a form that takes a context, and ends with it.
//!
//! Silent in tests, in what is deferred, and in goroutines, which may outlive the call on purpose.
//!
//! ```go bad
//! func load(ctx context.Context, db *sql.DB, id int) (string, error) {
//! 	var name string
//! 	err := db.QueryRow("SELECT name FROM users WHERE id = $1", id).Scan(&name)
//! 	//     ^^^^^^^^^^^ `db.QueryRow` does not end with `ctx`
//! 	if err != nil {
//! 		return "", err
//! 	}
//! 	tx, err := db.Begin()
//! 	//         ^^^^^^^^ `db.Begin` does not end with `ctx`
//! 	if err != nil {
//! 		return "", err
//! 	}
//! 	return name, tx.Commit()
//! }
//!
//! func proxy(w http.ResponseWriter, r *http.Request) {
//! 	req, err := http.NewRequest(http.MethodGet, "https://example.com/", nil)
//! 	//          ^^^^^^^^^^^^^^^ `http.NewRequest` does not end with `r.Context()`
//! 	if err != nil {
//! 		return
//! 	}
//! 	out, err := exec.Command("convert", req.URL.Path).Output()
//! 	//          ^^^^^^^^^^^^ `exec.Command` does not end with `r.Context()`
//! 	fmt.Fprintln(w, out, err)
//! }
//! ```
//! ```diff fixed
//! -	err := db.QueryRow("SELECT name FROM users WHERE id = $1", id).Scan(&name)
//! +	err := db.QueryRowContext(ctx, "SELECT name FROM users WHERE id = $1", id).Scan(&name)
//! -	tx, err := db.Begin()
//! +	tx, err := db.BeginTx(ctx, nil)
//! -	req, err := http.NewRequest(http.MethodGet, "https://example.com/", nil)
//! +	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "https://example.com/", nil)
//! -	out, err := exec.Command("convert", req.URL.Path).Output()
//! +	out, err := exec.CommandContext(r.Context(), "convert", req.URL.Path).Output()
//! ```
//! ```go bad
//! import "gorm.io/gorm"
//!
//! type Store struct{ db *gorm.DB }
//!
//! func (s *Store) names(ctx context.Context) (names []string, err error) {
//! 	err = s.db.Table("users").Pluck("name", &names).Error
//! 	//    ^^^^ `s.db` does not end with `ctx`
//! 	return names, err
//! }
//! ```
//! ```diff fixed
//! -	err = s.db.Table("users").Pluck("name", &names).Error
//! +	err = s.db.WithContext(ctx).Table("users").Pluck("name", &names).Error
//! ```
//! ```go bad
//! func fetch(ctx context.Context, again <-chan struct{}) (*http.Response, error) {
//! 	select {
//! 	case <-ctx.Done():
//! 		return nil, ctx.Err()
//! 	case <-again:
//! 	}
//! 	return http.Get("https://example.com/")
//! 	//     ^^^^^^^^ `http.Get` does not end with `ctx`
//! }
//! ```
//! ```go good
//! import "gorm.io/gorm"
//!
//! type Store struct{ db *gorm.DB }
//!
//! func (s *Store) load(ctx context.Context, plain *sql.DB) error {
//! 	go http.Get("https://example.com/ping")
//! 	defer plain.Exec("SELECT 1")
//! 	req, err := http.NewRequest("GET", "https://example.com/", nil)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	req = req.WithContext(ctx)
//! 	db := s.db.WithContext(ctx)
//! 	return db.Transaction(func(tx *gorm.DB) error { return tx.Exec("SELECT 1").Error })
//! }
//!
//! func serve(ctx context.Context, db *sql.DB, jobs <-chan string) error {
//! 	select {
//! 	case <-ctx.Done():
//! 		_, err := db.Exec("DELETE FROM leases") // the context is over
//! 		return err
//! 	case <-jobs:
//! 	}
//! 	<-ctx.Done()
//! 	_, err := db.Exec("DELETE FROM workers")
//! 	return err
//! }
//!
//! func main() {
//! 	db, err := sql.Open("postgres", "")
//! 	if err == nil {
//! 		err = db.Ping() // there is no context yet
//! 	}
//! 	ctx := context.Background()
//! 	fmt.Println(ctx, err)
//! }
//! ```
use gopeer_lint::Wanted;
use gopeer_lint::prelude::*;
use gopeer_sema::LocalKind;

use super::support::comes_after_the_end;
use crate::sql::GORM_FINISHERS;

pub static RULE: Rule = Rule {
    id: "context/missing-context-variant",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Cancellation, 3)],
    equivalents: &["noctx"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Call], check)],
    file: file!(),
};

/// How the form with a context is written.
#[derive(Clone, Copy)]
enum Form {
    /// The same with `Context` after its name and the context first.
    Suffix,
    /// Another name, the context first, and this after it.
    Name(&'static str, &'static str),
    /// Something that no single edit makes.
    Other(&'static str),
}

const REQUEST: Form = Form::Other("`http.NewRequestWithContext` and the client's `Do` end with the context");

/// Functions of a package, and methods of a type, that have a form with a context.
const CALLS: &[(&str, &[&str], Form)] = &[
    ("database/sql.DB", &["Exec", "Ping", "Prepare", "Query", "QueryRow"], Form::Suffix),
    ("database/sql.DB", &["Begin"], Form::Name("BeginTx", "nil")),
    ("database/sql.Tx", &["Exec", "Prepare", "Query", "QueryRow"], Form::Suffix),
    ("database/sql.Stmt", &["Exec", "Query", "QueryRow"], Form::Suffix),
    (
        "github.com/jmoiron/sqlx.DB",
        &["Get", "MustExec", "NamedExec", "NamedQuery", "PrepareNamed", "Preparex", "QueryRowx", "Queryx", "Select"],
        Form::Suffix,
    ),
    ("github.com/jmoiron/sqlx.DB", &["Beginx"], Form::Name("BeginTxx", "nil")),
    (
        "github.com/jmoiron/sqlx.Tx",
        &["Get", "MustExec", "NamedExec", "PrepareNamed", "Preparex", "QueryRowx", "Queryx", "Select"],
        Form::Suffix,
    ),
    ("os/exec", &["Command"], Form::Suffix),
    ("net/http", &["NewRequest"], Form::Name("NewRequestWithContext", "")),
    ("net/http", &["Get", "Head", "Post", "PostForm"], REQUEST),
    ("net/http.Client", &["Get", "Head", "Post", "PostForm"], REQUEST),
    ("net", &["Dial", "DialTimeout"], Form::Other("`DialContext` of a `net.Dialer` ends with the context")),
    ("net.Dialer", &["Dial"], Form::Other("`DialContext` ends with the context")),
    ("crypto/tls", &["Dial", "DialWithDialer"], Form::Other("`DialContext` of a `tls.Dialer` ends with the context")),
    (
        "net",
        &["LookupAddr", "LookupCNAME", "LookupHost", "LookupIP", "LookupMX", "LookupSRV", "LookupTXT"],
        Form::Other("the methods of `net.DefaultResolver` end with the context"),
    ),
];

fn check(cx: &mut Cx, call: ExprId) {
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    if cx.file.generated {
        return;
    }
    let Some(callee) = cx.callee(call) else { return };
    if callee.path == "gorm.io/gorm" {
        return check_gorm(cx, call, callee.name);
    }
    let has_form =
        |(owner, names, _): &&(&str, &[&str], Form)| names.contains(&callee.name) && declares(owner, &callee);
    let Some(&(_, _, form)) = CALLS.iter().find(has_form) else { return };
    let Some(context) = context_at(cx, call) else { return };
    cx.examined();
    if callee.name == "NewRequest" && gets_context_later(cx, call)
        || cx.is_own(&callee)
        || cx.is_said(call, &["context", "ctx"])
    {
        return;
    }
    let edits = edits(cx, call, form, &context);
    let note = match form {
        Form::Other(note) => note.to_owned(),
        Form::Suffix => format!("`{}Context` takes it", callee.name),
        Form::Name(name, _) => format!("`{name}` takes it"),
    };
    let report = cx.report(fun, format!("`{}` does not end with `{context}`", cx.source(fun))).note(note);
    if let Some(edits) = edits {
        report.fix(format!("Pass `{context}`"), edits);
    }
}

/// Whether the callee is a function of the package `owner`, or a method of the type.
fn declares(owner: &str, callee: &Object) -> bool {
    let path = match &callee.recv {
        Some(recv) => owner.strip_suffix(&**recv).and_then(|rest| rest.strip_suffix('.')),
        None => Some(owner),
    };
    path == Some(callee.path)
}

fn edits(cx: &Cx, call: ExprId, form: Form, context: &str) -> Option<Vec<(Span, String)>> {
    let Expr::Call { fun, args, .. } = cx.expr(call) else { return None };
    let Expr::Selector { name, .. } = cx.expr(cx.unparen(fun)) else { return None };
    let (new, more) = match form {
        Form::Suffix => (format!("{}Context", cx.source(name)), ""),
        Form::Name(new, more) => (new.to_owned(), more),
        Form::Other(_) => return None,
    };
    let mut first = vec![context];
    first.extend((!more.is_empty()).then_some(more));
    let close = cx.span(call).end.saturating_sub(1);
    let (at, after) = match cx.exprs(args).first() {
        Some(&arg) => (cx.span(arg).start, ", "),
        None => (close, ""),
    };
    Some(vec![(cx.span(name), new), (Span::new(at, at), first.join(", ") + after)])
}

/// `s.db.Where(…).Find(…)`: where the chain starts from a field or package variable, nobody has given it a context.
fn check_gorm(cx: &mut Cx, call: ExprId, method: &str) {
    if method != "Transaction" && !cx.calls(call, GORM_FINISHERS) {
        return;
    }
    let mut start = call;
    while let Some((receiver, name, args)) = cx.method_call(start) {
        let gives =
            name == "WithContext" || name == "Session" && args.iter().any(|&arg| cx.source(arg).contains("Context:"));
        if gives {
            return;
        }
        start = cx.unparen(receiver);
    }
    let is_handle = matches!(cx.expr(start), Expr::Selector { .. })
        || matches!(cx.def(start), Def::Package(gopeer_sema::ObjectKind::Var));
    if !is_handle || !cx.has_type(start, &["gorm.io/gorm.DB"]) {
        return;
    }
    let Some(context) = context_at(cx, call) else { return };
    cx.examined();
    let end = cx.span(start).end;
    cx.report(start, format!("`{}` does not end with `{context}`", cx.source(start)))
        .note("`WithContext` gives the statements of a chain their context")
        .fix(format!("Give it `{context}`"), [(Span::new(end, end), format!(".WithContext({context})"))]);
}

/// The context that can be named at a node: a local or parameter, or that of a request. None in what is deferred or started
/// as a goroutine, and where the context is over.
fn context_at(cx: &Cx, node: ExprId) -> Option<String> {
    let aside =
        |cx: &Cx, node: Node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::Defer(_) | Stmt::Go(_)));
    if cx.around(node, aside).is_some() || comes_after_the_end(cx, node) {
        return None;
    }
    // A literal that is kept for later may run when the context is over; one that a group runs does not.
    let kept_literal = cx.enclosing_func(node).filter(|func| match cx.tree.parent(func.node) {
        Some(Node::Expr(call)) => !matches!(cx.method_call(call), Some((_, "Go" | "Do" | "Transaction", _))),
        _ => true,
    });
    let start = cx.span(node).start;
    let visible = |declaring: ExprId| {
        if cx.span(declaring).start >= start || cx.source(declaring) == "_" {
            return false;
        }
        if kept_literal.is_some_and(|func| !cx.tree.ancestors(declaring).any(|outer| outer == func.node)) {
            return false;
        }
        let scope = cx.tree.ancestors(declaring).find(|&outer| opens_scope(cx, outer));
        scope.is_some_and(|scope| cx.tree.ancestors(node).any(|outer| outer == scope))
    };
    // A context at hand is better than that of a request; the nearest is best.
    let nearest = |wanted: Wanted| {
        let root = cx.tree.ancestors(node).last()?;
        let locals = cx.within(root, true, wanted);
        let before = locals.partition_point(|&local| cx.span(local).start < start);
        locals.iter().take(before).rev().find_map(|&local| match local {
            Node::Expr(local) => visible(local).then(|| cx.source(local)),
            _ => None,
        })
    };
    let request = || nearest(is_request).map(|name| format!("{name}.Context()"));
    nearest(is_context_local).map(str::to_owned).or_else(request)
}

/// A variable or parameter that is a context, where it is declared.
fn is_context_local(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    let local = cx.facts.local(id).filter(|local| matches!(local.kind, LocalKind::Var | LocalKind::Param));
    local.is_some_and(|local| cx.type_is(local.ty, &["context.Context"]))
}

/// A parameter that is a request, where it is declared.
fn is_request(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    let local = cx.facts.local(id).filter(|local| local.kind == LocalKind::Param);
    local.is_some_and(|local| cx.type_is(cx.deref(local.ty), &["net/http.Request"]))
}

/// Whether names declared directly inside a node end with it.
fn opens_scope(cx: &Cx, node: Node) -> bool {
    match node {
        Node::Stmt(id) => matches!(
            cx.stmt(id),
            Stmt::Block(_)
                | Stmt::If { .. }
                | Stmt::For { .. }
                | Stmt::Range { .. }
                | Stmt::Switch { .. }
                | Stmt::TypeSwitch { .. }
                | Stmt::CaseClause { .. }
                | Stmt::CommClause { .. }
        ),
        other => cx.as_func(other).is_some(),
    }
}

/// Whether a request of this function is given a context by `WithContext`, or is sent together with one.
fn gets_context_later(cx: &Cx, call: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(call) else { return false };
    !cx.within(func.body, true, gives_context).is_empty()
}

fn gives_context(cx: &Cx, node: Node) -> bool {
    let Node::Expr(id) = node else { return false };
    let Expr::Call { args, .. } = cx.expr(id) else { return false };
    let takes = |full| cx.exprs(args).iter().any(|&arg| cx.has_type(arg, &[full]));
    let sent_with = takes("context.Context") && takes("net/http.Request");
    sent_with || matches!(cx.method_call(id), Some((_, "WithContext" | "Clone", [_])))
}
