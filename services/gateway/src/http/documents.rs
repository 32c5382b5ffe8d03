//! What people and programs read about the API: `/openapi.json`, and `/docs`, which loads nothing from outside.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use ring::digest;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;
use web::{RawBody, Request, Response};

/// Scripts and styles from here only; the viewer sets styles inline and draws its logo from data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The documents, written once.
pub(crate) struct Documents {
    openapi: Bytes,
    tag: HeaderValue,
    viewer: Arc<Config<'static>>,
}

impl Documents {
    pub(crate) fn new(document: &OpenApi) -> anyhow::Result<Self> {
        let openapi = Bytes::from(document.to_json()?);
        let hash = digest::digest(&digest::SHA256, &openapi);
        let start = hash.as_ref().iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        let tag = HeaderValue::try_from(format!("\"{start:016x}\""))?;
        let viewer = Config::new(["/openapi.json"])
            .validator_url("none")
            .display_request_duration(true)
            .doc_expansion("list")
            .filter(true);
        Ok(Self { openapi, tag, viewer: Arc::new(viewer) })
    }

    /// The document at this request's path; `None` when there is none.
    pub(crate) fn answer(&self, request: &Request) -> Option<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        match request.uri().path() {
            "/openapi.json" => Some(self.description(request.headers())),
            "/" | "/docs" => Some(moved()),
            path => self.page(path.strip_prefix("/docs/")?),
        }
    }

    fn description(&self, headers: &HeaderMap) -> Response {
        let known = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag == self.tag);
        let body = if known { RawBody::empty() } else { RawBody::from(self.openapi.clone()) };
        let mut response = Response::new(body);
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.tag.clone());
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }

    fn page(&self, name: &str) -> Option<Response> {
        let file = utoipa_swagger_ui::serve(name, Arc::clone(&self.viewer)).ok()??;
        let mut response = Response::new(RawBody::from(file.bytes.into_owned()));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(file.content_type).ok()?);
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
        if file.gzpipped {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Some(response)
    }
}

fn moved() -> Response {
    let mut response = Response::new(RawBody::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/docs/"));
    response
}
