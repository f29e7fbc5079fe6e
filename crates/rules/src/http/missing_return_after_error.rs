//! A handler answers with an error and carries on.
//!
//! `http.Error`, `http.NotFound`, `http.Redirect` and the `c.JSON` of gin, echo and fiber write a response; they do not end the handler.
//! Without a `return` the rest runs with the values that were just found wrong, and its output is appended to the
//! error's body under the error's status ("superfluous response.WriteHeader call" in the log).
//!
//! Seen here: an `if` whose block ends after the error, followed by code of the same block that writes to the same
//! response. Errors written through helper functions come with flow.
//!
//! ```go bad
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	user, err := load(r)
//! 	if err != nil {
//! 		http.Error(w, "not found", http.StatusNotFound)
//! //^^^^^^^^^^ the handler goes on after `http.Error` and writes to `w` again
//! 	}
//! 	json.NewEncoder(w).Encode(user)
//! }
//! ```
//! ```diff fixed
//! +		return
//! ```
//! ```go bad
//! func create(c *gin.Context) {
//! 	var user User
//! 	if err := c.ShouldBindJSON(&user); err != nil {
//! 		c.JSON(http.StatusBadRequest, gin.H{"error": "not JSON"})
//! //^^^^^^ the handler goes on after `c.JSON` and writes to `c` again
//! 	}
//! 	store(user)
//! 	c.JSON(http.StatusCreated, user)
//! }
//! ```
//! ```diff fixed
//! +		return
//! ```
//! ```go bad
//! import "github.com/labstack/echo/v4"
//! const refused = http.StatusForbidden
//! func show(c echo.Context) error {
//! 	if !allowed(c.Param("id")) {
//! 		c.String(refused, "no")
//! //^^^^^^^^ the handler goes on after `c.String` and writes to `c` again
//! 	}
//! 	return c.JSON(http.StatusOK, load(c.Param("id")))
//! }
//! ```
//! ```go bad
//! import "github.com/gofiber/fiber/v2"
//! func show(c *fiber.Ctx) error {
//! 	if c.Params("id") == "" {
//! 		c.Status(fiber.StatusBadRequest).SendString("no id")
//! //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the handler goes on after `SendString` and writes to `c` again
//! 	}
//! 	return c.JSON(load(c.Params("id")))
//! }
//! ```
//! ```go good
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	user, err := load(r)
//! 	if err != nil {
//! 		http.Error(w, "not found", http.StatusNotFound)
//! 	} else {
//! 		json.NewEncoder(w).Encode(user)
//! 	}
//! 	slog.Info("served", "path", r.URL.Path)
//! }
//! ```
//! ```go good
//! func get(w http.ResponseWriter, r *http.Request) {
//! 	switch user, err := load(r); {
//! 	case err != nil:
//! 		http.Error(w, "not found", http.StatusNotFound)
//! 	default:
//! 		json.NewEncoder(w).Encode(user)
//! 	}
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "http/missing-return-after-error",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Errors, 2), (Concern::Security, 1)],
    equivalents: &["gocritic:returnAfterHttpError"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Stmt(&[StmtKind::Expr], check)],
    file: file!(),
};

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Expr(call) = cx.stmt(stmt) else { return };
    let Expr::Call { fun, .. } = cx.expr(call) else { return };
    let Some(response) = answered(cx, call) else { return };
    cx.examined();
    let Some(Node::Stmt(block)) = cx.tree.parent(stmt) else { return };
    let Some(Node::Stmt(branch)) = cx.tree.parent(block) else { return };
    if !matches!(cx.stmt(branch), Stmt::If { .. }) {
        return;
    }
    let Some(last) = last_of_block(cx, stmt) else { return };
    let Some(again) = written_after(cx, branch, response) else { return };
    let fun_text = match cx.expr(fun) {
        Expr::Selector { base, name } if matches!(cx.expr(base), Expr::Call { .. }) => cx.source(name),
        _ => cx.source(fun),
    };
    let name = cx.source(response);
    let message = format!("the handler goes on after `{fun_text}` and writes to `{name}` again");
    let (at, end) = (cx.span(again), cx.span(last).end);
    let fix = (Span::new(end, end), format!("\n{}return", cx.indent(last)));
    let fixable = returns_nothing(cx, stmt);
    let report = cx.report(fun, message).note_at(at, "this is written after the error");
    if fixable {
        report.fix("Return after the error", [fix]);
    }
}

/// The response that a call answers with an error or a redirect.
fn answered(cx: &Cx, call: ExprId) -> Option<ExprId> {
    if let Some(Call { callee: name @ Object { recv: None, .. }, args, .. }) = cx.call(call) {
        let answers = name.path == "net/http" && matches!(name.name, "Error" | "NotFound" | "Redirect");
        return args.first().copied().filter(|&w| answers && matches!(cx.def(w), Def::Local(_)));
    }
    let (context, name, args) = cx.method_call(call)?;
    // fiber says the status first: `c.Status(404).SendString("…")`.
    if let Some((context, "Status", [status])) = cx.method_call(context) {
        return (is_error_status(cx, *status) && is_write(name) && is_context(cx, context)).then_some(context);
    }
    let fails = args.first().is_some_and(|&status| is_error_status(cx, status));
    let answers = fails && (name.starts_with("AbortWith") || is_write(name));
    (answers && is_context(cx, context)).then_some(context)
}

/// Whether it is what gin, echo or fiber hand to a handler.
fn is_context(cx: &Cx, expr: ExprId) -> bool {
    const CONTEXTS: &[&str] =
        &["github.com/gin-gonic/gin.Context", "github.com/labstack/echo/v4.Context", "github.com/gofiber/fiber/v2.Ctx"];
    matches!(cx.def(expr), Def::Local(_)) && cx.has_type(expr, CONTEXTS)
}

/// Whether a method of such a context writes the response.
fn is_write(name: &str) -> bool {
    const WRITES: &[&str] = &[
        "Blob",
        "Data",
        "HTML",
        "IndentedJSON",
        "JSON",
        "JSONPretty",
        "PureJSON",
        "SecureJSON",
        "Send",
        "SendString",
        "String",
        "XML",
        "YAML",
    ];
    WRITES.contains(&name)
}

/// Whether it is a status of 400 and above.
fn is_error_status(cx: &Cx, status: ExprId) -> bool {
    cx.int_value(status).is_some_and(|code| (400..600).contains(&code))
}

/// The last statement of the block, if nothing after `stmt` leaves it.
fn last_of_block(cx: &Cx, stmt: StmtId) -> Option<StmtId> {
    let mut last = stmt;
    while let Some(next) = cx.next_stmt(last) {
        if leaves(cx, next) {
            return None;
        }
        last = next;
    }
    Some(last)
}

/// Whether control does not run past the statement: it branches, returns, or calls what never returns.
fn leaves(cx: &Cx, stmt: StmtId) -> bool {
    match cx.stmt(stmt) {
        Stmt::Return(_) | Stmt::Branch { .. } | Stmt::Bad => true,
        Stmt::Expr(call) => cx.may_end(call),
        _ => false,
    }
}

/// The first place after the `if`, in the same block and before anything leaves it, that writes to the response.
fn written_after(cx: &Cx, branch: StmtId, response: ExprId) -> Option<ExprId> {
    let mut branch = branch;
    while let Some(Node::Stmt(outer)) = cx.tree.parent(branch)
        && matches!(cx.stmt(outer), Stmt::If { els: Some(els), .. } if els == branch)
    {
        branch = outer;
    }
    let mut at = branch;
    while let Some(next) = cx.next_stmt(at) {
        if let Some(write) = write_in(cx, next, response) {
            return Some(write);
        }
        if leaves(cx, next) {
            return None;
        }
        at = next;
    }
    None
}

fn write_in(cx: &Cx, stmt: StmtId, response: ExprId) -> Option<ExprId> {
    let target = cx.def(response);
    let framework = is_context(cx, response);
    let mut found = None;
    cx.any(stmt, false, |node| {
        let Node::Expr(call) = node else { return false };
        let Expr::Call { fun, args, .. } = cx.expr(call) else { return false };
        let method = match cx.expr(fun) {
            Expr::Selector { base, name } if cx.def(base) == target => Some(cx.source(name)),
            _ => None,
        };
        let handed_on = || !framework && cx.exprs(args).iter().any(|&arg| cx.def(arg) == target);
        let writes = match method {
            Some(name) if framework => is_write(name),
            Some(name) => matches!(name, "Write" | "WriteHeader" | "WriteString"),
            None => handed_on(),
        };
        if writes {
            found = Some(call);
        }
        writes
    });
    found
}

/// Whether a bare `return` compiles here.
fn returns_nothing(cx: &Cx, stmt: StmtId) -> bool {
    let Some(func) = cx.enclosing_func(stmt) else { return false };
    matches!(cx.expr(func.ty), Expr::FuncType { results, .. } if results.is_empty())
}
