//! Which addresses outside may be called.
//!
//! **Nothing inside is reached, whatever an address says**: an address is read strictly, its host is on the chain's list
//! where there is one, and each network address that the host leads to is compared, now and at every connection.

use std::net::IpAddr;

use axum::http::{Uri, uri::Scheme};
use runtime::settings::Network;

/// IPv4 networks that are not the public internet (IANA's registry of special-purpose addresses, and multicast).
const CLOSED: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    // Of IPv6, what carries other addresses inside, is for documents or for nothing.
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
];
/// The public internet of IPv6; what lies outside is loopback, local, multicast or carries IPv4.
const GLOBAL_V6: &str = "2000::/3";
/// The first port that is nobody's by agreement.
const FIRST_FREE_PORT: u16 = 1_024;

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFlaw {
    /// It is not written as one that is called.
    Form,
    /// Its host is not on the chain's list.
    HostNotListed,
    /// Its host leads nowhere, or to a network address that is not called.
    NotCalled,
}

/// The rules.
#[derive(Debug, Clone)]
pub struct AddressRules {
    plain_http: bool,
    hosts: Vec<String>,
    opened: Vec<Network>,
    closed: Vec<Network>,
    global_v6: Option<Network>,
}

impl AddressRules {
    /// Rules by which these hosts may be called (any, when there are none), and these networks although they are not
    /// public; over plain HTTP as well, when that is said.
    #[must_use]
    pub fn new(plain_http: bool, hosts: &str, opened: Vec<Network>) -> Self {
        let listed = hosts.split(',').map(str::trim).filter(|host| !host.is_empty());
        Self {
            plain_http,
            hosts: listed.map(str::to_owned).collect(),
            opened,
            closed: CLOSED.iter().filter_map(|text| Network::parse(text)).collect(),
            global_v6: Network::parse(GLOBAL_V6),
        }
    }

    /// Reads an address: its host, in small letters and without brackets, and the address itself, as it will be called.
    ///
    /// # Errors
    /// [`AddressFlaw::Form`], [`AddressFlaw::HostNotListed`].
    pub fn read(&self, text: &str) -> Result<(String, Uri), AddressFlaw> {
        let visible = text.bytes().all(|b| b.is_ascii_graphic());
        if !visible || text.contains(['#', '@', '\\']) {
            return Err(AddressFlaw::Form);
        }
        let uri: Uri = text.parse().map_err(|_| AddressFlaw::Form)?;
        let secure = uri.scheme() == Some(&Scheme::HTTPS);
        let plain = self.plain_http && uri.scheme() == Some(&Scheme::HTTP);
        if !secure && !plain {
            return Err(AddressFlaw::Form);
        }
        let written = uri.authority().map_or("", |authority| authority.as_str());
        let usual = if secure { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(usual);
        // What stands behind the host's colon and is no port would be passed over in silence.
        let odd_port = uri.port().is_none() && written.rsplit(']').next().unwrap_or(written).contains(':');
        if odd_port || (port != usual && port < FIRST_FREE_PORT) {
            return Err(AddressFlaw::Form);
        }
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_owned();
        if host.is_empty() {
            return Err(AddressFlaw::Form);
        }
        if self.lists(&host) { Ok((host, uri)) } else { Err(AddressFlaw::HostNotListed) }
    }

    fn lists(&self, host: &str) -> bool {
        let fits = |listed: &String| match listed.strip_prefix('*') {
            Some(below) => host.ends_with(below),
            None => listed == host,
        };
        self.hosts.is_empty() || self.hosts.iter().any(fits)
    }

    /// Whether this network address is called.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let within = |networks: &[Network]| networks.iter().any(|network| network.contains(address));
        if within(&self.opened) {
            return true;
        }
        let global = address.is_ipv4() || self.global_v6.is_some_and(|network| network.contains(address));
        global && !within(&self.closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict() -> AddressRules {
        AddressRules::new(false, "", Vec::new())
    }

    #[test]
    fn only_public_network_addresses_are_called() {
        for (address, called) in [
            ("93.184.216.34", true),
            ("2606:2800:220:1::1", true),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("172.31.255.255", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("198.19.0.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:93.184.216.34", true),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("2002:7f00:1::", false),
            ("2001::1", false),
            ("fd00::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
            ("fd00:ec2::254", false),
        ] {
            assert_eq!(strict().admits(address.parse().expect("an address")), called, "{address}");
        }
        let opened = AddressRules::new(false, "", vec![Network::parse("10.0.0.0/8").expect("a network")]);
        assert!(opened.admits("10.1.2.3".parse().expect("an address")));
        assert!(!opened.admits("127.0.0.1".parse().expect("an address")));
    }

    #[test]
    fn addresses_are_read_strictly() {
        for (text, host) in [
            ("https://Hooks.Bank.example/vafa?x=1", Ok("hooks.bank.example")),
            ("https://hooks.bank.example.:8443/", Ok("hooks.bank.example")),
            ("https://[2606:2800:220:1::1]/", Ok("2606:2800:220:1::1")),
            ("http://hooks.bank.example/", Err(AddressFlaw::Form)),
            ("ftp://hooks.bank.example/", Err(AddressFlaw::Form)),
            ("https://me:secret@hooks.bank.example/", Err(AddressFlaw::Form)),
            ("https://hooks.bank.example@127.0.0.1/", Err(AddressFlaw::Form)),
            ("https://hooks.bank.example/#there", Err(AddressFlaw::Form)),
            ("https://hooks.bank.example:22/", Err(AddressFlaw::Form)),
            ("https://hooks.bank.example:/", Err(AddressFlaw::Form)),
            ("https://hooks.bank.example:99999/", Err(AddressFlaw::Form)),
            ("https://hooks.bank.example\\@127.0.0.1/", Err(AddressFlaw::Form)),
            ("https:///path", Err(AddressFlaw::Form)),
            ("https://", Err(AddressFlaw::Form)),
            ("/vafa", Err(AddressFlaw::Form)),
            ("hooks.bank.example", Err(AddressFlaw::Form)),
            ("https://hooks bank.example/", Err(AddressFlaw::Form)),
            ("https://ху.example/", Err(AddressFlaw::Form)),
        ] {
            let read = strict().read(text).map(|(host, _)| host);
            assert_eq!(read.as_deref().map_err(|flaw| *flaw), host, "{text}");
        }
        assert!(AddressRules::new(true, "", Vec::new()).read("http://hooks.bank.example/").is_ok());
    }

    #[test]
    fn a_list_of_hosts_lets_no_other_pass() {
        let rules = AddressRules::new(false, "hooks.bank.example, *.shop.example", Vec::new());
        for (host, listed) in [
            ("hooks.bank.example", true),
            ("a.shop.example", true),
            ("a.b.shop.example", true),
            ("shop.example", false),
            ("evilshop.example", false),
            ("bank.example", false),
            ("93.184.216.34", false),
        ] {
            let read = rules.read(&format!("https://{host}/"));
            assert_eq!(read.err(), (!listed).then_some(AddressFlaw::HostNotListed), "{host}");
        }
    }
}
