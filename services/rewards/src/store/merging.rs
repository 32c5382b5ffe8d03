//! Two members turned out to be one: what was one's is the other's.

use kernel::MemberId;
use sea_orm::ConnectionTrait;
use store::Tx;

use super::{at, challenge_entries, execute, personal_offers, query, takings, tastes};
use crate::error::Error;

/// Notes that a member is another one; `false` when it was noted before.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<bool, Error> {
    let ids = || [survivor.as_uuid().into(), absorbed.as_uuid().into()];
    let sql =
        "INSERT INTO merged_members (survivor, member_id) VALUES ($1, $2) ON CONFLICT (member_id) DO NOTHING";
    if execute(tx, sql, ids()).await? == 0 {
        return Ok(false);
    }
    // Always one step to whoever stays.
    execute(tx, "UPDATE merged_members SET survivor = $1 WHERE survivor = $2", ids()).await?;
    Ok(true)
}

/// Who a member is by now: themself, or who stayed.
///
/// # Errors
/// A fault of the database.
pub async fn follow(on: &impl ConnectionTrait, member: MemberId) -> Result<MemberId, Error> {
    let sql = "SELECT survivor FROM merged_members WHERE member_id = $1";
    let rows = query(on, sql, [member.as_uuid().into()]).await?;
    rows.first().map_or(Ok(member), |row| Ok(MemberId::from_uuid(at(row, 0)?)))
}

/// What is moved as it is. What is counted adds up apart, and the record of looks stays as it was written.
const MOVES: [&str; 6] = ["redemptions", "vouchers", "fulfilments", "gifts", "draw_entries", "draw_wins"];

/// Gives the one who stays what the other one had; what was counted of both adds up.
///
/// # Errors
/// A fault of the database.
pub async fn take_over(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<(), Error> {
    let ids = || [survivor.as_uuid().into(), absorbed.as_uuid().into()];
    // What both were given for the same cause was given twice: the cause of the second one says whose it had been.
    let twice = "UPDATE gifts SET cause = cause || $3 WHERE member_id = $2 AND EXISTS \
                 (SELECT 1 FROM gifts own WHERE own.source = gifts.source AND own.cause = gifts.cause AND own.member_id = $1)";
    let whose = format!(" of {absorbed}");
    execute(tx, twice, ids().into_iter().chain([whose.into()])).await?;
    for table in MOVES {
        let sql = format!("UPDATE {table} SET member_id = $1 WHERE member_id = $2");
        execute(tx, &sql, ids()).await?;
    }
    takings::absorb(tx, survivor, absorbed).await?;
    personal_offers::absorb(tx, survivor, absorbed).await?;
    tastes::absorb(tx, survivor, absorbed).await?;
    challenge_entries::absorb(tx, survivor, absorbed).await?;
    // Who has two seats at an event keeps the second one under the former name: its ticket is theirs, and it opens the door.
    let seats = "UPDATE seats SET member_id = $1 WHERE member_id = $2 AND (state = 'ended' OR NOT EXISTS \
                 (SELECT 1 FROM seats own WHERE own.event = seats.event AND own.member_id = $1 AND own.state <> 'ended'))";
    execute(tx, seats, ids()).await?;
    // Tickets stay under the numbers by which the list of the draw names them.
    let tickets = "UPDATE draw_entrants SET tickets = tickets + (SELECT gone.tickets FROM draw_entrants gone \
                   WHERE gone.draw = draw_entrants.draw AND gone.member_id = $2) \
                   WHERE member_id = $1 AND draw IN (SELECT draw FROM draw_entrants WHERE member_id = $2)";
    execute(tx, tickets, ids()).await?;
    let moved = "UPDATE draw_entrants SET member_id = $1 WHERE member_id = $2 AND draw NOT IN \
                 (SELECT draw FROM draw_entrants WHERE member_id = $1)";
    execute(tx, moved, ids()).await?;
    execute(tx, "DELETE FROM draw_entrants WHERE member_id = $1", [absorbed.as_uuid().into()]).await?;
    let shopper = "INSERT INTO shoppers (member_id, purchases, last_at, last_purchase, seq) \
                   SELECT $1, purchases, last_at, last_purchase, 0 FROM shoppers WHERE member_id = $2 \
                   ON CONFLICT (member_id) DO UPDATE SET purchases = shoppers.purchases + excluded.purchases, \
                   last_purchase = CASE WHEN excluded.last_at > shoppers.last_at THEN excluded.last_purchase ELSE shoppers.last_purchase END, \
                   last_at = CASE WHEN excluded.last_at > shoppers.last_at THEN excluded.last_at ELSE shoppers.last_at END";
    execute(tx, shopper, ids()).await?;
    execute(tx, "DELETE FROM shoppers WHERE member_id = $1", [absorbed.as_uuid().into()]).await?;
    let added = "INSERT INTO tallies (reward, member_id, period, used) \
                 SELECT reward, $1, period, used FROM tallies WHERE member_id = $2 \
                 ON CONFLICT (member_id, reward, period) DO UPDATE SET used = tallies.used + excluded.used";
    execute(tx, added, ids()).await?;
    execute(tx, "DELETE FROM tallies WHERE member_id = $1", [absorbed.as_uuid().into()]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::kept::KEPT;

    /// Tables with members in them that do not move as they are, and why.
    const STAYS: [(&str, &str); 11] = [
        ("challenge_entries", "is counted anew from what both bought"),
        ("challenge_marks", "moves, so that what both bought is counted as one member's"),
        ("tastes", "adds up"),
        ("offer_takings", "moves, behind what the one who stays took up"),
        ("personal_offer_members", "moves, but for lists that name both"),
        ("offer_hearings", "facts go on being counted under the name by which they are told"),
        ("tallies", "adds up"),
        ("shoppers", "adds up"),
        ("draw_entrants", "adds up"),
        ("seats", "moves, but for a second one at the same event"),
        ("looks", "a record of who looked at whom is not rewritten"),
    ];

    #[test]
    fn whatever_is_a_members_moves_or_stays_for_a_reason() {
        let theirs =
            KEPT.sheets.iter().filter(|sheet| sheet.fields.iter().any(|field| field.column == "member_id"));
        let tables: Vec<&str> = theirs.map(|sheet| sheet.table).collect();
        for table in &tables {
            let stays = STAYS.iter().any(|(name, why)| name == table && !why.is_empty());
            assert!(stays != MOVES.contains(table), "{table}: does it move when members merge?");
        }
        assert!(MOVES.iter().all(|table| tables.contains(table)), "{tables:?}");
    }
}
