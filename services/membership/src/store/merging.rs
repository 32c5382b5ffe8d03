//! The rows of a member that go to another one: what is sealed is opened with the one key and sealed with the other.

use std::collections::HashSet;

use anyhow::Context as _;
use contracts::membership::HouseholdRole;
use kernel::{Day, MemberId, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Statement,
};
use store::Tx;

use super::{
    cipher::{IDENTIFIER, SealedColumn},
    households,
    member_seal::MemberSeal,
    members::{SealedIdentifier, sealed},
    occasions::hold as hold_occasions,
    phone_changes::PHONES,
    profile::ANSWER,
    subscriptions,
    tables::{
        card_tokens, household_invitations, identifiers, occasions, phone_changes, profile_answers, questions,
    },
    vouchings,
};
use crate::{
    domain::{merging::Standing, phone_change::ChangeStatus},
    error::Error,
};

/// From whom to whom, each with what seals their values. Both are held.
pub struct Heirs<'s, 'v> {
    /// Whose rows go.
    pub from: &'s MemberSeal<'v>,
    /// To whom.
    pub to: &'s MemberSeal<'v>,
}

impl Heirs<'_, '_> {
    fn ids(&self) -> [uuid::Uuid; 2] {
        [self.from.member().as_uuid(), self.to.member().as_uuid()]
    }

    fn reseal(&self, column: SealedColumn, row: &[u8], value: &[u8]) -> Result<Vec<u8>, Error> {
        let opened = self.from.open(column, row, value);
        let broken = || format!("{}.{} of member {}", column.table, column.column, self.from.member());
        Ok(self.to.seal(column, row, opened.with_context(broken)?.expose()))
    }
}

/// Phones and cards lead to the other member from now on, those that are blocked or rest among them; answers which.
///
/// # Errors
/// A fault of the database, or a value that does not open.
pub async fn move_identifiers(tx: &Tx, heirs: &Heirs<'_, '_>) -> Result<Vec<SealedIdentifier>, Error> {
    let [from, to] = heirs.ids();
    let query = identifiers::Entity::find().filter(identifiers::Column::MemberId.eq(from));
    let mut moved = Vec::new();
    for row in query.all(tx).await? {
        let value = heirs.reseal(IDENTIFIER, &row.digest, &row.value)?;
        let changed = identifiers::ActiveModel {
            digest: Set(row.digest.clone()),
            member_id: Set(to),
            value: Set(value),
            ..Default::default()
        };
        identifiers::Entity::update(changed).exec(tx).await?;
        moved.push(sealed(identifiers::Model { member_id: to, ..row })?);
    }
    moved.sort_unstable_by_key(|identifier| identifier.digest);
    Ok(moved)
}

/// Answers that the other member has not given or declined go to them, and with the birthday by what it is found. What was told of
/// occasions counts for both.
///
/// # Errors
/// A fault of the database, or an answer that does not open.
pub async fn move_answers(tx: &Tx, heirs: &Heirs<'_, '_>) -> Result<(), Error> {
    let [from, to] = heirs.ids();
    let of = |member| profile_answers::Entity::find().filter(profile_answers::Column::MemberId.eq(member));
    let own: HashSet<String> = of(to).all(tx).await?.into_iter().map(|row| row.question).collect();
    let mut taken = Vec::new();
    for row in of(from).all(tx).await? {
        if own.contains(&row.question) {
            continue;
        }
        let answer = row.answer.as_deref();
        let answer =
            answer.map(|sealed| heirs.reseal(ANSWER, row.question.as_bytes(), sealed)).transpose()?;
        taken.push(row.question.clone());
        let row = profile_answers::Model { member_id: to, answer, ..row };
        profile_answers::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    }
    let gone = profile_answers::Entity::delete_many().filter(profile_answers::Column::MemberId.eq(from));
    gone.exec(tx).await?;
    let birthdays = questions::Entity::find().filter(questions::Column::Birthday.eq(true));
    let takes_birthday = birthdays.all(tx).await?.iter().any(|question| taken.contains(&question.code));
    move_occasions(tx, heirs, takes_birthday).await
}

async fn move_occasions(tx: &Tx, heirs: &Heirs<'_, '_>, takes_birthday: bool) -> Result<(), Error> {
    let members = [heirs.from.member(), heirs.to.member()];
    hold_occasions(tx, &members).await?;
    let [from, to] = heirs.ids();
    let find = async |member| {
        let row = occasions::Entity::find_by_id(member).one(tx).await?;
        row.context("occasions that were held").map_err(Error::Fault)
    };
    let (gone, own) = (find(from).await?, find(to).await?);
    let (birthday, birthday_key) =
        if takes_birthday { (gone.birthday, gone.birthday_key) } else { (own.birthday, own.birthday_key) };
    let changed = occasions::ActiveModel {
        member_id: Set(to),
        birthday: Set(birthday),
        birthday_key: Set(birthday_key),
        birthday_told_for: Set(own.birthday_told_for.max(gone.birthday_told_for)),
        anniversary_told_for: Set(own.anniversary_told_for.max(gone.anniversary_told_for)),
        ..Default::default()
    };
    occasions::Entity::update(changed).exec(tx).await?;
    occasions::Entity::delete_by_id(from).exec(tx).await?;
    Ok(())
}

/// Which phones led to a member before goes with them.
///
/// # Errors
/// A fault of the database, or phones that do not open.
pub async fn move_phone_changes(tx: &Tx, heirs: &Heirs<'_, '_>) -> Result<(), Error> {
    let [from, to] = heirs.ids();
    let query = phone_changes::Entity::find().filter(phone_changes::Column::MemberId.eq(from));
    for row in query.all(tx).await? {
        let phones = heirs.reseal(PHONES, row.id.as_bytes(), &row.phones)?;
        let changed = phone_changes::ActiveModel {
            id: Set(row.id),
            member_id: Set(to),
            phones: Set(phones),
            ..Default::default()
        };
        phone_changes::Entity::update(changed).exec(tx).await?;
    }
    Ok(())
}

/// Whether a change of a phone of one of these members waits, can still be called back, or guards the account.
///
/// # Errors
/// A fault of the database.
pub async fn phone_changing(
    on: &impl ConnectionTrait,
    members: [MemberId; 2],
    now: Timestamp,
) -> Result<bool, Error> {
    use phone_changes::{Column, Entity};
    let now = now.micros();
    let open = [ChangeStatus::AwaitsCode, ChangeStatus::AwaitsApproval].map(ChangeStatus::word);
    let waits = Condition::all().add(Column::Status.is_in(open)).add(Column::ExpiresAt.gt(now));
    let recallable = Condition::all()
        .add(Column::Status.eq(ChangeStatus::Done.word()))
        .add(Condition::any().add(Column::RecallUntil.gt(now)).add(Column::GuardedUntil.gt(now)));
    let query = Entity::find()
        .filter(Column::MemberId.is_in(members.map(MemberId::as_uuid)))
        .filter(Condition::any().add(waits).add(recallable));
    Ok(query.limit(1).one(on).await?.is_some())
}

/// The rest, in this order: `$1` gets it from `$2`. A referral code stays with whoever has one; who brought the member that goes counts
/// no more where the one who stays was brought by somebody, or by them. A checkout for which there is no room waits under its old name: its
/// money is counted for the one who stays all the same.
const MOVE: [&str; 9] = [
    "UPDATE archives SET member_id = $1 WHERE member_id = $2",
    "UPDATE referral_codes SET member_id = $1 WHERE member_id = $2 \
     AND NOT EXISTS (SELECT 1 FROM referral_codes own WHERE own.member_id = $1)",
    "DELETE FROM referral_codes WHERE member_id = $2 AND member_id <> $1",
    "DELETE FROM referrals WHERE counted_at IS NULL \
     AND ((friend = $2 AND (referrer = $1 OR EXISTS (SELECT 1 FROM referrals own WHERE own.friend = $1))) \
     OR (friend = $1 AND referrer = $2))",
    "UPDATE referrals SET referrer = $1 WHERE referrer = $2 AND friend <> $1",
    "UPDATE plan_payments SET member_id = $1 WHERE member_id = $2 AND NOT EXISTS \
     (SELECT 1 FROM plan_payments own WHERE own.member_id = $1 AND own.first_day = plan_payments.first_day)",
    "DELETE FROM subscriptions WHERE member_id = $2 AND member_id <> $1",
    "UPDATE plan_checkouts SET member_id = $1 WHERE member_id = $2 AND NOT EXISTS \
     (SELECT 1 FROM plan_checkouts own WHERE own.member_id = $1 AND (own.call_key = plan_checkouts.call_key \
     OR (own.ended_at IS NULL AND plan_checkouts.ended_at IS NULL)))",
    "UPDATE stray_payments SET member_id = $1 WHERE member_id = $2",
];

/// What is not sealed goes to the other member, and what leads nowhere any more is removed: numbers shown in place of a card, and
/// invitations by the one that goes, or to their id.
///
/// # Errors
/// A fault of the database.
pub async fn move_rest(tx: &Tx, from: MemberId, to: MemberId) -> Result<(), Error> {
    vouchings::forget(tx, from).await?;
    let tokens = card_tokens::Entity::delete_many();
    tokens.filter(card_tokens::Column::MemberId.eq(from.as_uuid())).exec(tx).await?;
    let theirs = Condition::any()
        .add(household_invitations::Column::Inviter.eq(from.as_uuid()))
        .add(household_invitations::Column::Address.eq(from.as_uuid().as_bytes().to_vec()));
    household_invitations::Entity::delete_many().filter(theirs).exec(tx).await?;
    for sql in MOVE {
        let values = [to.as_uuid().into(), from.as_uuid().into()];
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

/// What stands between two members and one membership.
///
/// # Errors
/// A fault of the database.
pub async fn standing_of(
    on: &impl ConnectionTrait,
    [survivor, absorbed]: [MemberId; 2],
    (now, today): (Timestamp, Day),
) -> Result<Standing, Error> {
    let mut running = 0;
    for member in [survivor, absorbed] {
        let plan = subscriptions::load(on, member).await?;
        running += usize::from(plan.is_some_and(|plan| plan.runs_on(today)));
    }
    let mut homes = Vec::new();
    for member in [survivor, absorbed] {
        let Some(own) = households::of_member(on, member).await? else { continue };
        let together = households::members(on, own.household).await?.len();
        if own.role == HouseholdRole::Head && together > 1 {
            homes.push(own.household);
        }
    }
    Ok(Standing {
        phone_changing: phone_changing(on, [survivor, absorbed], now).await?,
        plans: running == 2,
        heads: homes.len() == 2 && homes[0] != homes[1],
    })
}
