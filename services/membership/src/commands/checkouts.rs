//! Members pay for plans in the app: a checkout begins, the provider makes room for its payment, and its money is counted once (J7).
//!
//! The provider is never asked inside a transaction. What it does not answer is asked again by a job, which every replica runs: who
//! takes a checkout has it for a while.

use kernel::{CheckoutId, Day, MemberId, PaymentId, PlanCode};
use runtime::Chain;
use store::Tx;

use super::{
    ATTEMPTS, Desk, Put,
    exchange_code::after,
    member_changes::MemberChanges,
    pay_plan::{Given, buy},
};
use crate::{
    adapters::payments::{PaymentFault, Standing},
    domain::{
        checkout::{Begin, Checkout, CheckoutRefusal, CheckoutState, Money},
        payment::{AppPayment, PaidAt},
        rejection::Rejection,
        stray::{Stray, StrayReason},
        subscription::pay,
    },
    error::{Error, Missing},
    store::{checkouts, merges, plans, strays, subscriptions},
};

/// How many are looked at together.
const BATCH: u64 = 50;
/// How long one replica has for a checkout before another tries, in milliseconds.
const PATIENCE_MS: i64 = 15_000;

/// Begins to pay for the next period of a plan. The same call again, and another call for the same plan while its checkout is open, get
/// the checkout that there is.
///
/// # Errors
/// [`CheckoutRefusal`], [`Missing::Member`], [`Missing::Plan`], [`crate::domain::subscription::PlanRefusal`],
/// [`Error::Contended`], or a fault of the database.
pub async fn begin_checkout(
    desk: &Desk,
    member: MemberId,
    plan: &PlanCode,
    key: &str,
    today: Day,
) -> Result<Put<Checkout>, Error> {
    let Some(payments) = &desk.payments else { return Err(Rejection::from(CheckoutRefusal::Closed).into()) };
    for _ in 0..ATTEMPTS {
        let changes = desk.member_changes(&[member]).await?;
        changes.must_hold(member)?;
        if let Some(known) = known_checkout(&changes, member, plan, key).await? {
            changes.tx.commit().await?;
            return Ok(Put::Known(known));
        }
        let sold = plans::newest(&changes.tx, plan).await?.ok_or(Missing::Plan)?;
        let before = subscriptions::load(&changes.tx, member).await?;
        let price = (sold.terms.price, sold.terms.currency);
        pay(member, before.as_ref(), &sold, price, today).map_err(Rejection::from)?;
        let id = CheckoutId::from_uuid(desk.ids.uuid());
        let (now, life_ms) = (changes.now, payments.life_ms);
        let begin = Begin { id, member, key: key.to_owned(), now, life_ms, patience_ms: PATIENCE_MS };
        let begun = Checkout::begin(begin, &sold);
        if checkouts::insert(&changes.tx, &begun).await? {
            changes.tx.commit().await?;
            open(desk, &begun).await?;
            let now = checkouts::load(desk.vault.database.connection(), id).await?;
            return Ok(Put::New(now.unwrap_or(begun)));
        }
    }
    Err(Error::Contended)
}

/// The checkout that the call means: its own, or the one that is open. One that is over ends here.
async fn known_checkout(
    changes: &MemberChanges<'_>,
    member: MemberId,
    plan: &PlanCode,
    key: &str,
) -> Result<Option<Checkout>, Error> {
    if let Some(known) = checkouts::of_key(&changes.tx, member, key).await? {
        return if known.plan == *plan {
            Ok(Some(known))
        } else {
            Err(Rejection::from(CheckoutRefusal::KeyReused).into())
        };
    }
    let Some(open) = checkouts::open_of(&changes.tx, member).await? else { return Ok(None) };
    if let Some(lapsed) = open.lapsed(changes.now) {
        checkouts::save(&changes.tx, &lapsed).await?;
        return Ok(None);
    }
    if open.plan == *plan {
        return Ok(Some(open));
    }
    Err(Rejection::from(CheckoutRefusal::Open { checkout: open.id }).into())
}

/// Begins to change something about whoever pays for the checkouts of this member: of one whose membership went into another one, the
/// member who stayed.
async fn hold_payer(desk: &Desk, member: MemberId) -> Result<(MemberChanges<'_>, MemberId), Error> {
    let payer = merges::follow(desk.vault.database.connection(), member).await?;
    Ok((desk.member_changes(&[payer]).await?, payer))
}

/// Changes a checkout as it is now, with its member held; what is decided of one that is not there any more is nothing.
async fn change(
    desk: &Desk,
    (id, member): (CheckoutId, MemberId),
    decide: impl FnOnce(&Checkout, &MemberChanges<'_>) -> Option<Checkout> + Send,
) -> Result<(), Error> {
    let (changes, _) = hold_payer(desk, member).await?;
    let Some(now) = checkouts::load(&changes.tx, id).await? else { return Ok(()) };
    if let Some(after) = decide(&now, &changes)
        && checkouts::save(&changes.tx, &after).await?
    {
        changes.tx.commit().await?;
    }
    Ok(())
}

/// Asks the provider to make room for a payment; what it does not answer is asked again.
async fn open(desk: &Desk, checkout: &Checkout) -> Result<(), Error> {
    let Some(payments) = &desk.payments else { return Ok(()) };
    let whose = (checkout.id, checkout.member);
    let words = words_of(desk, checkout).await?;
    match payments.port.open(checkout, &words).await {
        Ok(opened) => {
            change(desk, whose, |now, changes| now.opened(&opened.payment, &opened.page, changes.now)).await
        }
        Err(PaymentFault::Refused(fault)) => {
            warn(checkout, &fault);
            change(desk, whose, |now, changes| now.failed(None, changes.now)).await
        }
        Err(PaymentFault::Silent(fault)) => {
            warn(checkout, &fault);
            put_off(desk, checkout).await
        }
    }
}

/// What the provider shows to whoever pays: the plan's name on the checkout's terms, in their language.
async fn words_of(desk: &Desk, checkout: &Checkout) -> Result<String, Error> {
    let on = desk.vault.database.connection();
    let sold = plans::at(on, &checkout.plan, checkout.version).await?.ok_or(Missing::Plan)?;
    let language = checkouts::language_of(on, checkout.member).await?;
    let language = language.ok_or(Missing::Member(checkout.member))?;
    Ok(sold.terms.name.of(language).to_owned())
}

fn warn(checkout: &Checkout, fault: &anyhow::Error) {
    tracing::warn!(target: "vafa::membership", checkout = %checkout.id, fault = format!("{fault:#}"), "the payment provider did not answer as hoped");
}

async fn put_off(desk: &Desk, checkout: &Checkout) -> Result<(), Error> {
    let after =
        |now: &Checkout, changes: &MemberChanges<'_>| now.state.is_open().then(|| now.put_off(changes.now));
    change(desk, (checkout.id, checkout.member), after).await
}

/// Looks after the checkouts that are due: they are opened, asked about, or lapse. Answers how many it took.
///
/// # Errors
/// A fault of the database. A provider that does not answer is no error: it is asked again.
pub async fn look_after_checkouts(desk: &Desk, chain: &Chain) -> Result<usize, Error> {
    let now = desk.clock.now();
    let due = checkouts::due(desk.vault.database.connection(), now, BATCH).await?;
    let mut taken = 0;
    for checkout in &due {
        let tx = desk.vault.database.begin().await?;
        let ours = checkouts::claim(&tx, checkout, after(now, PATIENCE_MS * 1_000)).await?;
        tx.commit().await?;
        if ours {
            taken += 1;
            look_after(desk, checkout, chain.local(now, None).day).await?;
        }
    }
    Ok(taken)
}

async fn look_after(desk: &Desk, checkout: &Checkout, today: Day) -> Result<(), Error> {
    let over = checkout.is_over(desk.clock.now());
    match (&checkout.payment, checkout.state) {
        (Some(payment), CheckoutState::Waiting) => ask(desk, checkout, payment, today).await,
        _ if over => lapse(desk, checkout).await,
        _ => open(desk, checkout).await,
    }
}

async fn lapse(desk: &Desk, checkout: &Checkout) -> Result<(), Error> {
    change(desk, (checkout.id, checkout.member), |now, changes| now.lapsed(changes.now)).await
}

/// Asks where a payment stands: once more at the end, before it lapses.
async fn ask(desk: &Desk, checkout: &Checkout, payment: &str, today: Day) -> Result<(), Error> {
    let Some(payments) = &desk.payments else { return Ok(()) };
    let standing = match payments.port.ask(payment).await {
        Ok(standing) => standing,
        Err(PaymentFault::Silent(fault) | PaymentFault::Refused(fault)) => {
            warn(checkout, &fault);
            Standing::Pending
        }
    };
    match standing {
        Standing::Succeeded(money) => {
            take_payment(desk, Some(checkout.id), &money, today).await?;
            // Money that is not what was asked for leaves the checkout open.
            put_off_or_lapse(desk, checkout).await
        }
        Standing::Failed => fail_checkout(desk, checkout.id, payment).await,
        Standing::Pending => put_off_or_lapse(desk, checkout).await,
    }
}

async fn put_off_or_lapse(desk: &Desk, checkout: &Checkout) -> Result<(), Error> {
    if checkout.is_over(desk.clock.now()) {
        lapse(desk, checkout).await
    } else {
        put_off(desk, checkout).await
    }
}

/// Nobody will pay this payment: its checkout ends. Once more, and of a checkout that is not there, changes nothing.
///
/// # Errors
/// A fault of the database.
pub async fn fail_checkout(desk: &Desk, id: CheckoutId, payment: &str) -> Result<(), Error> {
    let found = checkouts::load(desk.vault.database.connection(), id).await?;
    let Some(found) = found else { return Ok(()) };
    change(desk, (id, found.member), |now, changes| now.failed(Some(payment), changes.now)).await
}

/// Counts money that the provider took: it pays for one period, was counted before, or is noted as stray.
///
/// # Errors
/// [`Error::Contended`], or a fault of the database.
pub async fn take_payment(
    desk: &Desk,
    reference: Option<CheckoutId>,
    money: &Money,
    today: Day,
) -> Result<(), Error> {
    for _ in 0..ATTEMPTS {
        if attempt(desk, reference, money, today).await? {
            return Ok(());
        }
    }
    Err(Error::Contended)
}

/// One transaction; `false` when somebody else was faster.
async fn attempt(
    desk: &Desk,
    reference: Option<CheckoutId>,
    money: &Money,
    today: Day,
) -> Result<bool, Error> {
    let found = match reference {
        Some(id) => checkouts::load(desk.vault.database.connection(), id).await?,
        None => None,
    };
    let Some(found) = found else { return nobodys(desk, reference, money).await };
    let (mut changes, payer) = hold_payer(desk, found.member).await?;
    let Some(now) = checkouts::load(&changes.tx, found.id).await? else { return Ok(false) };
    if merges::follow(&changes.tx, now.member).await? != payer {
        return Ok(false);
    }
    let decided = match seen_to(&changes.tx, reference, money).await? {
        Seen::Settled => return Ok(true),
        Seen::Elsewhere => Err(StrayReason::PaidBefore),
        Seen::Never if !changes.holds(payer) => Err(StrayReason::Over),
        Seen::Never => now.taken(money, changes.now),
    };
    let stray = match decided {
        Ok(None) => return Ok(true),
        Ok(Some(paid)) => match count(desk, &mut changes, (&now, payer), money, today).await {
            Ok(true) if checkouts::save(&changes.tx, &paid).await? => {
                strays::counted(&changes.tx, &money.payment, changes.now).await?;
                None
            }
            Ok(_) => return Ok(false),
            Err(Error::Rejected(Rejection::Plan(_))) => {
                let failed = now.failed(None, changes.now);
                if let Some(failed) = failed
                    && !checkouts::save(&changes.tx, &failed).await?
                {
                    return Ok(false);
                }
                Some(StrayReason::Plan)
            }
            Err(fault) => return Err(fault),
        },
        Err(reason) => Some(reason),
    };
    if let Some(reason) = stray {
        note(desk, &changes, (Some(now.id), Some(payer)), money, reason).await?;
    }
    desk.conclude_changes(changes).await?;
    Ok(true)
}

/// Money whose checkout is not there: it was counted before, or is a stray.
async fn nobodys(desk: &Desk, reference: Option<CheckoutId>, money: &Money) -> Result<bool, Error> {
    let changes = desk.member_changes(&[]).await?;
    let reason = match seen_to(&changes.tx, reference, money).await? {
        Seen::Settled => return Ok(true),
        Seen::Elsewhere => StrayReason::PaidBefore,
        Seen::Never => StrayReason::Unknown,
    };
    note(desk, &changes, (reference, None), money, reason).await?;
    desk.conclude_changes(changes).await?;
    Ok(true)
}

/// What is known of a payment of the provider.
enum Seen {
    /// Nothing that ends it.
    Never,
    /// It was counted for another checkout.
    Elsewhere,
    /// It was counted for this one, which may be forgotten since, or somebody said what became of it.
    Settled,
}

async fn seen_to(tx: &Tx, reference: Option<CheckoutId>, money: &Money) -> Result<Seen, Error> {
    if strays::is_settled(tx, &money.payment).await? {
        return Ok(Seen::Settled);
    }
    Ok(match subscriptions::counted_for(tx, &money.payment).await? {
        None => Seen::Never,
        known if known == reference => Seen::Settled,
        Some(_) => Seen::Elsewhere,
    })
}

/// Buys the period on the terms on which the checkout began.
async fn count(
    desk: &Desk,
    changes: &mut MemberChanges<'_>,
    (checkout, payer): (&Checkout, MemberId),
    money: &Money,
    today: Day,
) -> Result<bool, Error> {
    let sold = plans::at(&changes.tx, &checkout.plan, checkout.version).await?.ok_or(Missing::Plan)?;
    let given = Given {
        member: payer,
        plan: &sold,
        money: (money.amount, money.currency),
        at: PaidAt::App(AppPayment { checkout: checkout.id, payment: money.payment.clone() }),
        today,
    };
    Ok(buy(desk, changes, given).await?.is_some())
}

async fn note(
    desk: &Desk,
    changes: &MemberChanges<'_>,
    (checkout, member): (Option<CheckoutId>, Option<MemberId>),
    money: &Money,
    reason: StrayReason,
) -> Result<(), Error> {
    tracing::warn!(target: "vafa::membership", reason = reason.word(), "money came that no checkout wanted");
    let id = PaymentId::from_uuid(desk.ids.uuid());
    let stray = Stray { id, checkout, money: money.clone(), reason, noted_at: changes.now, outcome: None };
    strays::note(&changes.tx, &stray, member).await
}
