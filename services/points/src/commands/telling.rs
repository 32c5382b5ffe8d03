//! The facts about operations.

use contracts::{
    Fact, FactHead,
    points::{
        AccountStateChanged, PointsActivated, PointsAdjusted, PointsCaptured, PointsExpired, PointsHeld,
        PointsRedeemed, PointsReleased, RedemptionReversed,
    },
};
use kernel::{JournalId, Overflow, Points};

use super::{changes::head, record_purchases::Recorder};
use crate::{
    domain::{Book, Journal, JournalKind, NEVER, Template},
    store::ledger::{JournalRow, OperationRow},
};

/// What is told of an operation; `None` for kinds that their own commands tell of.
///
/// # Errors
/// A sum that does not fit, which no decision lets through.
pub fn told(
    recorder: &Recorder,
    row: &JournalRow,
    journal: &Journal,
    traceparent: Option<&str>,
) -> Result<Option<Fact>, Overflow> {
    let (member_id, journal_id) = (row.member, row.id);
    let (balance, account_version) = (row.balance, row.version);
    let operation = row.operation();
    let about = JournalId::from_uuid(operation.and_then(|o| o.about).unwrap_or_default());
    let of = |template| moved(journal, template);
    let change = journal.change(Book::Member)?;
    let head = head(recorder, row, traceparent);
    Ok(Some(match row.kind() {
        JournalKind::Expiry => {
            let expired_on = journal.movements.iter().map(|m| m.expires_on).max().unwrap_or(NEVER);
            let points = of(Template::Lapsed)?.plus(of(Template::LapsedIdle)?)?;
            let data = PointsExpired { member_id, journal_id, points, expired_on, balance, account_version };
            Fact::new(head, &data)
        }
        JournalKind::Activation => Fact::new(
            head,
            &PointsActivated { member_id, journal_id, points: change, balance, account_version },
        ),
        JournalKind::Hold => {
            let until = operation.and_then(OperationRow::held_until).unwrap_or(row.recorded_at);
            let points = of(Template::Held)?;
            Fact::new(head, &PointsHeld { member_id, journal_id, points, until, balance, account_version })
        }
        JournalKind::Release => {
            let lapsed = operation.is_none_or(|o| o.request.is_none());
            let (hold_id, points) = (about, of(Template::Released)?);
            let data =
                PointsReleased { member_id, journal_id, hold_id, points, lapsed, balance, account_version };
            Fact::new(head, &data)
        }
        JournalKind::Capture => {
            let (points, released) = (of(Template::Captured)?, of(Template::Released)?);
            let hold_id = about;
            let data =
                PointsCaptured { member_id, journal_id, hold_id, points, released, balance, account_version };
            Fact::new(head, &data)
        }
        _ => return told_of_redemptions_and_people(head, row, journal),
    }))
}

fn told_of_redemptions_and_people(
    head: FactHead,
    row: &JournalRow,
    journal: &Journal,
) -> Result<Option<Fact>, Overflow> {
    let (member_id, journal_id) = (row.member, row.id);
    let (balance, account_version) = (row.balance, row.version);
    let operation = row.operation();
    let about = JournalId::from_uuid(operation.and_then(|o| o.about).unwrap_or_default());
    let of = |template| moved(journal, template);
    let change = journal.change(Book::Member)?;
    Ok(Some(match row.kind() {
        JournalKind::Redemption => {
            let branch = operation.and_then(|o| o.branch.clone());
            let (points, redemption_id) = (of(Template::Redeemed)?, row.pays_reward());
            let data = PointsRedeemed {
                member_id,
                journal_id,
                points,
                branch,
                redemption_id,
                balance,
                account_version,
            };
            Fact::new(head, &data)
        }
        JournalKind::RedemptionReversal => {
            let (redemption_id, points) = (about, of(Template::RedemptionReversed)?);
            let data =
                RedemptionReversed { member_id, journal_id, redemption_id, points, balance, account_version };
            Fact::new(head, &data)
        }
        JournalKind::Adjustment => Fact::new(
            head,
            &PointsAdjusted { member_id, journal_id, points: change, balance, account_version },
        ),
        kind @ (JournalKind::Freeze | JournalKind::Unfreeze | JournalKind::Closure) => {
            let state = match kind {
                JournalKind::Freeze => "frozen",
                JournalKind::Unfreeze => "open",
                _ => "closed",
            };
            let state = state.to_owned();
            Fact::new(head, &AccountStateChanged { member_id, journal_id, state, balance, account_version })
        }
        _ => return Ok(None),
    }))
}

/// How many points a journal moved by a template.
fn moved(journal: &Journal, template: Template) -> Result<Points, Overflow> {
    Points::sum(journal.movements.iter().filter(|m| m.template == template).map(|m| m.points))
}
