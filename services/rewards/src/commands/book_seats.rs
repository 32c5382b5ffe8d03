//! A member books a seat at an event, waits for one, moves up, or gives it back.

use contracts::rewards::{MemberShown, SeatBooked, SeatEnded, WhoCancelled, WhyGiven, WhySeatEnded};
use kernel::{EventCode, MemberId, RedemptionId, SeatId, Timestamp};
use store::Tx;

use super::{
    Desk, Telling,
    cancel_redemption::{self, Cancelling},
    digest,
    persistence::persistently,
    promise_gifts::{Promise, promise, withdraw},
    redeem::{Wish, begin, present, same},
};
use crate::{
    domain::{
        event::{Place as Admitted, Seat},
        gift::WhyEnded,
        offer::{self, Place, Standing},
        refusal::Refusal,
    },
    error::{Error, Missing},
    store::{
        events::{self, KeptEvent},
        offers, places,
        redemptions::Request,
        seats::{self, KeptSeat},
        tallies,
    },
};

/// Who wants to come to what.
#[derive(Clone, Debug)]
pub struct Booking {
    /// Who.
    pub member: MemberId,
    /// To what.
    pub event: EventCode,
    /// Where the member stands, as far as that is known.
    pub standing: Option<Standing>,
    /// What the member showed of themselves where they asked.
    pub shown: MemberShown,
    /// Under which key it was asked.
    pub request: Request,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// A seat, and whether it had been asked for before.
#[derive(Clone, Debug)]
pub struct Booked {
    /// The seat, or the place in the waiting list.
    pub seat: KeptSeat,
    /// Whether it is the first answer again.
    pub replayed: bool,
}

/// Books a seat, or a place in the waiting list. Whoever books is one after the other, so that nobody passes who waits.
///
/// # Errors
/// [`Missing::Event`], [`Missing::Reward`], [`Refusal`], [`Error::KeyReused`], or a fault of the database.
pub async fn book_seat(desk: &Desk, wanted: &Booking) -> Result<Booked, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let kept = events::hold(&tx, &wanted.event).await?.ok_or(Missing::Event)?;
        if let Some(seat) = same(seats::asked(&tx, wanted.request.key).await?, wanted.request)? {
            tx.rollback().await?;
            return Ok(Booked { seat, replayed: true });
        }
        let mut telling = Telling::new(&desk.teller, wanted.traceparent.as_deref());
        let seat = admit(desk, &tx, (&kept, wanted), &mut telling).await?;
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(Booked { seat, replayed: false })
    })
    .await
}

async fn admit(
    desk: &Desk,
    tx: &Tx,
    (kept, wanted): (&KeptEvent, &Booking),
    telling: &mut Telling<'_>,
) -> Result<KeptSeat, Error> {
    let now = telling.now();
    let offer = offers::load(tx, &kept.event.reward).await?.ok_or(Missing::Reward)?;
    let branch = kept.event.branch.clone();
    let place = Place { region: places::region_of(tx, &branch).await?, branch };
    offer::may_ask(&offer, wanted.standing.as_ref(), Some(&place), now)?;
    let member = present(tx, wanted.member).await?;
    if seats::of(tx, &kept.code, member).await?.is_some() {
        return Err(Refusal::SeatHad.into());
    }
    let tier = wanted.standing.as_ref().and_then(|standing| standing.tier.as_ref());
    if kept.cancelled.is_some() {
        return Err(Refusal::NotOffered.into());
    }
    let admitted = kept.event.admit((kept.taken, kept.waiting), now)?;
    let mut fresh = KeptSeat {
        id: SeatId::from_uuid(desk.teller.ids.uuid()),
        event: kept.code.clone(),
        member,
        state: Seat::Waiting,
        reason: None,
        points: if kept.event.costs(tier) { offer.terms.points } else { 0 },
        position: 0,
        brought_by: None,
        counted: String::new(),
        cancel_until: kept.event.starts_at,
        asked_at: now,
        ended_at: None,
        told: 0,
    };
    if admitted == Admitted::Queue {
        fresh.position = events::queue(tx, &kept.code).await?;
        seats::insert(tx, &fresh, wanted.request).await?;
        return Ok(fresh);
    }
    seats::insert(tx, &fresh, wanted.request).await?;
    seat_them(desk, tx, (kept, &mut fresh), wanted.shown, telling).await?;
    Ok(fresh)
}

/// Gives a member a seat: for nothing at once, for points when they are redeemed.
async fn seat_them(
    desk: &Desk,
    tx: &Tx,
    (kept, seat): (&KeptEvent, &mut KeptSeat),
    shown: MemberShown,
    telling: &mut Telling<'_>,
) -> Result<(), Error> {
    if !events::take(tx, &kept.code).await? {
        return Err(Refusal::OutOfStock.into());
    }
    let (now, moved_up) = (telling.now(), seat.position > 0);
    seat.cancel_until = kept.event.cancel_until(now, moved_up);
    if seat.points > 0 {
        let key = digest("seat's redemption", &[&seat.id.to_string()]);
        let wish = Wish {
            member: seat.member,
            reward: kept.event.reward.clone(),
            branch: Some(kept.event.branch.clone()),
            standing: None,
            shown,
            seat: Some(seat.cancel_until),
            request: Request { key, fingerprint: key },
            traceparent: None,
        };
        let redemption = begin(desk, tx, &wish).await?;
        (seat.state, seat.brought_by) = (Seat::Asked, Some(redemption.id.as_uuid()));
    } else {
        free_ticket(desk, tx, (kept, seat), now).await?;
        seat.state = Seat::Booked;
        tell_booked(kept, seat, telling);
    }
    seats::update(tx, seat).await
}

async fn free_ticket(
    desk: &Desk,
    tx: &Tx,
    (kept, seat): (&KeptEvent, &mut KeptSeat),
    now: Timestamp,
) -> Result<(), Error> {
    let offer = offers::load(tx, &kept.event.reward).await?.ok_or(Missing::Reward)?;
    let counted = offer::counted(&offer.terms.limits, desk.chain.local(now, None).day);
    tallies::count(tx, &kept.event.reward, seat.member, &counted).await?;
    let periods: Vec<&str> = counted.iter().map(|(period, _)| period.as_str()).collect();
    seat.counted = periods.join(",");
    let wanted = Promise {
        source: &format!("event:{}", kept.code),
        cause: &seat.id.to_string(),
        member: seat.member,
        why: WhyGiven::Seat,
        reward: &kept.event.reward,
        branch: Some(&kept.event.branch),
        purchase: None,
        budgeted: false,
        caused_at: now,
        apart_ms: 0,
    };
    let gift = promise(&desk.teller, tx, &wanted).await?;
    seat.brought_by = gift.map(kernel::GiftId::as_uuid);
    Ok(())
}

pub(super) fn tell_booked(kept: &KeptEvent, seat: &mut KeptSeat, telling: &mut Telling<'_>) {
    let told = SeatBooked {
        seat_id: seat.id,
        event: seat.event.clone(),
        member_id: seat.member,
        moved_up: seat.position > 0,
        starts_at: kept.event.starts_at,
        cancel_until: seat.cancel_until,
    };
    telling.tell(seat.id.to_string(), &mut seat.told, &told);
}

/// Ends a seat or a place in the waiting list, of which the event has been told already.
pub(super) async fn end_seat(
    tx: &Tx,
    seat: &mut KeptSeat,
    why: WhySeatEnded,
    telling: &mut Telling<'_>,
) -> Result<(), Error> {
    let told = SeatEnded { seat_id: seat.id, event: seat.event.clone(), member_id: seat.member, reason: why };
    let word = serde_json::to_value(why).ok();
    seat.reason = word.and_then(|word| word.as_str().map(str::to_owned));
    (seat.state, seat.ended_at) = (Seat::Ended, Some(telling.now()));
    telling.tell(seat.id.to_string(), &mut seat.told, &told);
    seats::update(tx, seat).await
}

/// Gives a seat, or a place in the waiting list, back; what is over stays so.
///
/// # Errors
/// [`Missing::Seat`]; [`Refusal::SeatFixed`] when it is too late; a fault of the database.
pub async fn cancel_seat(desk: &Desk, id: SeatId, traceparent: Option<&str>) -> Result<KeptSeat, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let event = seats::load(&tx, id).await?.ok_or(Missing::Seat)?.event;
        // The event first, as whoever books does.
        events::hold(&tx, &event).await?.ok_or(Missing::Event)?;
        let mut seat = seats::hold(&tx, id).await?.ok_or(Missing::Seat)?;
        let mut telling = Telling::new(&desk.teller, traceparent);
        match seat.state {
            Seat::Ended => {
                tx.rollback().await?;
                return Ok(seat);
            }
            Seat::Waiting => events::leave_queue(&tx, &event).await?,
            Seat::Booked if telling.now() >= seat.cancel_until => return Err(Refusal::SeatFixed.into()),
            Seat::Booked if seat.points > 0 => {
                // Its points are given back, and the seat with them.
                refund(&tx, &seat, WhoCancelled::Member, &mut telling).await?;
                telling.stage(&tx).await?;
                tx.commit().await?;
                desk.teller.relay.wake();
                let ended = seats::load(desk.database.connection(), id).await?;
                return Ok(ended.ok_or(Missing::Seat)?);
            }
            Seat::Booked => clear(&tx, &mut seat, &mut telling).await?,
            Seat::Asked | Seat::Attended | Seat::Missed => return Err(Refusal::SeatFixed.into()),
        }
        end_seat(&tx, &mut seat, WhySeatEnded::Cancelled, &mut telling).await?;
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(seat)
    })
    .await
}

/// Cancels the redemption of a seat, as its member or as the chain.
pub(super) async fn refund(
    tx: &Tx,
    seat: &KeptSeat,
    who: WhoCancelled,
    telling: &mut Telling<'_>,
) -> Result<(), Error> {
    let id = RedemptionId::from_uuid(seat.brought_by.ok_or(Missing::Redemption)?);
    let wanted = Cancelling {
        id,
        who,
        actor: if who == WhoCancelled::Member { "member" } else { "clock" }.to_owned(),
        reason: None,
        traceparent: None,
    };
    cancel_redemption::within(tx, &wanted, telling).await.map(drop)
}

/// Takes the ticket of a free seat back, and lets others have the seat.
pub(super) async fn clear(tx: &Tx, seat: &mut KeptSeat, telling: &mut Telling<'_>) -> Result<(), Error> {
    let kept = events::load(tx, &seat.event).await?.ok_or(Missing::Event)?;
    if let Some(gift) = seat.brought_by {
        withdraw(tx, kernel::GiftId::from_uuid(gift), WhyEnded::SeatGivenBack, telling).await?;
    }
    let periods = seat.counted.split(',').filter(|period| !period.is_empty());
    tallies::uncount(tx, &kept.event.reward, seat.member, periods).await?;
    events::give_back(tx, &seat.event).await
}

/// Lets whoever waits longest move up where there is room; answers how many did, or could not.
///
/// # Errors
/// A fault of the database.
pub async fn fill_seats(desk: &Desk) -> Result<usize, Error> {
    let mut moved = 0;
    for code in events::with_room(desk.database.connection(), desk.teller.clock.now()).await? {
        while persistently(|| move_up(desk, &code)).await? {
            moved += 1;
        }
    }
    Ok(moved)
}

async fn move_up(desk: &Desk, code: &EventCode) -> Result<bool, Error> {
    let tx = desk.database.begin().await?;
    let mut telling = Telling::new(&desk.teller, None);
    let open = |kept: &KeptEvent| {
        kept.cancelled.is_none() && kept.event.starts_at > telling.now() && kept.taken < kept.event.seats
    };
    let Some(kept) = events::hold(&tx, code).await?.filter(open) else {
        tx.rollback().await?;
        return Ok(false);
    };
    let Some(mut seat) = seats::first_waiting(&tx, code).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    events::leave_queue(&tx, code).await?;
    // Whoever waited showed who they are when they asked, as far as they could.
    let shown = MemberShown { phone_confirmed: true, vouched: true };
    match seat_them(desk, &tx, (&kept, &mut seat), shown, &mut telling).await {
        Ok(()) => {
            telling.stage(&tx).await?;
            tx.commit().await?;
            desk.teller.relay.wake();
        }
        // The reward is over, or the member had it too often meanwhile: whoever is next moves up.
        Err(Error::Refused(_) | Error::Missing(_)) => {
            tx.rollback().await?;
            pass_over(desk, seat.id).await?;
        }
        Err(error) => return Err(error),
    }
    Ok(true)
}

async fn pass_over(desk: &Desk, id: SeatId) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let mut telling = Telling::new(&desk.teller, None);
    if let Some(mut seat) = seats::hold(&tx, id).await?.filter(|seat| seat.state == Seat::Waiting) {
        events::leave_queue(&tx, &seat.event).await?;
        end_seat(&tx, &mut seat, WhySeatEnded::NotOffered, &mut telling).await?;
    }
    telling.stage(&tx).await?;
    tx.commit().await?;
    desk.teller.relay.wake();
    Ok(())
}
