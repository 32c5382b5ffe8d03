//! Networks by their addresses.

use std::net::{IpAddr, Ipv6Addr};

/// Addresses that begin alike, such as `10.0.0.0/8` or `fd00::/8`; an address alone is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: u128,
    bits: u32,
}

impl Network {
    /// Reads `address/bits` or an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most {
            return None;
        }
        let bits = 128 - most + bits;
        Some(Self { first: mapped(address) & mask(bits), bits })
    }

    /// Reads networks separated by commas.
    #[must_use]
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Self::parse).collect()
    }

    /// Whether the address is one of them. An IPv4 address is the same when it is written as IPv6.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        mapped(address) & mask(self.bits) == self.first
    }
}

const fn mask(bits: u32) -> u128 {
    match bits {
        0 => 0,
        bits => u128::MAX << (128 - bits),
    }
}

fn mapped(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => Ipv6Addr::to_bits(v6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_the_addresses_that_begin_like_it() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("10.1.0.0/16", &["10.1.0.1", "10.1.255.255", "::ffff:10.1.2.3"], &["10.2.0.1", "::1"]),
            ("10.1.2.3/8", &["10.255.0.1"], &["11.0.0.1"]),
            ("192.0.2.7", &["192.0.2.7"], &["192.0.2.8"]),
            ("fd00::/8", &["fd12::1"], &["fe80::1", "10.0.0.1"]),
            ("::1", &["::1"], &["::2"]),
            ("0.0.0.0/0", &["1.2.3.4"], &["::1"]),
        ];
        for (text, inside, outside) in table {
            let network = Network::parse(text).unwrap();
            let contains = |address: &&&str| network.contains(address.parse().unwrap());
            assert!(inside.iter().all(|address| contains(&address)), "{text}");
            assert!(!outside.iter().any(|address| contains(&address)), "{text}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["10.0.0.0/33", "10.0.0/8", "fd00::/129", "host", "/8", "10.0.0.0/x", ""] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
        assert_eq!(Network::parse_list("10.0.0.0/8, ::1").map(|list| list.len()), Some(2));
        assert_eq!(Network::parse_list("").map(|list| list.len()), Some(0));
        assert_eq!(Network::parse_list("10.0.0.0/8, all"), None);
    }
}
