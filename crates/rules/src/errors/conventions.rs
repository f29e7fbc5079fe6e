//! An error's text, name or place breaks Go's conventions.
//!
//! Texts are joined in the middle of longer ones (`open config: no such file`), so a capital or a full stop ends up inside
//! a sentence ("Error strings" in Go's code review comments). Sentinels are named `ErrX` or `errX`, so that a reader sees
//! at `errors.Is` what they are, and types of errors `XError`, as `errors.As` wants them; the error is the last result, where
//! every caller looks for it; and `errors.New` prints its verbs instead of filling them in. Of many texts in one file only
//! the first is reported.
//!
//! ```go bad
//! func open(name string) error {
//! 	if name == "" {
//! 		return errors.New("Missing name.")
//! 		//                ^^^^^^^^^^^^^^^ the error text is capitalised and ends in punctuation
//! 	}
//! 	return fmt.Errorf("failed to open %s\n", name)
//! 	//                ^^^^^^^^^^^^^^^^^^^^^ the error text ends in a line break
//! }
//! ```
//! ```diff fixed
//! -		return errors.New("Missing name.")
//! +		return errors.New("missing name")
//! -	return fmt.Errorf("failed to open %s\n", name)
//! +	return fmt.Errorf("failed to open %s", name)
//! ```
//! ```go bad
//! var NotFound = errors.New("not found")
//! //  ^^^^^^^^ the sentinel `NotFound` is not named ErrX
//!
//! func find(id int) (error, string) {
//! //                 ^^^^^ the error is not the last result of `find`
//! 	return errors.New("no row %d"), ""
//! 	//                ^^^^^^^^^^^ `errors.New` does not fill in `%d`
//! }
//! ```
//! ```go bad
//! type BadInput struct{ Field string }
//! //   ^^^^^^^^ the error type `BadInput` is not named XError
//!
//! func (b *BadInput) Error() string { return b.Field + " is not valid" }
//! ```
//! ```go bad
//! func check(c Config) error {
//! 	switch {
//! 	case c.Host == "":
//! 		return errors.New("Missing host")
//! 		//                ^^^^^^^^^^^^^^ the error text is capitalised
//! 	case c.Port == 0:
//! 		return errors.New("Missing port")
//! 	case c.Path == "":
//! 		return errors.New("Missing path")
//! 	}
//! 	return fmt.Errorf("Cannot use %v", c)
//! }
//! ```
//! ```go good
//! type ParseError struct{ Line int }
//!
//! func (p ParseError) Error() string { return fmt.Sprintf("line %d", p.Line) }
//!
//! type Errors []error
//!
//! func (e Errors) Error() string { return fmt.Sprint(len(e)) }
//!
//! type Errno int
//!
//! func (e Errno) Error() string { return fmt.Sprint(int(e)) }
//!
//! type state struct{ err error }
//!
//! func (s *state) Error() error { return s.err }
//!
//! var ErrNotFound = errors.New("not found")
//!
//! var errClosed = errors.New("closed")
//!
//! func check(c Config) error {
//! 	if c.Name == "" {
//! 		return errors.New("Name is required") // the field
//! 	}
//! 	if c.URL == "" {
//! 		return errors.New("URL is missing")
//! 	}
//! 	if c.Share > 100 {
//! 		return errors.New("share is over 100%")
//! 	}
//! 	return fmt.Errorf("Kafka does not answer at %s", c.URL)
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::types::Truth;

use crate::many::first_of_many;

pub static RULE: Rule = Rule {
    id: "errors/conventions",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Idiom, 2), (Concern::Clarity, 1), (Concern::Errors, 1)],
    equivalents: &[
        "staticcheck:ST1005",
        "staticcheck:ST1008",
        "staticcheck:ST1012",
        "errname",
        "revive:error-strings",
        "revive:error-return",
        "revive:error-naming",
    ],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[
        Hook::File(check_texts),
        Hook::Decl(&[DeclKind::Group], check_sentinels),
        Hook::Decl(&[DeclKind::Func], check_results),
        Hook::Decl(&[DeclKind::Type], check_type),
    ],
    file: file!(),
};

/// Names that begin a text with a capital by right.
const PROPER: &str = "\
    Amazon Ansible Apache Apple Avro Azure Bazel Bearer Bitbucket Cassandra Chrome Cloudflare Consul Debian Discord \
    Docker Dockerfile Elastic Elasticsearch Envoy Etcd Facebook Firefox Gin Git Github Gitlab Gmail Go Google \
    Grafana Hadoop Helm Istio Jaeger Java Jenkins Jira Kafka Kubernetes Linux Lua Mac Mailgun Mango Microsoft Mongo \
    Nats Nexus Nginx Nomad Oauth Okta Oracle Podman Postgres Prometheus Pulsar Python Rabbit Redis Ruby Rust Scylla \
    Sentry Slack Spanner Stripe Telegram Temporal Terraform Thrift Traefik Twilio Ubuntu Unicode Unix Vault Windows \
    Zookeeper";

/// A text to report: piece, literal, what is wrong, how it is written.
type Found = Vec<(usize, ExprId, String, String)>;

fn check_texts(file: &mut FileCx) {
    if file.file.generated {
        return;
    }
    let (mut found, mut piece) = (Found::new(), 0);
    file.each_piece(|cx| {
        let calls = cx.tree.all_exprs().filter(|(_, expr)| matches!(expr, Expr::Call { .. }));
        calls.for_each(|(call, _)| check_text(cx, call, piece, &mut found));
        piece += 1;
    });
    let others = first_of_many(&mut found);
    piece = 0;
    file.each_piece(|cx| {
        for (_, text, what, mended) in found.iter().filter(|found| found.0 == piece) {
            let span = Span::new(cx.span(*text).start + 1, cx.span(*text).end - 1);
            let report = cx
                .report(*text, format!("the error text {what}"))
                .note("it will stand in the middle of the texts that wrap it")
                .fix("Write it as part of a sentence", [(span, mended.clone())]);
            if others > 0 {
                report.note(format!("{others} more texts in this file are written so"));
            }
        }
        piece += 1;
    });
}

fn check_text(cx: &mut Cx, call: ExprId, piece: usize, found: &mut Found) {
    let Some(Call { callee: name, args: &[text, ref rest @ ..], .. }) = cx.call(call) else { return };
    let plain = name.is(&["errors.New"]);
    if !(plain || name.is(&["fmt.Errorf"])) {
        return;
    }
    let Expr::Literal(LiteralKind::String | LiteralKind::RawString) = cx.expr(text) else { return };
    let source = cx.source(text);
    let Some(body) = source.get(1..source.len().saturating_sub(1)) else { return };
    cx.examined();
    if plain && rest.is_empty() && check_verbs(cx, text, body) {
        return;
    }
    // Several sentences are written for a person at a screen.
    let trimmed = trim_end(body);
    if trimmed.contains(". ") || trimmed.contains("\\n") || trimmed.contains('\n') {
        return;
    }
    let capital = is_capitalised(cx, body);
    let tail = body.get(trimmed.len()..).unwrap_or_default();
    let ending = match tail {
        "" => None,
        _ if tail.contains('\n') || tail.contains("\\n") => Some("ends in a line break"),
        _ if tail.trim().is_empty() => Some("ends in a space"),
        _ => Some("ends in punctuation"),
    };
    let what = match (capital, ending) {
        (true, Some(ending)) => format!("is capitalised and {ending}"),
        (true, None) => "is capitalised".to_owned(),
        (false, Some(ending)) => ending.to_owned(),
        (false, None) => return,
    };
    let mended = if capital { lower_first(trimmed) } else { trimmed.to_owned() };
    found.push((piece, text, what, mended));
}

/// `errors.New` with a verb.
fn check_verbs(cx: &mut Cx, text: ExprId, body: &str) -> bool {
    let verb = ["%d", "%s", "%v", "%q", "%w"].into_iter().find(|verb| {
        body.match_indices(verb).any(|(at, _)| {
            let before = body.get(..at).and_then(|head| head.chars().next_back());
            let after = body.get(at + 2..).and_then(|tail| tail.chars().next());
            !before.is_some_and(|c| c == '%' || c.is_ascii_digit()) && !after.is_some_and(char::is_alphanumeric)
        })
    });
    if let Some(verb) = verb {
        cx.report(text, format!("`errors.New` does not fill in `{verb}`")).note("`fmt.Errorf` with the value does");
    }
    verb.is_some()
}

/// The text without closing punctuation and line breaks. An ellipsis or `?` may be meant.
fn trim_end(body: &str) -> &str {
    let mut text = body;
    loop {
        let shorter = text.strip_suffix("\\n").unwrap_or_else(|| text.trim_end_matches(['\n', '!', ' ']));
        let shorter = match shorter.strip_suffix('.') {
            Some(head) if !head.ends_with('.') => head,
            _ => shorter,
        };
        if shorter == text {
            return text;
        }
        text = shorter;
    }
}

/// Whether the text begins with an ordinary word in capitals: no acronym, no known name, nothing the code calls so.
fn is_capitalised(cx: &Cx, body: &str) -> bool {
    let end = body.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '\'' | '-' | '.' | '(' | '[' | '/'));
    let word = body.get(..end.unwrap_or(body.len())).unwrap_or_default();
    let word = word.strip_suffix(['.', '\'']).unwrap_or(word);
    let mut letters = word.chars();
    if !letters.next().is_some_and(char::is_uppercase) || !letters.all(|c| c.is_lowercase() || c == '\'') {
        return false;
    }
    let means_code = |(id, expr)| expr == Expr::Ident && cx.source(id) == word;
    // A single letter may be a formula's, unless it is the article.
    !(word.len() == 1 && word != "A"
        || PROPER.split(' ').any(|name| name == word)
        || cx.package.lookup(word).is_some()
        || cx.tree.all_exprs().any(means_code))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect()
}

fn check_sentinels(cx: &mut Cx, group: DeclId) {
    let Decl::Group { kind: GroupKind::Var, specs, .. } = cx.decl(group) else { return };
    if cx.tree.parent(group).is_some() || cx.file.generated {
        return;
    }
    for &spec in cx.tree.decls(specs) {
        let Decl::Value { names, values, .. } = cx.decl(spec) else { continue };
        for (&name, &value) in cx.exprs(names).iter().zip(cx.exprs(values)) {
            if cx.calls(value, &["errors.New"]) || cx.calls(value, &["fmt.Errorf"]) {
                check_sentinel(cx, name);
            }
        }
    }
}

fn check_sentinel(cx: &mut Cx, ident: ExprId) {
    cx.examined();
    let name = cx.source(ident);
    // `SkipDir` and `EOF` are signals rather than failures, and `_` is nobody's name.
    if name == "_" || name.starts_with("Err") || name.starts_with("err") || name == "EOF" || name.starts_with("Skip") {
        return;
    }
    let wanted = if name.starts_with(char::is_uppercase) { "ErrX" } else { "errX" };
    cx.report(ident, format!("the sentinel `{name}` is not named {wanted}"));
}

/// An exported struct that is there to be an error: it declares `Error() string` itself, and few other methods.
fn check_type(cx: &mut Cx, spec: DeclId) {
    let Decl::Type { name, .. } = cx.decl(spec) else { return };
    let Type::Named(named, _) = cx.store.get(cx.ty(name)) else { return };
    let (ty, shown, methods) = (cx.ty(name), cx.source(name), cx.store.named(named).methods.len());
    // `serviceerror.ShardLost` says it.
    let said = cx.file.scope.package.as_deref().is_some_and(|package| package.contains("err"));
    if said
        || methods > 3
        || !shown.starts_with(char::is_uppercase)
        || cx.file.generated
        || cx.declared_method(ty, &["Error"]).is_none()
    {
        return;
    }
    let is_error = cx.store.implements(cx.store.pointer(ty), TypeId::ERROR).0 == Truth::Yes;
    if !is_error || !matches!(cx.store.under(ty), Type::Struct(_)) {
        return;
    }
    cx.examined();
    let lower = shown.to_ascii_lowercase();
    if !["err", "fault", "exception", "failure"].iter().any(|word| lower.contains(word)) {
        cx.report(name, format!("the error type `{shown}` is not named XError"));
    }
}

fn check_results(cx: &mut Cx, decl: DeclId) {
    let Decl::Func { name, ty, .. } = cx.decl(decl) else { return };
    let Expr::FuncType { results, .. } = cx.expr(ty) else { return };
    if results.is_empty() || cx.file.generated {
        return;
    }
    let types: Vec<ExprId> = cx.params(results).into_iter().map(|(_, ty)| ty).collect();
    let is_error = |ty: &ExprId| cx.is_builtin(*ty, "error");
    if let (Some(&error), Some(false)) = (types.iter().find(|ty| is_error(ty)), types.last().map(is_error)) {
        let name = cx.source(name);
        cx.report(error, format!("the error is not the last result of `{name}`"))
            .note("callers look for it last, and `if err != nil` reads best so");
    }
}
