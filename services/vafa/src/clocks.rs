//! By whose time a process goes: a service on PostgreSQL by its database's, a gateway alone by that of a service.

use std::{sync::Arc, time::Duration};

use anyhow::bail;
use async_trait::async_trait;
use axum::{Router, routing::get};
use http_body_util::{BodyExt as _, Limited};
use kernel::{Clock, Ids, Timestamp};
use runtime::{FollowedClock, SystemIds, Tasks, TimeSource, settings::Values};
use store::{Backend, Database};
use web::{RawBody, Request, Upstream};

use crate::roles::{GATEWAY, Role};

/// Where a process of services tells the time, in microseconds; the gateway does not let anybody through to it.
const TIME: &str = "/internal/time";
/// How long a service waits to be told the time when it starts.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a gateway waits to be told the time when it starts.
const MOMENT: Duration = Duration::from_secs(2);
/// No time is longer.
const LONGEST: usize = 32;

/// The time and the ids that a service goes by.
#[derive(Clone)]
pub struct Hours {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// The hours of a service with this database: SQLite's clock is this machine's own.
///
/// # Errors
/// When the database does not tell the time.
pub async fn of_service(
    name: Role,
    database: &Database,
    own: &Hours,
    values: &Values,
    tasks: &Tasks,
) -> anyhow::Result<Hours> {
    if database.backend() == Backend::Sqlite || !values.truth("database.follow_clock") {
        return Ok(own.clone());
    }
    let clock = FollowedClock::beginning_with(Arc::clone(&own.clock));
    if !clock.set_within(PATIENCE, database).await {
        bail!("{name}'s database did not tell the time within {} s", PATIENCE.as_secs());
    }
    clock.follow(name, Arc::new(database.clone()), tasks);
    let ids = Arc::new(SystemIds::by(Arc::<FollowedClock>::clone(&clock)));
    Ok(Hours { clock, ids })
}

/// The clock of a gateway without services beside it. It waits a moment for them, and goes by its own clock until they are up.
pub async fn of_gateway(service: &Upstream, own: &Hours, values: &Values, tasks: &Tasks) -> Arc<dyn Clock> {
    if !values.truth("database.follow_clock") {
        return Arc::clone(&own.clock);
    }
    let clock = FollowedClock::beginning_with(Arc::clone(&own.clock));
    let service = Service(service.clone());
    if !clock.set_within(MOMENT, &service).await {
        tracing::warn!("no service tells the time yet; this machine's clock is gone by until one does");
    }
    clock.follow(GATEWAY, Arc::new(service), tasks);
    clock
}

/// Tells the time beside the routes of services.
pub fn told_beside(services: Router, clock: Arc<dyn Clock>) -> Router {
    let tell = move || {
        let now = clock.now().micros().to_string();
        async move { now }
    };
    Router::new().route(TIME, get(tell)).fallback_service(services)
}

/// A service that tells the time.
struct Service(Upstream);

#[async_trait]
impl TimeSource for Service {
    async fn time(&self) -> anyhow::Result<Timestamp> {
        let mut request = Request::new(RawBody::empty());
        *request.uri_mut() = http::Uri::from_static(TIME);
        let answer = self.0.call(request).await?;
        if !answer.status().is_success() {
            bail!("{}", answer.status());
        }
        let text = Limited::new(answer.into_body(), LONGEST).collect().await;
        let text = text.map_err(|error| anyhow::anyhow!("{error}"))?.to_bytes();
        Ok(Timestamp::from_micros(std::str::from_utf8(&text)?.parse()?))
    }
}
