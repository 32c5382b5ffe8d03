//! Membership: the chain's places and tills, its members, and how they are recognised.
//!
//! Owns regions, branches, tills and till keys; members, their phones and cards, how they sign in and where they are
//! signed in; members' activity as heard from `points`. Promises: **a phone or card leads to at most one member**,
//! whatever happens in parallel; names, phones, cards and codes lie in the database encrypted or hashed and are on no bus
//! and in no log; a till key is shown once, and revoking it is for ever; nobody learns by asking for a code who is a
//! member. Absent on purpose: points, rules and money (`points`), who may call which route (`gateway` and route tables).

pub mod adapters;
pub mod commands;
pub mod domain;
pub mod error;
pub mod http;
pub mod jobs;
pub mod queries;
pub mod reactions;
pub mod settings;
pub mod store;

use std::sync::Arc;

use ::store::{Database, sea_orm_migration::MigrationTrait};
use anyhow::Context as _;
use async_trait::async_trait;
use bus::Reaction;
use kernel::{Clock, Ids};
use locale::phone::Country;
use runtime::{AuditRow, Context, Hearing, Parts, Secrets, Service, archive::Kept, settings::Setting};
use utoipa::{OpenApi as _, openapi::OpenApi};
use web::{ErrorCode, Peer, RouteSpec};

use crate::{
    adapters::{
        Carrier, Carriers, Console, HandedOn, OutboxFolder, Wording, payments::Payments, provider::Provider,
    },
    commands::{Desk, follow_referrals::Referring, rotate_signing_keys::rotate_signing_keys},
    domain::leaving::Forgetter,
    http::{ApiDoc, Counter},
    queries::verify,
    reactions::{
        member_forgotten::ConfirmErasures, points_earned::NotePurchases, purchases_of_friends::FollowFriends,
    },
    settings::Settings,
    store::{
        Vault,
        blind_index::{self, BlindIndex},
        cipher::ColumnCipher,
        passwords::Passwords,
        signing_keys::KeyRing,
    },
};

/// The service, as the binary sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Membership;

impl Membership {
    /// The database with the keys to what is sealed in it; for the service itself, and for the audit.
    ///
    /// # Errors
    /// Master keys that cannot be used.
    pub fn vault(database: Database, secrets: &Secrets, ids: Arc<dyn Ids>) -> anyhow::Result<Vault> {
        let cipher = ColumnCipher::new(&secrets.master_keys).context("secrets.master_keys")?;
        let blind = BlindIndex::new(secrets.blind_keys.clone());
        Ok(Vault { database, cipher: Arc::new(cipher), blind, ids })
    }
}

/// Who carries messages to members: one who keeps or sends them, and the console.
fn carriers(desk: &Desk) -> anyhow::Result<Carriers> {
    let mut all: Vec<Arc<dyn Carrier>> = Vec::new();
    if desk.settings.handed_on {
        let to = desk.notifications.clone();
        let to =
            to.context("membership.carrier = notifications, and this process was told of no such service")?;
        all.push(Arc::new(HandedOn::new(to)));
    } else if let Some(folder) = desk.settings.outbox.clone() {
        all.push(Arc::new(OutboxFolder::new(folder)));
    }
    all.push(Arc::new(Console));
    Ok(Carriers::new(all))
}

/// Everything that membership hears, and what it does about it.
#[must_use]
pub fn reactions(clock: &Arc<dyn Clock>, ids: &Arc<dyn Ids>) -> Vec<Arc<dyn Reaction>> {
    let with = Referring { clock: Arc::clone(clock), ids: Arc::clone(ids) };
    vec![
        Arc::new(NotePurchases),
        Arc::new(ConfirmErasures(Forgetter::Points)),
        Arc::new(ConfirmErasures(Forgetter::Rewards)),
        Arc::new(FollowFriends::new(with)),
    ]
}

#[async_trait]
impl Service for Membership {
    fn name(&self) -> &'static str {
        contracts::membership::SOURCE
    }

    fn about(&self) -> &'static str {
        "Regions, branches and tills; members, their phones, cards and sessions."
    }

    fn settings(&self) -> &'static [Setting] {
        settings::SETTINGS
    }

    fn routes(&self) -> Vec<&'static RouteSpec> {
        http::ROUTES.to_vec()
    }

    fn openapi(&self) -> OpenApi {
        let mut document = ApiDoc::openapi();
        web::complete(&mut document, http::ROUTES, &web::Texts::new(&[http::LOCALES]), &[]);
        document
    }

    fn errors(&self) -> &'static [&'static ErrorCode] {
        error::ERRORS
    }

    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        store::migrations::all()
    }

    fn hears(&self) -> &'static [Hearing] {
        const STREAM: &str = contracts::points::SOURCE;
        &[
            Hearing { stream: STREAM, consumer: reactions::points_earned::CONSUMER },
            Hearing { stream: STREAM, consumer: reactions::member_forgotten::OF_POINTS },
            Hearing { stream: contracts::rewards::SOURCE, consumer: reactions::member_forgotten::OF_REWARDS },
            Hearing { stream: STREAM, consumer: reactions::purchases_of_friends::CONSUMER },
        ]
    }

    fn kept(&self) -> Kept {
        store::kept::KEPT
    }

    async fn start(&self, context: Context) -> anyhow::Result<Parts> {
        let settings = Settings::from_values(&context.values)?;
        let country = Country::parse(&context.chain.country).context("chain.country names no country")?;
        let vault = Self::vault(context.database.clone(), &context.secrets, context.ids.clone())?;
        blind_index::begin(&vault).await?;
        let mut noise = [0; 32];
        context.ids.secret(&mut noise);
        let passwords = Passwords::new(&settings.passwords, noise)?;
        // A process that was told of no points says nothing of them to members who leave.
        let peer = |name: &'static str| {
            let upstream = context.peers.of(name).ok()?;
            Some(Peer::new(upstream, context.caller_key.clone(), contracts::membership::SOURCE, name))
        };
        let provider = settings.provider.clone().map(Provider::new).transpose()?.map(Arc::new);
        let payments = settings.payments.clone().map(Payments::new).transpose()?.map(Arc::new);
        let desk = Desk {
            provider,
            payments,
            vault,
            clock: context.clock.clone(),
            ids: context.ids.clone(),
            relay: context.relay.clone(),
            settings: Arc::new(settings),
            keys: KeyRing::default(),
            passwords,
            messages: Arc::default(),
            points: peer(contracts::points::SOURCE),
            rewards: peer(contracts::rewards::SOURCE),
            notifications: peer("notifications"),
        };
        rotate_signing_keys(&desk).await?;
        let carriers = carriers(&desk)?;
        jobs::start(&desk, &carriers, &Wording::new(context.chain.name.clone()), &context.tasks);
        jobs::start_occasions(&desk, &context.chain, &context.tasks);
        jobs::start_plans(&desk, &context.chain, &context.tasks);
        jobs::start_checkouts(&desk, &context.chain, &context.tasks);
        let reactions = reactions(&desk.clock, &desk.ids);
        let counter = Counter::new(desk, country, context.chain.clone());
        Ok(Parts { router: http::router(counter, context.caller_key.clone()), reactions, ..Parts::default() })
    }

    async fn audit(&self, database: &Database) -> anyhow::Result<Vec<AuditRow>> {
        Ok(verify::verify_rows(database).await?)
    }
}
