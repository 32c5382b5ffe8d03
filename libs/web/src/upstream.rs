//! The way to another service: its router in this process, or HTTP over kept connections.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::Router;
use http::{
    HeaderMap, HeaderName, Uri, Version,
    header::{self},
    uri::{Authority, PathAndQuery, Scheme},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tower::ServiceExt;

use crate::{RawBody, Request, Response};

/// Why an upstream gave no answer at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// It is not there: not started yet, or nothing listens.
    #[error("the service cannot be reached")]
    Unreachable,
    /// The connection broke before an answer came; the work may or may not have been done.
    #[error("the connection to the service broke")]
    Broken,
    /// The sender of the request's body went away or sent too much.
    #[error("the request's body ended early")]
    BodyCutOff,
}

/// Headers that speak of one connection only (RFC 9110, 7.6.1) and are never passed on.
const ONE_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TRANSFER_ENCODING,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::EXPECT,
];

/// A service that can be called. Cheap to clone.
#[derive(Clone)]
pub struct Upstream(Way);

#[derive(Clone)]
enum Way {
    InProcess(Arc<OnceLock<Router>>),
    Http(Arc<Http>),
}

struct Http {
    scheme: Scheme,
    authority: Authority,
    client: Client<HttpConnector, RawBody>,
}

impl Upstream {
    /// A service in this process. The cell is filled once its router is built; until then it is unreachable.
    #[must_use]
    pub fn in_process(cell: Arc<OnceLock<Router>>) -> Self {
        Self(Way::InProcess(cell))
    }

    /// A service behind a base address such as `http://points:8080`, with a pool of connections of its own.
    ///
    /// # Errors
    /// A sentence when the address is not `http://host:port`.
    pub fn http(base: &str) -> Result<Self, String> {
        let wrong = || format!("{base:?} is not an address such as http://points:8080");
        let parts = base.parse::<Uri>().map_err(|_| wrong())?.into_parts();
        let no_path = parts.path_and_query.as_ref().is_none_or(|path| path.as_str() == "/");
        let (Some(scheme), Some(authority), true) = (parts.scheme, parts.authority, no_path) else {
            return Err(wrong());
        };
        if scheme != Scheme::HTTP {
            return Err(wrong());
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(2)));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            // Shorter than the serving side waits for the next head, so that a kept connection is rarely a dead one.
            .pool_idle_timeout(Duration::from_secs(15))
            .build(connector);
        Ok(Self(Way::Http(Arc::new(Http { scheme, authority, client }))))
    }

    /// Whether a call could be answered: always true over HTTP, where only a call can tell.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match &self.0 {
            Way::InProcess(cell) => cell.get().is_some(),
            Way::Http(_) => true,
        }
    }

    /// Whether it is reached over the network, where connections can fail.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self.0, Way::Http(_))
    }

    /// Sends a request on as it is; its body is streamed through.
    ///
    /// # Errors
    /// [`UpstreamError`] when no answer came. Whatever status an answer has, it is an answer.
    pub async fn call(&self, request: Request) -> Result<Response, UpstreamError> {
        match &self.0 {
            Way::InProcess(cell) => {
                let router = cell.get().ok_or(UpstreamError::Unreachable)?.clone();
                match router.oneshot(request).await {
                    Ok(response) => Ok(response),
                    Err(never) => match never {},
                }
            }
            Way::Http(http) => http.call(request).await,
        }
    }
}

impl Http {
    async fn call(&self, mut request: Request) -> Result<Response, UpstreamError> {
        *request.uri_mut() = self.absolute(request.uri());
        *request.version_mut() = Version::HTTP_11;
        strip_one_hop(request.headers_mut());
        request.headers_mut().remove(header::HOST);
        let response = self.client.request(request).await.map_err(|error| reason(&error))?;
        let (mut head, body) = response.into_parts();
        strip_one_hop(&mut head.headers);
        Ok(Response::from_parts(head, RawBody::new(body)))
    }

    fn absolute(&self, uri: &Uri) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query =
            Some(uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/")));
        Uri::from_parts(parts).expect("scheme, authority and path make a URI")
    }
}

/// Removes what must not cross a hop.
fn strip_one_hop(headers: &mut HeaderMap) {
    for name in &ONE_HOP {
        headers.remove(name);
    }
}

fn reason(error: &hyper_util::client::legacy::Error) -> UpstreamError {
    if error.is_connect() {
        return UpstreamError::Unreachable;
    }
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_user) {
            return UpstreamError::BodyCutOff;
        }
        source = cause.source();
    }
    UpstreamError::Broken
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Way::InProcess(_) => f.write_str("Upstream(in process)"),
            Way::Http(http) => write!(f, "Upstream(http://{})", http.authority),
        }
    }
}
