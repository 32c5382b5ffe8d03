//! The way of a request through the gateway: route, caller, limits, service, answer.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, response::IntoResponse};
use http::{HeaderName, HeaderValue, Method, header};
use tokio::time::Instant;
use tracing::{Instrument, Span};
use web::{
    CALLER_HEADER, DEADLINE_HEADER, ORIGIN_HEADER, PeerAddress, Problem, REQUEST_ID_HEADER, ROUTE_UNMATCHED,
    Request, RequestFacts, RequestIds, Response, RouteMeter, RouteSpec, RouteTable, Texts, TraceParent,
    child_span, finish, inject, root_span,
};

use crate::{
    Backend, NAME,
    callers::{Admitted, Callers, NOWHERE, unauthenticated},
    error,
    guard::Guard,
    http::{
        Documents,
        address::Proxies,
        digest::compare_body,
        dressing::{cors, dress},
        passage::{Flag, count_headers, measure_body, request_id, strip_ours, too_large},
    },
    limits::{ClassLimits, Standing},
    settings::GatewaySettings,
};

/// What stands behind a public route.
struct Target {
    /// The service's name.
    service: &'static str,
    guard: Arc<Guard>,
    /// What its answers say when it should not be used any more.
    notices: Vec<(HeaderName, HeaderValue)>,
    meter: RouteMeter,
    deadline: Duration,
    deadline_header: HeaderValue,
}

/// The entrance with all that it knows.
pub(crate) struct Entrance {
    table: RouteTable<Target>,
    callers: Callers,
    classes: ClassLimits,
    documents: Documents,
    texts: Texts,
    ids: RequestIds,
    /// A request whose random number is below is traced.
    sample_below: u64,
    unmatched: RouteMeter,
    access_log: bool,
    proxies: Proxies,
    cors_origins: Vec<HeaderValue>,
    strict_transport: Option<HeaderValue>,
}

/// A request that may pass, with what its answer needs.
struct Passing<'a> {
    request: Request,
    target: &'a Target,
    spec: &'static RouteSpec,
    /// Where the caller stands with each limit that the request counted against.
    standings: [Option<Standing>; 2],
    /// Whether the body grew over its limit.
    overflow: Option<Flag>,
    /// Whether the body is not the one that was signed.
    altered: Option<Flag>,
}

impl Entrance {
    pub(crate) fn new(
        settings: &GatewaySettings,
        sample_ratio: f64,
        backends: &[Backend],
        (callers, classes): (Callers, ClassLimits),
        documents: Documents,
        texts: Texts,
    ) -> anyhow::Result<Self> {
        let public = backends.iter().flat_map(|backend| {
            let specs = backend.routes.iter().copied().filter(|spec| spec.is_public());
            let service = backend.service;
            let guard = Arc::new(Guard::new(service, backend.upstream.clone(), settings.guard));
            specs.map(move |spec| (spec, Target::new(spec, service, &guard, settings)))
        });
        Ok(Self {
            table: RouteTable::new(public).map_err(anyhow::Error::msg)?,
            callers,
            classes,
            documents,
            texts,
            ids: RequestIds::new(),
            sample_below: threshold(sample_ratio),
            unmatched: RouteMeter::new(NAME, ROUTE_UNMATCHED, "_OTHER"),
            access_log: settings.access_log,
            proxies: Proxies::new(&settings.forwarded),
            cors_origins: settings.cors_origins.clone(),
            strict_transport: strict_transport(settings.strict_transport),
        })
    }

    pub(crate) fn into_router(self) -> Router {
        let cors = cors(&self.cors_origins);
        let entrance = Arc::new(self);
        let router = Router::new().fallback_service(tower::service_fn(move |request| {
            let entrance = Arc::clone(&entrance);
            async move { Ok::<_, Infallible>(entrance.answer(request).await) }
        }));
        match cors {
            Some(cors) => router.layer(cors),
            None => router,
        }
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
                return self.leave(finish(response, &facts, &self.texts), id, &self.unmatched, started);
            }
        };
        let method = self.access_log.then(|| request.method().clone());
        let span = self.span(&mut request, spec, random);
        let facts = RequestFacts::of(request.headers());
        let way = self.pass(request, target, spec);
        let response = if span.is_disabled() { way.await } else { way.instrument(span.clone()).await };
        span.record("http.response.status_code", response.status().as_u16());
        let mut response = self.leave(finish(response, &facts, &self.texts), id, &target.meter, started);
        response.headers_mut().extend(target.notices.iter().cloned());
        if let Some(method) = method {
            log_access(&method, spec, &response, started);
        }
        response
    }

    /// Puts the id on the answer, with what every answer has, and measures it.
    fn leave(
        &self,
        mut response: Response,
        id: HeaderValue,
        meter: &RouteMeter,
        started: Instant,
    ) -> Response {
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
        dress(response.headers_mut(), self.strict_transport.as_ref());
        meter.record(response.status(), started.elapsed());
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
        let Passing { request, target, spec, standings, overflow, altered } = passing;
        let called = target.guard.call(request, spec, target.deadline).await;
        let is_up = |flag: Option<Flag>| flag.is_some_and(|flag| flag.is_up());
        let mut response = if is_up(overflow) {
            too_large(spec.body_limit).into_response()
        } else if is_up(altered) {
            unauthenticated(&error::BODY_ALTERED).into_response()
        } else {
            called.unwrap_or_else(IntoResponse::into_response)
        };
        for standing in standings.into_iter().flatten() {
            standing.write(response.headers_mut());
        }
        response
    }

    async fn admit<'a>(
        &self,
        request: Request,
        target: &'a Target,
        spec: &'static RouteSpec,
    ) -> Result<Passing<'a>, Problem> {
        count_headers(request.headers())?;
        target.guard.look(spec)?;
        let from = request.extensions().get::<PeerAddress>();
        let from = from.map(|PeerAddress(peer)| self.proxies.caller(request.headers(), *peer));
        let signed = self.callers.signed(&request)?;
        let Admitted { caller, standing, digest } =
            self.callers.admit(request.headers(), signed, from).await?;
        spec.check(&caller)?;
        let address = from.unwrap_or(NOWHERE);
        let standings = [Some(standing), self.classes.check(spec.rate_class(), &caller, address)?];
        let (request, overflow) = measure_body(request, spec.body_limit).await?;
        let (mut request, altered) = match digest {
            Some(expected) => {
                let (request, altered) = compare_body(request, expected);
                (request, Some(altered))
            }
            None => (request, None),
        };
        let headers = request.headers_mut();
        headers.remove(header::AUTHORIZATION);
        if let Some(signed) = self.callers.sign(&caller, target.service) {
            headers.insert(CALLER_HEADER, signed);
        }
        if spec.wants_origin
            && let Some(address) = from
        {
            headers.insert(ORIGIN_HEADER, self.callers.sign_origin(address, target.service));
        }
        headers.insert(DEADLINE_HEADER, target.deadline_header.clone());
        Ok(Passing { request, target, spec, standings, overflow, altered })
    }
}

impl Target {
    fn new(
        spec: &'static RouteSpec,
        service: &'static str,
        guard: &Arc<Guard>,
        settings: &GatewaySettings,
    ) -> Self {
        let deadline = settings.deadline(spec.lane);
        let left_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
        Self {
            service,
            guard: Arc::clone(guard),
            notices: spec.deprecation.map(|ends| ends.headers()).unwrap_or_default(),
            meter: RouteMeter::new(NAME, spec.path, spec.verb.name()),
            deadline,
            deadline_header: HeaderValue::from(left_ms),
        }
    }
}

fn strict_transport(time: Duration) -> Option<HeaderValue> {
    let text = format!("max-age={}; includeSubDomains", time.as_secs());
    (!time.is_zero()).then(|| HeaderValue::try_from(text).expect("a number is visible ASCII"))
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
