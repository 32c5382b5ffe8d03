//! What is answered about a transfer.

use kernel::{Day, MemberId, Points, Timestamp, TransferId};
use serde::Serialize;
use utoipa::ToSchema;
use web::Caller;

use crate::{
    commands::request_transfer::Requested,
    domain::{Lot, NEVER, TransferKind, TransferStatus},
    store::transfers::TransferRow,
};

/// A transfer, where it stands now.
#[derive(Serialize, ToSchema)]
pub struct TransferAnswer {
    /// Its id; absent in a quote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_id: Option<TransferId>,
    /// What moves the points.
    pub kind: TransferKind,
    /// Where it stands.
    pub status: TransferStatus,
    /// Who gives.
    pub from: MemberId,
    /// Who gets.
    pub to: MemberId,
    /// How many points the receiver gets.
    pub points: Points,
    /// How many more the sender pays for it; they come back with the points when it does not come about.
    pub fee: Points,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// When it goes on by itself: it arrives when cooling off is over, and comes back when nobody says anything in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// When the sender confirmed it by a one-time code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// When a second person approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
    /// When the receiver accepted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    /// When it came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The person who made it on the sender's behalf; not shown to members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Why, in that person's words; shown to staff and to the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The second person, who approved or refused it; not shown to members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// The programme version whose terms hold for it.
    pub programme_version: u32,
}

impl From<TransferRow> for TransferAnswer {
    fn from(row: TransferRow) -> Self {
        let transfer = row.transfer;
        Self {
            transfer_id: Some(transfer.id),
            kind: transfer.kind,
            status: transfer.status,
            from: transfer.sender,
            to: transfer.receiver,
            points: transfer.points,
            fee: transfer.fee,
            requested_at: transfer.requested_at,
            due_at: transfer.due_at,
            confirmed_at: transfer.confirmed_at,
            approved_at: transfer.approved_at,
            accepted_at: transfer.accepted_at,
            ended_at: transfer.ended_at,
            agent: transfer.agent,
            reason: row.reason,
            reviewer: transfer.reviewer,
            programme_version: row.programme_version,
        }
    }
}

impl TransferAnswer {
    /// A transfer as the caller may see it: names of staff are the chain's own affair, and why somebody gave is the giver's.
    pub(super) fn shown(row: TransferRow, caller: &Caller) -> Self {
        let Caller::Member { member, .. } = caller else { return row.into() };
        let reason = row.reason.clone().filter(|_| row.transfer.sender == *member);
        Self { agent: None, reviewer: None, reason, ..row.into() }
    }
}

/// Points that travel together: they keep their last day.
#[derive(Serialize, ToSchema)]
pub struct TravellingLot {
    /// How many.
    pub points: Points,
    /// The last day on which they can be spent; absent when they do not lapse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Day>,
}

/// A transfer as it was requested, or as it would be.
#[derive(Serialize, ToSchema)]
pub struct RequestedAnswer {
    /// The transfer as it stood then.
    pub transfer: TransferAnswer,
    /// What travels, soonest to lapse first.
    pub lots: Vec<TravellingLot>,
    /// How many of the sender's points may go to another member, these among them; only where nothing was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferable: Option<Points>,
    /// The sender's balance afterwards.
    pub balance: Points,
    /// The sender's account version afterwards.
    pub account_version: u64,
    /// True when nothing was kept.
    pub dry_run: bool,
}

impl RequestedAnswer {
    /// The answer to a request, or with `dry_run` to the question what it would bring.
    pub fn of(requested: Requested, dry_run: bool) -> Self {
        let mut transfer = TransferAnswer::from(requested.row);
        if dry_run {
            transfer.transfer_id = None;
        }
        Self {
            transfer,
            lots: travelling(&requested.lots),
            transferable: requested.transferable.filter(|_| dry_run),
            balance: requested.balance,
            account_version: requested.account_version,
            dry_run,
        }
    }
}

/// Lots by their last days; who pays for them is the chain's own affair.
fn travelling(lots: &[Lot]) -> Vec<TravellingLot> {
    let mut days: Vec<TravellingLot> = Vec::new();
    for lot in lots {
        let on = Some(lot.expires_on).filter(|day| *day < NEVER);
        match days.last_mut() {
            Some(last) if last.on == on => last.points = last.points.plus(lot.points).unwrap_or(last.points),
            _ => days.push(TravellingLot { points: lot.points, on }),
        }
    }
    days
}
