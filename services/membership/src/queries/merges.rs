//! Which memberships became one, and what would become of two?

use contracts::membership::HouseholdRole;
use kernel::{Day, IdentifierKind, MemberId, PlanCode, PurposeCode, QuestionCode, Timestamp};

use crate::{
    domain::{
        merging::{Merge, MergeRefusal},
        name::FirstName,
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{
        Vault, consents, households, members, merges, merging::standing_of, profile, referrals, subscriptions,
    },
};

/// One of two members who may be one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// Who.
    pub member: MemberId,
    /// Their first name.
    pub first_name: FirstName,
    /// When they joined.
    pub joined_at: Timestamp,
    /// The last digits of their phones.
    pub phones: Vec<String>,
    /// How many cards lead to them.
    pub cards: usize,
    /// What they are in their household, and how many others belong to it.
    pub household: Option<(HouseholdRole, usize)>,
    /// Their plan, while it runs.
    pub plan: Option<PlanCode>,
    /// Whether they have a referral code.
    pub referral_code: bool,
}

/// What would become of two memberships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The one that stays.
    pub survivor: Half,
    /// The one that goes.
    pub absorbed: Half,
    /// Questions whose answers would be taken over.
    pub answers_taken: Vec<QuestionCode>,
    /// Questions that both answered or declined: the word of the one who stays would stand.
    pub answers_dropped: Vec<QuestionCode>,
    /// Purposes that the one who stays consents to, and would no longer.
    pub consents_ended: Vec<PurposeCode>,
    /// What stands against it.
    pub refusal: Option<MergeRefusal>,
}

/// The merges that a member is a part of, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn merges_of(vault: &Vault, member: MemberId) -> Result<Vec<Merge>, Error> {
    merges::of_member(vault.database.connection(), member).await
}

/// What would become of two memberships; nothing is held meanwhile.
///
/// # Errors
/// [`MergeRefusal::Same`], [`MergeRefusal::Absorbed`], [`Missing::Member`], or a fault of the database.
pub async fn preview(
    vault: &Vault,
    [survivor, absorbed]: [MemberId; 2],
    (now, today): (Timestamp, Day),
) -> Result<Preview, Error> {
    if survivor == absorbed {
        return Err(Rejection::from(MergeRefusal::Same).into());
    }
    let on = vault.database.connection();
    let own = profile::standing(on, survivor).await?;
    let (mut taken, mut dropped) = (Vec::new(), Vec::new());
    for known in profile::standing(on, absorbed).await? {
        let both = own.iter().any(|own| own.question == known.question);
        if both { &mut dropped } else { &mut taken }.push(known.question);
    }
    let consents = consents::standing(on, survivor).await?;
    let ended = consents::standing(on, absorbed).await?.into_iter().filter(|gone| {
        let given =
            |own: &&crate::domain::consent::Entry| own.said.purpose == gone.said.purpose && own.said.given;
        !gone.said.given && consents.iter().any(|own| given(&own))
    });
    Ok(Preview {
        survivor: half(vault, survivor, today).await?,
        absorbed: half(vault, absorbed, today).await?,
        answers_taken: taken,
        answers_dropped: dropped,
        consents_ended: ended.map(|entry| entry.said.purpose).collect(),
        refusal: standing_of(on, [survivor, absorbed], (now, today)).await?.refusal(),
    })
}

async fn half(vault: &Vault, id: MemberId, today: Day) -> Result<Half, Error> {
    let on = vault.database.connection();
    // Read before the member's row, which has the key.
    let identifiers = members::identifiers_of(on, id).await?;
    let Some((member, seal)) = members::load_sealed(on, vault, id).await? else {
        return Err(match merges::survivor_of(on, id).await? {
            Some(into) => Rejection::from(MergeRefusal::Absorbed { into }).into(),
            None => Missing::Member(id).into(),
        });
    };
    let mut phones = Vec::new();
    for sealed in identifiers.iter().filter(|sealed| sealed.kind == IdentifierKind::Phone) {
        phones.push(seal.open_identifier(sealed)?.masked());
    }
    let household = match households::of_member(on, id).await? {
        None => None,
        Some(own) => {
            let together = households::members(on, own.household).await?.len();
            Some((own.role, together.saturating_sub(1)))
        }
    };
    let plan = subscriptions::load(on, id).await?.filter(|plan| plan.runs_on(today));
    Ok(Half {
        member: id,
        first_name: member.first_name,
        joined_at: member.joined_at,
        cards: identifiers.len() - phones.len(),
        phones,
        household,
        plan: plan.map(|plan| plan.plan),
        referral_code: referrals::code_of(on, id).await?.is_some(),
    })
}
