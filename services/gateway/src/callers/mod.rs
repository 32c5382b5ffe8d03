//! Finding out who is calling: the key or token in `Authorization`, and what it proves.

mod members;
mod memory;
mod operator;
mod partners;
mod signed;
mod staff;
mod till_keys;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use http::{HeaderMap, HeaderValue, header};
use opentelemetry::global;
use ring::digest;
use web::{Caller, CallerKey, Peer, Problem, Request};

use crate::{
    Replicas, error,
    limits::{AddressLimits, Policy, Standing},
    settings::{GatewaySettings, Rate},
};

use self::{
    members::Members, memory::Memory, operator::Operator, partners::Partners, signed::SignedCall,
    staff::Staff, till_keys::TillKeys,
};

/// The address of a request of which none is known: such requests share one.
pub(crate) const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The SHA-256 of a key. Keys themselves are neither kept nor compared.
pub(crate) type KeyDigest = [u8; 32];

/// No key of ours is longer; longer ones are not worth a digest.
const LONGEST_KEY: usize = 200;

/// No access token of ours is longer.
const LONGEST_TOKEN: usize = 2_000;

/// The beginning by which till keys are told from others.
const TILL_KEY_PREFIX: &[u8] = b"vt_";

/// The beginning of the staff's access tokens.
const STAFF_TOKEN_PREFIX: &[u8] = b"vs_";

/// The beginning of partners' keys.
const PARTNER_KEY_PREFIX: &[u8] = b"vp_";

/// The beginning of every JWT: `{"` in base64url.
const TOKEN_PREFIX: &[u8] = b"eyJ";

/// How long membership may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it is good what a service is told of a caller, from the moment a request goes to it.
const SIGNED_FOR: Duration = Duration::from_mins(1);

/// A caller who was let in.
pub(crate) struct Admitted {
    pub caller: Caller,
    pub standing: Standing,
    /// What the body must be, when the caller signed it.
    pub digest: Option<[u8; 32]>,
}

/// Knows the callers.
pub(crate) struct Callers {
    tills: TillKeys,
    members: Members,
    staff: Staff,
    partners: Partners,
    operator: Operator,
    anonymous: AddressLimits,
    strangers: Arc<AddressLimits>,
    caller_key: CallerKey,
    signature_window: Duration,
    plain_till_keys: bool,
}

/// What finding callers out takes: whom to ask, by whose time, and what strangers may.
struct Inquiry<'a> {
    peer: Peer,
    caller_key: CallerKey,
    strangers: Arc<AddressLimits>,
    settings: &'a GatewaySettings,
    replicas: &'a Replicas,
}

impl Inquiry<'_> {
    /// A memory of callers of one sort, with the limit that each of them has, and the name and meaning of the counter of questions.
    fn memory<T: Clone>(
        &self,
        (sort, limit): (&'static str, Rate),
        (counter, about): (&'static str, &'static str),
    ) -> Memory<T> {
        let questions = global::meter("vafa").u64_counter(counter).with_description(about).build();
        let policy = Policy::new(sort, limit, self.replicas);
        Memory::new(policy, Arc::clone(&self.strangers), self.settings, questions)
    }
}

impl Callers {
    pub(crate) fn new(
        peer: Peer,
        caller_key: CallerKey,
        operator_key: &str,
        settings: &GatewaySettings,
        replicas: &Replicas,
    ) -> Self {
        let strangers = Arc::new(AddressLimits::new(Policy::new("stranger", settings.stranger, replicas)));
        let inquiry = Inquiry {
            peer,
            caller_key: caller_key.clone(),
            strangers: Arc::clone(&strangers),
            settings,
            replicas,
        };
        Self {
            tills: TillKeys::new(&inquiry),
            staff: Staff::new(&inquiry),
            members: Members::new(&inquiry),
            partners: Partners::new(&inquiry),
            operator: Operator::new(operator_key, settings.operator, replicas),
            anonymous: AddressLimits::new(Policy::new("anonymous", settings.anonymous, replicas)),
            strangers,
            caller_key,
            signature_window: settings.signature_window,
            plain_till_keys: settings.plain_till_keys,
        }
    }

    /// The signed header that tells this service, and no other, who is calling; none for anonymous callers.
    pub(crate) fn sign(&self, caller: &Caller, service: &str) -> Option<HeaderValue> {
        (*caller != Caller::Anonymous).then(|| self.caller_key.sign(caller, service, SIGNED_FOR))
    }

    /// The signed header that tells this service from where a request came.
    pub(crate) fn sign_origin(&self, address: IpAddr, service: &str) -> HeaderValue {
        self.caller_key.sign_origin(address, service, SIGNED_FOR)
    }

    /// The signature on a request, where there is one: it covers what it must and is fresh, and is not verified yet.
    pub(crate) fn signed(&self, request: &Request) -> Result<Option<SignedCall>, Problem> {
        SignedCall::of(request, self.caller_key.now(), self.signature_window)
    }

    /// Who sends a request with these headers, or this signature, from this address, counted against the caller's limit.
    pub(crate) async fn admit(
        &self,
        headers: &HeaderMap,
        signed: Option<SignedCall>,
        from: Option<IpAddr>,
    ) -> Result<Admitted, Problem> {
        let address = from.unwrap_or(NOWHERE);
        if let Some(signed) = signed {
            return self.tills.admit_signed(&signed, address).await;
        }
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            let standing = self.anonymous.check(address)?;
            return Ok(Admitted { caller: Caller::Anonymous, standing, digest: None });
        };
        if values.next().is_some() {
            return Err(Problem::new(&error::AUTHORIZATION_REPEATED));
        }
        let key = bearer(value.as_bytes()).ok_or_else(|| unauthenticated(&error::AUTHORIZATION_MALFORMED))?;
        if key.starts_with(TOKEN_PREFIX) && key.len() <= LONGEST_TOKEN {
            return self.members.admit(key, address).await;
        }
        if key.len() > LONGEST_KEY {
            return Err(unauthenticated(&error::KEY_UNKNOWN));
        }
        let digest = sha256(key);
        if key.starts_with(TILL_KEY_PREFIX) {
            if !self.plain_till_keys {
                return Err(unauthenticated(&error::TILL_KEY_PLAIN));
            }
            return self.tills.admit(&digest, address).await;
        }
        if key.starts_with(STAFF_TOKEN_PREFIX) {
            return self.staff.admit(&digest, address).await;
        }
        if key.starts_with(PARTNER_KEY_PREFIX) {
            return self.partners.admit(&digest, from).await;
        }
        if self.operator.has(&digest) {
            return self.operator.admit();
        }
        self.strangers.check(address)?;
        Err(unauthenticated(&error::KEY_UNKNOWN))
    }
}

/// The key after `Bearer`, which is the same in any case (RFC 9110).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, key) = value.split_at_checked(7)?;
    let key = key.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !key.is_empty() && key.iter().all(u8::is_ascii_graphic))
        .then_some(key)
}

fn sha256(key: &[u8]) -> KeyDigest {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, key).as_ref());
    out
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = b"0123456789abcdef";
    let both = |byte: &u8| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]];
    bytes.iter().flat_map(both).map(char::from).collect()
}

pub(crate) fn unauthenticated(code: &'static web::ErrorCode) -> Problem {
    Problem::new(code)
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""))
}
