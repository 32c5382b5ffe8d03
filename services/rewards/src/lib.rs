//! Rewards: the catalogue, redemptions and vouchers.
//!
//! Owns what members can have for their points, how many of it there are, and what became of each that somebody asked for. Promises:
//! **a redemption ends completed or released, and never both**, whatever dies when; no more is given than there is, and no member
//! gets more than the chain lets them; a voucher's code cannot be guessed, and stands in no row as it is.
//! Absent on purpose: points (the ledger holds, captures and releases them, and hears of it by facts), and who members are.

mod adapters;
mod commands;
pub mod domain;
pub mod error;
pub mod http;
mod jobs;
mod queries;
mod reactions;
mod settings;
mod store;

use std::sync::Arc;

use ::store::{Database, sea_orm_migration::MigrationTrait};
use adapters::top_ups::TopUps;
use anyhow::Context as _;
use async_trait::async_trait;
use bus::{Reaction, Waker};
use commands::{Codes, Desk, Teller, redeem_together::redeem_together};
use http::{ApiDoc, Counter, Shared};
use jobs::Lookout;
use kernel::{Clock, Ids, Points, RedemptionId};
use locale::phone::Country;
use runtime::{
    AuditRow, Committer, Context, Hearing, Lanes, LookBook, Parts, Seal, Service, archive::Kept,
    settings::Setting,
};
use settings::Settings;
use utoipa::{OpenApi as _, openapi::OpenApi};
use web::{ErrorCode, Peer, RouteSpec, Texts};

pub use queries::draw_record;

/// The service's name.
pub const NAME: &str = contracts::rewards::SOURCE;

/// The service, as the binary sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rewards;

/// What rewards does about the facts of others, where the service itself does not run: it needs neither secrets nor settings.
#[must_use]
pub fn reactions(clock: &Arc<dyn Clock>, ids: &Arc<dyn Ids>) -> Vec<Arc<dyn Reaction>> {
    let teller = Teller { clock: Arc::clone(clock), ids: Arc::clone(ids), relay: Waker::default() };
    heard_with(&teller)
}

fn heard_with(teller: &Teller) -> Vec<Arc<dyn Reaction>> {
    vec![
        Arc::new(reactions::holds::FollowHolds::new(teller.clone())),
        Arc::new(reactions::draws::FillDraws::new(teller.clone())),
        Arc::new(reactions::members::FollowMembership::new(teller.clone())),
        Arc::new(reactions::purchases::HearPurchases::new(teller.clone())),
        Arc::new(reactions::offers::FulfilOffers::new(teller.clone())),
        Arc::new(reactions::challenges::CountPurchases::new(teller.clone())),
    ]
}

/// Every redemption with what it costs, and whether it is completed or released, for the comparison with points.
///
/// # Errors
/// When the database refuses.
pub async fn redemptions(database: &Database) -> anyhow::Result<Vec<(RedemptionId, Points, Option<bool>)>> {
    Ok(queries::verify::redemptions(database).await?)
}

/// Every redemption that was cancelled, and whether its points are back; nothing while points has not said so.
///
/// # Errors
/// When the database refuses.
pub async fn cancelled_redemptions(database: &Database) -> anyhow::Result<Vec<(RedemptionId, Option<bool>)>> {
    Ok(queries::verify::cancelled(database).await?)
}

/// One commit in flight: two would want the same stock.
const BEGINNINGS: Lanes = Lanes { count: 1, batch: 256, queue: 4_096 };

#[async_trait]
impl Service for Rewards {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "What members can have for their points, and the vouchers that they got."
    }

    fn settings(&self) -> &'static [Setting] {
        settings::SETTINGS
    }

    fn routes(&self) -> Vec<&'static RouteSpec> {
        http::ROUTES.to_vec()
    }

    fn openapi(&self) -> OpenApi {
        let mut document = ApiDoc::openapi();
        web::complete(&mut document, http::ROUTES, &Texts::new(&[http::LOCALES]), &[]);
        document
    }

    fn errors(&self) -> &'static [&'static ErrorCode] {
        error::ERRORS
    }

    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        store::migrations::all()
    }

    fn hears(&self) -> &'static [Hearing] {
        &[
            Hearing { stream: contracts::points::SOURCE, consumer: reactions::holds::CONSUMER },
            Hearing { stream: contracts::points::SOURCE, consumer: reactions::draws::CONSUMER },
            Hearing { stream: contracts::membership::SOURCE, consumer: reactions::members::CONSUMER },
            Hearing { stream: contracts::points::SOURCE, consumer: reactions::purchases::CONSUMER },
            Hearing { stream: contracts::points::SOURCE, consumer: reactions::offers::CONSUMER },
            Hearing { stream: contracts::points::SOURCE, consumer: reactions::challenges::CONSUMER },
        ]
    }

    fn kept(&self) -> Kept {
        store::kept::KEPT
    }

    async fn start(&self, context: Context) -> anyhow::Result<Parts> {
        let settings = Settings::from_values(&context.values)?;
        let codes = Codes::new(context.secrets.blind_keys.oldest(), &context.secrets.master_keys);
        let teller = Teller {
            clock: Arc::clone(&context.clock),
            ids: Arc::clone(&context.ids),
            relay: context.relay.clone(),
        };
        let peer = |name: &'static str| {
            let upstream = context.peers.of(name)?;
            anyhow::Ok(Peer::new(upstream, context.caller_key.clone(), NAME, name))
        };
        let top_ups = settings.top_up.as_ref().map(TopUps::new).transpose()?.map(Arc::new);
        let desk = Desk {
            database: context.database.clone(),
            teller: teller.clone(),
            chain: Arc::clone(&context.chain),
            settings,
            codes: Arc::new(codes.context("secrets.master_keys")?),
            seeds: Arc::new(Seal::new("rewards.draw_seed", &context.secrets.master_keys)?),
            top_ups,
            membership: peer(contracts::membership::SOURCE)?,
        };
        let looks = LookBook::new(NAME, &context.database, &context.secrets.blind_keys);
        jobs::start(&desk, &looks, &context.tasks);
        let lookout = Lookout::start(&desk.database, &context.tasks);
        let beginning = desk.clone();
        let beginnings = Committer::start((NAME, "redemptions"), BEGINNINGS, &context.tasks, move |wishes| {
            let desk = beginning.clone();
            async move { redeem_together(&desk, &wishes).await }
        });
        let counter = Counter::new(Shared {
            desk,
            beginnings,
            lookout,
            looks,
            country: Country::parse(&context.chain.country).unwrap_or(Country::IRAN),
            blind_keys: context.secrets.blind_keys.clone(),
            points: peer(contracts::points::SOURCE)?,
            membership: peer(contracts::membership::SOURCE)?,
            texts: Texts::new(&[
                http::LOCALES,
                http::ARCHIVE_WORDS,
                http::personal_offers::best::REASON_WORDS,
            ]),
        });
        let router = http::router(counter, context.caller_key.clone(), context.chain.language);
        Ok(Parts { router, reactions: heard_with(&teller), ..Parts::default() })
    }

    async fn audit(&self, database: &Database) -> anyhow::Result<Vec<AuditRow>> {
        Ok(queries::verify::verify_rows(database).await?)
    }
}
