//! A pointer that is nil is returned as an error, or as another interface, and is not nil there.
//!
//! An interface is nil only if it holds neither a type nor a value. One that holds a nil `*MyError` is not, so the caller's
//! `err != nil` is true although nothing failed (Go FAQ, "Why is my nil error value not equal to nil?"). Return nil itself where nothing
//! is wrong, or declare the variable as `error`. A call whose pointer is assigned to a variable of type `error` is found as well.
//!
//! Limits: variables that the function declares without a value are followed up to where they are returned. A call that returns a
//! concrete pointer is looked into if the called function is in the same package.
//!
//! ```go bad
//! type ValidationError struct{ Problems []string }
//!
//! func (e *ValidationError) Error() string { return strings.Join(e.Problems, "; ") }
//!
//! func check(name string) error {
//! 	var err *ValidationError
//! 	if name == "" {
//! 		err = &ValidationError{Problems: []string{"no name"}}
//! 	}
//! 	return err
//! 	//     ^^^ `err` is a nil pointer on one path to here, but returned as `error` it is not nil
//! }
//! ```
//! ```diff fixed
//! +	if err == nil {
//! +		return nil
//! +	}
//! ```
//! ```go bad
//! type QuotaError struct{ Limit int }
//!
//! func (e *QuotaError) Error() string { return "over quota" }
//!
//! func quota(n int) *QuotaError {
//! 	if n > 10 {
//! 		return &QuotaError{Limit: 10}
//! 	}
//! 	return nil
//! }
//!
//! func admit(n int) error {
//! 	return quota(n)
//! 	//     ^^^^^^^^ `quota` may return a nil pointer, but returned as `error` it is not nil
//! }
//! ```
//! ```go good
//! type ValidationError struct{ Problems []string }
//!
//! func (e *ValidationError) Error() string { return strings.Join(e.Problems, "; ") }
//!
//! func check(name string) error {
//! 	var err *ValidationError
//! 	if name == "" {
//! 		err = &ValidationError{Problems: []string{"no name"}}
//! 	}
//! 	if valid := err == nil; valid {
//! 		// The interface itself is nil.
//! 		return nil
//! 	}
//! 	return err
//! }
//!
//! func find(name string) *ValidationError {
//! 	var err *ValidationError
//! 	if name == "" {
//! 		err = &ValidationError{Problems: []string{"no name"}}
//! 	}
//! 	// The concrete type all the way.
//! 	return err
//! }
//! ```
//!
//! ```go good
//! type APIError struct{ Text string }
//!
//! func (e *APIError) Error() string { return e.Text }
//!
//! func join(err error, text string) *APIError {
//! 	if err != nil {
//! 		return &APIError{Text: text + ": " + err.Error()}
//! 	}
//! 	return nil
//! }
//!
//! func add(name string, save func(string) error) error {
//! 	if name == "" {
//! 		return join(errors.New("no name"), "bad request") // nil is for no error, and there is one
//! 	}
//! 	if err := save(name); err != nil {
//! 		return join(err, "cannot save")
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Idiom
//!
//! An interface value holds a type and a value, and is nil only if it has neither. A nil pointer in it has a type, so functions return a
//! literal `nil`.
//!
//! # Impact
//!
//! Every success looks like a failure to the caller: `err != nil` holds although the pointer is nil, and printing the
//! error panics or shows `<nil>`. Healthy requests answer 500, and the log says that the error is "<nil>". A test of
//! the success path fails, with a message that seems impossible.
//!
//! # Verify
//!
//! - `go test -run {test} -v {package}`: print the result with `%T` and `%v`: a type and `<nil>`
//!
//! # References
//!
//! - [Go FAQ, "Why is my nil error value not equal to nil?"](https://go.dev/doc/faq#nil_error)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "errors/typed-nil",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 3)],
    equivalents: &["staticcheck:SA4023", "nilaway"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Decl(&[DeclKind::Value], check),
        Hook::Stmt(&[StmtKind::Return], check_calls),
        Hook::Stmt(&[StmtKind::Assign], check_given),
    ],
    examines: "pointers that are returned as interfaces",
};

fn check(cx: &mut Cx, spec: DeclId) {
    for nil in cx.nil_returned(spec) {
        cx.examined();
        report(cx, &nil);
    }
}

fn report(cx: &mut Cx, nil: &Nil) {
    let Some(found) = cx.nil_use(nil) else { return };
    let Some((stmt, ty)) = result(cx, found.at) else { return };
    let ty = cx.source(ty);
    // Of what is no error, a nil pointer may be meant, or there may be one on every path that is possible.
    if found.guarded || found.assigned != Reassigned::Sometimes && ty != "error" {
        return;
    }
    let name = cx.source(nil.place);
    let message = format!("`{name}` is a nil pointer on one path to here, but returned as `{ty}` it is not nil");
    let indent = cx.indent(stmt);
    let alone = matches!(cx.stmt(stmt), Stmt::Return(results) if cx.only(results).is_some());
    let at = cx.span(stmt).start;
    let check = format!("if {name} == nil {{\n{indent}\treturn nil\n{indent}}}\n{indent}");
    let edit = alone.then(|| (Span::new(at, at), check));
    let report = cx.report(found.at, message).steps(found.steps).fix("Return nil itself", edit);
    // The loop may always have one iteration, and the switch a clause.
    if found.assigned == Reassigned::Otherwise {
        report.question();
    }
}

/// Calls that are returned as interfaces although they return pointers, and nil ones at that.
fn check_calls(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Return(results) = cx.stmt(stmt) else { return };
    for &call in cx.exprs(results) {
        let is_pointer = matches!(cx.expr(call), Expr::Call { .. }) && matches!(cx.under(call), Type::Pointer(_));
        let Some((_, ty)) = result(cx, call).filter(|_| is_pointer) else { continue };
        if !matches!(cx.under(ty), Type::Interface(_)) || matches!(cx.store.get(cx.ty(ty)), Type::Param(_)) {
            continue;
        }
        cx.examined();
        if cx.may_give_nil(call, 0) {
            let (callee, ty) = (cx.callee_text(call), cx.source(ty));
            let message = format!("`{callee}` may return a nil pointer, but returned as `{ty}` it is not nil");
            // What is given may be such that there is always something to return, as text that was checked before it is parsed.
            let given = ty != "error" && cx.call(call).is_some_and(|call| !call.args.is_empty());
            let report = cx.report(call, message);
            if given {
                report.severity(Severity::Medium).question();
            }
        }
    }
}

/// A call that gives a pointer, perhaps nil, to a variable of type `error`.
fn check_given(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Assign { lhs, rhs, .. } = cx.stmt(stmt) else { return };
    for (&target, &call) in cx.exprs(lhs).iter().zip(cx.exprs(rhs)) {
        let is_pointer = matches!(cx.expr(call), Expr::Call { .. }) && matches!(cx.under(call), Type::Pointer(_));
        if !is_pointer || cx.ty(target) != TypeId::ERROR {
            continue;
        }
        cx.examined();
        if cx.may_give_nil(call, 0) {
            let (callee, target) = (cx.callee_text(call), cx.source(target));
            cx.report(
                call,
                format!("`{callee}` may return a nil pointer, and as the `error` in `{target}` it is not nil"),
            );
        }
    }
}

/// The statement that returns an expression, and the type of that result.
fn result(cx: &Cx, expr: ExprId) -> Option<(StmtId, ExprId)> {
    let Node::Stmt(stmt) = cx.tree.parent(expr)? else { return None };
    let Stmt::Return(list) = cx.stmt(stmt) else { return None };
    let at = cx.tree.place(cx.exprs(list), expr)?;
    cx.results_of(cx.enclosing_func(expr)?).get(at).map(|(_, ty)| (stmt, *ty))
}
