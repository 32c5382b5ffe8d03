//! Named texts, in whichever form others send them: those of the address, of a form, of a flat JSON object.

use std::collections::BTreeMap;

use axum::extract::FromRequest;
use bytes::Bytes;
use http::{HeaderMap, header};
use serde_json::Value;

use crate::{
    Problem, Request,
    body::{is_json, read_any},
    errors,
    pairs::split_query,
};

/// The fields of a request from outside that comes as its sender likes: what stands in the address, and beside it what a form
/// (`application/x-www-form-urlencoded`) or a JSON object says. Numbers and truth values are texts; what is nested is left out.
///
/// Refused with a code of its own each: a body of another form, too large, too slow, cut off, not readable.
#[derive(Clone, Debug)]
pub struct Fields {
    /// The fields; what the body says goes before what the address says.
    pub named: BTreeMap<String, String>,
    /// The body as it came, for signatures.
    pub bytes: Bytes,
}

impl<S: Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let query = request.uri().query().unwrap_or_default();
        let mut named = pairs(query).ok_or_else(|| Problem::new(&errors::QUERY_MALFORMED))?;
        let headers = request.headers().clone();
        let bytes = read_any(request).await?;
        if !bytes.is_empty() {
            named.extend(of_body(&headers, &bytes)?);
        }
        Ok(Self { named, bytes })
    }
}

fn pairs(text: &str) -> Option<BTreeMap<String, String>> {
    Some(
        split_query(text)?.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
    )
}

fn of_body(headers: &HeaderMap, bytes: &Bytes) -> Result<BTreeMap<String, String>, Problem> {
    if is_json(headers) {
        let value: serde_json::Map<String, Value> = crate::reading::json(bytes)?;
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        };
        return Ok(value.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect());
    }
    let kind = headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_ascii_lowercase());
    if !kind.is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded")) {
        return Err(Problem::new(&errors::BODY_MEDIA_TYPE));
    }
    let text = std::str::from_utf8(bytes).ok();
    text.and_then(pairs).ok_or_else(|| Problem::new(&errors::BODY_MALFORMED))
}
