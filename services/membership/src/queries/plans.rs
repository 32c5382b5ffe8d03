//! What does the chain sell, and which plan does a member have?

use kernel::{CheckoutId, MemberId, PlanCode};

use crate::{
    domain::{
        checkout::Checkout, payment::Payment, plan::Plan, question::Words, stray::Stray,
        subscription::Subscription,
    },
    error::{Error, Missing},
    store::{Vault, checkouts, members, plans, strays, subscriptions},
};

/// The most payments that are listed.
pub const PAYMENTS_LISTED: u64 = 100;
/// The most stray payments that are listed.
const STRAYS_LISTED: u64 = 100;

/// Every plan of the chain as it is sold now, by code.
///
/// # Errors
/// A fault of the database.
pub async fn list_plans(vault: &Vault) -> Result<Vec<Plan>, Error> {
    plans::all(vault.database.connection()).await
}

/// What a plan is called as it is sold now; nothing for one that is unknown.
///
/// # Errors
/// A fault of the database.
pub async fn name_of(vault: &Vault, code: &PlanCode) -> Result<Option<Words>, Error> {
    let plan = plans::newest(vault.database.connection(), code).await?;
    Ok(plan.map(|plan| plan.terms.name))
}

/// The member's plan, whether it runs or not, with that plan as it is sold now.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn own_plan(vault: &Vault, member: MemberId) -> Result<Option<(Subscription, Plan)>, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    let Some(own) = subscriptions::load(on, member).await? else { return Ok(None) };
    let plan = plans::newest(on, &own.plan).await?.ok_or(Missing::Plan)?;
    Ok(Some((own, plan)))
}

/// The last payments of a member, the latest first.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn own_payments(vault: &Vault, member: MemberId) -> Result<Vec<Payment>, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    subscriptions::payments_of(on, member, PAYMENTS_LISTED).await
}

/// A checkout of this member.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Checkout`], or a fault of the database.
pub async fn own_checkout(vault: &Vault, member: MemberId, id: CheckoutId) -> Result<Checkout, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    let found = checkouts::load(on, id).await?.filter(|checkout| checkout.member == member);
    Ok(found.ok_or(Missing::Checkout)?)
}

/// Money that no checkout wanted and nobody has settled, the oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn open_strays(vault: &Vault) -> Result<Vec<Stray>, Error> {
    strays::open(vault.database.connection(), STRAYS_LISTED).await
}
