//! What stands between the gateway and one service, so that a slow or broken service stays its own trouble.
//!
//! **Overload is refused at once, and money last**: [`Room`] bounds the requests under way by how long answers take.
//! [`Breaker`] leaves a service alone that cannot be reached. A request whose connection failed is sent once more when it is
//! safe to repeat, within [`RetryBudget`]. Each can be seen in the metrics, and all are off with `gateway.guard`.

mod breaker;
mod meters;
mod replay;
mod retries;
mod room;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{HeaderValue, header};
use web::{Lane, Problem, Request, Response, RouteSpec, Upstream, UpstreamError};

use crate::{error, settings::GuardSettings};

use self::{breaker::Breaker, meters::Meters, retries::RetryBudget, room::Room};

/// How long to wait before a request whose connection failed is sent once more.
const PAUSE: Duration = Duration::from_millis(20);

/// How early a request is refused when a service has too much to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Writes money with a customer waiting: earn, redeem, return, hold. The last to go.
    Money,
    /// Somebody waits: look-ups, joining, signing in, a balance.
    Person,
    /// Staff, imports and reports: the first to go.
    Office,
}

impl Class {
    pub(crate) const fn of(spec: &RouteSpec) -> Self {
        match (spec.lane, spec.keyed) {
            (Lane::Till, true) => Self::Money,
            (Lane::Till, false) => Self::Person,
            (Lane::BackOffice, _) => Self::Office,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Person => "person",
            Self::Office => "office",
        }
    }
}

/// The guarded way to one service.
pub(crate) struct Guard {
    upstream: Upstream,
    on: bool,
    room: Arc<Room>,
    breaker: Breaker,
    retries: RetryBudget,
    meters: Meters,
    refused: AtomicU64,
}

impl Guard {
    pub(crate) fn new(service: &'static str, upstream: Upstream, settings: GuardSettings) -> Self {
        let room = Arc::new(Room::new(settings));
        Self {
            upstream,
            on: settings.on,
            breaker: Breaker::new(settings),
            retries: RetryBudget::new(),
            meters: Meters::new(service, &room),
            room,
            refused: AtomicU64::new(0),
        }
    }

    /// A quick look whether a request would be let through, before anything is spent on it.
    pub(crate) fn look(&self, spec: &RouteSpec) -> Result<(), Problem> {
        let class = Class::of(spec);
        if !self.on || self.room.has_place(class) { Ok(()) } else { Err(self.overloaded(class)) }
    }

    /// Sends a request on and waits for its answer, `within` at most.
    pub(crate) async fn call(
        &self,
        request: Request,
        spec: &RouteSpec,
        within: Duration,
    ) -> Result<Response, Problem> {
        if !self.on {
            let called = tokio::time::timeout(within, self.upstream.call(request)).await;
            return called.unwrap_or_else(|_| Ok(late())).map_err(|failed| refusal(failed, spec));
        }
        let class = Class::of(spec);
        let place = self.room.enter(class).ok_or_else(|| self.overloaded(class))?;
        if !self.breaker.lets_through() {
            self.meters.shed(class, "broken");
            return Err(down());
        }
        match tokio::time::timeout(within, self.send(request, spec)).await {
            Ok(Ok(response)) => {
                place.answered();
                self.note(self.breaker.succeeded());
                Ok(response)
            }
            Ok(Err(failed)) => {
                if failed != UpstreamError::BodyCutOff {
                    self.note(self.breaker.failed());
                }
                Err(refusal(failed, spec))
            }
            Err(_) => {
                place.answered();
                // A report may take its time; that the till waits in vain says something of the service.
                if class != Class::Office {
                    self.note(self.breaker.failed());
                }
                Err(Problem::new(&error::SERVICE_LATE))
            }
        }
    }

    /// Sends a request, and once more when its connection failed and that is safe.
    async fn send(&self, request: Request, spec: &RouteSpec) -> Result<Response, UpstreamError> {
        self.retries.deposit();
        if !spec.is_repeatable() || !self.upstream.is_remote() {
            return self.upstream.call(request).await;
        }
        let (first, again) = replay::twice(request);
        let failed = match self.upstream.call(first).await {
            Err(failed) if failed != UpstreamError::BodyCutOff => failed,
            settled => return settled,
        };
        if !self.retries.withdraw() {
            self.meters.retried("no_budget");
            return Err(failed);
        }
        self.meters.retried("sent");
        tokio::time::sleep(PAUSE).await;
        self.upstream.call(again.into_request()).await
    }

    fn note(&self, change: Option<breaker::Change>) {
        if let Some(change) = change {
            self.meters.breaker(change);
        }
    }

    /// Callers come back at different times: after one, two or three seconds.
    fn overloaded(&self, class: Class) -> Problem {
        self.meters.shed(class, "full");
        let seconds = 1 + self.refused.fetch_add(1, Ordering::Relaxed) % 3;
        Problem::new(&error::OVERLOADED)
            .arg("seconds", i64::try_from(seconds).unwrap_or(1))
            .header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }
}

fn late() -> Response {
    axum::response::IntoResponse::into_response(Problem::new(&error::SERVICE_LATE))
}

fn down() -> Problem {
    Problem::new(&error::SERVICE_DOWN).header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

fn refusal(failed: UpstreamError, spec: &RouteSpec) -> Problem {
    match failed {
        UpstreamError::BodyCutOff => Problem::new(&web::BODY_CUT_OFF),
        UpstreamError::Unreachable => {
            tracing::warn!(target: "vafa::gateway", operation = spec.operation, "the service cannot be reached");
            down()
        }
        UpstreamError::Broken => {
            tracing::warn!(target: "vafa::gateway", operation = spec.operation, "the connection to the service broke");
            Problem::new(&error::SERVICE_BROKE_OFF)
        }
    }
}
