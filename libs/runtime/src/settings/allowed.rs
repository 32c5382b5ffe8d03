//! What a setting's text may be.

use std::{fmt, net::SocketAddr};

use chrono_tz::Tz;
use kernel::Currency;

use super::Network;

/// The values that a setting takes. An empty text is "unset" where the kind says so.
#[derive(Clone, Copy, Debug)]
pub enum Allowed {
    /// A whole number in a range, both ends allowed.
    Whole {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A number from 0 to 1.
    Ratio,
    /// `true` or `false`.
    Truth,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A text of 1 to `max` characters.
    Text {
        /// The most characters.
        max: usize,
    },
    /// A folder or file; empty means unset.
    Path,
    /// An address with one of these schemes; empty means unset.
    Url(&'static [&'static str]),
    /// `host:port` to listen on; port 0 takes a free one.
    Listen,
    /// The same; empty means unset.
    ListenOrNone,
    /// An ISO 4217 currency that Vafa knows.
    Currency,
    /// An ISO 3166 country, two capital letters.
    Country,
    /// ISO 3166 countries separated by commas; empty means unset.
    Countries,
    /// Networks such as `10.0.0.0/8` separated by commas; empty means none.
    Networks,
    /// Names of hosts such as `hooks.bank.example`, or `*.bank.example` for all below, separated by commas; empty means
    /// unset.
    Hosts,
    /// Origins of web pages such as `https://club.example` separated by commas, or `*`; empty means none.
    Origins,
    /// An IANA time zone.
    TimeZone,
    /// So many secret bytes in hexadecimal; empty means unset.
    Hex {
        /// How many bytes.
        bytes: usize,
    },
    /// A secret text of at least so many characters; empty means unset.
    Secret {
        /// The least characters.
        min: usize,
    },
    /// `id:hex` pairs with 32-byte keys, separated by commas, the first one active; empty means unset.
    KeyRing,
    /// The same, or one 32-byte key alone, of id 1.
    KeyOrRing,
}

impl Allowed {
    /// Whether the text is allowed.
    #[must_use]
    pub fn takes(&self, text: &str) -> bool {
        match self {
            Self::Whole { min, max } => text.parse::<i64>().is_ok_and(|n| (*min..=*max).contains(&n)),
            Self::Ratio => text.parse::<f64>().is_ok_and(|n| (0.0..=1.0).contains(&n)),
            Self::Truth => matches!(text, "true" | "false"),
            Self::OneOf(words) => words.contains(&text),
            Self::Text { max } => !text.is_empty() && text.chars().count() <= *max,
            Self::Path => !text.contains('\0'),
            Self::Url(schemes) => text.is_empty() || schemes.iter().any(|s| has_scheme(text, s)),
            Self::Listen => text.parse::<SocketAddr>().is_ok(),
            Self::ListenOrNone => text.is_empty() || text.parse::<SocketAddr>().is_ok(),
            Self::Currency => Currency::parse(text).is_ok(),
            Self::Country => is_country(text),
            Self::Countries => text.is_empty() || text.split(',').all(|word| is_country(word.trim())),
            Self::Networks => Network::parse_list(text).is_some(),
            Self::Hosts => text.is_empty() || text.split(',').all(|host| is_host(host.trim())),
            Self::Origins => {
                matches!(text, "" | "*") || text.split(',').all(|origin| is_origin(origin.trim()))
            }
            Self::TimeZone => text.parse::<Tz>().is_ok(),
            Self::Hex { bytes } => text.is_empty() || is_hex(text, *bytes),
            Self::Secret { min } => text.is_empty() || text.chars().count() >= *min,
            Self::KeyRing => text.is_empty() || text.split(',').all(is_key),
            Self::KeyOrRing => text.is_empty() || is_hex(text, 32) || text.split(',').all(is_key),
        }
    }
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// A host by its name in small letters; `*.` before it means all below.
fn is_host(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let fits = |label: &str| {
        let inside = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        !label.is_empty() && inside && !label.starts_with('-')
    };
    name.len() <= 253 && name.split('.').all(fits)
}

/// Scheme, host and port, as browsers send it.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:[]".contains(&byte);
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(plain))
}

fn has_scheme(text: &str, scheme: &str) -> bool {
    text.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")).is_some_and(|rest| !rest.is_empty())
}

fn is_hex(text: &str, bytes: usize) -> bool {
    text.len() == bytes * 2 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_key(pair: &str) -> bool {
    pair.trim()
        .split_once(':')
        .is_some_and(|(id, key)| id.parse::<u8>().is_ok_and(|n| n > 0) && is_hex(key, 32))
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Ratio => f.write_str("a number from 0 to 1"),
            Self::Truth => f.write_str("true or false"),
            Self::OneOf(words) => write!(f, "one of {}", words.join(", ")),
            Self::Text { max } => write!(f, "a text of 1 to {max} characters"),
            Self::Path => f.write_str("a path, or empty"),
            Self::Url(schemes) => {
                write!(f, "an address that begins with {}://, or empty", schemes.join(":// or "))
            }
            Self::Listen => f.write_str("an address and port such as 127.0.0.1:7700 (port 0: a free one)"),
            Self::ListenOrNone => f.write_str("an address and port such as 127.0.0.1:7701, or empty"),
            Self::Currency => f.write_str("an ISO 4217 currency such as IRR, AED or EUR"),
            Self::Country => f.write_str("an ISO 3166 country of two capital letters such as IR"),
            Self::Countries => f.write_str("ISO 3166 countries separated by commas such as IR,AE, or empty"),
            Self::Networks => {
                f.write_str("networks separated by commas such as 10.0.0.0/8,fd00::/8, or empty")
            }
            Self::Hosts => {
                f.write_str("hosts separated by commas such as hooks.bank.example,*.shop.example, or empty")
            }
            Self::Origins => f.write_str(
                "origins separated by commas such as https://club.example,http://localhost:3000, or *, or empty",
            ),
            Self::TimeZone => f.write_str("an IANA time zone such as Asia/Tehran"),
            Self::Hex { bytes } => write!(f, "{} hexadecimal characters ({bytes} bytes)", bytes * 2),
            Self::Secret { min } => write!(f, "a text of at least {min} characters"),
            Self::KeyRing => f.write_str(
                "id:key pairs separated by commas, ids 1 to 255, keys of 64 hexadecimal characters",
            ),
            Self::KeyOrRing => f.write_str(
                "a key of 64 hexadecimal characters, or id:key pairs of such keys separated by commas, ids 1 to 255",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_takes_its_own_and_refuses_the_rest() {
        let table: &[(Allowed, &[&str], &[&str])] = &[
            (Allowed::Whole { min: 1, max: 4 }, &["1", "4"], &["0", "5", "two", "", "1.0"]),
            (Allowed::Ratio, &["0", "0.25", "1"], &["1.1", "-0.1", "x"]),
            (Allowed::Truth, &["true"], &["yes", "TRUE", "1"]),
            (Allowed::OneOf(&["fa", "ar"]), &["fa"], &["en", ""]),
            (Allowed::Text { max: 3 }, &["abc"], &["", "abcd"]),
            (Allowed::Url(&["nats"]), &["", "nats://h:4222"], &["http://h", "nats://"]),
            (Allowed::Listen, &["127.0.0.1:0", "[::1]:80"], &["localhost", "80", "1.2.3.4"]),
            (Allowed::Hex { bytes: 2 }, &["", "0aF1"], &["0aF", "zzzz"]),
            (Allowed::Countries, &["", "IR", "IR, AE"], &["IRN", "ir", "IR,"]),
            (Allowed::Networks, &["", "10.0.0.0/8, ::1"], &["10.0.0.0/40", "all"]),
            (
                Allowed::Hosts,
                &["", "hooks.bank.example", "*.bank.example, 192.0.2.7"],
                &["https://bank.example", "bank.example:443", "Bank.example", "*", "a.*", "a,", "-a.example"],
            ),
            (
                Allowed::Origins,
                &["", "*", "https://club.example, http://localhost:3000"],
                &["club.example", "https://", "https://club.example/", "https://Club.example", "*,https://a"],
            ),
            (Allowed::TimeZone, &["Asia/Tehran"], &["Tehran", ""]),
        ];
        for (allowed, good, bad) in table {
            for text in *good {
                assert!(allowed.takes(text), "{allowed} should take {text:?}");
            }
            for text in *bad {
                assert!(!allowed.takes(text), "{allowed} should refuse {text:?}");
            }
        }
    }

    #[test]
    fn a_key_ring_needs_ids_and_whole_keys() {
        let key = "ab".repeat(32);
        assert!(Allowed::KeyRing.takes(&format!("1:{key}, 2:{key}")));
        assert!(!Allowed::KeyRing.takes(&format!("0:{key}")));
        assert!(!Allowed::KeyRing.takes("1:abcd"));
        assert!(!Allowed::KeyRing.takes(&key) && Allowed::KeyOrRing.takes(&key));
        assert!(Allowed::KeyOrRing.takes(&format!("2:{key},1:{key}")) && !Allowed::KeyOrRing.takes("abcd"));
    }
}
