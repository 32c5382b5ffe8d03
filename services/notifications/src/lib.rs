//! Notifications: what members hear from the club, in their language, at the right time.
//!
//! Owns messages to members, the attempts at each, and what providers cost. Promises: **what concerns a member is told once**, by what
//! reaches them and as they want it; a message that may have been sent is written down before it is; no message waits behind one that
//! is less urgent. Absent on purpose: who members are and where they are reached (`membership` is asked at the moment of sending, and
//! nothing of it is kept), what messages said, and one-time codes themselves.

pub mod adapters;
pub mod commands;
pub mod domain;
pub mod error;
pub mod http;
mod jobs;
pub mod queries;
pub mod reactions;
pub mod settings;
pub mod store;

use std::{collections::HashMap, sync::Arc};

use ::store::{Database, sea_orm_migration::MigrationTrait};
use adapters::{
    Carriers, Fleet, Providers, audience::Audiences, contacts::Contacts, doors::Doors, names::ThingNames,
    opt_outs::OptOuts, senders::Senders,
};
use anyhow::Context as _;
use async_trait::async_trait;
use bus::Reaction;
use commands::{Desk, hear_text::Ears, meters::Meters, record_messages::Recorder, wording::Wording};
use http::{ApiDoc, Counter, Shared};
use kernel::{Clock, Ids};
use queries::verify;
use reactions::facts_heard::{FactsHeard, OF_MEMBERSHIP, OF_POINTS, OF_REWARDS};
use runtime::{
    AuditRow, Chain, Context, Hearing, LookBook, Parts, Service,
    archive::Kept,
    settings::{Setting, Values},
};
use settings::Settings;
use utoipa::{OpenApi as _, openapi::OpenApi};
use web::{ErrorCode, Peer, RouteSpec, Texts};

/// The service's name.
pub const NAME: &str = "notifications";

/// The service, as the binary sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Notifications;

/// What hears facts, for the service itself and for the replay of dead letters of the bus.
///
/// # Errors
/// Settings of the chain that cannot be used.
pub fn reactions(
    values: &Values,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn Ids>,
) -> anyhow::Result<Vec<Arc<dyn Reaction>>> {
    let recorder = Recorder {
        clock: Arc::clone(clock),
        ids: Arc::clone(ids),
        chain: Arc::new(Chain::from_settings(values)?),
        told_for: Settings::from_values(values).told_for,
    };
    Ok(FactsHeard::all(&recorder).map(|heard| Arc::new(heard) as Arc<dyn Reaction>).into())
}

/// The providers that the settings name; where they name none, the outbox and the console.
fn fleet(settings: &Settings) -> anyhow::Result<Fleet> {
    let Some(file) = &settings.providers else {
        let folder = settings.outbox.clone().context("notifications.outbox_dir")?;
        return Ok(Fleet::new(Providers::outbox(Some(folder), true)));
    };
    let named = || format!("notifications.providers: {}", file.display());
    let text = std::fs::read_to_string(file).with_context(named)?;
    Ok(Fleet::new(Providers::read(&text).with_context(named)?))
}

/// The doors through which texts come, where the file of providers has any.
fn doors(settings: &Settings) -> anyhow::Result<Doors> {
    let Some(file) = &settings.providers else { return Ok(Doors::default()) };
    let named = || format!("notifications.providers: {}", file.display());
    let text = std::fs::read_to_string(file).with_context(named)?;
    Doors::read(&text).with_context(named)
}

impl Notifications {
    /// What commands are done with in this process, by these providers.
    ///
    /// # Errors
    /// When this process was not told where another service is.
    pub fn desk(context: &Context, carriers: Arc<dyn Carriers>) -> anyhow::Result<Desk> {
        let settings = Arc::new(Settings::from_values(&context.values));
        let peer = |name: &'static str| -> anyhow::Result<Peer> {
            Ok(Peer::new(context.peers.of(name)?, context.caller_key.clone(), NAME, name))
        };
        let mut owners = HashMap::new();
        for name in [contracts::membership::SOURCE, contracts::points::SOURCE, contracts::rewards::SOURCE] {
            owners.insert(name, peer(name)?);
        }
        Ok(Desk {
            database: context.database.clone(),
            clock: Arc::clone(&context.clock),
            ids: Arc::clone(&context.ids),
            chain: Arc::clone(&context.chain),
            contacts: Contacts::new(peer(contracts::membership::SOURCE)?, settings.ask),
            audiences: Audiences::new(peer(contracts::points::SOURCE)?, settings.ask),
            names: ThingNames::new(owners, settings.ask),
            carriers,
            wording: Wording::new(Arc::clone(&context.chain), settings.calendars),
            meters: Meters::new(),
            ears: Arc::new(Ears::new(&context.secrets.blind_keys, &context.secrets.master_keys)?),
            doors: Arc::new(doors(&settings)?),
            senders: Senders::new(
                peer(contracts::membership::SOURCE)?,
                peer(contracts::points::SOURCE)?,
                settings.ask,
            ),
            opt_outs: OptOuts::new(&context.secrets.blind_keys, settings.gateway.as_deref()),
            settings,
        })
    }

    /// What requests are answered with.
    #[must_use]
    pub fn counter(context: &Context, desk: &Desk) -> Counter {
        Counter::new(Shared {
            desk: desk.clone(),
            looks: LookBook::new(NAME, &context.database, &context.secrets.blind_keys),
            texts: Texts::new(&[http::LOCALES, http::ARCHIVE_WORDS, http::PAGES]),
        })
    }
}

#[async_trait]
impl Service for Notifications {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Messages to members: what they hear from the club, and what came of it."
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
            Hearing { stream: contracts::membership::SOURCE, consumer: OF_MEMBERSHIP },
            Hearing { stream: contracts::points::SOURCE, consumer: OF_POINTS },
            Hearing { stream: contracts::rewards::SOURCE, consumer: OF_REWARDS },
        ]
    }

    fn kept(&self) -> Kept {
        store::kept::KEPT
    }

    async fn start(&self, context: Context) -> anyhow::Result<Parts> {
        let desk = Self::desk(&context, Arc::new(fleet(&Settings::from_values(&context.values))?))?;
        let counter = Self::counter(&context, &desk);
        jobs::start(&desk, &counter.looks, &context.tasks);
        Ok(Parts {
            reactions: reactions(&context.values, &context.clock, &context.ids)?,
            router: http::router(counter, context.caller_key, context.chain.language),
            ..Parts::default()
        })
    }

    async fn audit(&self, database: &Database) -> anyhow::Result<Vec<AuditRow>> {
        Ok(verify::verify_rows(database).await?)
    }
}
