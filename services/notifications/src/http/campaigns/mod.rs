//! Campaigns: written by marketing, sent at their pace, held and ended, and measured.

pub mod keeping;
pub mod results;
pub mod stages;

use kernel::{CampaignCode, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use web::Face;

use super::Counter;
use crate::{domain::campaign::CampaignTerms, store::campaigns::Campaign};

/// Puts the routes of campaigns on a face.
pub(super) fn on(face: Face<Counter>) -> Face<Counter> {
    face.route(&keeping::PUT, keeping::put_campaign)
        .route(&keeping::READ, keeping::read_campaign)
        .route(&keeping::LIST, keeping::list_campaigns)
        .route(&keeping::MEMBERS, keeping::add_campaign_members)
        .route(&keeping::AUDIENCE, keeping::count_campaign_audience)
        .route(&stages::SCHEDULE, stages::schedule_campaign)
        .route(&stages::RECALL, stages::recall_campaign)
        .route(&stages::PAUSE, stages::pause_campaign)
        .route(&stages::RESUME, stages::resume_campaign)
        .route(&stages::STOP, stages::stop_campaign)
        .route(&results::READ, results::read_campaign_results)
}

/// A campaign as it stands.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct CampaignView {
    /// Its code.
    #[schema(value_type = String, example = "coffee-week")]
    pub campaign: CampaignCode,
    /// `draft`, `scheduled`, `running`, `paused`, `stopped` or `done`.
    #[schema(example = "running")]
    pub stage: &'static str,
    /// What it says, to whom and how.
    pub terms: CampaignTerms,
    /// When it begins, or began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// Nobody gets it afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// Members of its audience whose turn came.
    pub seen: i64,
    /// Those of them who were held out.
    pub held_out: i64,
    /// Messages that were queued.
    pub queued: i64,
    /// Whether the turn of everybody in its audience came.
    pub audience_done: bool,
    /// When somebody changed it last.
    pub changed_at: Timestamp,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_at: Option<Timestamp>,
}

impl From<Campaign> for CampaignView {
    fn from(one: Campaign) -> Self {
        Self {
            campaign: one.code,
            stage: one.stage.word(),
            terms: one.terms,
            starts_at: one.starts_at,
            ends_at: one.ends_at,
            seen: one.seen,
            held_out: one.held,
            queued: one.messages,
            audience_done: one.walked,
            changed_at: one.changed_at,
            over_at: one.over_at,
        }
    }
}
