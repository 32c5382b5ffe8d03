//! Notes what a provider says of messages that it took.
//!
//! **A receipt that comes twice or late takes nothing back.** One that comes before the provider's own answer is written down was first
//! all the same: the answer leaves it as it is ([`attempts::note`]).

use super::Desk;
use crate::{
    domain::{
        attempt::{Attempt, Standing},
        sending::{Notice, Receipt},
    },
    error::Error,
    store::attempts,
};

/// How often an attempt is looked at again that others change at the same moment.
const TRIES: usize = 3;
/// Why an attempt stands as it does of which a receipt came before the answer: whether it was taken twice is not known.
const BEFORE_THE_ANSWER: &str = "before_answer";

/// Notes receipts of a provider; those of messages that are not known are passed over, and answers how many were new.
///
/// # Errors
/// A fault of the database.
pub async fn note_receipts(desk: &Desk, provider: &str, notices: &[Notice]) -> Result<usize, Error> {
    let mut new = 0;
    for notice in notices {
        if let Some(standing) = note(desk, provider, notice).await? {
            desk.meters.receipt(provider, standing);
            new += 1;
        }
    }
    Ok(new)
}

async fn note(desk: &Desk, provider: &str, notice: &Notice) -> Result<Option<Standing>, Error> {
    let tx = desk.database.begin().await?;
    for _ in 0..TRIES {
        let Some(known) = attempts::by_notice(&tx, provider, notice).await? else { break };
        let Some(noted) = noted(&known, notice, desk.clock.now()) else { break };
        if attempts::change(&tx, known.standing, &noted).await? {
            tx.commit().await?;
            return Ok(Some(noted.standing));
        }
    }
    tx.rollback().await?;
    Ok(None)
}

/// The attempt after a receipt; nothing where it changes nothing.
fn noted(known: &Attempt, notice: &Notice, now: kernel::Timestamp) -> Option<Attempt> {
    let standing = known.standing.after(notice.receipt);
    // What comes of a call that is under way is said by its answer, unless it is over already.
    let early = known.standing == Standing::Handing;
    if standing == known.standing || (early && matches!(notice.receipt, Receipt::Underway | Receipt::Unknown))
    {
        return None;
    }
    let why = match standing {
        Standing::Failed => Some("not_delivered".to_owned()),
        _ if early => Some(BEFORE_THE_ANSWER.to_owned()),
        _ => known.why.clone(),
    };
    let reference = known.reference.clone().or_else(|| notice.reference.clone());
    Some(Attempt { standing, why, reference, noted_at: now, ..known.clone() })
}
