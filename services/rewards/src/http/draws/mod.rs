//! Draws: kept by marketing, settled by two persons, published for everybody, claimed by members.

pub mod entropy;
pub mod keeping;
pub mod members;
pub mod record;
pub mod tickets;

use kernel::{BranchCode, DrawCode, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Caller, Problem};

use super::Counter;
use crate::{
    domain::draw::DrawTerms,
    store::{
        draw_wins::{self, Win},
        draws::{self, Deed, Draw},
    },
};

/// Deeds that are shown, the latest ones.
const DEEDS: u32 = 200;

/// Who of the back office does it, as histories name them.
fn actor(caller: &Caller) -> String {
    match caller {
        Caller::Staff { staff, .. } => staff.to_string(),
        other => other.word().to_owned(),
    }
}

/// A place in the order in which was drawn.
#[derive(Serialize, ToSchema)]
pub struct DrawnPlace {
    /// The place, from 1.
    pub place: u32,
    /// The ticket, from 1.
    pub ticket: u64,
    /// The number under which its member stands in the list.
    pub holder: Uuid,
    /// Which prize is theirs, from 1; absent for an alternate who waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prize: Option<u32>,
    /// `waiting`, `offered`, `claimed`, `handed_over` or `lapsed`.
    #[schema(example = "offered")]
    pub state: &'static str,
    /// Until when it can be claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_until: Option<Timestamp>,
    /// When it was claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<Timestamp>,
    /// When it was handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_at: Option<Timestamp>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "tehran-vanak")]
    pub handed_branch: Option<BranchCode>,
}

impl From<&Win> for DrawnPlace {
    fn from(win: &Win) -> Self {
        Self {
            place: win.place,
            ticket: win.ticket,
            holder: win.holder,
            prize: win.prize,
            state: win.state.word(),
            claim_until: win.claim_until,
            claimed_at: win.claimed_at,
            handed_at: win.handed_at,
            handed_branch: win.handed_branch.as_deref().and_then(|branch| BranchCode::parse(branch).ok()),
        }
    }
}

/// Something that was done with a draw.
#[derive(Serialize, ToSchema)]
pub struct DrawDeed {
    /// When.
    pub at: Timestamp,
    /// Who: an id of the staff, `operator`, `member`, or `clock` for what the time alone does.
    #[schema(example = "operator")]
    pub by: String,
    /// What.
    #[schema(example = "published")]
    pub deed: String,
    /// With what.
    pub detail: String,
}

impl From<Deed> for DrawDeed {
    fn from(deed: Deed) -> Self {
        Self { at: deed.made_at, by: deed.actor, deed: deed.what, detail: deed.detail }
    }
}

/// A draw as the chain keeps it.
#[derive(Serialize, ToSchema)]
pub struct KeptDraw {
    /// Its code.
    #[schema(value_type = String, example = "new-year")]
    pub draw: DrawCode,
    /// `draft`, `published`, `closed`, `settled` or `cancelled`.
    #[schema(example = "published")]
    pub state: &'static str,
    /// Its terms.
    pub terms: DrawTerms,
    /// SHA-256 of its seed, since it is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
    /// SHA-256 of its list, since that is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Entries of the closed list.
    pub entries: u64,
    /// Tickets of the closed list.
    pub tickets: u64,
    /// Tickets that came when the list was closed already.
    pub late: u64,
    /// The value that was entered for the source of chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entropy: Option<String>,
    /// Who entered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entropy_by: Option<String>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// When its list was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// When its winners were chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
    /// When it was cancelled; who did it stands in its history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "The sponsor withdrew the prize.")]
    pub cancelled_for: Option<String>,
    /// Who was drawn, in order: winners, then alternates.
    pub places: Vec<DrawnPlace>,
    /// What was done with it, the latest first, 200 at most.
    pub history: Vec<DrawDeed>,
}

/// A draw with all that is kept of it.
async fn kept(counter: &Counter, draw: Draw) -> Result<KeptDraw, Problem> {
    let on = counter.desk.database.connection();
    let places = draw_wins::of_draw(on, &draw.code).await?;
    let history = draws::deeds(on, &draw.code, DEEDS).await?;
    Ok(KeptDraw {
        draw: draw.code,
        state: draw.state.word(),
        terms: draw.terms,
        commitment: draw.commitment,
        digest: draw.digest,
        entries: draw.entries,
        tickets: draw.tickets,
        late: draw.late,
        entropy: draw.entropy,
        entropy_by: draw.entropy_by,
        published_at: draw.published_at,
        closed_at: draw.closed_at,
        settled_at: draw.settled_at,
        cancelled_at: draw.cancelled.as_ref().map(|how| how.at),
        cancelled_for: draw.cancelled.and_then(|how| how.reason),
        places: places.iter().map(DrawnPlace::from).collect(),
        history: history.into_iter().map(DrawDeed::from).collect(),
    })
}
