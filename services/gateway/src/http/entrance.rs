//! The way of a request through the gateway: route, caller, limits, service, answer.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, response::IntoResponse};
use http::{HeaderValue, Method, header};
use tokio::time::Instant;
use tracing::{Instrument, Span};
use web::{
    CALLER_HEADER, DEADLINE_HEADER, ORIGIN_HEADER, PeerAddress, Problem, REQUEST_ID_HEADER, ROUTE_UNMATCHED,
    Request, RequestFacts, RequestIds, Response, RouteMeter, RouteSpec, RouteTable, Texts, TraceParent,
    Upstream, UpstreamError, child_span, finish, inject, root_span,
};

use crate::{
    Backend, NAME,
    callers::{Admitted, Callers},
    error,
    http::{
        Documents,
        passage::{Overflow, count_headers, measure_body, request_id, strip_ours, too_large},
    },
    limits::Standing,
    settings::GatewaySettings,
};

/// What stands behind a public route.
struct Target {
    upstream: Upstream,
    meter: RouteMeter,
    deadline: Duration,
    deadline_header: HeaderValue,
}

/// The entrance with all that it knows.
pub(crate) struct Entrance {
    table: RouteTable<Target>,
    callers: Callers,
    documents: Documents,
    texts: Texts,
    ids: RequestIds,
    /// A request whose random number is below is traced.
    sample_below: u64,
    unmatched: RouteMeter,
    access_log: bool,
}

/// A request that may pass, with what its answer needs.
struct Passing<'a> {
    request: Request,
    target: &'a Target,
    spec: &'static RouteSpec,
    standing: Standing,
    overflow: Option<Overflow>,
}

impl Entrance {
    pub(crate) fn new(
        settings: &GatewaySettings,
        sample_ratio: f64,
        backends: &[Backend],
        callers: Callers,
        documents: Documents,
        texts: Texts,
    ) -> anyhow::Result<Self> {
        let public = backends.iter().flat_map(|backend| {
            let specs = backend.routes.iter().copied().filter(|spec| spec.is_public());
            specs.map(|spec| (spec, Target::new(spec, &backend.upstream, settings)))
        });
        Ok(Self {
            table: RouteTable::new(public).map_err(anyhow::Error::msg)?,
            callers,
            documents,
            texts,
            ids: RequestIds::new(),
            sample_below: threshold(sample_ratio),
            unmatched: RouteMeter::new(NAME, ROUTE_UNMATCHED, "_OTHER"),
            access_log: settings.access_log,
        })
    }

    pub(crate) fn into_router(self) -> Router {
        let entrance = Arc::new(self);
        Router::new().fallback_service(tower::service_fn(move |request| {
            let entrance = Arc::clone(&entrance);
            async move { Ok::<_, Infallible>(entrance.answer(request).await) }
        }))
    }

    async fn answer(&self, mut request: Request) -> Response {
        let started = Instant::now();
        let (fresh_id, random) = self.ids.next();
        let id = request_id(request.headers()).unwrap_or(fresh_id);
        strip_ours(request.headers_mut());
        request.headers_mut().insert(REQUEST_ID_HEADER, id.clone());

        let found = self.table.find(request.method(), request.uri().path());
        let (target, spec) = match found {
            Ok(found) => (found.value, found.spec),
            Err(problem) => {
                let facts = RequestFacts::of(request.headers());
                let (method, path) = (request.method(), request.uri().path());
                let document = self.documents.answer(method, path, request.headers()).await;
                let response = document.unwrap_or_else(|| problem.into_response());
                return leave(finish(response, &facts, &self.texts), id, &self.unmatched, started);
            }
        };
        let method = self.access_log.then(|| request.method().clone());
        let span = self.span(&mut request, spec, random);
        let facts = RequestFacts::of(request.headers());
        let way = self.pass(request, target, spec);
        let response = if span.is_disabled() { way.await } else { way.instrument(span.clone()).await };
        span.record("http.response.status_code", response.status().as_u16());
        let response = leave(finish(response, &facts, &self.texts), id, &target.meter, started);
        if let Some(method) = method {
            log_access(&method, spec, &response, started);
        }
        response
    }

    /// A span when the caller's trace is sampled, or when it has none and chance picks this request.
    fn span(&self, request: &mut Request, spec: &'static RouteSpec, random: u64) -> Span {
        let span = match TraceParent::of(request.headers()) {
            Some(parent) => child_span(Some(&parent), NAME, spec.operation),
            None if random < self.sample_below => root_span(NAME, spec.operation),
            None => return Span::none(),
        };
        inject(&span, request.headers_mut());
        span
    }

    async fn pass(&self, request: Request, target: &Target, spec: &'static RouteSpec) -> Response {
        let passing = match self.admit(request, target, spec).await {
            Ok(passing) => passing,
            Err(problem) => return problem.into_response(),
        };
        let Passing { request, target, spec, standing, overflow } = passing;
        let called = tokio::time::timeout(target.deadline, target.upstream.call(request)).await;
        let mut response = match (called, overflow) {
            (_, Some(overflow)) if overflow.happened() => too_large(spec.body_limit).into_response(),
            (Ok(Ok(response)), _) => response,
            (Ok(Err(failed)), _) => refusal(failed, spec).into_response(),
            (Err(_), _) => Problem::new(&error::SERVICE_LATE).into_response(),
        };
        standing.write(response.headers_mut());
        response
    }

    async fn admit<'a>(
        &self,
        request: Request,
        target: &'a Target,
        spec: &'static RouteSpec,
    ) -> Result<Passing<'a>, Problem> {
        count_headers(request.headers())?;
        let from = request.extensions().get::<PeerAddress>().copied();
        let Admitted { caller, header, standing } = self.callers.admit(request.headers(), from).await?;
        spec.check(&caller)?;
        let (mut request, overflow) = measure_body(request, spec.body_limit).await?;
        let headers = request.headers_mut();
        headers.remove(header::AUTHORIZATION);
        if let Some(signed) = header {
            headers.insert(CALLER_HEADER, signed);
        }
        if spec.wants_origin
            && let Some(PeerAddress(address)) = from
        {
            headers.insert(ORIGIN_HEADER, self.callers.sign_origin(address));
        }
        headers.insert(DEADLINE_HEADER, target.deadline_header.clone());
        Ok(Passing { request, target, spec, standing, overflow })
    }
}

/// Puts the id on the answer and measures it.
fn leave(mut response: Response, id: HeaderValue, meter: &RouteMeter, started: Instant) -> Response {
    response.headers_mut().insert(REQUEST_ID_HEADER, id);
    meter.record(response.status(), started.elapsed());
    response
}

impl Target {
    fn new(spec: &'static RouteSpec, upstream: &Upstream, settings: &GatewaySettings) -> Self {
        let deadline = settings.deadline(spec.lane);
        let left_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
        Self {
            upstream: upstream.clone(),
            meter: RouteMeter::new(NAME, spec.path, spec.verb.name()),
            deadline,
            deadline_header: HeaderValue::from(left_ms),
        }
    }
}

fn refusal(failed: UpstreamError, spec: &RouteSpec) -> Problem {
    match failed {
        UpstreamError::BodyCutOff => Problem::new(&web::BODY_CUT_OFF),
        UpstreamError::Unreachable => {
            tracing::warn!(target: "vafa::gateway", operation = spec.operation, "the service cannot be reached");
            Problem::new(&error::SERVICE_DOWN).header(header::RETRY_AFTER, HeaderValue::from_static("1"))
        }
        UpstreamError::Broken => {
            tracing::warn!(target: "vafa::gateway", operation = spec.operation, "the connection to the service broke");
            Problem::new(&error::SERVICE_BROKE_OFF)
        }
    }
}

fn log_access(method: &Method, spec: &RouteSpec, response: &Response, started: Instant) {
    let id = response.headers().get(&REQUEST_ID_HEADER).and_then(|id| id.to_str().ok());
    tracing::info!(
        target: "vafa::access",
        %method,
        route = spec.path,
        status = response.status().as_u16(),
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        request_id = id.unwrap_or_default(),
    );
}

/// The number below which a random 64-bit number lies with this probability.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share from 0 to 1 of all numbers; the cast saturates at the ends and exactness does not matter"
)]
fn threshold(ratio: f64) -> u64 {
    (ratio.clamp(0.0, 1.0) * u64::MAX as f64) as u64
}
