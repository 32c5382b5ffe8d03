//! A service's HTTP face: its routes, each with what its [`RouteSpec`] promises kept around the handler.

use std::{
    convert::Infallible,
    future::Future,
    net::IpAddr,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, handler::Handler, response::IntoResponse};
use futures_util::FutureExt;
use http::request::Parts;
use kernel::{BranchCode, Language};
use tracing::Instrument;

use crate::{
    Caller, CallerKey, DeadlineAt, IdempotencyKey, Lane, Looks, Problem, ROUTE_UNMATCHED, Request,
    RequestFacts, Response, RouteMeter, RouteSpec, RouteTable, Texts, TraceParent, Whereabouts, child_span,
    errors, finish,
    leftover::Leftover,
    looks::{self, Looking},
    pairs::percent_decode,
    staff::{BRANCH, Standing},
};

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;
type Endpoint = Box<dyn Fn(Request) -> Answer + Send + Sync>;
type Mount<S> = Box<dyn FnOnce(S) -> Endpoint + Send>;

/// What a request has been found to be before its handler runs; extractors read it.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub spec: &'static RouteSpec,
    pub params: Vec<(&'static str, String)>,
    pub caller: Caller,
    /// Where the caller's grants reach, for staff.
    pub standing: Option<Arc<Standing>>,
    /// The look at members that the request is, if it is one.
    pub looking: Option<Looking>,
    /// The network address that the request came from, where the route wants it and the gateway said so.
    pub origin: Option<IpAddr>,
    pub deadline: DeadlineAt,
    pub default_language: Language,
}

impl Arrival {
    pub(crate) fn of(parts: &Parts) -> Result<&Self, Problem> {
        parts.extensions.get().ok_or_else(outside_of_a_face)
    }

    pub(crate) fn of_request(request: &Request) -> Result<&Self, Problem> {
        request.extensions().get().ok_or_else(outside_of_a_face)
    }

    /// How long the body may take to come: always ends before the deadline, so that a slow sender learns that it was
    /// slow, and not that we were.
    pub(crate) fn body_time(&self) -> Duration {
        let lane = match self.spec.lane {
            Lane::Till => Duration::from_secs(4),
            Lane::BackOffice => Duration::from_secs(20),
        };
        lane.min(self.deadline.left() * 3 / 4)
    }
}

fn outside_of_a_face() -> Problem {
    Problem::fault(anyhow::anyhow!("an extractor of `web` was used on a route that no Face serves"))
}

/// The routes of a service while they are being listed. A route without a [`RouteSpec`] cannot be added.
pub struct Face<S> {
    service: &'static str,
    caller_key: CallerKey,
    texts: Texts,
    whereabouts: Option<Whereabouts>,
    looks: Option<Looks>,
    routes: Vec<(&'static RouteSpec, Mount<S>)>,
}

struct Shared {
    table: RouteTable<(Endpoint, RouteMeter)>,
    unmatched: RouteMeter,
    service: &'static str,
    caller_key: CallerKey,
    texts: Texts,
    whereabouts: Option<Whereabouts>,
    looks: Option<Looks>,
}

/// A request that may go to its handler.
struct Admission<'a> {
    request: Request,
    endpoint: &'a Endpoint,
    meter: &'a RouteMeter,
    spec: &'static RouteSpec,
    standing: Option<Arc<Standing>>,
    /// The branch that staff must reach before the handler runs.
    branch: Option<BranchCode>,
    /// What is to be noted before the answer goes out.
    looking: Option<Looking>,
}

impl<S: Clone + Send + Sync + 'static> Face<S> {
    /// A face for this service, which believes callers signed with `caller_key` and speaks `texts`.
    #[must_use]
    pub fn new(service: &'static str, caller_key: CallerKey, texts: Texts) -> Self {
        Self { service, caller_key, texts, whereabouts: None, looks: None, routes: Vec::new() }
    }

    /// Finds out by this to which region a branch belongs. Without it a grant for a region reaches no branch.
    #[must_use]
    pub fn whereabouts(mut self, whereabouts: Whereabouts) -> Self {
        self.whereabouts = Some(whereabouts);
        self
    }

    /// Notes looks of the back office at members by this. Without it nobody of the back office sees a member.
    #[must_use]
    pub fn looks(mut self, looks: Looks) -> Self {
        self.looks = Some(looks);
        self
    }

    /// Adds a route and the axum handler behind it.
    ///
    /// # Panics
    /// When the route lets members in and does not say what is their own, or the back office and not which staff: a
    /// mistake in the program that any test of the service meets.
    #[must_use]
    pub fn route<H, T>(mut self, spec: &'static RouteSpec, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        if let Some(flaw) = spec.policy_flaw() {
            panic!("the policy of {} {}: {flaw}", spec.verb.name(), spec.path);
        }
        let mount: Mount<S> = Box::new(move |state: S| {
            Box::new(move |request| Box::pin(handler.clone().call(request, state.clone())) as Answer)
        });
        self.routes.push((spec, mount));
        self
    }

    /// The router of all routes over this state. For each request it finds the route, believes only a signed caller,
    /// checks access, continues a sampled trace, turns panics into faults, words problems, and measures.
    ///
    /// # Panics
    /// When two routes clash or a template is malformed: a mistake in the program that any test of the service meets.
    pub fn finish(self, state: S) -> Router {
        let service = self.service;
        let routes = self.routes.into_iter().map(|(spec, mount)| {
            (spec, (mount(state.clone()), RouteMeter::new(service, spec.path, spec.verb.name())))
        });
        let table = match RouteTable::new(routes) {
            Ok(table) => table,
            Err(clash) => panic!("the route table of {service}: {clash}"),
        };
        let shared = Arc::new(Shared {
            table,
            unmatched: RouteMeter::new(service, ROUTE_UNMATCHED, "_OTHER"),
            service,
            caller_key: self.caller_key,
            texts: self.texts,
            whereabouts: self.whereabouts,
            looks: self.looks,
        });
        Router::new().fallback_service(tower::service_fn(move |request| {
            let shared = Arc::clone(&shared);
            async move { Ok::<_, Infallible>(shared.answer(request).await) }
        }))
    }
}

impl Shared {
    async fn answer(&self, request: Request) -> Response {
        let started = Instant::now();
        let facts = RequestFacts::of(request.headers());
        let (request, leftover) = Leftover::of(request, started);
        let (response, meter) = match self.admit(request, started) {
            Ok(admission) => {
                let meter = admission.meter;
                (self.pass(admission).await, meter)
            }
            Err((problem, meter)) => (problem.into_response(), meter),
        };
        leftover.pass_over().await;
        let response = finish(response, &facts, &self.texts);
        meter.record(response.status(), started.elapsed());
        response
    }

    /// Finds the route, the caller and the caller's right; leaves them with the request for the extractors.
    fn admit(&self, mut request: Request, started: Instant) -> Result<Admission<'_>, (Problem, &RouteMeter)> {
        let found = self.table.find(request.method(), request.uri().path());
        let found = found.map_err(|problem| (problem, &self.unmatched))?;
        let ((endpoint, meter), spec) = (found.value, found.spec);
        let params = found.params().map(|(name, raw)| match percent_decode(raw, false) {
            Some(value) => Ok((name, value.into_owned())),
            None => Err((Problem::new(&errors::PATH_INVALID).arg("parameter", name), meter)),
        });
        let params = params.collect::<Result<Vec<_>, _>>()?;
        let caller = self.caller_key.verify(request.headers(), self.service);
        let caller = caller.map_err(|problem| (problem, meter))?;
        spec.check(&caller).map_err(|problem| (problem, meter))?;
        spec.check_owner(&caller, &params).map_err(|problem| (problem, meter))?;
        if let Some(policy) = spec.staff {
            policy.check_person(&caller, &params).map_err(|problem| (problem, meter))?;
        }
        let standing = Standing::of(&caller, spec.staff, self.whereabouts.as_ref());
        let branch = match standing.as_ref().and_then(|_| spec.branch_of(&params)).map(BranchCode::parse) {
            Some(Err(_)) => {
                return Err((Problem::new(&errors::PATH_INVALID).arg("parameter", BRANCH), meter));
            }
            branch => branch.and_then(Result::ok),
        };
        if spec.keyed {
            IdempotencyKey::demand(request.headers()).map_err(|problem| (problem, meter))?;
        }
        let looking = Looking::of(spec, &caller, &params, request.headers());
        let looking = looking.map_err(|problem| (problem, meter))?;
        let told = spec.wants_origin.then(|| self.caller_key.verify_origin(request.headers(), self.service));
        let deadline = DeadlineAt::of(request.headers(), started);
        request.extensions_mut().insert(Arrival {
            spec,
            params,
            caller,
            standing: standing.clone(),
            looking: looking.clone(),
            origin: told.flatten(),
            deadline,
            default_language: self.texts.default_language(),
        });
        Ok(Admission { request, endpoint, meter, spec, standing, branch, looking })
    }

    /// Runs the handler for who may, and notes the look that it was before the answer goes out.
    async fn pass(&self, mut admission: Admission<'_>) -> Response {
        let (looking, operation) = (admission.looking.take(), admission.spec.operation);
        let response = self.reach(admission).await;
        let Some(looking) = looking.filter(|_| response.status().is_success()) else { return response };
        let noted = match (looking.seen(), &self.looks) {
            (Some(look), _) if look.members.is_empty() => Ok(()),
            (Some(look), Some(note)) => note(look).await.map_err(looks::unrecorded),
            (Some(_), None) => {
                Err(Problem::fault(anyhow::anyhow!("{operation} shows members, and nobody notes who looks")))
            }
            (None, _) => Err(Problem::fault(anyhow::anyhow!("{operation} did not say whom it shows"))),
        };
        match noted {
            Ok(()) => response,
            Err(problem) => problem.into_response(),
        }
    }

    /// Compares what staff must reach, before the handler or with it, and runs it.
    async fn reach(&self, admission: Admission<'_>) -> Response {
        let Admission { request, endpoint, spec, standing, branch, .. } = admission;
        let Some(standing) = standing else { return self.run(request, endpoint, spec).await };
        if let Some(branch) = branch
            && let Err(problem) = standing.check(&branch).await
        {
            return problem.into_response();
        }
        let response = self.run(request, endpoint, spec).await;
        if response.status().is_success() && !standing.has_compared() {
            let operation = spec.operation;
            return Problem::fault(anyhow::anyhow!("{operation} did not compare what staff may reach"))
                .into_response();
        }
        response
    }

    async fn run(&self, request: Request, endpoint: &Endpoint, spec: &'static RouteSpec) -> Response {
        let parent = TraceParent::of(request.headers());
        let span = child_span(parent.as_ref(), self.service, spec.operation);
        let answer = AssertUnwindSafe(async { endpoint(request).await }).catch_unwind();
        let caught = if span.is_disabled() {
            answer.await
        } else {
            let caught = answer.instrument(span.clone()).await;
            if let Ok(response) = &caught {
                span.record("http.response.status_code", response.status().as_u16());
            }
            caught
        };
        caught.unwrap_or_else(|_| {
            Problem::fault(anyhow::anyhow!("the code behind {} panicked", spec.operation)).into_response()
        })
    }
}
