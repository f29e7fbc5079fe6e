//! The text of an error is capitalized, or ends in punctuation or a line break.
//!
//! Error texts are usually printed in the middle of longer ones (`open config: no such file`), where a capital letter or a full
//! stop is out of place (Go Code Review Comments, "Error Strings").
//!
//! If a file has many such texts, the first is reported, with the places of the others.
//!
//! Limits: not reported are texts that begin with a known name, an acronym or a name of the code, and texts of several sentences,
//! which are written for a person at a screen, and errors that are handed straight to a log or to `panic`. A text that is not written
//! into the call is not read.
//!
//! ```go bad
//! func open(name string) error {
//! 	if name == "" {
//! 		return errors.New("Missing name.")
//! 		//                ^^^^^^^^^^^^^^^ the error text is capitalized and ends in punctuation
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
//! func check(c Config) error {
//! 	switch {
//! 	case c.Host == "":
//! 		return errors.New("Missing host")
//! 		//                ^^^^^^^^^^^^^^ the error text is capitalized
//! 	case c.Port == 0:
//! 		return errors.New("Missing port")
//! 	case c.Path == "":
//! 		return errors.New("Missing path")
//! 	}
//! 	return fmt.Errorf("Cannot use %v", c)
//! }
//! ```
//! ```go good
//! func check(c Config) error {
//! 	if c.URL == "" {
//! 		return errors.New("URL is missing") // an acronym
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! func check(c Config) error {
//! 	if c.Name == "" {
//! 		return errors.New("Name is required") // the field of that name
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! func ping(addr string) error {
//! 	return fmt.Errorf("Kafka does not answer at %s", addr) // a proper name
//! }
//! ```
//!
//! # Idiom
//!
//! The text of an error is a fragment to which callers add their own, as in "load settings: open a.yaml: no such file or directory". So it
//! begins in lower case and has no punctuation at its end.
//!
//! # References
//!
//! - [Code review comments, "Error Strings"](https://go.dev/wiki/CodeReviewComments#error-strings)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "errors/conventions",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Idiom, 2), (Concern::Clarity, 1)],
    equivalents: &["staticcheck:ST1005", "revive:error-strings"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(MAKERS, check_text)],
    examines: "texts of errors",
};

const MAKERS: &[&str] = &["errors.New", "fmt.Errorf", "github.com/pkg/errors.Errorf", "github.com/pkg/errors.New"];

/// Names that begin a text with a capital by right.
const PROPER: &str = "\
    Amazon Ansible Apache Apple Avro Azure Bazel Bearer Bitbucket Cassandra Chrome Cloudflare Consul Debian Discord \
    Docker Dockerfile Elastic Elasticsearch Envoy Etcd Facebook Firefox Gin Git Github Gitlab Gmail Go Google \
    Grafana Hadoop Helm Istio Jaeger Java Jenkins Jira Kafka Kubernetes Linux Lua Mac Mailgun Mango Microsoft Mongo \
    Nats Nexus Nginx Nomad Oauth Okta Oracle Podman Postgres Prometheus Pulsar Python Rabbit Redis Ruby Rust Scylla \
    Sentry Slack Spanner Stripe Telegram Temporal Terraform Thrift Traefik Twilio Ubuntu Unicode Unix Vault Windows \
    Zookeeper";

fn check_text(cx: &mut Cx, call: Call) {
    let Some(&whole) = call.args.first() else { return };
    let text = first_part(cx, whole);
    let Expr::Literal(LiteralKind::String | LiteralKind::RawString) = cx.expr(text) else { return };
    let source = cx.source(text);
    let Some(body) = source.get(1..source.len().saturating_sub(1)) else { return };
    cx.examined();
    if is_only_logged(cx, call.expr) {
        return;
    }
    // Several sentences are written for a person at a screen.
    let trimmed = trim_end(body);
    if trimmed.contains(". ") || trimmed.contains("\\n") || trimmed.contains('\n') {
        return;
    }
    let capital = is_capitalized(cx, body);
    let tail = body.get(trimmed.len()..).unwrap_or_default();
    let ending = match tail {
        // Another part follows.
        _ if text != whole => None,
        "" => None,
        _ if tail.contains('\n') || tail.contains("\\n") => Some("ends in a line break"),
        _ if tail.trim().is_empty() => Some("ends in a space"),
        _ => Some("ends in punctuation"),
    };
    let what = match (capital, ending) {
        (true, Some(ending)) => format!("is capitalized and {ending}"),
        (true, None) => "is capitalized".to_owned(),
        (false, Some(ending)) => ending.to_owned(),
        (false, None) => return,
    };
    let kept = if text == whole { trimmed } else { body };
    let mended = if capital { lower_first(kept) } else { kept.to_owned() };
    let span = Span::new(cx.span(text).start + 1, cx.span(text).end - 1);
    cx.report(text, format!("the error text {what}"))
        .note("it ends up mid-sentence when wrapped")
        .fix("Write it as part of a sentence", [(span, mended)])
        .one_of("texts in this file are written this way");
}

/// `logIf(ctx, errors.New("…"))`: what has no results wraps nothing.
fn is_only_logged(cx: &Cx, error: ExprId) -> bool {
    let Some(Node::Expr(outer)) = cx.tree.parent(error) else { return false };
    let Expr::Call { fun, .. } = cx.expr(outer) else { return false };
    fun != error && (cx.is_builtin(fun, "panic") || cx.results(outer).is_some_and(|results| results.is_empty()))
}

/// The first of the parts that a text is joined from.
fn first_part(cx: &Cx, text: ExprId) -> ExprId {
    let mut first = text;
    while let Expr::Binary { op: BinaryOp::Add, lhs, .. } = cx.expr(first) {
        first = lhs;
    }
    first
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
fn is_capitalized(cx: &Cx, body: &str) -> bool {
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
