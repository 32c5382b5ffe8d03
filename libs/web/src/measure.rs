//! How long requests take, by route, method and status.

use std::{
    sync::{LazyLock, OnceLock},
    time::Duration,
};

use http::StatusCode;
use opentelemetry::{
    KeyValue, global,
    metrics::{BoundHistogram, Histogram},
};

/// The route label of requests that match no route.
pub const ROUTE_UNMATCHED: &str = "unmatched";

const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Made at the first request, when the meter provider has been installed.
static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("vafa")
        .f64_histogram("http.server.request.duration")
        .with_unit("s")
        .with_description("How long requests took, by service, route, method and status")
        .with_boundaries(SECONDS.to_vec())
        .build()
});

/// The statuses that Vafa answers with; each has a place of its own in every meter.
const STATUSES: [u16; 21] =
    [200, 201, 202, 204, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 429, 431, 500, 502, 503, 504];

/// Records one route's durations with its attributes resolved once.
#[derive(Debug)]
pub struct RouteMeter {
    service: &'static str,
    route: &'static str,
    method: &'static str,
    bound: [OnceLock<BoundHistogram<f64>>; STATUSES.len()],
}

impl RouteMeter {
    /// A meter for this route of this service.
    #[must_use]
    pub fn new(service: &'static str, route: &'static str, method: &'static str) -> Self {
        Self { service, route, method, bound: [const { OnceLock::new() }; STATUSES.len()] }
    }

    /// Records one request.
    pub fn record(&self, status: StatusCode, took: Duration) {
        let seconds = took.as_secs_f64();
        match STATUSES.iter().position(|known| *known == status.as_u16()) {
            Some(place) => {
                self.bound[place].get_or_init(|| DURATION.bind(&self.attributes(status))).record(seconds);
            }
            None => DURATION.record(seconds, &self.attributes(status)),
        }
    }

    fn attributes(&self, status: StatusCode) -> [KeyValue; 4] {
        [
            KeyValue::new("service", self.service),
            KeyValue::new("http.route", self.route),
            KeyValue::new("http.request.method", self.method),
            KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
        ]
    }
}
