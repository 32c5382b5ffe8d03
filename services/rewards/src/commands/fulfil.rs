//! What others deliver: the provider is asked, outside every transaction, under the redemption's id; what it says, by itself or when
//! asked, and what people decide, moves the redemption on in the transaction that writes it down.

use axum::http::Method;
use kernel::{Pii, RedemptionId, Timestamp};
use serde::Deserialize;
use store::Tx;

use super::{Desk, Teller, follow::follow, persistence::persistently};
use crate::{
    adapters::top_ups::TopUp,
    domain::{
        fulfilment::{Answer, By, State, decide, next},
        redemption::Heard,
    },
    error::{Error, Missing},
    store::{
        fulfilments::{self, Fulfilment},
        redemptions::Redemption,
    },
};

/// How long nobody else asks about what is just being asked, in milliseconds.
const CLAIM_MS: i64 = 60_000;

/// What membership says of a member's phone.
#[derive(Deserialize)]
struct PhoneAnswer {
    phone: Option<Pii<String>>,
}

/// What people decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The member has it.
    Done,
    /// The member will not have it.
    Failed,
    /// What contradicted its end was looked into.
    Settled,
}

/// Begins the delivery of what a redemption has its points for, in the transaction of whoever heard of them.
///
/// # Errors
/// A fault of the database.
pub(super) async fn entrust(
    tx: &Tx,
    of: &Redemption,
    (by, amount): (By, i64),
    now: Timestamp,
) -> Result<(), Error> {
    let fresh = Fulfilment {
        redemption: of.id,
        member: of.member,
        reward: of.reward.clone(),
        amount,
        by,
        state: State::Waiting,
        tries: 0,
        begun_at: now,
        next_at: (by == By::Provider).then_some(now),
        people_since: (by == By::People).then_some(now),
        trouble: None,
        outcome_by: None,
        outcome_for: None,
        ended_at: None,
    };
    fulfilments::insert(tx, &fresh).await
}

/// Asks the provider about one redemption whose time to be asked has come; answers how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn ask_provider(desk: &Desk) -> Result<usize, Error> {
    let claimed = persistently(|| async {
        let tx = desk.database.begin().await?;
        let now = desk.teller.clock.now();
        let Some(mut due) = fulfilments::next_due(&tx, now).await? else {
            tx.rollback().await?;
            return Ok(None);
        };
        if desk.top_ups.is_none() {
            // Nobody is called here: people do it by hand, and what was sent before is theirs to find out.
            (due.by, due.next_at) = (By::People, None);
            due.people_since = due.people_since.or(Some(now));
        } else {
            due.next_at = Some(now.plus_millis(CLAIM_MS));
        }
        fulfilments::update(&tx, &due).await?;
        tx.commit().await?;
        Ok(Some(due))
    })
    .await?;
    let Some(due) = claimed else { return Ok(0) };
    let Some(top_ups) = &desk.top_ups else { return Ok(1) };
    let now = desk.teller.clock.now();
    let answer = match due.state {
        State::Waiting => match phone(desk, &due).await {
            Ok(Some(phone)) => {
                let (reference, amount, currency) = (due.redemption, due.amount, desk.chain.currency);
                top_ups.port.send(&TopUp { reference, phone, amount, currency }, now).await
            }
            Ok(None) => Answer::Nobody,
            // Nothing was sent, so nothing is in doubt.
            Err(()) => Answer::Unknown,
        },
        _ => top_ups.port.ask(due.redemption, now).await,
    };
    hear_provider(desk, due.redemption, answer, Origin::Asked).await?;
    Ok(1)
}

/// The member's phone, as membership has it this moment; nothing where there is none. It is kept nowhere.
async fn phone(desk: &Desk, due: &Fulfilment) -> Result<Option<Pii<String>>, ()> {
    let path = format!("/internal/v1/members/{}/phone", due.member);
    let asked = desk.membership.ask::<_, PhoneAnswer>(Method::GET, &path, &(), desk.settings.ask).await;
    match asked {
        Ok(found) => Ok(found.phone),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => {
            tracing::warn!(%error, "membership does not say to which phone a top-up goes");
            Err(())
        }
    }
}

/// How an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The provider was asked.
    Asked,
    /// It told by itself.
    Told,
}

/// What the provider says of a redemption. Of one that there is not, or that others deliver, it says nothing.
///
/// # Errors
/// A fault of the database.
pub async fn hear_provider(
    desk: &Desk,
    id: RedemptionId,
    answer: Answer,
    origin: Origin,
) -> Result<(), Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let Some(mut own) = fulfilments::hold(&tx, id).await? else {
            return Ok(tx.rollback().await?);
        };
        let now = desk.teller.clock.now();
        let (state, trouble) = decide(own.state, answer);
        if origin == Origin::Asked {
            own.tries = own.tries.saturating_add(1);
        }
        if let Some(trouble) = trouble {
            own.trouble = Some(trouble.word().to_owned());
            own.people_since = own.people_since.or(Some(now));
        }
        let moved = state != own.state;
        own.state = state;
        if moved || origin == Origin::Asked {
            own.next_at = next(state, own.tries, now);
        }
        // Nobody knows for too long: people find out, and whatever the provider says meanwhile still counts.
        let patience = desk.settings.provider_patience_ms;
        if !state.is_over() && own.begun_at.plus_millis(patience) <= now {
            own.people_since = own.people_since.or(Some(now));
        }
        if moved && state.is_over() {
            end(&desk.teller, &tx, &mut own, None).await?;
        }
        fulfilments::update(&tx, &own).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(())
    })
    .await
}

async fn end(teller: &Teller, tx: &Tx, own: &mut Fulfilment, traceparent: Option<&str>) -> Result<(), Error> {
    own.ended_at = Some(teller.clock.now());
    own.next_at = None;
    if own.trouble.is_none() {
        own.people_since = None;
    }
    let heard = if own.state == State::Delivered { Heard::Delivered } else { Heard::Undelivered };
    follow(teller, tx, own.redemption, heard, (None, traceparent)).await
}

/// What somebody of the chain says: who it is, and why.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What they decide.
    pub outcome: Outcome,
    /// Who: `operator`, or the id of one of the staff.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// Decides what lies before people; what was decided so before stays so.
///
/// # Errors
/// [`Missing::Fulfilment`] where nothing lies before people, [`Error::OutcomeImpossible`] where it ended otherwise, or a fault of the
/// database.
pub async fn decide_fulfilment(
    desk: &Desk,
    id: RedemptionId,
    verdict: &Verdict,
) -> Result<Fulfilment, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut own = fulfilments::hold(&tx, id).await?.ok_or(Missing::Fulfilment)?;
        let wanted = match verdict.outcome {
            Outcome::Done => State::Delivered,
            Outcome::Failed => State::Refused,
            Outcome::Settled => own.state,
        };
        let again = own.people_since.is_none() && own.outcome_by.is_some() && own.state == wanted;
        if again {
            tx.rollback().await?;
            return Ok(own);
        }
        if own.people_since.is_none() {
            return Err(Missing::Fulfilment.into());
        }
        if own.state.is_over() != (verdict.outcome == Outcome::Settled) {
            return Err(Error::OutcomeImpossible(own.state));
        }
        own.outcome_by = Some(verdict.actor.clone());
        own.outcome_for = Some(verdict.reason.clone());
        own.people_since = None;
        if verdict.outcome != Outcome::Settled {
            own.state = wanted;
            end(&desk.teller, &tx, &mut own, verdict.traceparent.as_deref()).await?;
        }
        fulfilments::update(&tx, &own).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(own)
    })
    .await
}
