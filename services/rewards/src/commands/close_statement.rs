//! Closes a statement for whoever pays: from then on it says the same for ever.

use kernel::Day;
use store::Tx;

use super::{Desk, persistence::persistently};
use crate::{
    domain::statement::{self, Line, NotClosed, What},
    error::Error,
    store::{
        money,
        statements::{self, Statement},
    },
};

/// What shall be closed.
#[derive(Clone, Debug)]
pub struct Closing {
    /// Who pays; nobody for the chain.
    pub sponsor: Option<String>,
    /// The last day of the statement.
    pub to: Day,
    /// Who closes it: `operator`, or the id of one of the staff.
    pub actor: String,
}

/// Closes a statement; one that is closed with that day is answered again. Whether it was there before.
///
/// # Errors
/// [`Error::NotClosed`], or a fault of the database.
pub async fn close_statement(desk: &Desk, wanted: &Closing) -> Result<(Statement, Vec<Line>, bool), Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let (fresh, lines) = match drawn_up(&tx, desk, wanted).await {
            Err(Error::NotClosed(refused @ NotClosed::Before { .. })) => {
                let known = statements::ending(&tx, wanted.sponsor.as_deref(), wanted.to).await?;
                let Some(known) = known else { return Err(Error::NotClosed(refused)) };
                let lines = statements::lines(&tx, known.number).await?;
                tx.rollback().await?;
                return Ok((known, lines, true));
            }
            other => other?,
        };
        statements::insert(&tx, &fresh, &lines).await?;
        tx.commit().await?;
        Ok((fresh, lines, false))
    })
    .await
}

/// The next statement as it would be closed.
///
/// # Errors
/// [`Error::NotClosed`], or a fault of the database.
pub async fn draft_statement(desk: &Desk, wanted: &Closing) -> Result<(Statement, Vec<Line>), Error> {
    let look = desk.database.snapshot().await?;
    let found = drawn_up(&look, desk, wanted).await?;
    look.rollback().await?;
    Ok(found)
}

async fn drawn_up(tx: &Tx, desk: &Desk, wanted: &Closing) -> Result<(Statement, Vec<Line>), Error> {
    let sponsor = wanted.sponsor.as_deref();
    let before = statements::latest(tx, sponsor).await?.map(|last| last.to);
    let from = statement::begins(money::summed(tx).await?, before, wanted.to).map_err(Error::NotClosed)?;
    let (sums, prices) = (money::kept(tx, from, wanted.to).await?, money::prices(tx).await?);
    let happened = sums.iter().map(|((reward, version, _), sums)| (reward, *version, sums));
    let lines =
        statement::lines(happened, |reward, version| prices.get(&(reward.clone(), version)), sponsor)?;
    let fresh = Statement {
        number: statements::next_number(tx).await?,
        sponsor: wanted.sponsor.clone(),
        from,
        to: wanted.to,
        charge: statement::total(&lines, What::Charge)?,
        correction: statement::total(&lines, What::Correction)?,
        closed_at: desk.teller.clock.now(),
        closed_by: wanted.actor.clone(),
    };
    Ok((fresh, lines))
}
