//! The result of a function that does nothing else is thrown away.
//!
//! Strings and times cannot be changed in place: `strings.TrimSpace(s)` and `t.Add(d)` answer with a new value and leave
//! the old one as it was. Called on its own, such a function does nothing, and the code goes on with the untouched value.
//! `url.URL.Query` works alike: it parses a fresh copy, so what is set there never reaches the URL.
//!
//! Which functions do nothing else is known for the standard library and for popular modules.
//!
//! ```go bad
//! func clean(name string, req *http.Request, ctx context.Context) string {
//! 	strings.TrimSpace(name)
//! #^^^^^^^^^^^^^^^^^ `strings.TrimSpace` only returns its result, which is thrown away here
//! 	req.WithContext(ctx)
//! #^^^^^^^^^^^^^^^ `req.WithContext` only returns its result, which is thrown away here
//! 	return name
//! }
//! ```
//! ```diff fixed
//! -	strings.TrimSpace(name)
//! -	req.WithContext(ctx)
//! +	name = strings.TrimSpace(name)
//! +	req = req.WithContext(ctx)
//! ```
//! ```go bad
//! func page(u *url.URL, ids []int) {
//! 	u.Query().Set("page", "2")
//! #^^^^^^^^^^^^^ `u.Query()` is a copy, so this `Set` changes nothing
//! 	sort.Reverse(sort.IntSlice(ids))
//! #^^^^^^^^^^^^ `sort.Reverse` only returns its result
//! }
//! ```
//! ```go bad
//! type order struct{ due time.Time }
//!
//! func (o *order) extend(days int) {
//! 	o.due.AddDate(0, 0, days)
//! #^^^^^^^^^^^^^ `o.due.AddDate` only returns its result, which is thrown away here
//! }
//! ```
//! ```go good
//! func clean(name string, set Set) string {
//! 	name = strings.TrimSpace(name)
//! 	_ = strings.ToUpper(name)
//! 	set.Add(name)
//! 	fmt.Println(strings.ToLower(name))
//! 	return name
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/unused-result",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Clarity, 1)],
    equivalents: &["staticcheck:SA4017", "staticcheck:SA4010", "staticcheck:SA4027", "vet:unusedresult"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Stmt(&[StmtKind::Expr], check)],
    file: file!(),
};

/// Functions without effect, by package.
const PURE: &[(&str, &[&str])] = &[
    ("fmt", &["Sprint", "Sprintf", "Sprintln", "Errorf", "Append", "Appendf", "Appendln"]),
    ("errors", &["New", "Is", "Join", "Unwrap"]),
    (
        "bytes",
        &[
            "Clone",
            "Compare",
            "Contains",
            "Equal",
            "Fields",
            "HasPrefix",
            "HasSuffix",
            "Index",
            "Join",
            "Repeat",
            "Replace",
            "ReplaceAll",
            "Split",
            "ToLower",
            "ToUpper",
            "Trim",
            "TrimLeft",
            "TrimPrefix",
            "TrimRight",
            "TrimSpace",
            "TrimSuffix",
        ],
    ),
    (
        "slices",
        &[
            "Clip", "Clone", "Compact", "Concat", "Contains", "Delete", "Equal", "Grow", "Index", "Insert", "Replace",
            "Sorted",
        ],
    ),
    ("maps", &["Clone", "Equal", "Keys", "Values"]),
    ("sort", &["Reverse", "IsSorted", "SearchInts", "SearchStrings"]),
    ("strconv", &["FormatBool", "FormatFloat", "FormatInt", "FormatUint", "Itoa", "Quote"]),
    ("context", &["Background", "TODO", "WithValue", "WithoutCancel"]),
    ("path", &["Base", "Clean", "Dir", "Ext", "Join"]),
    ("path/filepath", &["Base", "Clean", "Dir", "Ext", "Join", "ToSlash", "FromSlash"]),
    ("net/url", &["PathEscape", "QueryEscape"]),
    ("html", &["EscapeString", "UnescapeString"]),
    ("math", &["Abs", "Ceil", "Floor", "Max", "Min", "Pow", "Round", "Sqrt", "Trunc"]),
    ("time", &["Date", "Now", "Since", "Unix", "UnixMilli", "Until"]),
    ("reflect", &["DeepEqual", "TypeOf", "ValueOf"]),
];

/// All of `strings` is pure but for what takes or makes something with a state.
const STRINGS_WITH_EFFECT: &[&str] =
    &["Map", "FieldsFunc", "IndexFunc", "TrimFunc", "ContainsFunc", "NewReader", "NewReplacer"];

/// Methods without effect, by the type of their receiver and what makes one.
const METHODS: &[(&str, &[&str], &[&str])] = &[
    (
        "time.Time",
        &["time.Now", "time.Date", "time.Unix"],
        &["Add", "AddDate", "In", "UTC", "Local", "Round", "Truncate", "Sub"],
    ),
    ("net/http.Request", &["net/http.NewRequest", "net/http.NewRequestWithContext"], &["WithContext", "Clone"]),
];

fn check(cx: &mut Cx, stmt: StmtId) {
    let Stmt::Expr(call) = cx.stmt(stmt) else { return };
    let Expr::Call { fun, .. } = cx.expr(cx.unparen(call)) else { return };
    if let Some(Call { callee: name @ Object { recv: None, .. }, args, .. }) = cx.call(call) {
        if is_pure(name) || cx.calls_pure(call) {
            report(cx, call, fun, updated(name, args));
        }
    } else if let Some((receiver, method, args)) = cx.method_call(call) {
        if is_pure_method(cx, receiver, method) || cx.calls_pure(call) {
            let same =
                matches!(method, "Add" | "AddDate" | "In" | "UTC" | "Local" | "Round" | "Truncate" | "WithContext");
            report(cx, call, fun, same.then_some(receiver));
        } else if matches!((method, args), ("Set" | "Add", [_, _]) | ("Del", [_])) && is_query_of_url(cx, receiver) {
            let copy = cx.source(receiver);
            cx.report(fun, format!("`{copy}` is a copy, so this `{method}` changes nothing"))
                .note("keep the values in a variable and assign its `Encode()` to `RawQuery`");
        }
    }
}

fn is_pure(name: Object) -> bool {
    match name.path {
        "strings" => {
            !STRINGS_WITH_EFFECT.contains(&name.name) && !name.name.ends_with("Func") && !name.name.ends_with("Seq")
        }
        path => PURE.iter().any(|(known, names)| *known == path && names.contains(&name.name)),
    }
}

fn is_pure_method(cx: &Cx, receiver: ExprId, method: &str) -> bool {
    METHODS.iter().any(|(ty, makers, methods)| {
        let made = |(value, index)| index == 0 && cx.calls(value, makers);
        methods.contains(&method) && (cx.has_type(receiver, &[ty]) || cx.origin(receiver).is_some_and(made))
    })
}

/// `u.Query()` where `u` is a URL: by its type, by what made it, or as the field of a request.
fn is_query_of_url(cx: &Cx, receiver: ExprId) -> bool {
    let Some((url, "Query", [])) = cx.method_call(receiver) else { return false };
    match cx.expr(url) {
        _ if !cx.ty(url).is_unknown() => cx.has_type(url, &["net/url.URL"]),
        Expr::Selector { name, .. } => cx.source(name) == "URL",
        _ => {
            let parsed = |(value, index)| index == 0 && cx.calls(value, &["net/url.Parse"]);
            cx.has_type(url, &["net/url.URL"]) || cx.origin(url).is_some_and(parsed)
        }
    }
}

/// The argument that the result is a new version of.
fn updated(name: Object, args: &[ExprId]) -> Option<ExprId> {
    let first = args.first().copied();
    match (name.path, name.name) {
        ("strings" | "bytes", n) if n.starts_with("Trim") || n.starts_with("Replace") || n.starts_with("To") => first,
        ("slices", "Clip" | "Compact" | "Delete" | "Grow" | "Insert" | "Replace") => first,
        ("path" | "path/filepath", "Clean") | ("context", "WithValue") => first,
        _ => None,
    }
}

fn report(cx: &mut Cx, call: ExprId, fun: ExprId, updated: Option<ExprId>) {
    // Benchmarks call for the time it takes, tests for the panic.
    cx.examined();
    let name = cx.source(fun);
    let start = Span::new(cx.span(call).start, cx.span(call).start);
    let variable = updated.filter(|&old| cx.expr(old) == Expr::Ident).map(|old| cx.source(old));
    let report = cx.report(fun, format!("`{name}` only returns its result, which is thrown away here"));
    if let Some(variable) = variable {
        report.fix(format!("Assign the result to {variable}"), [(start, format!("{variable} = "))]);
    }
}
