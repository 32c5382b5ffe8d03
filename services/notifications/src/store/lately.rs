//! How many messages of the chain's own will members got lately.

use std::collections::HashMap;

use kernel::{MemberId, Timestamp};
use store::Database;

use super::{at, query};
use crate::{
    domain::{
        message::State,
        routing::Lately,
        trigger::{Lane, Topic, Trigger},
    },
    error::Error,
};

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// What these members got within the last day and the last seven.
///
/// # Errors
/// A fault of the database.
pub async fn of(
    database: &Database,
    members: &[MemberId],
    now: Timestamp,
) -> Result<HashMap<MemberId, Lately>, Error> {
    let unasked = Trigger::all()
        .filter(|trigger| trigger.terms().topic == Topic::Offers || trigger.terms().lane == Lane::Campaign);
    let kinds: Vec<String> = unasked.map(|trigger| format!("'{}'", trigger.word())).collect();
    let sql = format!(
        "SELECT COUNT(CASE WHEN finished_at > $2 THEN 1 END), COUNT(*) FROM messages \
         WHERE member_id = $1 AND state = $4 AND finished_at > $3 AND kind IN ({})",
        kinds.join(", ")
    );
    let (day, week) = (now.plus_millis(-DAY).micros(), now.plus_millis(-7 * DAY).micros());
    let mut all = HashMap::new();
    for member in members {
        if all.contains_key(member) {
            continue;
        }
        let values = [member.as_uuid().into(), day.into(), week.into(), State::Sent.number().into()];
        let rows = query(database.connection(), &sql, values).await?;
        let Some(row) = rows.first() else { continue };
        let count = |index| at::<i64>(row, index).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        all.insert(*member, Lately { day: count(0)?, week: count(1)? });
    }
    Ok(all)
}
