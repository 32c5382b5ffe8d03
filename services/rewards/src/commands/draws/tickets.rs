//! Tickets come and go, in the transaction of whatever brings them. A draw whose list is closed takes none, and loses none.

use kernel::{DrawCode, MemberId, Timestamp};
use store::Tx;
use uuid::Uuid;

use super::note;
use crate::{
    commands::{Desk, Teller, persistence::persistently},
    domain::{
        draw::{EntryState, Source, State},
        refusal::Refusal,
    },
    error::{Error, Missing},
    store::{
        draw_entries::{self, Cause, Entry},
        draws, erasures,
        redemptions::{Redemption, Request},
    },
};

/// What brings tickets.
#[derive(Clone, Debug)]
pub struct Bringing {
    /// To which draw.
    pub draw: DrawCode,
    /// To whom.
    pub member: MemberId,
    /// By what; the same thing brings them once.
    pub cause: Cause,
    /// How many.
    pub tickets: u32,
    /// What was paid, where it is a purchase.
    pub amount: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Whether they count, or points are on their way for them.
    pub state: EntryState,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// So many were added; fewer than were brought where the member has as many as one may have.
    Added(u32),
    /// They were brought before.
    Before,
    /// There is no such draw, or it was not open when it happened.
    NotOpen,
    /// The list is closed.
    TooLate,
}

/// Adds tickets, as many as one member may have.
///
/// # Errors
/// A fault of the database.
pub async fn bring(teller: &Teller, tx: &Tx, wanted: &Bringing) -> Result<Brought, Error> {
    // Held so that nobody closes the list between looking and adding.
    let Some(draw) = draws::keep_open(tx, &wanted.draw).await? else { return Ok(Brought::NotOpen) };
    let erased = erasures::is_erased(tx, wanted.member).await?;
    if matches!(draw.state, State::Draft | State::Cancelled) || !draw.terms.takes(wanted.at) || erased {
        return Ok(Brought::NotOpen);
    }
    if draw.state != State::Published {
        return Ok(Brought::TooLate);
    }
    if draw_entries::hold(tx, &wanted.draw, &wanted.cause).await?.is_some() {
        return Ok(Brought::Before);
    }
    let mut random = [0; 16];
    teller.ids.secret(&mut random);
    let fresh = uuid::Builder::from_random_bytes(random).into_uuid();
    let (holder, has) = draw_entries::entrant(tx, &wanted.draw, wanted.member, fresh).await?;
    let room = draw.terms.per_member.map_or(i64::MAX, |most| (i64::from(most) - has).max(0));
    let tickets = u32::try_from(room.min(i64::from(wanted.tickets))).unwrap_or_default();
    if tickets == 0 {
        return Ok(Brought::Added(0));
    }
    let entry = Entry {
        id: teller.ids.uuid(),
        draw: wanted.draw.clone(),
        member: wanted.member,
        holder,
        tickets,
        amount: wanted.amount,
        returned: 0,
        state: wanted.state,
    };
    draw_entries::insert(tx, &entry, &wanted.cause, teller.clock.now()).await?;
    Ok(Brought::Added(tickets))
}

/// The same for somebody who waits for an answer: all of them, or none.
///
/// # Errors
/// [`Refusal::DrawNotOpen`], [`Refusal::LimitReached`], or a fault of the database.
pub async fn bring_all(teller: &Teller, tx: &Tx, wanted: &Bringing) -> Result<Brought, Error> {
    match bring(teller, tx, wanted).await? {
        Brought::NotOpen | Brought::TooLate => Err(Refusal::DrawNotOpen.into()),
        Brought::Added(added) if added < wanted.tickets => {
            let most = draws::load(tx, &wanted.draw).await?.and_then(|draw| draw.terms.per_member);
            Err(Refusal::LimitReached { most: most.unwrap_or_default() }.into())
        }
        brought => Ok(brought),
    }
}

/// The same for a fact: what comes too late is dropped, and counted.
///
/// # Errors
/// A fault of the database.
pub async fn bring_heard(teller: &Teller, tx: &Tx, wanted: &Bringing) -> Result<(), Error> {
    if bring(teller, tx, wanted).await? == Brought::TooLate {
        draws::count_late(tx, &wanted.draw, wanted.tickets).await?;
    }
    Ok(())
}

/// Changes tickets of an open draw; of a closed one they stay.
async fn change(tx: &Tx, mut entry: Entry, to: impl FnOnce(&mut Entry, &draws::Draw)) -> Result<(), Error> {
    let open = draws::keep_open(tx, &entry.draw).await?.filter(|draw| draw.state.gives_back());
    let Some(draw) = open.filter(|_| entry.state != EntryState::Gone) else { return Ok(()) };
    let before = entry.tickets;
    to(&mut entry, &draw);
    if entry.state == EntryState::Gone {
        entry.tickets = 0;
    }
    draw_entries::update(tx, &entry, before).await
}

fn of(source: Source, reference: &impl ToString) -> Cause {
    Cause { source, reference: reference.to_string() }
}

/// The points of a redemption are redeemed, or free again: its tickets count, or are gone. **A list is not closed while points are on
/// their way for a ticket of it**, so that nobody pays for one that is not drawn from.
///
/// # Errors
/// A fault of the database.
pub async fn settle_redemption(tx: &Tx, redemption: &Redemption, state: EntryState) -> Result<(), Error> {
    for entry in draw_entries::brought_by(tx, &of(Source::Redemption, &redemption.id)).await? {
        change(tx, entry, |entry, _| entry.state = state).await?;
    }
    Ok(())
}

/// A redemption is given back for its points, and its tickets with it.
///
/// # Errors
/// [`Refusal::DrawNotOpen`] where they stand in a closed list, or a fault of the database.
pub async fn take_back_tickets(tx: &Tx, redemption: &Redemption) -> Result<(), Error> {
    for entry in draw_entries::brought_by(tx, &of(Source::Redemption, &redemption.id)).await? {
        let draw = draws::keep_open(tx, &entry.draw).await?;
        if draw.is_none_or(|draw| !draw.state.gives_back()) {
            return Err(Refusal::DrawNotOpen.into());
        }
        change(tx, entry, |entry, _| entry.state = EntryState::Gone).await?;
    }
    Ok(())
}

/// A purchase was brought back, perhaps in part; the same return counts once, however often it is heard.
///
/// # Errors
/// A fault of the database.
pub async fn return_purchase(tx: &Tx, purchase: Uuid, (return_id, amount): (Uuid, i64)) -> Result<(), Error> {
    for entry in draw_entries::brought_by(tx, &of(Source::Purchase, &purchase)).await? {
        if !draw_entries::note_return(tx, entry.id, return_id).await? {
            continue;
        }
        change(tx, entry, |entry, draw| {
            entry.returned = entry.returned.saturating_add(amount);
            if draw.terms.of_purchase(entry.amount, entry.returned) == 0 {
                entry.state = EntryState::Gone;
            }
        })
        .await?;
    }
    Ok(())
}

/// So many tickets that a rule of the programme brought with a purchase are taken back, once for each return.
///
/// # Errors
/// A fault of the database.
pub async fn revoke(
    tx: &Tx,
    purchase: Uuid,
    rule: &str,
    (return_id, tickets): (Uuid, i64),
) -> Result<(), Error> {
    for entry in draw_entries::brought_by(tx, &by_rule(purchase, rule)).await? {
        if !draw_entries::note_return(tx, entry.id, return_id).await? {
            continue;
        }
        change(tx, entry, |entry, _| {
            let left = i64::from(entry.tickets).saturating_sub(tickets).max(0);
            entry.tickets = u32::try_from(left).unwrap_or_default();
            if entry.tickets == 0 {
                entry.state = EntryState::Gone;
            }
        })
        .await?;
    }
    Ok(())
}

/// A rule of the programme, with the purchase that it brings tickets with.
#[must_use]
pub fn by_rule(purchase: Uuid, rule: &str) -> Cause {
    of(Source::Rule, &format!("{purchase}/{rule}"))
}

/// Who gives a member tickets, and why.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Of which draw.
    pub draw: DrawCode,
    /// To whom.
    pub member: MemberId,
    /// How many.
    pub tickets: u32,
    /// Who of the staff.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Under which key it was asked.
    pub request: Request,
}

/// Gives a member tickets by hand; the same key gives them once. Answers how many the member has.
///
/// # Errors
/// [`Missing::Draw`], [`Refusal::DrawNotOpen`], [`Refusal::LimitReached`], [`Error::KeyReused`], or a fault of the database.
pub async fn grant_tickets(desk: &Desk, grant: &Grant) -> Result<i64, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        // The history is in order, so that it is written under the whole draw's lock.
        draws::hold(&tx, &grant.draw).await?.ok_or(Missing::Draw)?;
        let now = desk.teller.clock.now();
        let wanted = Bringing {
            draw: grant.draw.clone(),
            member: grant.member,
            cause: of(Source::Staff, &Uuid::from_bytes(grant.request.key.0)),
            tickets: grant.tickets,
            amount: 0,
            at: now,
            state: EntryState::Live,
        };
        if let Some(entry) = draw_entries::hold(&tx, &grant.draw, &wanted.cause).await? {
            if entry.member != grant.member || entry.tickets != grant.tickets {
                return Err(Error::KeyReused);
            }
        } else {
            bring_all(&desk.teller, &tx, &wanted).await?;
            let detail = format!("{} tickets: {}", grant.tickets, grant.reason);
            note(&tx, &grant.draw, (&grant.actor, now), "granted", detail).await?;
        }
        let (_, has) = draw_entries::entrant(&tx, &grant.draw, grant.member, desk.teller.ids.uuid()).await?;
        tx.commit().await?;
        Ok(has)
    })
    .await
}
