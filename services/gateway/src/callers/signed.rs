//! Calls that a till signed (RFC 9421): what a signature must cover, and how long it is good.
//!
//! **A signature covers method, path, query, the digest of the body and the Idempotency-Key, whichever of them the request
//! has**, so that nothing of what is asked for can be changed, added or left out.

use std::time::Duration;

use axum::body::HttpBody as _;
use kernel::Timestamp;
use ring::digest::{SHA256, digest};
use web::{CONTENT_DIGEST, MessageSignature, Problem, Request, SignatureFlaw, content_digest};

use crate::{callers::unauthenticated, error};

/// How far a till's clock may be ahead.
const AHEAD: Duration = Duration::from_mins(1);

/// A signature that covers what it must and is fresh, to be verified by its key.
pub(crate) struct SignedCall {
    pub signature: MessageSignature,
    /// What was signed.
    pub base: String,
    /// What the body must be, once it has come.
    pub digest: Option<[u8; 32]>,
}

impl SignedCall {
    /// The signed call that this request is; `None` when nobody signed it.
    pub(crate) fn of(request: &Request, now: Timestamp, window: Duration) -> Result<Option<Self>, Problem> {
        let headers = request.headers();
        let malformed = |_: SignatureFlaw| Problem::new(&error::SIGNATURE_MALFORMED);
        let Some(signature) = MessageSignature::of(headers).map_err(malformed)? else { return Ok(None) };
        if headers.contains_key(http::header::AUTHORIZATION) {
            return Err(Problem::new(&error::AUTHORIZATION_REPEATED));
        }
        let missing: Vec<&str> =
            must_cover(request).into_iter().filter(|component| !signature.covers(component)).collect();
        if !missing.is_empty() {
            return Err(incomplete(&missing));
        }
        check_age(&signature, now, window)?;
        let mut digest = content_digest(headers).map_err(malformed)?;
        if request.body().is_end_stream() {
            // What has no body is compared at once.
            if digest.take().is_some_and(|sum| sum != sha256_of_nothing()) {
                return Err(unauthenticated(&error::BODY_ALTERED));
            }
        }
        let base = signature.base(request.method(), request.uri(), headers);
        let base = base.map_err(|flaw| match flaw {
            SignatureFlaw::Missing(component) => incomplete(&[&component]),
            SignatureFlaw::Malformed => Problem::new(&error::SIGNATURE_MALFORMED),
        })?;
        Ok(Some(Self { signature, base, digest }))
    }
}

fn must_cover(request: &Request) -> Vec<&'static str> {
    let (uri, headers) = (request.uri(), request.headers());
    let has_digest = headers.contains_key(&CONTENT_DIGEST) || !request.body().is_end_stream();
    let table = [
        ("@method", true),
        ("@path", true),
        ("@query", uri.query().is_some()),
        ("content-digest", has_digest),
        ("idempotency-key", headers.contains_key("idempotency-key")),
    ];
    table.into_iter().filter_map(|(component, needed)| needed.then_some(component)).collect()
}

fn check_age(signature: &MessageSignature, now: Timestamp, window: Duration) -> Result<(), Problem> {
    let now_s = now.micros().div_euclid(1_000_000);
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let age_s = now_s.saturating_sub(signature.created);
    let lapsed = signature.expires.is_some_and(|expires| expires < now_s);
    if lapsed || age_s > seconds(window) || age_s < -seconds(AHEAD) {
        let problem = unauthenticated(&error::SIGNATURE_OLD);
        return Err(problem.extension("now", now_s).extension("created", signature.created));
    }
    Ok(())
}

fn incomplete(missing: &[&str]) -> Problem {
    let named = missing.join(", ");
    unauthenticated(&error::SIGNATURE_INCOMPLETE)
        .arg("missing", named)
        .extension("missing", missing.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
}

fn sha256_of_nothing() -> [u8; 32] {
    digest(&SHA256, b"").as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    #[test]
    fn a_signature_is_good_for_its_window_and_a_minute_ahead() {
        let now = Timestamp::from_micros(1_000 * 1_000_000);
        let judge = |params: &str| {
            let mut headers = HeaderMap::new();
            let input = format!("s=(\"@method\");keyid=\"k\";{params}");
            headers.insert("signature-input", input.parse().unwrap());
            headers.insert("signature", "s=:AA==:".parse().unwrap());
            let signature = MessageSignature::of(&headers).unwrap().unwrap();
            check_age(&signature, now, Duration::from_mins(5)).is_ok()
        };
        for good in ["created=1000", "created=700", "created=1060", "created=900;expires=1000"] {
            assert!(judge(good), "{good}");
        }
        for bad in ["created=699", "created=1061", "created=0", "created=900;expires=999"] {
            assert!(!judge(bad), "{bad}");
        }
    }
}
