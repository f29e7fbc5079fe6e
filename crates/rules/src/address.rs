//! Addresses that are written out: `host:port`, `:port`, a URL.

use std::borrow::Cow;

use gopeer_lint::prelude::*;

/// Whether an address can be reached from this machine only.
pub(crate) fn is_loopback(address: &str) -> bool {
    ["localhost:", "127.0.0.1:", "[::1]:"].iter().any(|host| address.starts_with(host))
}

/// The port of an address without a host, which every machine around can reach: `:8080`, `0.0.0.0:8080`.
pub(crate) fn port_on_all_interfaces(address: &str) -> Option<&str> {
    address.strip_prefix("0.0.0.0").unwrap_or(address).strip_prefix(':')
}

/// Whether an address can be reached from this machine only, as far as it shows: `"localhost:8080"`, `"127.0.0.1:" + port`,
/// `fmt.Sprintf("localhost:%d", port)`.
pub(crate) fn is_local(cx: &Cx, address: Option<ExprId>) -> bool {
    address.and_then(|address| beginning(cx, address)).is_some_and(|address| is_loopback(&address))
}

/// Whether a listener in a local accepts connections from this machine only.
pub(crate) fn is_local_listener(cx: &Cx, listener: ExprId) -> bool {
    let made = cx.defining_call(listener).and_then(|made| cx.call(made));
    let listen = made.filter(|made| made.callee.is(&["net.Listen"]));
    let Some(Call { args: &[network, address], .. }) = listen else { return false };
    cx.string_value(network).is_some_and(|network| network == "unix") || is_local(cx, Some(address))
}

/// Whether an address has no host, as far as it shows: `":8080"`, `":" + port`, `fmt.Sprintf(":%d", port)`.
pub(crate) fn is_on_all_interfaces(cx: &Cx, address: ExprId) -> bool {
    beginning(cx, address).is_some_and(|beginning| port_on_all_interfaces(&beginning).is_some())
}

/// What an address certainly begins with.
fn beginning<'a>(cx: &Cx<'a>, mut address: ExprId) -> Option<Cow<'a, str>> {
    /// Few addresses are put together in more steps.
    const STEPS: usize = 10;
    for _ in 0..STEPS {
        if let Some(text) = cx.string_value(address) {
            return Some(text);
        }
        address = match cx.expr(cx.unparen(address)) {
            Expr::Binary { op: BinaryOp::Add, lhs, .. } => lhs,
            Expr::Ident if !cx.is_reassigned(address) => cx.initial_value(address)?,
            _ => *cx.call(address).filter(|call| call.callee.is(&["fmt.Sprintf"]))?.args.first()?,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert!(is_loopback("localhost:80") && is_loopback("[::1]:80") && !is_loopback("localhost.example.com:80"));
        assert_eq!(port_on_all_interfaces(":80"), Some("80"));
        assert_eq!(port_on_all_interfaces("0.0.0.0:80"), Some("80"));
        assert_eq!(port_on_all_interfaces("10.0.0.1:80"), None);
    }
}
