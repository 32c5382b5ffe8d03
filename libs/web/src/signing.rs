//! The header in which the gateway tells a service who is calling, and its seal.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use kernel::{Clock, Timestamp};
use ring::hmac;

use crate::{Caller, Problem, errors};

/// The header with the signed caller. The gateway strips it, like every `vafa-*` header, from what comes from outside.
pub const CALLER_HEADER: HeaderName = HeaderName::from_static("vafa-caller");

/// The header with the signed network address that a request came from, on routes that ask for it.
pub const ORIGIN_HEADER: HeaderName = HeaderName::from_static("vafa-origin");

/// What tells a sealed address from a sealed caller: no caller begins with it.
const ORIGIN: &str = "origin";

const SEAL_BYTES: usize = 32;
const SEAL_TEXT: usize = SEAL_BYTES * 2;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// The key that the gateway signs callers with and that services check them with.
///
/// **A service believes a caller only with a seal (HMAC-SHA256 of the caller and its expiry) of the shared key.**
#[derive(Clone)]
pub struct CallerKey {
    key: Arc<hmac::Key>,
    clock: Arc<dyn Clock>,
}

impl CallerKey {
    /// A key from the platform's shared secret (32 bytes or more of randomness).
    #[must_use]
    pub fn new(secret: &[u8], clock: Arc<dyn Clock>) -> Self {
        Self { key: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)), clock }
    }

    /// The time by which what is signed lapses.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Signs a caller for `lifetime` from now.
    #[must_use]
    pub fn sign(&self, caller: &Caller, lifetime: Duration) -> HeaderValue {
        self.seal(caller.encode(), lifetime)
    }

    /// Signs the network address that a request came from, for `lifetime` from now.
    #[must_use]
    pub fn sign_origin(&self, address: IpAddr, lifetime: Duration) -> HeaderValue {
        self.seal(format!("{ORIGIN}|{address}"), lifetime)
    }

    fn seal(&self, mut text: String, lifetime: Duration) -> HeaderValue {
        let expires = self.now_ms().saturating_add(i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX));
        text.push('|');
        text.push_str(&expires.to_string());
        let seal = hmac::sign(&self.key, text.as_bytes());
        text.push('|');
        for byte in seal.as_ref() {
            text.push(char::from(HEX[usize::from(byte >> 4)]));
            text.push(char::from(HEX[usize::from(byte & 15)]));
        }
        let mut value =
            HeaderValue::from_str(&text).expect("codes, ids and hexadecimal digits are visible ASCII");
        value.set_sensitive(true);
        value
    }

    /// The caller that a request's headers name; [`Caller::Anonymous`] when they name none.
    ///
    /// # Errors
    /// `web.caller_forged` when the header is repeated, unreadable, lapsed, or its seal is not ours.
    pub fn verify(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let mut values = headers.get_all(&CALLER_HEADER).iter();
        let Some(value) = values.next() else { return Ok(Caller::Anonymous) };
        if values.next().is_some() {
            return Err(Problem::new(&errors::CALLER_FORGED));
        }
        value
            .to_str()
            .ok()
            .and_then(|text| self.open(text))
            .ok_or_else(|| Problem::new(&errors::CALLER_FORGED))
    }

    /// The network address that the gateway says a request came from; `None` without a good seal.
    #[must_use]
    pub fn verify_origin(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let sealed = self.opened(headers.get(&ORIGIN_HEADER)?.to_str().ok()?)?;
        let (word, address) = sealed.split_once('|')?;
        if word == ORIGIN { address.parse().ok() } else { None }
    }

    fn open(&self, text: &str) -> Option<Caller> {
        Caller::decode(self.opened(text)?)
    }

    /// What was sealed, when the seal is ours and has not lapsed.
    fn opened<'t>(&self, text: &'t str) -> Option<&'t str> {
        let (signed, seal) = text.rsplit_once('|')?;
        hmac::verify(&self.key, signed.as_bytes(), &seal_bytes(seal)?).ok()?;
        let (sealed, expires) = signed.rsplit_once('|')?;
        if expires.parse::<i64>().ok()? < self.now_ms() {
            return None;
        }
        Some(sealed)
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().micros() / 1_000
    }
}

impl fmt::Debug for CallerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerKey(•••)")
    }
}

fn seal_bytes(text: &str) -> Option<[u8; SEAL_BYTES]> {
    let text: &[u8; SEAL_TEXT] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; SEAL_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
    }
    Some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
