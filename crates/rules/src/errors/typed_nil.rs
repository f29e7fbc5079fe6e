//! A pointer that is nil is returned as an error, or as another interface, and is not nil there.
//!
//! An interface is nil only if it holds neither a type nor a value. One that holds a nil `*MyError` is not, so the caller's
//! `err != nil` is true although nothing failed (Go FAQ, "Why is my nil error value not equal to nil?"). Return nil itself where nothing
//! is wrong, or declare the variable as `error`.
//!
//! Limits: only variables that the function declares without a value are followed, up to where they are returned. A call that returns a
//! concrete pointer is not looked into.
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
//! 	//     ^^^ `err` is a nil pointer on one path to here, and as a result of type `error` it is not nil
//! }
//! ```
//! ```diff fixed
//! +	if err == nil {
//! +		return nil
//! +	}
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
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "errors/typed-nil",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Errors, 3), (Concern::Correctness, 3)],
    equivalents: &["staticcheck:SA4023", "nilaway"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Decl(&[DeclKind::Value], check)],
    file: file!(),
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
    // A value other than an error may well be there on every path that is possible.
    if found.guarded || found.assigned == Reassigned::Otherwise && ty != "error" {
        return;
    }
    let name = cx.source(nil.place);
    let message =
        format!("`{name}` is a nil pointer on one path to here, and as a result of type `{ty}` it is not nil");
    let indent = cx.indent(stmt);
    let alone = matches!(cx.stmt(stmt), Stmt::Return(results) if cx.only(results).is_some());
    let at = cx.span(stmt).start;
    let check = format!("if {name} == nil {{\n{indent}\treturn nil\n{indent}}}\n{indent}");
    let edit = alone.then(|| (Span::new(at, at), check));
    cx.report(found.at, message).steps(found.steps).fix("Return nil itself", edit);
}

/// The statement that returns an identifier, and the type of that result as it is written.
fn result<'a>(cx: &Cx<'a>, ident: ExprId) -> Option<(StmtId, &'a str)> {
    let Node::Stmt(stmt) = cx.tree.parent(ident)? else { return None };
    let Stmt::Return(list) = cx.stmt(stmt) else { return None };
    let at = cx.tree.place(cx.exprs(list), ident)?;
    let Expr::FuncType { results, .. } = cx.expr(cx.enclosing_func(ident)?.ty) else { return None };
    cx.params(results).get(at).map(|(_, ty)| (stmt, cx.source(*ty)))
}
