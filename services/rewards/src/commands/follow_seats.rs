//! What becomes of seats when something else does: points are redeemed for them or not, a ticket is taken at the door, an event is over, a
//! member is erased.

use contracts::rewards::{SeatAttended, SeatMissed, WhoCancelled, WhySeatEnded};
use kernel::{EventCode, MemberId, SeatId};
use store::Tx;
use uuid::Uuid;

use super::{
    Desk, Telling,
    book_seats::{clear, end_seat, refund, tell_booked},
    persistence::persistently,
};
use crate::{
    domain::event::Seat,
    error::{Error, Missing},
    store::{
        events,
        seats::{self, KeptSeat},
        vouchers::{Kept, Origin},
    },
};

/// How many are looked at together.
const BATCH: u32 = 100;

/// Points were redeemed for a seat, where this redemption is for one.
pub(super) async fn paid(tx: &Tx, redemption: Uuid, telling: &mut Telling<'_>) -> Result<(), Error> {
    let found = seats::brought_by(tx, redemption).await?.filter(|seat| seat.state == Seat::Asked);
    let Some(mut seat) = found else { return Ok(()) };
    let kept = events::load(tx, &seat.event).await?.ok_or(Missing::Event)?;
    seat.state = Seat::Booked;
    tell_booked(&kept, &mut seat, telling);
    seats::update(tx, &seat).await
}

/// The points for a seat cannot be had, where this redemption was for one: somebody else may have it.
pub(super) async fn unpaid(tx: &Tx, redemption: Uuid, telling: &mut Telling<'_>) -> Result<(), Error> {
    let found = seats::brought_by(tx, redemption).await?.filter(|seat| seat.state == Seat::Asked);
    let Some(mut seat) = found else { return Ok(()) };
    events::give_back(tx, &seat.event).await?;
    end_seat(tx, &mut seat, WhySeatEnded::NotPaid, telling).await
}

/// A redemption was cancelled; where it was for a seat, somebody else may have it.
pub(super) async fn given_back(tx: &Tx, redemption: Uuid, telling: &mut Telling<'_>) -> Result<(), Error> {
    let found = seats::brought_by(tx, redemption).await?.filter(|seat| seat.state == Seat::Booked);
    let Some(mut seat) = found else { return Ok(()) };
    let called_off = events::load(tx, &seat.event).await?.is_some_and(|kept| kept.cancelled.is_some());
    let why = if called_off { WhySeatEnded::EventCancelled } else { WhySeatEnded::Cancelled };
    events::give_back(tx, &seat.event).await?;
    end_seat(tx, &mut seat, why, telling).await
}

/// A voucher was used; where it is the ticket of a seat, its member came.
pub(super) async fn attend(tx: &Tx, voucher: &Kept, telling: &mut Telling<'_>) -> Result<(), Error> {
    let origin = match voucher.origin {
        Origin::Redemption(id) => id.as_uuid(),
        Origin::Gift(id) => id.as_uuid(),
    };
    let found = seats::brought_by(tx, origin).await?.filter(|seat| seat.state == Seat::Booked);
    let Some(mut seat) = found else { return Ok(()) };
    let kept = events::load(tx, &seat.event).await?.ok_or(Missing::Event)?;
    let told = SeatAttended {
        seat_id: seat.id,
        event: seat.event.clone(),
        member_id: seat.member,
        branch: kept.event.branch,
        reward: kept.event.reward,
    };
    (seat.state, seat.ended_at) = (Seat::Attended, Some(telling.now()));
    telling.tell(seat.id.to_string(), &mut seat.told, &told);
    seats::update(tx, &seat).await
}

/// A member is erased: others may have what they booked, or waited for.
pub(super) async fn forget(tx: &Tx, member: MemberId, telling: &mut Telling<'_>) -> Result<(), Error> {
    for id in seats::open(tx, member).await? {
        let Some(event) = seats::load(tx, id).await?.map(|seat| seat.event) else { continue };
        events::hold(tx, &event).await?;
        let Some(mut seat) = seats::hold(tx, id).await? else { continue };
        match seat.state {
            Seat::Booked => events::give_back(tx, &event).await?,
            Seat::Waiting => events::leave_queue(tx, &event).await?,
            _ => continue,
        }
        end_seat(tx, &mut seat, WhySeatEnded::MemberErased, telling).await?;
    }
    Ok(())
}

/// Writes down who did not come to what is over, and ends what was booked of what is called off; answers how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn close_events(desk: &Desk) -> Result<usize, Error> {
    let mut closed = 0;
    for code in events::over(desk.database.connection(), desk.teller.clock.now()).await? {
        let on = desk.database.connection();
        let mut open = seats::standing(on, &code, Seat::Booked, BATCH).await?;
        open.extend(seats::standing(on, &code, Seat::Waiting, BATCH).await?);
        for id in &open {
            persistently(|| close(desk, &code, *id)).await?;
        }
        closed += open.len();
        if open.is_empty() && seats::count(on, &code, Seat::Asked).await? == 0 {
            persistently(|| async {
                let tx = desk.database.begin().await?;
                events::close(&tx, &code).await?;
                Ok(tx.commit().await?)
            })
            .await?;
        }
    }
    Ok(closed)
}

/// Ends a seat of an event that is called off: points that were redeemed for it come back, a free ticket is called back.
async fn end_called_off(tx: &Tx, seat: &mut KeptSeat, telling: &mut Telling<'_>) -> Result<(), Error> {
    if seat.points > 0 {
        return refund(tx, seat, WhoCancelled::Chain, telling).await;
    }
    clear(tx, seat, telling).await?;
    end_seat(tx, seat, WhySeatEnded::EventCancelled, telling).await
}

async fn close(desk: &Desk, code: &EventCode, id: SeatId) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let Some(kept) = events::hold(&tx, code).await? else { return Ok(()) };
    let mut telling = Telling::new(&desk.teller, None);
    let Some(mut seat) = seats::hold(&tx, id).await? else { return Ok(()) };
    match seat.state {
        Seat::Booked if kept.cancelled.is_some() && telling.now() < kept.event.ends_at => {
            match end_called_off(&tx, &mut seat, &mut telling).await {
                // A till has the ticket in hand just now: it is used, or looked at again.
                Err(Error::Refused(_)) => return Ok(()),
                ended => ended?,
            }
        }
        Seat::Waiting if kept.cancelled.is_some() => {
            events::leave_queue(&tx, code).await?;
            end_seat(&tx, &mut seat, WhySeatEnded::EventCancelled, &mut telling).await?;
        }
        Seat::Booked => {
            let told = SeatMissed { seat_id: id, event: code.clone(), member_id: seat.member };
            (seat.state, seat.ended_at) = (Seat::Missed, Some(telling.now()));
            telling.tell(id.to_string(), &mut seat.told, &told);
            seats::update(&tx, &seat).await?;
        }
        Seat::Waiting => {
            events::leave_queue(&tx, code).await?;
            end_seat(&tx, &mut seat, WhySeatEnded::EventOver, &mut telling).await?;
        }
        _ => {}
    }
    telling.stage(&tx).await?;
    tx.commit().await?;
    desk.teller.relay.wake();
    Ok(())
}
