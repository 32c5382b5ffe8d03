//! Keeps segments: opens them, adds members and removes them.

use std::collections::BTreeSet;

use kernel::{MemberId, SegmentCode};
use uuid::Uuid;

use super::{persistence::persistently, record_purchases::Recorder};
use crate::store::{
    ledger,
    segments::{self, Segment},
};

/// The most segments of a chain.
pub const MOST_SEGMENTS: usize = 200;

/// What is to be changed in a segment.
#[derive(Clone, Debug)]
pub struct ChangeSegment {
    /// The segment.
    pub code: SegmentCode,
    /// Who comes in.
    pub add: Vec<MemberId>,
    /// Who goes out, before the others come in.
    pub remove: Vec<MemberId>,
}

/// Why a segment was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKept {
    /// There is no such segment.
    Unknown,
    /// There are as many segments as there may be.
    TooMany,
    /// Nobody knows the member at this place of those who come in.
    UnknownMember(usize),
}

/// Opens a segment; answers it and whether it is new.
///
/// # Errors
/// [`NotKept::TooMany`] within; a fault around it.
pub async fn open_segment(
    recorder: &Recorder,
    code: &SegmentCode,
) -> anyhow::Result<Result<(Segment, bool), NotKept>> {
    persistently("opening a segment", || open(recorder, code)).await
}

async fn open(recorder: &Recorder, code: &SegmentCode) -> anyhow::Result<Result<(Segment, bool), NotKept>> {
    let now = recorder.clock.now();
    let tx = recorder.database.begin().await?;
    if let Some(known) = segments::load(&tx, code).await? {
        tx.rollback().await?;
        return Ok(Ok((known, false)));
    }
    if segments::codes(tx.connection()).await?.len() >= MOST_SEGMENTS {
        tx.rollback().await?;
        return Ok(Err(NotKept::TooMany));
    }
    segments::open(&tx, code, now).await?;
    tx.commit().await?;
    Ok(Ok((Segment { code: code.clone(), opened_at: now, changed_at: now, members: 0 }, true)))
}

/// Changes a segment; answers it as it stands then. The same change again changes nothing.
///
/// # Errors
/// [`NotKept`] within, and nothing was changed; a fault around it.
pub async fn change_segment(
    recorder: &Recorder,
    command: &ChangeSegment,
) -> anyhow::Result<Result<Segment, NotKept>> {
    persistently("changing a segment", || change(recorder, command)).await
}

async fn change(recorder: &Recorder, command: &ChangeSegment) -> anyhow::Result<Result<Segment, NotKept>> {
    let now = recorder.clock.now();
    let tx = recorder.database.begin().await?;
    let ids =
        |members: &[MemberId]| members.iter().map(|member| member.as_uuid()).collect::<BTreeSet<Uuid>>();
    let (add, remove) = (ids(&command.add), ids(&command.remove));
    let refusal = if segments::load(&tx, &command.code).await?.is_none() {
        Some(NotKept::Unknown)
    } else {
        let known = ledger::known_members(&tx, &add.iter().copied().collect::<Vec<_>>()).await?;
        command.add.iter().position(|member| !known.contains(member)).map(NotKept::UnknownMember)
    };
    if let Some(refusal) = refusal {
        tx.rollback().await?;
        return Ok(Err(refusal));
    }
    segments::change(&tx, &command.code, &add, &remove, now).await?;
    let changed = segments::load(&tx, &command.code).await?;
    tx.commit().await?;
    Ok(changed.ok_or(NotKept::Unknown))
}
