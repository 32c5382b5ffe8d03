//! The HTTP face: the route table, and one file a resource with its bodies beside their handlers.

mod api_doc;
pub mod archive;
mod erasures;
mod log;
mod looks;
mod pages;
mod queue;
mod receipts;
mod roles;
mod urgent_texts;

use std::{ops::Deref, sync::Arc};

use axum::Router;
use kernel::Language;
use runtime::LookBook;
use web::{CallerKey, Catalog, Face, RouteSpec, Texts};

pub use api_doc::ApiDoc;
pub use archive::ARCHIVE_WORDS;

use crate::commands::Desk;

/// The texts of this service's problems.
pub const LOCALES: &Catalog = &[
    (Language::En, include_str!("../../locales/en.ftl")),
    (Language::Fa, include_str!("../../locales/fa.ftl")),
    (Language::Ar, include_str!("../../locales/ar.ftl")),
];

/// Every route of the service.
pub const ROUTES: &[&RouteSpec] = &[
    &log::OF_MEMBER,
    &log::DEAD,
    &queue::READ,
    &queue::COSTS,
    &queue::REPLAY,
    &queue::REPLAY_ONE,
    &receipts::POST,
    &receipts::GET,
    &looks::LIST,
    &archive::PART,
    &erasures::LIST,
    &urgent_texts::POST,
];

/// What requests are answered with. Cheap to clone.
#[derive(Clone)]
pub struct Counter(Arc<Shared>);

/// What every request shares.
pub struct Shared {
    /// What commands are done with.
    pub desk: Desk,
    /// Who of the back office looked at whom.
    pub looks: LookBook,
    /// The words of the archive.
    pub texts: Texts,
}

impl Counter {
    /// Answers with these.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for Counter {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The router of all routes.
pub fn router(counter: Counter, caller_key: CallerKey, language: Language) -> Router {
    let looks = counter.looks.noting(&counter.desk.clock);
    Face::new(crate::NAME, caller_key, Texts::new(&[LOCALES]).speaking(language))
        .looks(looks)
        .route(&log::OF_MEMBER, log::list_member_messages)
        .route(&log::DEAD, log::list_dead_messages)
        .route(&queue::READ, queue::read_message_queue)
        .route(&queue::COSTS, queue::list_message_costs)
        .route(&queue::REPLAY, queue::replay_messages)
        .route(&queue::REPLAY_ONE, queue::replay_message)
        .route(&receipts::POST, receipts::receive_receipts)
        .route(&receipts::GET, receipts::receive_receipt_by_address)
        .route(&looks::LIST, looks::list_looks)
        .route(&archive::PART, archive::tell_part)
        .route(&erasures::LIST, erasures::tell_erasures)
        .route(&urgent_texts::POST, urgent_texts::hand_urgent_text)
        .finish(counter)
}
