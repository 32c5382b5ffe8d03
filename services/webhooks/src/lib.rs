//! Webhooks: partners, and the chain's own programs, are told of facts at addresses of theirs.
//!
//! Owns subscriptions, the messages to each, and the attempts at them. Promises: **a fact becomes one message for each webhook
//! that wants it**, recorded with the inbox, and sent until it is taken or three days are over; every message is signed
//! (Standard Webhooks) and may come twice, under the same id; a receiver that is slow or down costs others nothing; no
//! address of the inside is ever called. Absent on purpose: who partners are (`membership`), personal data (facts have none),
//! and any change of state anywhere else.

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
use adapters::{
    courier::Courier,
    lookup::{self, Lookup},
};
use anyhow::Context as _;
use async_trait::async_trait;
use bus::Reaction;
use commands::{Desk, record_facts::Recorder};
use http::ApiDoc;
use kernel::{Clock, Ids};
use queries::verify;
use reactions::facts_heard::{FactsHeard, OF_MEMBERSHIP, OF_POINTS, OF_REWARDS};
use runtime::{
    AuditRow, Context, Hearing, Parts, Service,
    archive::Kept,
    settings::{Setting, Values},
};
use settings::Settings;
use store::seal::Seal;
use utoipa::{OpenApi as _, openapi::OpenApi};
use web::{ErrorCode, RouteSpec};

/// The service's name.
pub const NAME: &str = "webhooks";

/// The service, as the binary sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Webhooks;

/// What hears facts, for the service itself and for the replay of dead letters of the bus.
///
/// # Errors
/// Settings that cannot be used.
pub fn reactions(
    values: &Values,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn Ids>,
) -> anyhow::Result<Vec<Arc<dyn Reaction>>> {
    let retry_for = Settings::from_values(values)?.retry_for;
    let recorder = Recorder { clock: Arc::clone(clock), ids: Arc::clone(ids), retry_for };
    Ok(FactsHeard::all(&recorder).map(|heard| Arc::new(heard) as Arc<dyn Reaction>).into())
}

impl Webhooks {
    /// What commands are done with in this process, where hosts are found by `lookup`.
    ///
    /// # Errors
    /// Settings or master keys that cannot be used.
    pub fn desk(context: &Context, lookup: Lookup) -> anyhow::Result<Desk> {
        let settings = Settings::from_values(&context.values)?;
        let seal = Seal::new(&context.secrets.master_keys).context("secrets.master_keys")?;
        let courier = Courier::new(settings.addresses.clone(), lookup, settings.patience);
        Ok(Desk {
            database: context.database.clone(),
            clock: Arc::clone(&context.clock),
            ids: Arc::clone(&context.ids),
            settings: Arc::new(settings),
            seal: Arc::new(seal),
            courier,
        })
    }
}

#[async_trait]
impl Service for Webhooks {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "Webhooks of partners and of the chain, and the messages to them."
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
        let desk = Self::desk(&context, lookup::system())?;
        jobs::start(&desk, &context.tasks);
        Ok(Parts {
            reactions: reactions(&context.values, &context.clock, &context.ids)?,
            router: http::router(desk, context.caller_key),
            ..Parts::default()
        })
    }

    async fn audit(&self, database: &Database) -> anyhow::Result<Vec<AuditRow>> {
        Ok(verify::verify_rows(database).await?)
    }
}
