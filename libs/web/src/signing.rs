//! The header in which the gateway tells a service who is calling, and its seal.

use std::{
    fmt::{self, Write as _},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

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

/// The keys that the gateway signs callers with and that services check them with.
///
/// **A service believes a caller only with a seal (HMAC-SHA256 of the caller, the service that it is for, and its expiry) of
/// a shared key, and only when the caller is for that service.** The first key seals and all of them open, each by its id, so that
/// a key is changed without a stop.
#[derive(Clone)]
pub struct CallerKey {
    keys: Arc<[(u8, hmac::Key)]>,
    clock: Arc<dyn Clock>,
}

impl CallerKey {
    /// One key, of id 1, from the platform's shared secret (32 bytes or more of randomness).
    #[must_use]
    pub fn new(secret: &[u8], clock: Arc<dyn Clock>) -> Self {
        Self { keys: Arc::new([(1, key_of(secret))]), clock }
    }

    /// Several keys by their ids, of which the first one seals; nothing when there are none, or two of one id.
    #[must_use]
    pub fn ring(secrets: &[(u8, [u8; 32])], clock: Arc<dyn Clock>) -> Option<Self> {
        let twice =
            |(at, (id, _)): (usize, &(u8, [u8; 32]))| secrets[..at].iter().any(|(other, _)| other == id);
        if secrets.is_empty() || secrets.iter().enumerate().any(twice) {
            return None;
        }
        let keys = secrets.iter().map(|(id, secret)| (*id, key_of(secret)));
        Some(Self { keys: keys.collect(), clock })
    }

    /// The time by which what is signed lapses.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Signs a caller for the service `audience`, for `lifetime` from now.
    #[must_use]
    pub fn sign(&self, caller: &Caller, audience: &str, lifetime: Duration) -> HeaderValue {
        self.seal(caller.encode(), audience, lifetime)
    }

    /// Signs the network address that a request came from, for the service `audience`, for `lifetime` from now.
    #[must_use]
    pub fn sign_origin(&self, address: IpAddr, audience: &str, lifetime: Duration) -> HeaderValue {
        self.seal(format!("{ORIGIN}|{address}"), audience, lifetime)
    }

    fn seal(&self, mut text: String, audience: &str, lifetime: Duration) -> HeaderValue {
        let expires = self.now_ms().saturating_add(i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX));
        let (id, key) = &self.keys[0];
        // Writing to a String cannot fail.
        let _ = write!(text, "|{audience}|{id}|{expires}");
        let seal = hmac::sign(key, text.as_bytes());
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

    /// The caller that a request's headers name to the service `audience`; [`Caller::Anonymous`] when they name none.
    ///
    /// # Errors
    /// `web.caller_forged` when the header is repeated, unreadable, lapsed, for another service, or its seal is not ours.
    pub fn verify(&self, headers: &HeaderMap, audience: &str) -> Result<Caller, Problem> {
        let mut values = headers.get_all(&CALLER_HEADER).iter();
        let Some(value) = values.next() else { return Ok(Caller::Anonymous) };
        if values.next().is_some() {
            return Err(Problem::new(&errors::CALLER_FORGED));
        }
        value
            .to_str()
            .ok()
            .and_then(|text| Caller::decode(self.opened(text, audience)?))
            .ok_or_else(|| Problem::new(&errors::CALLER_FORGED))
    }

    /// The network address that the gateway says to the service `audience` a request came from; `None` without a good seal.
    #[must_use]
    pub fn verify_origin(&self, headers: &HeaderMap, audience: &str) -> Option<IpAddr> {
        let sealed = self.opened(headers.get(&ORIGIN_HEADER)?.to_str().ok()?, audience)?;
        let (word, address) = sealed.split_once('|')?;
        if word == ORIGIN { address.parse().ok() } else { None }
    }

    /// What was sealed, when the seal is ours, it is for this service and has not lapsed.
    fn opened<'t>(&self, text: &'t str, audience: &str) -> Option<&'t str> {
        let (signed, seal) = text.rsplit_once('|')?;
        let mut fields = signed.rsplitn(4, '|');
        let (expires, id) = (fields.next()?.parse::<i64>().ok()?, fields.next()?.parse::<u8>().ok()?);
        let (for_whom, sealed) = (fields.next()?, fields.next()?);
        let (_, key) = self.keys.iter().find(|(known, _)| *known == id)?;
        hmac::verify(key, signed.as_bytes(), &seal_bytes(seal)?).ok()?;
        (for_whom == audience && expires >= self.now_ms()).then_some(sealed)
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

fn key_of(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
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
