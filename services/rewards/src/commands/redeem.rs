//! A member wants a reward: one is reserved, limits are counted, its voucher is prepared and points is told, all in one transaction.

use kernel::{BranchCode, MemberId, Points, RedemptionId, RewardCode, Timestamp, VoucherId};

use contracts::rewards::{MemberShown, RedemptionRequested};
use store::Tx;

use super::{
    Codes, Desk, Teller, Telling,
    draws::tickets::{Bringing, bring_all},
    persistence::persistently,
    ticket,
};
use crate::{
    domain::{
        draw::{EntryState, Source},
        offer::{self, Offer, Place, Standing},
        redemption::State,
        refusal::Refusal,
        reminder,
        reward::RewardKind,
        voucher::{State as VoucherState, Voucher},
    },
    error::{Error, Missing},
    store::{
        draw_entries::Cause,
        erasures, merging, offers, places,
        redemptions::{self, Redemption, Request},
        stock::{self, Taken},
        tallies,
        vouchers::{self, CodeRow, Kept, Origin},
    },
};

const HOUR_MS: i64 = 60 * 60 * 1_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Who wants what.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Who.
    pub member: MemberId,
    /// What.
    pub reward: RewardCode,
    /// Where, when a branch is named.
    pub branch: Option<BranchCode>,
    /// Where the member stands, as far as that is known.
    pub standing: Option<Standing>,
    /// What the member showed of themselves where they asked.
    pub shown: MemberShown,
    /// Until when it may be given back, where it is for a seat at an event that the member was let in to.
    pub seat: Option<Timestamp>,
    /// Under which key it was asked.
    pub request: Request,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// A redemption, and whether it had been asked for before.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// The redemption.
    pub redemption: Redemption,
    /// Whether it is the first answer again.
    pub replayed: bool,
}

/// The redemption that was asked for before under this key.
///
/// # Errors
/// [`Error::KeyReused`], or a fault of the database.
pub async fn asked_before(desk: &Desk, request: Request) -> Result<Option<Redemption>, Error> {
    same(redemptions::asked(desk.database.connection(), request.key).await?, request)
}

pub(super) fn same<T>(found: Option<(T, kernel::Digest16)>, request: Request) -> Result<Option<T>, Error> {
    match found {
        Some((_, fingerprint)) if fingerprint != request.fingerprint => Err(Error::KeyReused),
        found => Ok(found.map(|(found, _)| found)),
    }
}

/// Begins a redemption.
///
/// # Errors
/// [`Missing::Reward`], [`Refusal`], [`Error::KeyReused`], or a fault of the database.
pub async fn redeem(desk: &Desk, wish: &Wish) -> Result<Redeemed, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        if let Some(redemption) = same(redemptions::asked(&tx, wish.request.key).await?, wish.request)? {
            tx.rollback().await?;
            return Ok(Redeemed { redemption, replayed: true });
        }
        let redemption = begin(desk, &tx, wish).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(Redeemed { redemption, replayed: false })
    })
    .await
}

/// Reserves, counts, prepares and tells, in a transaction.
pub(super) async fn begin(desk: &Desk, tx: &Tx, wish: &Wish) -> Result<Redemption, Error> {
    let mut telling = Telling::new(&desk.teller, wish.traceparent.as_deref());
    let now = telling.now();
    let offer = offers::load(tx, &wish.reward).await?.ok_or(Missing::Reward)?;
    let place = match &wish.branch {
        Some(branch) => Some(Place { branch: branch.clone(), region: places::region_of(tx, branch).await? }),
        None => None,
    };
    may_ask(&offer, wish, place.as_ref(), now)?;
    let member = present(tx, wish.member).await?;
    let usable_at = usable_at(tx, &offer, wish.branch.as_ref()).await?;
    let today = desk.chain.local(now, None).day;
    let counted = offer::counted(&offer.terms.limits, today);
    tallies::count(tx, &wish.reward, member, &counted).await?;
    // Last, since everybody wants the same row.
    let taken = stock::reserve(tx, &wish.reward, wish.branch.as_ref()).await?;
    let mut fresh = fresh(desk, &offer, wish, (member, taken, &counted), now);
    tell_requested(desk, &offer, wish, &mut fresh, &mut telling);
    redemptions::insert(tx, &fresh, wish.request).await?;
    prepare(desk, tx, &offer, &fresh, usable_at).await?;
    reserve_tickets(&desk.teller, tx, &offer, &fresh).await?;
    telling.stage(tx).await?;
    Ok(fresh)
}

/// A redemption that begins.
pub(super) fn fresh(
    desk: &Desk,
    offer: &Offer,
    wish: &Wish,
    (member, taken, counted): (MemberId, Taken, &[(String, u32)]),
    now: Timestamp,
) -> Redemption {
    let periods: Vec<&str> = counted.iter().map(|(period, _)| period.as_str()).collect();
    let usual = offer.terms.cancel_hours.map(|hours| now.plus_millis(i64::from(hours) * HOUR_MS));
    Redemption {
        id: RedemptionId::from_uuid(desk.teller.ids.uuid()),
        member,
        reward: wish.reward.clone(),
        version: offer.version,
        branch: wish.branch.clone(),
        points: Points::new(offer.terms.points),
        money: offer.terms.money,
        state: State::first(ready(offer, wish)),
        reason: None,
        missing: None,
        requested_at: now,
        due_at: now.plus_millis(desk.settings.give_up_ms),
        ended_at: None,
        cancel_by: wish.seat.or(usual),
        taken,
        counted: periods.join(","),
        told: 0,
        voucher: None,
    }
}

/// Whether everything is ready but for the points: nothing that comes after them can fail, so that they are redeemed at once.
const fn ready(offer: &Offer, wish: &Wish) -> bool {
    offer.terms.kind.is_plain() && wish.seat.is_none()
}

/// Asks for the points that a redemption takes.
pub(super) fn tell_requested(
    desk: &Desk,
    offer: &Offer,
    wish: &Wish,
    fresh: &mut Redemption,
    telling: &mut Telling<'_>,
) {
    let told = RedemptionRequested {
        redemption_id: fresh.id,
        member_id: fresh.member,
        reward: fresh.reward.clone(),
        points: fresh.points,
        until: fresh.due_at,
        hold_s: match offer.terms.kind.delivered_by() {
            Some(_) => desk.settings.provider_hold_s,
            None => desk.settings.hold_s,
        },
        branch: fresh.branch.clone(),
        shown: Some(wish.shown),
        at_once: ready(offer, wish),
    };
    telling.tell(fresh.id.to_string(), &mut fresh.told, &told);
}

/// Who a member is by now.
///
/// # Errors
/// [`Refusal::NotOffered`] for somebody who is erased, or a fault of the database.
pub(super) async fn present(tx: &Tx, member: MemberId) -> Result<MemberId, Error> {
    let member = merging::follow(tx, member).await?;
    if erasures::is_erased(tx, member).await? {
        return Err(Refusal::NotOffered.into());
    }
    Ok(member)
}

/// Whether the member may have it. Seats are booked, and whoever was let in to one was asked before they waited.
pub(super) fn may_ask(
    offer: &Offer,
    wish: &Wish,
    place: Option<&Place>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let for_seat = matches!(offer.terms.kind, RewardKind::EventSeat { .. });
    if for_seat != wish.seat.is_some() {
        return Err(Refusal::NotOffered);
    }
    if for_seat { Ok(()) } else { offer::may_ask(offer, wish.standing.as_ref(), place, now) }
}

/// Where its voucher can be used: the branch that keeps a gift, else wherever the reward is for; empty for everywhere.
pub(super) async fn usable_at(
    tx: &Tx,
    offer: &Offer,
    branch: Option<&BranchCode>,
) -> Result<Vec<BranchCode>, Error> {
    let audience = &offer.terms.audience;
    if let Some(named) = named_places(offer, branch) {
        return Ok(named);
    }
    let mut all = audience.branches.clone();
    let inside = places::all(tx).await?.into_iter();
    all.extend(inside.filter(|(_, region)| audience.regions.contains(region)).map(|(branch, _)| branch));
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        return Err(Refusal::NotOffered.into());
    }
    Ok(all)
}

/// The same as far as no region has to be looked up.
pub(super) fn named_places(offer: &Offer, branch: Option<&BranchCode>) -> Option<Vec<BranchCode>> {
    let audience = &offer.terms.audience;
    let gift = matches!(offer.terms.kind, RewardKind::Gift { .. });
    if let Some(branch) = branch.filter(|_| gift) {
        return Some(vec![branch.clone()]);
    }
    audience.regions.is_empty().then(|| {
        let mut all = audience.branches.clone();
        all.sort_unstable();
        all.dedup();
        all
    })
}

/// Adds the tickets of a draw that count once points are redeemed.
async fn reserve_tickets(teller: &Teller, tx: &Tx, offer: &Offer, of: &Redemption) -> Result<(), Error> {
    let RewardKind::DrawTicket { draw, tickets } = &offer.terms.kind else { return Ok(()) };
    let wanted = Bringing {
        draw: draw.clone(),
        member: of.member,
        cause: Cause { source: Source::Redemption, reference: of.id.to_string() },
        tickets: *tickets,
        amount: 0,
        at: of.requested_at,
        state: EntryState::Pending,
    };
    bring_all(teller, tx, &wanted).await.map(drop)
}

/// Writes the voucher down that nobody has yet, with its code, so that whoever hears of the points needs no secret.
async fn prepare(
    desk: &Desk,
    tx: &Tx,
    offer: &Offer,
    of: &Redemption,
    usable_at: Vec<BranchCode>,
) -> Result<(), Error> {
    let Some(worth) = offer.terms.kind.worth() else { return Ok(()) };
    let usual = usual_end(offer, of);
    let (valid_until, usable_at) = ticket::terms(tx, &offer.terms.kind).await?.unwrap_or((usual, usable_at));
    let fresh = waiting(desk, of, worth, valid_until, usable_at);
    let code = if offer.terms.kind.is_pooled() { None } else { Some(mint(desk, fresh.id)?) };
    let when = (of.requested_at, remind_at(desk, &fresh, of.requested_at));
    vouchers::insert(tx, &fresh, code.as_ref(), when).await
}

/// Until when a voucher is usually good.
pub(super) fn usual_end(offer: &Offer, of: &Redemption) -> Timestamp {
    of.requested_at.plus_millis(i64::from(offer.terms.voucher_days) * DAY_MS)
}

/// When to look whether the member is to be reminded of a fresh voucher.
pub(super) fn remind_at(desk: &Desk, fresh: &Kept, now: Timestamp) -> Option<Timestamp> {
    reminder::first(&desk.settings.remind_days, fresh.voucher.valid_until, now)
}

/// A fresh code for a voucher.
pub(super) fn mint(desk: &Desk, voucher: VoucherId) -> Result<CodeRow, Error> {
    let code = Codes::mint(&*desk.teller.ids);
    desk.codes.row(voucher.as_uuid(), code.as_str(), desk.nonce())
}

/// The voucher of a redemption that waits for its points.
pub(super) fn waiting(
    desk: &Desk,
    of: &Redemption,
    worth: i64,
    valid_until: Timestamp,
    usable_at: Vec<BranchCode>,
) -> Kept {
    Kept {
        id: VoucherId::from_uuid(desk.teller.ids.uuid()),
        origin: Origin::Redemption(of.id),
        member: of.member,
        reward: of.reward.clone(),
        version: of.version,
        money: of.money,
        sealed: None,
        coupon: None,
        issued_at: None,
        ended_at: None,
        told: 0,
        voucher: Voucher {
            state: VoucherState::Pending,
            worth,
            valid_until,
            branches: usable_at,
            uses: Vec::new(),
        },
    }
}
