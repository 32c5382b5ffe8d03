//! The HTTP face: the route table, and one file a resource with its bodies beside their handlers.

mod api_doc;
pub mod archive;
mod calls;
mod campaigns;
mod erasures;
mod inbound;
mod log;
mod looks;
pub mod opt_outs;
mod pages;
mod queue;
mod receipts;
mod roles;
mod template_views;
mod templates;
mod unknown_texts;
mod urgent_texts;
mod wishes;

use std::{ops::Deref, sync::Arc};

use axum::Router;
use kernel::{Digest16, Language};
use runtime::LookBook;
use uuid::{Builder, Uuid};
use web::{Caller, CallerKey, Catalog, Face, RouteSpec, Texts};

pub use api_doc::ApiDoc;
pub use archive::ARCHIVE_WORDS;
pub use opt_outs::PAGES;

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
    &templates::LIST,
    &templates::READ,
    &templates::WRITE,
    &templates::DISCARD,
    &templates::PUBLISH,
    &templates::RESTORE,
    &templates::PREVIEW,
    &templates::TRY,
    &wishes::READ,
    &wishes::SAY,
    &opt_outs::SHOW,
    &opt_outs::DO,
    &inbound::POST,
    &inbound::GET,
    &unknown_texts::LIST,
    &unknown_texts::ANSWER,
    &unknown_texts::CLOSE,
    &receipts::POST,
    &receipts::GET,
    &looks::LIST,
    &archive::PART,
    &erasures::LIST,
    &urgent_texts::POST,
    &campaigns::keeping::PUT,
    &campaigns::keeping::READ,
    &campaigns::keeping::LIST,
    &campaigns::keeping::MEMBERS,
    &campaigns::keeping::AUDIENCE,
    &campaigns::stages::SCHEDULE,
    &campaigns::stages::RECALL,
    &campaigns::stages::PAUSE,
    &campaigns::stages::RESUME,
    &campaigns::stages::STOP,
    &campaigns::results::READ,
    &calls::FILL,
    &calls::LIST,
    &calls::RECORD,
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

/// Who of the chain asks, as rows name them.
fn actor(caller: &Caller) -> String {
    match caller {
        Caller::Staff { staff, .. } => staff.to_string(),
        _ => "operator".to_owned(),
    }
}

/// The id that a call has by its caller's own name for it.
fn id_of(named: &str) -> Uuid {
    let hash = ring::digest::digest(&ring::digest::SHA256, named.as_bytes());
    let digest = Digest16::first_of(hash.as_ref()).map_or([0; 16], |digest| digest.0);
    Builder::from_custom_bytes(digest).into_uuid()
}

/// The router of all routes.
pub fn router(counter: Counter, caller_key: CallerKey, language: Language) -> Router {
    let looks = counter.looks.noting(&counter.desk.clock);
    let face = Face::new(crate::NAME, caller_key, Texts::new(&[LOCALES]).speaking(language)).looks(looks);
    campaigns::on(face)
        .route(&log::OF_MEMBER, log::list_member_messages)
        .route(&log::DEAD, log::list_dead_messages)
        .route(&queue::READ, queue::read_message_queue)
        .route(&queue::COSTS, queue::list_message_costs)
        .route(&queue::REPLAY, queue::replay_messages)
        .route(&queue::REPLAY_ONE, queue::replay_message)
        .route(&templates::LIST, templates::list_message_templates)
        .route(&templates::READ, templates::read_message_template)
        .route(&templates::WRITE, templates::write_message_draft)
        .route(&templates::DISCARD, templates::discard_message_draft)
        .route(&templates::PUBLISH, templates::publish_message_draft)
        .route(&templates::RESTORE, templates::restore_message_template)
        .route(&templates::PREVIEW, templates::preview_message_template)
        .route(&templates::TRY, templates::try_message_template)
        .route(&wishes::READ, wishes::read_message_preferences)
        .route(&wishes::SAY, wishes::set_message_preferences)
        .route(&opt_outs::SHOW, opt_outs::show_opt_out)
        .route(&opt_outs::DO, opt_outs::opt_out)
        .route(&inbound::POST, inbound::receive_member_text)
        .route(&inbound::GET, inbound::receive_member_text_by_address)
        .route(&unknown_texts::LIST, unknown_texts::list_unknown_texts)
        .route(&unknown_texts::ANSWER, unknown_texts::answer_unknown_text)
        .route(&unknown_texts::CLOSE, unknown_texts::close_unknown_text)
        .route(&receipts::POST, receipts::receive_receipts)
        .route(&receipts::GET, receipts::receive_receipt_by_address)
        .route(&looks::LIST, looks::list_looks)
        .route(&archive::PART, archive::tell_part)
        .route(&erasures::LIST, erasures::tell_erasures)
        .route(&urgent_texts::POST, urgent_texts::hand_urgent_text)
        .route(&calls::FILL, calls::fill_call_list)
        .route(&calls::LIST, calls::list_calls)
        .route(&calls::RECORD, calls::record_call_outcome)
        .finish(counter)
}
