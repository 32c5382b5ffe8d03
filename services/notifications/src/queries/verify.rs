//! Is everything as it is promised? Recomputed from the rows, for `vafa verify`.

use runtime::AuditRow;
use store::Database;

use crate::{error::Error, store::auditing};

/// Promises, and what would break each: a table, and which of its rows.
const PROMISES: &[(&str, &str, &str)] = &[
    (
        "every message that ended says when, and every one that did not go says why",
        "messages",
        "(state = 0) <> (finished_at IS NULL) OR (state IN (2, 3) AND why IS NULL)",
    ),
    (
        "every message that was sent is with a provider, or may be",
        "messages",
        "state = 1 AND lane <> 0 AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.message_id = messages.id)",
    ),
    (
        "no message that ended is still being handed over",
        "attempts",
        "standing = 0 AND EXISTS (SELECT 1 FROM messages m WHERE m.id = attempts.message_id AND m.state <> 0 AND m.lane <> 0)",
    ),
    (
        "no message is with providers twice on one channel",
        "attempts",
        // One of which nobody knew, and a receipt says later that it arrived, has its reason still.
        "standing IN (1, 2, 3) AND why IS NULL AND EXISTS (SELECT 1 FROM attempts o WHERE o.message_id = attempts.message_id \
         AND o.channel = attempts.channel AND o.id <> attempts.id AND o.standing IN (1, 2, 3) AND o.why IS NULL)",
    ),
    (
        "who is held out of a campaign gets nothing of it",
        "campaign_members",
        "arm = 0 AND EXISTS (SELECT 1 FROM messages m WHERE m.id = campaign_members.id)",
    ),
    (
        "no campaign is over that has not said when, and none has results that is not over",
        "campaigns",
        "(stage IN (4, 5)) <> (over_at IS NOT NULL) OR (results IS NOT NULL AND stage NOT IN (4, 5))",
    ),
    (
        "nobody is in a campaign or to be called who is erased",
        "erased_members",
        "EXISTS (SELECT 1 FROM campaign_members c WHERE c.member_id = erased_members.member_id) \
         OR EXISTS (SELECT 1 FROM campaign_lists l WHERE l.member_id = erased_members.member_id) \
         OR EXISTS (SELECT 1 FROM calls k WHERE k.member_id = erased_members.member_id)",
    ),
    (
        "every call that was made says what came of it",
        "calls",
        "(state = 0) <> (outcome IS NULL) OR (outcome IS NULL) <> (done_at IS NULL)",
    ),
    (
        "no message is kept of members who are erased",
        "messages",
        "state <> 0 AND member_id IN (SELECT member_id FROM erased_members)",
    ),
];

/// The promises that can be checked in the database.
///
/// # Errors
/// A fault of the database.
pub async fn verify_rows(database: &Database) -> Result<Vec<AuditRow>, Error> {
    let mut rows = Vec::new();
    for (promise, table, flaw) in PROMISES {
        let mut row = AuditRow::new(*promise);
        let (examined, differing) = auditing::flaws(database.connection(), table, flaw).await?;
        row.examined = examined;
        for _ in 0..differing {
            row.differs(*flaw);
        }
        rows.push(row);
    }
    Ok(rows)
}
