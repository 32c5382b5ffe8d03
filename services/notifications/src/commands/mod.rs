//! What can be done, one verb a file: load, decide, record, commit.

pub mod answer_unknown;
pub mod ask_receipts;
pub mod calls;
pub mod campaigns;
pub mod follow_members;
pub mod forget_kept;
pub mod hand_urgent;
pub mod hear_text;
pub mod keep_templates;
pub mod meters;
pub mod note_receipt;
pub mod note_wishes;
pub mod record_messages;
pub mod replay_dead;
pub mod send;
pub mod try_template;
pub mod wording;

use std::sync::Arc;

use kernel::{Clock, Ids};
use runtime::Chain;
use store::Database;

use self::{hear_text::Ears, meters::Meters, wording::Wording};
use crate::{
    adapters::{
        Carriers, audience::Audiences, contacts::Contacts, doors::Doors, names::ThingNames,
        opt_outs::OptOuts, senders::Senders,
    },
    settings::Settings,
};

/// What commands are done with.
#[derive(Clone)]
pub struct Desk {
    /// The rows.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// The chain's own facts.
    pub chain: Arc<Chain>,
    /// The service's settings.
    pub settings: Arc<Settings>,
    /// Knows where members are reached.
    pub contacts: Contacts,
    /// Knows whom campaigns are about.
    pub audiences: Audiences,
    /// Knows what things are called.
    pub names: ThingNames,
    /// All providers.
    pub carriers: Arc<dyn Carriers>,
    /// What messages say.
    pub wording: Wording,
    /// Makes links that end messages.
    pub opt_outs: OptOuts,
    /// Tells texts to the club apart, and keeps those that people read.
    pub ears: Arc<Ears>,
    /// Doors through which texts come.
    pub doors: Arc<Doors>,
    /// Knows who sent a text.
    pub senders: Senders,
    /// Counts.
    pub meters: Meters,
}
