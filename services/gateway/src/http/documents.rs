//! What people and programs read about the API: `/openapi.json`, and `/docs`, which loads nothing from outside.

use std::sync::Arc;

use axum::response::IntoResponse;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use ring::digest;
use tokio::sync::OnceCell;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;
use web::{Problem, RawBody, Response};

/// Scripts and styles from here only; the viewer sets styles inline and draws its logo from data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Describes the whole API.
type Describe = Arc<dyn Fn() -> anyhow::Result<OpenApi> + Send + Sync>;

/// The documents. The description is written when somebody first asks for it, and kept: making it takes many times the
/// memory that it has in the end, which a process of which nobody asks it should not hold.
pub(crate) struct Documents {
    describe: Describe,
    description: OnceCell<Description>,
    viewer: Arc<Config<'static>>,
}

/// The description of the API as it is served.
struct Description {
    openapi: Bytes,
    tag: HeaderValue,
}

impl Description {
    fn of(document: &OpenApi) -> anyhow::Result<Self> {
        let openapi = Bytes::from(document.to_json()?);
        let hash = digest::digest(&digest::SHA256, &openapi);
        let start = hash.as_ref().iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        Ok(Self { openapi, tag: HeaderValue::try_from(format!("\"{start:016x}\""))? })
    }
}

impl Documents {
    pub(crate) fn new(describe: Describe) -> Self {
        let viewer = Config::new(["/openapi.json"])
            .validator_url("none")
            .display_request_duration(true)
            .doc_expansion("list")
            .filter(true);
        Self { describe, description: OnceCell::new(), viewer: Arc::new(viewer) }
    }

    /// The document at this path; `None` when there is none.
    pub(crate) async fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        match path {
            "/openapi.json" => Some(self.describe(headers).await),
            "/" | "/docs" => Some(moved()),
            path => self.page(path.strip_prefix("/docs/")?),
        }
    }

    async fn describe(&self, headers: &HeaderMap) -> Response {
        let Description { openapi, tag } = match self.description.get_or_try_init(|| self.write()).await {
            Ok(description) => description,
            Err(fault) => return Problem::fault(fault).into_response(),
        };
        let known = headers.get(header::IF_NONE_MATCH).is_some_and(|theirs| theirs == tag);
        let body = if known { RawBody::empty() } else { RawBody::from(openapi.clone()) };
        let mut response = Response::new(body);
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag.clone());
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }

    /// It takes a while, and no till waits for it.
    async fn write(&self) -> anyhow::Result<Description> {
        let describe = Arc::clone(&self.describe);
        tokio::task::spawn_blocking(move || Description::of(&describe()?)).await?
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
