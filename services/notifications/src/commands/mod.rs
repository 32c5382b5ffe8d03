//! What can be done, one verb a file: load, decide, record, commit.

pub mod ask_receipts;
pub mod follow_members;
pub mod forget_kept;
pub mod hand_urgent;
pub mod meters;
pub mod note_receipt;
pub mod record_messages;
pub mod replay_dead;
pub mod send;
pub mod wording;

use std::sync::Arc;

use kernel::{Clock, Ids};
use runtime::Chain;
use store::Database;

use self::{meters::Meters, wording::Wording};
use crate::{
    adapters::{Carriers, contacts::Contacts, names::ThingNames},
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
    /// Knows what things are called.
    pub names: ThingNames,
    /// All providers.
    pub carriers: Arc<dyn Carriers>,
    /// What messages say.
    pub wording: Wording,
    /// Counts.
    pub meters: Meters,
}
