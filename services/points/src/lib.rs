//! Points: the programme and the ledger.
//!
//! Owns the programme and its versions, members' accounts with their lots, and the journal of everything that ever
//! happened to them. Promises: none lost, none minted, none spent twice; a purchase is recorded once for ever, however
//! often a till sends it; every answer says what each rule made of the purchase; the books balance by construction.
//! Absent on purpose: who the members are. Points knows ids and keyed hashes, and asks `membership` once about one that
//! it has not heard of yet.

mod commands;
pub mod domain;
mod error;
mod http;
mod jobs;
mod pages;
mod queries;
mod reactions;
mod settings;
mod store;

use std::{
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use ::store::{Backend, Database, sea_orm_migration::MigrationTrait};
use async_trait::async_trait;
use bus::{Reaction, Waker};
use contracts::points::SOURCE;
use kernel::{Clock, Digest16, HouseholdId, IdentifierKind, Ids, MemberId};
use locale::phone::Country;
use runtime::{
    AuditRow, Chain, Committer, Context, Hearing, Lanes, LookBook, Parts, Service,
    archive::Kept,
    settings::{Setting, Values},
};
use utoipa::OpenApi as _;
use web::{ErrorCode, Peer, RouteSpec, Texts};

use crate::commands::record_purchases::Recorder;

pub use crate::{error::ERRORS, http::LOCALES, http::programme_schema, pages::report_simulation};

/// The service, as the binary sees it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Points;

#[async_trait]
impl Service for Points {
    fn name(&self) -> &'static str {
        "points"
    }

    fn about(&self) -> &'static str {
        "the programme and the ledger: purchases become points"
    }

    fn settings(&self) -> &'static [Setting] {
        settings::SETTINGS
    }

    fn routes(&self) -> Vec<&'static RouteSpec> {
        http::ROUTES.to_vec()
    }

    fn openapi(&self) -> utoipa::openapi::OpenApi {
        let mut document = http::ApiDoc::openapi();
        web::complete(&mut document, http::ROUTES, &Texts::new(&[http::LOCALES]), &[]);
        document
    }

    fn errors(&self) -> &'static [&'static ErrorCode] {
        ERRORS
    }

    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        store::migrations()
    }

    fn hears(&self) -> &'static [Hearing] {
        const STREAM: &str = contracts::membership::SOURCE;
        &[
            Hearing { stream: STREAM, consumer: reactions::CONSUMER },
            Hearing { stream: STREAM, consumer: reactions::ACTIONS_CONSUMER },
            Hearing { stream: STREAM, consumer: reactions::CARDS_CONSUMER },
            Hearing { stream: contracts::rewards::SOURCE, consumer: reactions::REWARDS_CONSUMER },
            Hearing { stream: contracts::rewards::SOURCE, consumer: reactions::ATTENDANCE_CONSUMER },
        ]
    }

    fn kept(&self) -> Kept {
        store::kept::KEPT
    }

    async fn start(&self, context: Context) -> anyhow::Result<Parts> {
        let mut settings = settings::Settings::from_values(&context.values);
        if context.database.backend() == Backend::Sqlite {
            settings.lanes = 1;
        }
        let (time, points) = ((&context.clock, &context.ids), settings.guarded_points);
        let recorder = recorder(&context.database, time, &context.chain, points, &context.relay);
        jobs::close_days(&recorder, &context.tasks);
        jobs::tell_tiers(&recorder, &context.tasks);
        let lanes = Lanes { count: settings.lanes, batch: settings.batch, queue: settings.queue };
        let recording = Arc::clone(&recorder);
        let committer = Committer::start((SOURCE, "purchases"), lanes, &context.tasks, move |purchases| {
            let recorder = Arc::clone(&recording);
            async move { recorder.record(&purchases).await }
        });
        // One lane: a transfer has two accounts, so that two lanes would want the same ones all the time.
        let one = Lanes { count: 1, ..lanes };
        let requesting = Arc::new((Arc::clone(&recorder), AtomicU32::new(0)));
        let transfers = Committer::start((SOURCE, "transfers"), one, &context.tasks, move |transfers| {
            let requesting = Arc::clone(&requesting);
            async move {
                let (recorder, wary) = &*requesting;
                commands::transfer_batch::request_transfers(recorder, wary, &transfers).await
            }
        });
        jobs::settle_transfers::start(&recorder, &context.tasks, settings.transfer_sweep);
        let zones = store::places::BranchZones::default();
        follow_zones(&context, &zones);
        jobs::tell_live(&recorder, &context.tasks);
        jobs::match_returns(&recorder, &context.tasks);
        jobs::settle(&recorder, Duration::from_secs(settings.settle_every_s), &context.tasks);
        jobs::run_simulations(&recorder, &context.tasks);
        let looks = LookBook::new(SOURCE, &context.database, &context.secrets.blind_keys);
        jobs::forget_hashes(&context.database, &context.clock, &context.tasks);
        jobs::forget_looks(&looks, &context.database, &context.clock, settings.keep_looks, &context.tasks);
        let heard = Arc::clone(&recorder);
        let texts = Texts::new(&[http::LOCALES, pages::LOCALES, http::ARCHIVE_WORDS]);
        let upstream = context.peers.of("membership")?;
        let counter = http::Counter::new(http::Shared {
            committer,
            transfers,
            balances: queries::balance::Balances::start(&context.database, &context.tasks),
            recorder,
            database: context.database.clone(),
            clock: Arc::clone(&context.clock),
            country: Country::parse(&context.chain.country).unwrap_or(Country::IRAN),
            chain: Arc::clone(&context.chain),
            blind_keys: context.secrets.blind_keys.clone(),
            zones,
            looks,
            membership: Peer::new(upstream, context.caller_key.clone(), "points", "membership"),
            reasons: http::Reasons::new(&texts),
            texts,
            settings,
        });
        let router = http::router(counter, context.caller_key.clone(), context.chain.language);
        Ok(Parts { router, reactions: of_others(heard), readiness: Vec::new() })
    }

    async fn audit(&self, database: &Database) -> anyhow::Result<Vec<AuditRow>> {
        queries::verify::audit(database).await
    }
}

fn recorder(
    database: &Database,
    (clock, ids): (&Arc<dyn Clock>, &Arc<dyn Ids>),
    chain: &Arc<Chain>,
    guarded_points: i64,
    relay: &Waker,
) -> Arc<Recorder> {
    Arc::new(Recorder {
        database: database.clone(),
        clock: Arc::clone(clock),
        ids: Arc::clone(ids),
        chain: Arc::clone(chain),
        programmes: store::programmes::ProgrammeCache::default(),
        guarded_points: kernel::Points::new(guarded_points),
        relay: relay.clone(),
        wary: std::sync::atomic::AtomicU32::new(0),
    })
}

fn of_others(recorder: Arc<Recorder>) -> Vec<Arc<dyn Reaction>> {
    vec![
        Arc::new(reactions::FollowMembership::new(Arc::clone(&recorder))),
        Arc::new(reactions::HearActions::new(Arc::clone(&recorder))),
        Arc::new(reactions::HearAttendance::new(Arc::clone(&recorder))),
        Arc::new(reactions::FollowCards::new(Arc::clone(&recorder))),
        Arc::new(reactions::FollowRedemptions::new(recorder)),
    ]
}

/// What points does about the facts of others, where the service itself does not run.
///
/// # Errors
/// Wrong settings.
pub fn reactions(
    database: &Database,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn Ids>,
    values: &Values,
) -> anyhow::Result<Vec<Arc<dyn Reaction>>> {
    let chain = Arc::new(Chain::from_settings(values)?);
    let guarded_points = settings::Settings::from_values(values).guarded_points;
    Ok(of_others(recorder(database, (clock, ids), &chain, guarded_points, &Waker::default())))
}

/// How often the branches' own time zones are read again.
const ZONES_EVERY: Duration = Duration::from_secs(2);

fn follow_zones(context: &Context, zones: &store::places::BranchZones) {
    let (database, zones, stop) = (context.database.clone(), zones.clone(), context.tasks.stopping());
    context.tasks.spawn("points branch zones", async move {
        loop {
            if let Err(fault) = zones.refresh(&database).await {
                tracing::warn!(fault = format!("{fault:#}"), "the branches' time zones could not be read");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(ZONES_EVERY) => {}
            }
        }
    });
}

/// What points heard of identifiers: keyed hash, member, kind, whether active; for the comparison with their owner.
///
/// # Errors
/// When the database refuses.
pub async fn heard_identifiers(
    database: &Database,
) -> anyhow::Result<Vec<(Digest16, MemberId, IdentifierKind, bool)>> {
    queries::projections::identifiers(database).await
}

/// What points heard of branches: branch and region.
///
/// # Errors
/// When the database refuses.
pub async fn heard_branches(database: &Database) -> anyhow::Result<Vec<(String, String)>> {
    queries::projections::branches(database).await
}

/// What points heard of households: member and household.
///
/// # Errors
/// When the database refuses.
pub async fn heard_households(database: &Database) -> anyhow::Result<Vec<(MemberId, HouseholdId)>> {
    queries::projections::households(database).await
}

/// Whose account went into whose.
///
/// # Errors
/// When the database refuses.
pub async fn merged_members(database: &Database) -> anyhow::Result<Vec<(MemberId, MemberId)>> {
    queries::projections::merged(database).await
}

/// What became of the holds of redemptions, for the comparison with who asked for them: hold, how many points, captured or not, or
/// nothing yet.
///
/// # Errors
/// When the database refuses.
pub async fn redemption_holds(
    database: &Database,
) -> anyhow::Result<Vec<(kernel::RedemptionId, kernel::Points, Option<bool>)>> {
    store::redemptions::holds(database).await
}

/// The redemptions whose points came back, for the comparison with who cancelled them.
///
/// # Errors
/// When the database refuses.
pub async fn refunded_redemptions(database: &Database) -> anyhow::Result<Vec<kernel::RedemptionId>> {
    store::redemptions::refunded(database).await
}

/// The purchases of each account, for the comparison with those who heard of them: member, journals, purchases.
///
/// # Errors
/// When the database refuses.
pub async fn purchase_counts(database: &Database) -> anyhow::Result<Vec<(MemberId, u64, u64)>> {
    queries::projections::purchase_counts(database).await
}
