//! A JSON Web Token is accepted without the checks that make it worth something.
//!
//! Anybody can write a token; only its signature says who did. `ParseUnverified` checks none, and the type `none` has none. Where the error
//! of `Parse` is thrown away, a forged token gives its claims all the same. Where the key function does not look at the method
//! and `jwt.WithValidMethods` does not say which are expected, the token decides how it is verified (RFC 8725, sections 2.1
//! and 3.1). A token without `exp` never expires, not even for whoever steals it, nor does one whose `exp` is in milliseconds.
//!
//! Limits: `ParseUnverified` is reported for tokens that come from a request, and in packages that sign tokens and
//! verify none; a client may read its own. One that a gateway has verified
//! before is not known as such; a comment that says so silences the finding.
//!
//! ```go bad
//! import "github.com/golang-jwt/jwt/v5"
//!
//! func user(w http.ResponseWriter, r *http.Request) (string, error) {
//! 	raw := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
//! 	token, _, err := jwt.NewParser().ParseUnverified(raw, jwt.MapClaims{})
//! 	//               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the token comes from a header of the request, and its signature is not verified
//! 	if err != nil {
//! 		return "", err
//! 	}
//! 	return token.Claims.GetSubject()
//! }
//! ```
//! ```go bad
//! import "github.com/golang-jwt/jwt/v5"
//!
//! func user(raw string, key []byte) string {
//! 	token, _ := jwt.Parse(raw, func(*jwt.Token) (any, error) { return key, nil }, jwt.WithValidMethods([]string{"HS256"}))
//! 	//          ^^^^^^^^^ the error is discarded, so a forged token is accepted
//! 	name, _ := token.Claims.GetSubject()
//! 	return name
//! }
//! ```
//! ```go bad
//! import "github.com/golang-jwt/jwt/v5"
//!
//! func parse(raw string, key []byte) (*jwt.Token, error) {
//! 	return jwt.Parse(raw, func(*jwt.Token) (any, error) { return key, nil })
//! 	//     ^^^^^^^^^ high: the token itself decides how it is verified
//! }
//! ```
//! ```diff fixed
//! -	return jwt.Parse(raw, func(*jwt.Token) (any, error) { return key, nil })
//! +	return jwt.Parse(raw, func(*jwt.Token) (any, error) { return key, nil }, jwt.WithValidMethods([]string{"HS256"}))
//! ```
//! ```go bad
//! import "github.com/golang-jwt/jwt/v5"
//!
//! func issue(user string, key []byte) (string, error) {
//! 	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": user})
//! 	//                                                 ^^^^^^^^^^^^^ medium: the token has no `exp` and never expires
//! 	return token.SignedString(key)
//! }
//! ```
//! ```go good
//! import "github.com/golang-jwt/jwt/v5"
//!
//! func parse(raw string, key []byte) (*jwt.Token, error) {
//! 	return jwt.Parse(raw, func(token *jwt.Token) (any, error) {
//! 		if _, ok := token.Method.(*jwt.SigningMethodHMAC); !ok {
//! 			return nil, fmt.Errorf("unexpected method %v", token.Header["alg"])
//! 		}
//! 		return key, nil
//! 	})
//! }
//!
//! func issue(user string, key []byte) (string, error) {
//! 	claims := jwt.MapClaims{"sub": user, "exp": time.Now().Add(time.Hour).Unix()}
//! 	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
//! }
//! ```
//!
//! # Impact
//!
//! A token written by hand, or signed with the public key as if it were a shared secret, is accepted as any user.
//! Requests look authenticated in every log. If tokens have no expiry, a stolen one works for good.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: a token with `"alg":"none"`, one signed with another key and one that has expired
//!   must all be refused
//! - `curl -si -H "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9." http://localhost:8080/PATH`: has to
//!   answer 401; send it in a cookie if the service reads it there
//!
//! # References
//!
//! - [RFC 8725, "JSON Web Token Best Current Practices"](https://www.rfc-editor.org/rfc/rfc8725)
//! - [Package jwt, Parser](https://pkg.go.dev/github.com/golang-jwt/jwt/v5#Parser)
use gopeer_lint::is_of_module;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/jwt-validation",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &["semgrep:jwt-go-none-algorithm", "semgrep:jwt-go-parse-unverified"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Expr(&[ExprKind::Call, ExprKind::Selector], check), Hook::Piece(check_piece)],
    examines: "uses of JSON Web Tokens",
};

const PACKAGES: &[&str] = &["github.com/golang-jwt/jwt", "github.com/dgrijalva/jwt-go"];

fn check(cx: &mut Cx, expr: ExprId) {
    match cx.expr(expr) {
        Expr::Selector { name, .. } => check_none(cx, expr, name),
        _ => check_call(cx, expr),
    }
}

/// `jwt.SigningMethodNone`, which signs nothing.
fn check_none(cx: &mut Cx, expr: ExprId, name: ExprId) {
    let is_none = matches!(cx.source(name), "SigningMethodNone" | "UnsafeAllowNoneSignatureType");
    if is_none && cx.object(expr).is_some_and(|object| is_of_module(object.path, PACKAGES)) {
        cx.examined();
        cx.report(expr, format!("`{}` is for tokens without a signature, which anybody can write", cx.source(expr)))
            .question();
    }
}

fn check_call(cx: &mut Cx, expr: ExprId) {
    let Some(call) = cx.call(expr).filter(|call| is_of_module(call.callee.path, PACKAGES)) else { return };
    match call.callee.name {
        "Parse" | "ParseWithClaims" | "ParseFromRequest" => check_parse(cx, &call),
        "NewWithClaims" => check_issued(cx, &call),
        "ParseUnverified" => check_unverified(cx, &call),
        _ => {}
    }
}

/// Where a function signs a token.
fn signs(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    called(cx, decl, &["NewWithClaims"])
}

/// Where a function verifies the signature of one.
fn verifies(cx: &Cx, decl: DeclId, _: usize) -> Option<ExprId> {
    called(cx, decl, &["Parse", "ParseWithClaims", "ParseFromRequest", "Verify"])
}

/// The call in a function of something of these packages with one of these names, whatever its version.
fn called(cx: &Cx, decl: DeclId, names: &[&str]) -> Option<ExprId> {
    let is_theirs = |call| cx.callee(call).is_some_and(|callee| is_of_module(callee.path, PACKAGES));
    cx.find_expr(decl, true, |id| names.contains(&cx.callee_word(id)) && is_theirs(id))
}

/// A token that the package, which signs tokens, reads without verifying one anywhere. Where the token comes from a request in sight,
/// that is reported there.
fn check_unverified(cx: &mut Cx, call: &Call) {
    cx.examined();
    let only_signs = cx.package_finds(signs) == Some(true) && cx.package_finds(verifies) == Some(false);
    if !only_signs || only_printed(cx, call.expr) || cx.taints(Kinds::TOKEN).iter().any(|taint| taint.call == call.expr)
    {
        return;
    }
    let reason = cx.enclosing_stmt(call.expr).and_then(|stmt| cx.explanation(stmt, REASONS));
    cx.report(call.fun, "this package signs tokens, and reads them here without verifying the signature")
        .question()
        .excused(reason)
        .note(UNVERIFIED);
}

const UNVERIFIED: &str = "anybody can write such a token: parse it with `ParseWithClaims` and the key of its issuer";

/// A token from outside that is taken as it is.
fn check_piece(cx: &mut Cx) {
    for taint in cx.taints(Kinds::TOKEN) {
        let message =
            format!("the token comes from {}, and its signature is not verified{}", taint.origin(), taint.place());
        let reason = cx.enclosing_stmt(taint.call).and_then(|stmt| cx.explanation(stmt, REASONS));
        let printed = taint.within.is_none() && only_printed(cx, taint.call);
        let severity = if printed { Severity::Medium } else { Severity::Critical };
        let at = match (&taint.within, cx.expr(taint.call)) {
            (None, Expr::Call { fun, .. }) => fun,
            _ => taint.at,
        };
        let settled = &*taint.class == "cookie" && !printed && cx.package_finds(verifies) == Some(false);
        let report = cx.report(at, message).severity(severity).excused(reason).steps(taint.steps).note(UNVERIFIED);
        report.question_unless(settled);
    }
}

/// What says that a signature is verified elsewhere, or need not be.
const REASONS: &[&str] = &["verif", "gateway", "proxy", "trust", "signature", "unverified", "expir", "only read"];

/// Whether the claims that a call fills are written out and used for nothing else.
fn only_printed(cx: &Cx, parse: ExprId) -> bool {
    let Some(&claims) = cx.call(parse).and_then(|call| call.args.get(1)) else { return false };
    let claims = match cx.expr(claims) {
        Expr::Unary { op: UnaryOp::Addr, operand } => operand,
        _ => claims,
    };
    let Def::Local(claims) = cx.def(claims) else { return false };
    let is_output = |node: Node| match node {
        Node::Expr(call) => {
            call == parse || cx.callee(call).is_some_and(|callee| matches!(callee.path, "fmt" | "log" | "log/slog"))
        }
        _ => false,
    };
    cx.names.uses(claims).filter(|&used| used != claims).all(|used| cx.tree.ancestors(used).take(6).any(is_output))
}

fn check_parse(cx: &mut Cx, call: &Call) {
    cx.examined();
    // A result that is called `err`, or thrown away.
    if let Some(Node::Stmt(stmt)) = cx.tree.parent(call.expr)
        && let Stmt::Assign { lhs, .. } = cx.stmt(stmt)
        && let &[token, error] = cx.exprs(lhs)
        && cx.source(error) == "_"
        && cx.source(token) != "_"
        && !asks_valid(cx, token)
    {
        cx.report(call.fun, "the error is discarded, so a forged token is accepted")
            .question()
            .note("return where it is not nil; the token is valid only then");
        return;
    }
    let Some(key) = call.args.iter().position(|&arg| matches!(cx.expr(cx.unparen(arg)), Expr::FuncLit { .. })) else {
        return;
    };
    let options = call.args.get(key + 1..).unwrap_or_default();
    const OTHERS: &[&str] = &[
        "WithAudience",
        "WithExpirationRequired",
        "WithIssuedAt",
        "WithIssuer",
        "WithJSONNumber",
        "WithLeeway",
        "WithPaddingAllowed",
        "WithStrictDecoding",
        "WithSubject",
        "WithTimeFunc",
        "WithoutClaimsValidation",
    ];
    let restricts = |option: &ExprId| !OTHERS.contains(&cx.callee_word(*option));
    let by_parser = call.receiver.is_some();
    let mentions = |node: Node| match node {
        Node::Expr(id) => cx.expr(id) == Expr::Ident && matches!(cx.source(id), "Method" | "Alg"),
        _ => false,
    };
    let reads_header = |node: Node| matches!(node, Node::Expr(id) if cx.expr(id) == Expr::Literal(LiteralKind::String) && matches!(cx.source(id), "\"alg\"" | "\"kid\""));
    let function = call.args[key];
    if by_parser
        || options.iter().any(restricts)
        || cx.any(function, true, mentions)
        || cx.any(function, true, reads_header)
        || calls_others(cx, function)
    {
        return;
    }
    let insert = cx.span(function).end;
    let fix = call
        .callee
        .path
        .ends_with("/v5")
        .then(|| (Span::new(insert, insert), ", jwt.WithValidMethods([]string{\"HS256\"})".to_owned()));
    cx.report(call.fun, "the token itself decides how it is verified, because nothing checks the method that it names")
        .question()
        .severity(Severity::High)
        .note("say which are expected with `jwt.WithValidMethods`, or compare `token.Method` in the key function")
        .fix("Expect HS256 only", fix);
}

/// Whether a key function asks another function, which may look at the method.
fn calls_others(cx: &Cx, function: ExprId) -> bool {
    cx.any(function, true, |node| matches!(node, Node::Expr(id) if matches!(cx.expr(id), Expr::Call { fun, .. } if !cx.is_type_expr(fun)) && !cx.calls(id, &["os.Getenv"])))
}

/// Whether the token is asked later whether it is valid.
fn asks_valid(cx: &Cx, token: ExprId) -> bool {
    let Def::Local(declared) = cx.def(token) else { return false };
    cx.names.uses(declared).any(|used| match cx.tree.parent(used) {
        Some(Node::Expr(around)) => {
            matches!(cx.expr(around), Expr::Selector { name, .. } if cx.source(name) == "Valid")
        }
        _ => false,
    })
}

/// Times that count something smaller than seconds.
const TOO_FINE: &[&str] = &["time.Time.UnixMicro", "time.Time.UnixMilli", "time.Time.UnixNano"];

/// Claims that are written out without an end, or with one that never comes.
fn check_issued(cx: &mut Cx, call: &Call) {
    let Some(&claims) = call.args.get(1) else { return };
    cx.examined();
    let made = match cx.expr(cx.unparen(claims)) {
        Expr::Ident => match cx.initial_value(claims) {
            Some(made) if !cx.is_reassigned(claims) => made,
            _ => return,
        },
        _ => claims,
    };
    let made = match cx.expr(cx.unparen(made)) {
        Expr::Unary { op: UnaryOp::Addr, operand } => operand,
        _ => cx.unparen(made),
    };
    let Some(made) = with_end(cx, made) else { return };
    let Expr::Composite { ty: Some(ty), elems } = cx.expr(made) else { return };
    let is_map = cx.source(ty).ends_with("MapClaims");
    let key = |elem: &ExprId| match cx.expr(*elem) {
        Expr::KeyValue { key, .. } if is_map => cx.string_value(key).is_none_or(|key| key == "exp"),
        Expr::KeyValue { key, .. } => cx.source(key) == "ExpiresAt",
        _ => true,
    };
    let too_fine = |&elem: &ExprId| match cx.expr(elem) {
        Expr::KeyValue { key, value } if is_map && cx.string_value(key).as_deref() == Some("exp") => {
            Some(cx.unconverted(value)).filter(|&unit| cx.calls(unit, TOO_FINE))
        }
        _ => None,
    };
    let unit = cx.exprs(elems).iter().find_map(too_fine);
    // Set by its name later: `claims["exp"] = …`.
    let later = match (cx.def(cx.unparen(claims)), cx.expr(cx.unparen(claims))) {
        (Def::Local(declared), Expr::Ident) => {
            cx.names.uses(declared).any(|used| used != declared && used != cx.unparen(claims))
        }
        _ => false,
    };
    if let Some(unit) = unit {
        cx.report(unit, "`exp` counts seconds, so this is thousands of years from now: the token never expires")
            .severity(Severity::High)
            .note("use `Unix` (RFC 7519, section 2, NumericDate)");
    } else if !later && !cx.exprs(elems).iter().any(key) {
        cx.report(ty, "the token has no `exp` and never expires")
            .question()
            .severity(Severity::Medium)
            .note("give it an end, and let clients ask for a new one");
    }
}

fn is_registered(name: &str) -> bool {
    matches!(name.rsplit('.').next(), Some("RegisteredClaims" | "StandardClaims"))
}

/// The literal that says when a token ends, if it says so: that of a library's claims, also inside of one of the project's that embeds
/// them. Where that leaves them out, it is itself.
fn with_end(cx: &Cx, literal: ExprId) -> Option<ExprId> {
    let Expr::Composite { ty: Some(ty), elems } = cx.expr(literal) else { return None };
    if cx.source(ty).ends_with("MapClaims") || is_registered(cx.source(ty)) {
        return Some(literal);
    }
    let Type::Struct(structure) = cx.under(literal) else { return None };
    let of_library = |field: &&gopeer_sema::types::Field| {
        let named = cx.store.qualified_name(cx.deref(field.ty));
        field.embedded && named.is_some_and(|(path, name)| is_of_module(path, PACKAGES) && is_registered(name))
    };
    let embedded = cx.store.text(structure.fields.iter().find(of_library)?.name);
    for &elem in cx.exprs(elems) {
        let Expr::KeyValue { key, value } = cx.expr(elem) else { return None };
        if cx.source(key) == embedded {
            let value = cx.unparen(value);
            return match cx.expr(value) {
                Expr::Unary { op: UnaryOp::Addr, operand } => Some(operand),
                _ => Some(value),
            };
        }
    }
    Some(literal)
}
