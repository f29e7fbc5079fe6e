//! Addresses that are written out: `host:port`, `:port`, a URL.

/// Whether an address can be reached from this machine only.
pub(crate) fn is_loopback(address: &str) -> bool {
    ["localhost:", "127.0.0.1:", "[::1]:"].iter().any(|host| address.starts_with(host))
}

/// The port of an address without a host, which every machine around can reach: `:8080`, `0.0.0.0:8080`.
pub(crate) fn port_on_all_interfaces(address: &str) -> Option<&str> {
    address.strip_prefix("0.0.0.0").unwrap_or(address).strip_prefix(':')
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
