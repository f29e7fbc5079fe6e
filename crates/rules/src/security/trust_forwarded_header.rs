//! The address of a client is taken from a header that any client can send.
//!
//! `X-Forwarded-For` is a list: each proxy appends the address that it has seen, and what comes first is what the client has written
//! there. Where networks are compared with the first address, one header lets anybody in. Start from `r.RemoteAddr`, read the list
//! from its end, and take the first address that is not one of your own proxies.
//!
//! Limits: only packages that compare addresses with networks (`netip.Prefix`, `net.IPNet`), and none that speaks of proxies or of
//! trust.
//!
//! ```go bad
//! import "net/netip"
//! func client(r *http.Request) (netip.Addr, error) {
//! 	first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ",")
//! 	//                         ^^^^^^^^^^^^ the client can set `X-Forwarded-For` to any address
//! 	return netip.ParseAddr(strings.TrimSpace(first))
//! }
//! func allowed(network netip.Prefix, addr netip.Addr) bool { return network.Contains(addr) }
//! ```
//! ```go good
//! import "net/netip"
//! func note(log *slog.Logger, r *http.Request) {
//! 	log.Info("refused", "forwarded", r.Header.Get("X-Forwarded-For")) // nobody decides by it
//! }
//! func allowed(network netip.Prefix, addr netip.Addr) bool { return network.Contains(addr) }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "security/trust-forwarded-header",
    severity: Severity::Medium,
    confidence: Confidence::New,
    concerns: &[(Concern::Security, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Call(&["net/http.Header.Get"], check)],
    examines: "headers with addresses",
};

const PARSES: &[&str] = &["net.ParseIP", "net/netip.ParseAddr", "net/netip.ParseAddrPort"];
const CONTAINS: &[&str] = &["net.IPNet.Contains", "net/netip.Prefix.Contains"];

fn check(cx: &mut Cx, get: Call) {
    let Some(name) = get.args.first().and_then(|&name| cx.string_value(name)) else { return };
    let is_address = ["X-Forwarded-For", "X-Real-IP"].iter().any(|header| name.eq_ignore_ascii_case(header));
    if !is_address {
        return;
    }
    cx.examined();
    let Some(func) = cx.enclosing_func(get.expr).filter(|&func| !cx.is_long(func)) else { return };
    let careful = || cx.package_mentions(&["prox", "Prox", "rust"]) != Some(false);
    if cx.package_finds(compares) != Some(true) || careful() || !is_parsed(cx, func, get) {
        return;
    }
    cx.report(
        get.fun,
        format!("the client can set `{name}` to any address, and this package checks addresses against networks"),
    )
    .note("start at `r.RemoteAddr` and read the header from its end: the first address that is none of your proxies is the client's");
}

/// Whether the first address of a header is parsed.
fn is_parsed(cx: &Cx, func: Func, get: Call) -> bool {
    let is_call = |node: &Node| matches!(node, Node::Expr(id) if matches!(cx.expr(*id), Expr::Call { .. }));
    let whole = cx.tree.ancestors(get.expr).take_while(is_call).last();
    let held = match whole {
        Some(Node::Expr(whole)) => cx.first_target(whole),
        _ => cx.first_target(get.expr),
    };
    let made = held.map(|held| cx.made_of(func, vec![held]));
    let calls = cx.calls_within(func.body, false);
    calls.iter().take(256).any(|&node| match node {
        Node::Expr(parse) => {
            let is_it =
                cx.span(parse).contains(cx.span(get.expr)) || made.as_ref().is_some_and(|made| made.is_given_to(parse));
            is_it && cx.calls(parse, PARSES)
        }
        _ => false,
    })
}

/// The call in a function that asks whether a network has an address.
fn compares(cx: &Cx, _: DeclId, _: usize) -> Option<ExprId> {
    cx.calls_of(CONTAINS).first().map(|call| call.expr)
}
