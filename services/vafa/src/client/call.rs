//! One call of the API, before it is sent.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri,
    header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE},
};
use http_body_util::Full;
use serde::Serialize;
use web::MessageSigner;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A call: method, path, keys, body.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    repeatable: bool,
}

impl Call {
    /// A call by any method; it is repeated when nobody answered, unless it is a `POST` or a `PATCH`.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let repeatable = !matches!(method, Method::POST | Method::PATCH);
        Self { method, path: path.into(), headers: HeaderMap::new(), body: Bytes::new(), repeatable }
    }

    /// Reads.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Sets a thing at a name.
    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    /// Does something new.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// Ends a thing.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// As the owner of this key.
    #[must_use]
    pub fn bearer(self, key: &str) -> Self {
        let value = HeaderValue::try_from(format!("Bearer {key}"));
        self.with(AUTHORIZATION, value)
    }

    /// Under this name, so that a repetition changes nothing; from now on the call is repeated when nobody answered.
    #[must_use]
    pub fn idempotency_key(mut self, key: &str) -> Self {
        self.repeatable = true;
        self.with(IDEMPOTENCY_KEY, HeaderValue::try_from(key))
    }

    /// Answers and problems in this language.
    #[must_use]
    pub fn language(self, tag: &str) -> Self {
        self.with(ACCEPT_LANGUAGE, HeaderValue::try_from(tag))
    }

    /// With a header.
    #[must_use]
    pub fn header(self, name: &'static str, value: &str) -> Self {
        self.with(HeaderName::from_static(name), HeaderValue::try_from(value))
    }

    /// With this body.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        let text =
            serde_json::to_vec(body).expect("what this program sends are plain structs and JSON values");
        self.raw("application/json", text)
    }

    /// With a body of any kind.
    #[must_use]
    pub fn raw(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.with(CONTENT_TYPE, HeaderValue::try_from(media_type))
    }

    /// Signed by a till's key at this time, in seconds of Unix time. It covers what the call has by then.
    #[must_use]
    pub fn signed(mut self, signer: &MessageSigner, created: i64) -> Self {
        let key = self.headers.get(&IDEMPOTENCY_KEY).and_then(|key| key.to_str().ok()).map(str::to_owned);
        let headers = signer.headers(&self.method, &self.path, key.as_deref(), &self.body, created);
        for (name, value) in headers {
            self = self.with(name, HeaderValue::try_from(value));
        }
        self
    }

    /// The text of a header that the call has; empty when it has none.
    #[must_use]
    pub fn header_text(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Says that sending it twice does what sending it once does.
    #[must_use]
    pub const fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Says that it is sent once, whatever happens.
    #[must_use]
    pub const fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// A value that no header can hold is left out: the API then says what is missing.
    fn with<E>(mut self, name: HeaderName, value: Result<HeaderValue, E>) -> Self {
        if let Ok(value) = value {
            self.headers.insert(name, value);
        }
        self
    }

    pub(super) const fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Method and path, for messages.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn request(&self, uri: Uri) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calls_that_change_nothing_twice_are_repeated() {
        assert!(Call::get("/").is_repeatable() && Call::put("/").is_repeatable());
        assert!(!Call::post("/").is_repeatable());
        assert!(Call::post("/").idempotency_key("k").is_repeatable());
        assert!(!Call::put("/").once().is_repeatable());
    }
}
