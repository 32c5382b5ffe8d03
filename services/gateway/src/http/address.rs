//! From which address a request came, where proxies stand before the gateway.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, header};
use runtime::settings::Network;

use crate::settings::ForwardedSettings;

/// **What a proxy says of a caller's address is believed only from the networks that the settings name.**
///
/// The list is read from its end: every proxy adds the address that it saw, so the first one that is not a proxy of ours is
/// the caller. What stands before it the caller may have written itself.
pub(crate) struct Proxies {
    trusted: Vec<Network>,
    header: HeaderName,
}

impl Proxies {
    pub(crate) fn new(settings: &ForwardedSettings) -> Self {
        let header =
            if settings.standard { header::FORWARDED } else { HeaderName::from_static("x-forwarded-for") };
        Self { trusted: settings.proxies.clone(), header }
    }

    /// The caller's address, when the connection came from `peer`.
    pub(crate) fn caller(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        let mut caller = peer;
        if !self.trusts(peer) {
            return caller;
        }
        let lines: Vec<&str> =
            headers.get_all(&self.header).iter().map(|line| line.to_str().unwrap_or_default()).collect();
        for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            let Some(address) = self.address(entry.trim()) else { break };
            caller = address;
            if !self.trusts(address) {
                break;
            }
        }
        caller
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    fn address(&self, entry: &str) -> Option<IpAddr> {
        if self.header != header::FORWARDED {
            return parse(entry);
        }
        let named = entry.split(';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
        });
        parse(named?)
    }
}

/// An address with or without a port, an IPv6 one with or without brackets.
fn parse(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split_once(']')?.0.parse().ok();
    }
    text.parse().ok().or_else(|| text.rsplit_once(':')?.0.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(standard: bool, peer: &str, lines: &[&str]) -> String {
        let proxies = Network::parse_list("10.0.0.0/8, ::1").unwrap();
        let proxies = Proxies::new(&ForwardedSettings { proxies, standard });
        let mut headers = HeaderMap::new();
        let name = if standard { "forwarded" } else { "x-forwarded-for" };
        for line in lines {
            headers.append(name, line.parse().unwrap());
        }
        proxies.caller(&headers, peer.parse().unwrap()).to_string()
    }

    #[test]
    fn the_last_address_that_is_no_proxy_of_ours_is_the_caller() {
        let table: &[(&str, &[&str], &str)] = &[
            ("192.0.2.1", &["198.51.100.9"], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.9"], "198.51.100.9"),
            ("10.0.0.1", &["203.0.113.7, 198.51.100.9, 10.0.0.2"], "198.51.100.9"),
            ("10.0.0.1", &["203.0.113.7", "198.51.100.9:4711"], "198.51.100.9"),
            ("10.0.0.1", &["203.0.113.7, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("::1", &["2001:db8::7"], "2001:db8::7"),
            ("::1", &["[2001:db8::7]:443"], "2001:db8::7"),
        ];
        for (peer, lines, expected) in table {
            assert_eq!(caller(false, peer, lines), *expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn the_standard_header_is_read_where_the_settings_say_so() {
        let table = [
            ("for=198.51.100.9;proto=https", "198.51.100.9"),
            ("for=203.0.113.7, For=\"[2001:db8::7]:4711\";by=10.0.0.1", "2001:db8::7"),
            ("for=203.0.113.7, for=unknown", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
        ];
        for (line, expected) in table {
            assert_eq!(caller(true, "10.0.0.1", &[line]), expected, "{line}");
        }
    }
}
