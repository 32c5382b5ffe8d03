//! Two memberships of one person become one: one transaction, told to everybody (J1).

use contracts::membership::{
    HouseholdChanged, HouseholdRole, IdentifierLinked, MembersMerged, PhoneConfirmed,
};
use kernel::{Day, IdentifierKind, MemberId};
use store::Tx;

use super::{Desk, member_changes::MemberChanges, pay_plan::plan_subject, switch_phone::guarded_until};
use crate::{
    domain::{
        consent::{SaidAt, told_given, told_withdrawn, withdraw},
        household::{Belonging, successor},
        merging::{Merge, MergeStatus, Side},
        rejection::Rejection,
        session::Ending,
    },
    error::{Error, Missing},
    store::{
        consents, erasures, households,
        member_seal::{MemberSeal, load_seal},
        merges,
        merging::{self, Heirs, standing_of},
        phone_changes, sessions, subscriptions,
    },
};

impl Desk {
    /// Begins to change something about two members of whom one may go: whoever heads their household then is held, too.
    pub(super) async fn changes_of_two(
        &self,
        survivor: MemberId,
        absorbed: MemberId,
    ) -> Result<MemberChanges<'_>, Error> {
        let on = self.vault.database.connection();
        let heir = match households::of_member(on, absorbed).await? {
            Some(before) => successor(&before, &households::members(on, before.household).await?),
            None => None,
        };
        let concerned: Vec<MemberId> =
            heir.iter().map(|heir| heir.member).chain([survivor, absorbed]).collect();
        self.member_changes(&concerned).await
    }
}

/// Makes one membership of two, which the transaction holds, and commits.
///
/// # Errors
/// [`crate::domain::merging::MergeRefusal`], [`Missing::Member`], [`Error::Contended`], or a fault of the database.
pub(super) async fn unite(
    desk: &Desk,
    mut changes: MemberChanges<'_>,
    mut merge: Merge,
    today: Day,
) -> Result<Merge, Error> {
    let (survivor, absorbed, now) = (merge.survivor, merge.absorbed, changes.now);
    if let Some(refusal) = standing_of(&changes.tx, [survivor, absorbed], (now, today)).await?.refusal() {
        return Err(Rejection::from(refusal).into());
    }
    let from = seal(desk, &changes.tx, absorbed).await?;
    let to = seal(desk, &changes.tx, survivor).await?;
    let heirs = Heirs { from: &from, to: &to };
    if !take_place(&mut changes, survivor, absorbed).await? {
        return Err(Error::Contended);
    }
    keep_stricter_consents(&mut changes, survivor, absorbed).await?;
    erasures::forget_sign_ins(&changes.tx, absorbed).await?;
    phones_and_cards(&mut changes, &heirs, merge.lost()).await?;
    merging::move_answers(&changes.tx, &heirs).await?;
    merging::move_phone_changes(&changes.tx, &heirs).await?;
    take_plan(&mut changes, survivor, absorbed, today).await?;
    merging::move_rest(&changes.tx, absorbed, survivor).await?;
    if phone_changes::confirm(&changes.tx, survivor, now).await? {
        changes.tell(survivor, &PhoneConfirmed { member_id: survivor }).await?;
    }
    erasures::blank(&changes.tx, absorbed).await?;
    merges::note(&changes.tx, absorbed, survivor, now).await?;
    for member in [survivor, absorbed] {
        merges::withdraw_open(&changes.tx, member, Some(merge.id), now).await?;
    }
    (merge.status, merge.merged_at) = (MergeStatus::Done, Some(now));
    merges::update(&changes.tx, &merge).await?;
    let guarded_until = merge.lost().and_then(|_| guarded_until(desk, &changes));
    changes.tell(survivor, &MembersMerged { survivor, absorbed, guarded_until }).await?;
    desk.conclude_changes(changes).await?;
    Ok(merge)
}

async fn seal<'d>(desk: &'d Desk, tx: &Tx, member: MemberId) -> Result<MemberSeal<'d>, Error> {
    load_seal(tx, &desk.vault, member).await?.ok_or_else(|| Missing::Member(member).into())
}

/// The household of the one who stays stands. Where they have none they take the place of the other one, with the role; where both
/// belong to one, the higher role stands; `false`, and nothing is stored, when somebody would head a household who is not held.
async fn take_place(
    changes: &mut MemberChanges<'_>,
    survivor: MemberId,
    absorbed: MemberId,
) -> Result<bool, Error> {
    let Some(gone) = households::of_member(&changes.tx, absorbed).await? else { return Ok(true) };
    match households::of_member(&changes.tx, survivor).await? {
        None => {
            // As many belong to it as before.
            households::hold(&changes.tx, gone.household).await?;
            households::delete(&changes.tx, absorbed).await?;
            let told = HouseholdChanged { member_id: absorbed, household: None, role: None };
            changes.tell(absorbed, &told).await?;
            let taken = Belonging { member: survivor, ..gone };
            households::insert(&changes.tx, &taken).await?;
            changes.tell(survivor, &taken.told()).await?;
            Ok(true)
        }
        Some(own) if own.household == gone.household && gone.role == HouseholdRole::Head => {
            households::hold(&changes.tx, gone.household).await?;
            changes.goes(&gone).await?;
            changes.changes_role(&Belonging { role: HouseholdRole::Head, ..own }).await?;
            Ok(true)
        }
        Some(_) => changes.departs(&gone).await,
    }
}

/// Of each purpose the last word of both is compared: a consent stands where neither took it back. What the one who stays never
/// spoke about is theirs as the other one said it. The ledger of the one who goes stays as it is.
async fn keep_stricter_consents(
    changes: &mut MemberChanges<'_>,
    survivor: MemberId,
    absorbed: MemberId,
) -> Result<(), Error> {
    let own = consents::standing(&changes.tx, survivor).await?;
    for entry in consents::standing(&changes.tx, absorbed).await? {
        let before = own.iter().find(|own| own.said.purpose == entry.said.purpose).cloned();
        match (before, entry.said.given) {
            (None, given) => {
                consents::append(&changes.tx, survivor, entry.said.clone()).await?;
                if given {
                    changes.tell(survivor, &told_given(survivor, &entry.said)).await?;
                }
            }
            (Some(before), false) => {
                let Some(said) = withdraw(Some(before), SaidAt::Office, changes.now) else { continue };
                let entry = consents::append(&changes.tx, survivor, said).await?;
                changes.tell(survivor, &told_withdrawn(survivor, &entry.said)).await?;
            }
            (Some(_), true) => {}
        }
    }
    Ok(())
}

/// Phones and cards of both lead to the one who stays, but for the phone that was not at hand: it rests, and where it is that of the one
/// who stays, their sessions end.
async fn phones_and_cards(
    changes: &mut MemberChanges<'_>,
    heirs: &Heirs<'_, '_>,
    lost: Option<Side>,
) -> Result<(), Error> {
    let (survivor, now) = (heirs.to.member(), changes.now);
    if lost == Some(Side::Survivor) {
        for former in phone_changes::phones_of(&changes.tx, survivor).await? {
            phone_changes::rest(&changes.tx, former.digest, now).await?;
            let told = IdentifierLinked {
                member_id: survivor,
                kind: IdentifierKind::Phone,
                digest: former.digest,
                active: false,
                former: None,
            };
            changes.tell(survivor, &told).await?;
        }
        sessions::end_others(&changes.tx, survivor, None, now, Ending::PhoneChanged).await?;
    }
    for identifier in merging::move_identifiers(&changes.tx, heirs).await? {
        let rests = lost == Some(Side::Absorbed) && identifier.kind == IdentifierKind::Phone;
        if rests && identifier.active {
            phone_changes::rest(&changes.tx, identifier.digest, now).await?;
        }
        let told = IdentifierLinked {
            member_id: survivor,
            kind: identifier.kind,
            digest: identifier.digest,
            active: identifier.active && !rests,
            former: None,
        };
        changes.tell(survivor, &told).await?;
    }
    Ok(())
}

/// A plan that runs goes with whoever paid for it; of two that do not run the one of the member who stays is remembered.
async fn take_plan(
    changes: &mut MemberChanges<'_>,
    survivor: MemberId,
    absorbed: MemberId,
    today: Day,
) -> Result<(), Error> {
    let Some(gone) = subscriptions::load(&changes.tx, absorbed).await?.filter(|plan| plan.runs_on(today))
    else {
        return Ok(());
    };
    let told = subscriptions::load(&changes.tx, survivor).await?.map_or(0, |own| own.told);
    let (taken, fact) = gone.taken_over(survivor, told, today);
    changes.tell_apart(plan_subject(survivor), taken.told, &fact);
    subscriptions::save(&changes.tx, &taken, taken.next_change(today)).await
}
