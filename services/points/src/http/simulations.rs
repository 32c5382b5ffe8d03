//! Simulations: what a version of the programme would have given.

use axum::{Json, extract::State, response::IntoResponse as _};
use http::{HeaderMap, StatusCode, header};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Access, Body, Bound, Face, Lang, PathParams, Problem, Response, RouteSpec};

use super::{
    Counter,
    programme::{html, wants_page},
    roles,
};
use crate::{
    commands::simulate_programme::{self, SimulateProgramme},
    domain::SimulationFigures,
    error,
    pages::{self, Codes, Words},
    queries,
    store::simulations::{Simulation, SimulationState},
};

pub(super) static ASK: RouteSpec =
    RouteSpec::post("/v1/programme/versions/{version}/simulations", "simulate_programme", Access::Operator)
        .staff(Bound::Chain, roles::MARKETING)
        .heavy()
        .problems(&[&error::VERSION_UNKNOWN, &error::PERIOD_EMPTY]);

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/programme/simulations/{simulation_id}", "read_simulation", Access::Operator)
        .staff(Bound::Chain, roles::PROGRAMME_READERS)
        .problems(&[&error::SIMULATION_UNKNOWN]);

/// The routes of simulations.
pub(super) fn on(face: Face<Counter>) -> Face<Counter> {
    face.route(&ASK, simulate_programme).route(&READ, read_simulation)
}

/// Which purchases are replayed, and with what they are compared.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulationRequest {
    /// The announced version to compare with; left out, the live one.
    #[serde(default)]
    pub against: Option<u32>,
    /// Purchases recorded from then on; left out, from the first.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// Up to, not including, then; left out, up to now.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

/// A simulation.
#[derive(Serialize, ToSchema)]
pub struct SimulationView {
    /// Its id.
    pub simulation_id: Uuid,
    /// The version that is simulated.
    pub version: u32,
    /// The version that it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<u32>,
    /// Purchases recorded from then on.
    pub since: Timestamp,
    /// Up to, not including, then.
    pub until: Timestamp,
    /// Where it is.
    pub state: SimulationState,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Purchases, returns and actions that were decided so far.
    pub done: u64,
    /// How many there are; zero until they were counted.
    pub total: u64,
    /// What it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<SimulationFigures>,
}

impl From<Simulation> for SimulationView {
    fn from(simulation: Simulation) -> Self {
        Self {
            simulation_id: simulation.id,
            version: simulation.version,
            against: simulation.against,
            since: simulation.since,
            until: simulation.until,
            state: simulation.state,
            requested_at: simulation.requested_at,
            finished_at: simulation.finished_at,
            done: simulation.done,
            total: simulation.total,
            figures: simulation.figures,
        }
    }
}

/// Simulate a version of the programme
///
/// Decides the purchases, returns and actions of a period again, in memory, by this version and by another one beside it. The answer
/// comes at once; `Location` says where the outcome will be.
#[utoipa::path(
    post, path = "/v1/programme/versions/{version}/simulations", operation_id = "simulate_programme", tag = "programme",
    params(("version" = u32, Path, description = "Its number.")),
    request_body = SimulationRequest,
    responses((status = 202, description = "It will run.", body = SimulationView,
        headers(("location" = String, description = "Where to ask for it."))))
)]
pub(super) async fn simulate_programme(
    State(counter): State<Counter>,
    PathParams(version): PathParams<u32>,
    Body(request): Body<SimulationRequest>,
) -> Result<Response, Problem> {
    let SimulationRequest { against, since, until } = request;
    let asked = SimulateProgramme { version, against, since, until };
    let simulation =
        simulate_programme::ask(&counter.recorder, &asked).await.map_err(error::not_simulated)?;
    let location = [(header::LOCATION, format!("/v1/programme/simulations/{}", simulation.id))];
    Ok((StatusCode::ACCEPTED, location, Json(SimulationView::from(simulation))).into_response())
}

/// Read a simulation
///
/// How far it is, and once it is done, what it came to; then as a report with charts where `Accept` asks for `text/html`.
#[utoipa::path(
    get, path = "/v1/programme/simulations/{simulation_id}", operation_id = "read_simulation", tag = "programme",
    params(("simulation_id" = Uuid, Path, description = "As it was told when it was asked for.")),
    responses((status = 200, description = "The simulation.", content(
        (SimulationView = "application/json"),
        (String = "text/html"),
    )))
)]
pub(super) async fn read_simulation(
    State(counter): State<Counter>,
    Lang(language): Lang,
    PathParams(id): PathParams<Uuid>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = queries::simulation::read(&counter.database, id).await?;
    let simulation = found.ok_or_else(|| Problem::new(&error::SIMULATION_UNKNOWN))?;
    match &simulation.figures {
        Some(figures) if wants_page(&headers) => Ok(html(report(&counter, language, &simulation, figures)?)),
        _ => Ok(Json(SimulationView::from(simulation)).into_response()),
    }
}

fn report(
    counter: &Counter,
    language: kernel::Language,
    simulation: &Simulation,
    figures: &SimulationFigures,
) -> Result<String, Problem> {
    let document = serde_json::to_value(&simulation.document).map_err(|flaw| error::fault(flaw.into()))?;
    let documents = [&document];
    let codes = Codes::of(&documents);
    let words = Words::new(&counter.texts, language, simulation.document.currency).knowing(&codes);
    let version = |version: u32| words.say("simulation-version", &[("version", version.into())]);
    let series: Vec<String> =
        std::iter::once(simulation.version).chain(simulation.against).map(version).collect();
    let day = |at: Timestamp| words.day(counter.chain.local(at, None).day);
    let period =
        [("since", day(simulation.since).into()), ("until", day(simulation.until.plus_millis(-1)).into())];
    let notes = [words.say("simulation-period", &period)];
    Ok(pages::simulation_report(&words, figures, &series, &notes, &|example| example.member.to_string()))
}
