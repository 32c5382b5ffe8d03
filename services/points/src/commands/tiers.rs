//! What a transaction changes in the standings of members, gathered while it decides and written at its end.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use contracts::{
    Fact, FactHead,
    points::{SOURCE, TierChangeCause, TierChanged},
};
use kernel::{Day, FactId, MemberId, Timestamp};
use store::Tx;
use uuid::Uuid;

use super::record_purchases::Recorder;
use crate::{
    domain::{Credit, Ladder, Programme, Standing},
    store::{
        ledger::JournalRow,
        standings::{self, StandingRow, StoredStanding},
    },
};

/// Standings under one programme that has tiers.
pub struct Standings {
    programme: Arc<Programme>,
    today: Day,
    held: HashMap<MemberId, StoredStanding>,
    changed: BTreeSet<MemberId>,
}

impl Standings {
    /// The standings of these members; `None` where the programme has no tiers, and nothing is read then.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn load(
        tx: &Tx,
        programme: Option<&Arc<Programme>>,
        members: impl IntoIterator<Item = Uuid>,
        today: Day,
    ) -> anyhow::Result<Option<Self>> {
        let Some(programme) = programme.filter(|programme| programme.document.tiers.is_some()) else {
            return Ok(None);
        };
        let members: BTreeSet<Uuid> = members.into_iter().collect();
        let held = standings::load(tx, &members.into_iter().collect::<Vec<_>>()).await?;
        Ok(Some(Self::of(programme, held, today)))
    }

    /// These standings, as they were read.
    pub fn of(programme: &Arc<Programme>, held: HashMap<MemberId, StoredStanding>, today: Day) -> Self {
        Self { programme: Arc::clone(programme), today, held, changed: BTreeSet::new() }
    }

    /// The member's standing as of today, a new one where there was none, with the ladder that it stands on; `None` when
    /// the programme has no tiers.
    pub fn on_ladder(&mut self, member: MemberId) -> Option<(&mut Standing, &Ladder)> {
        let ladder = self.programme.document.tiers.as_ref()?;
        let new = || StoredStanding { revision: 0, standing: Standing::new(self.today) };
        let held = self.held.entry(member).or_insert_with(new);
        held.standing.advance(ladder, self.today);
        Some((&mut held.standing, ladder))
    }

    /// The member's standing changed: it will be written. Answers the fact to be told when the tier is another one now.
    pub fn settle(
        &mut self,
        recorder: &Recorder,
        member: MemberId,
        cause: TierChangeCause,
        now: Timestamp,
    ) -> Option<Fact> {
        self.changed.insert(member);
        let (standing, ladder) = self.on_ladder(member)?;
        let tier = standing.tier(ladder).map(|level| ladder.levels[level].code.clone());
        if standing.told == tier {
            return None;
        }
        let before = std::mem::replace(&mut standing.told, tier.clone());
        standing.changes += 1;
        let head = FactHead {
            id: FactId::from_uuid(recorder.ids.uuid()),
            source: SOURCE,
            subject: format!("{member}/tier"),
            seq: standing.changes,
            time: now,
            traceparent: None,
        };
        Some(Fact::new(head, &TierChanged { member_id: member, tier, before, cause, changed_at: now }))
    }

    /// Writes what changed.
    ///
    /// # Errors
    /// As [`standings::write`].
    pub async fn write(mut self, tx: &Tx) -> anyhow::Result<()> {
        let Some(ladder) = self.programme.document.tiers.as_ref() else { return Ok(()) };
        let rows: Vec<StandingRow> = std::mem::take(&mut self.changed)
            .into_iter()
            .filter_map(|member| {
                let StoredStanding { revision, standing } = self.held.remove(&member)?;
                Some(StandingRow {
                    member,
                    read: revision,
                    changes_on: standing.changes_on(ladder),
                    standing,
                })
            })
            .collect();
        standings::write(tx, &rows).await
    }
}

/// Takes back so much of what a purchase had counted for the tier of the member who has its account now. `None` where it had not counted, and nothing is read then. A change of the tier
/// is added to `facts`.
///
/// # Errors
/// When the database refuses, or a sum does not fit.
pub async fn take_back(
    recorder: &Recorder,
    tx: &Tx,
    (member, bought): (MemberId, &JournalRow),
    credit: Credit,
    now: Timestamp,
    facts: &mut Vec<Fact>,
) -> anyhow::Result<Option<Standings>> {
    let Some(purchase) = bought.purchase() else { return Ok(None) };
    let connection = tx.connection();
    let decided = recorder.programmes.version(connection, purchase.programme_version).await?;
    if decided.document.tiers.is_none() {
        return Ok(None);
    }
    // A programme without tiers leaves standings as they are, but for what is returned.
    let live = recorder.programmes.live(connection, now).await?;
    let programme = live.filter(|live| live.document.tiers.is_some()).unwrap_or(decided);
    let today = recorder.chain.local(now, None).day;
    let loaded = Standings::load(tx, Some(&programme), [member.as_uuid()], today).await?;
    let Some(mut standings) = loaded else { return Ok(None) };
    let counted_on = recorder.chain.local(bought.recorded_at, None).day;
    if let Some((standing, _)) = standings.on_ladder(member) {
        standing.take_back(counted_on, credit);
    }
    facts.extend(standings.settle(recorder, member, TierChangeCause::Return, now));
    Ok(Some(standings))
}
