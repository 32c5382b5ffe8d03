//! Where many members are reached, in few statements.

use std::collections::HashMap;

use kernel::MemberId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use store::Tx;

use super::{
    Vault,
    member_seal::MemberSeal,
    members::{SealedIdentifier, open_sealed, sealed, still_here},
    profile::SealedAnswers,
    tables::{consents, identifiers, members, merged_members, profile_answers},
};
use crate::{domain::member::Member, error::Error};

/// Everything of a member by which they are reached, sealed but for the member's row.
pub struct Reached<'v> {
    /// The member.
    pub member: Member,
    /// Opens the rest.
    pub seal: MemberSeal<'v>,
    /// What leads to them, in the order it was linked.
    pub identifiers: Vec<SealedIdentifier>,
    /// What they answered.
    pub answers: SealedAnswers,
    /// Purposes to which they consent now.
    pub consents: Vec<String>,
}

/// Those of `ids` who are members, each under the id that was asked; whoever was absorbed is who stayed. One state of the database.
///
/// # Errors
/// A fault of the database, or a name that does not open.
pub async fn of<'v>(
    on: &Tx,
    vault: &'v Vault,
    ids: &[MemberId],
) -> Result<Vec<(MemberId, Reached<'v>)>, Error> {
    let now = stayed(on, ids).await?;
    let who = |id: &MemberId| now.get(id).copied().unwrap_or(*id);
    let asked: Vec<_> = ids.iter().map(|id| who(id).as_uuid()).collect();
    let rows = members::Entity::find().filter(members::Column::Id.is_in(asked.clone())).filter(still_here());
    let rows: HashMap<_, _> = rows.all(on).await?.into_iter().map(|row| (row.id, row)).collect();
    let mut identifiers = HashMap::<_, Vec<SealedIdentifier>>::new();
    let linked = identifiers::Entity::find()
        .filter(identifiers::Column::MemberId.is_in(asked.clone()))
        .filter(identifiers::Column::Active.eq(true))
        .order_by_asc(identifiers::Column::LinkedAt)
        .order_by_asc(identifiers::Column::Digest);
    for row in linked.all(on).await? {
        let one = sealed(row)?;
        identifiers.entry(one.member.as_uuid()).or_default().push(one);
    }
    let answers =
        profile_answers::Entity::find().filter(profile_answers::Column::MemberId.is_in(asked.clone()));
    let mut answers = SealedAnswers::by_member(answers.all(on).await?);
    let mut consents = given(on, asked).await?;
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let own = who(id).as_uuid();
        let Some(row) = rows.get(&own) else { continue };
        let (member, seal) = open_sealed(vault, row.clone())?;
        let reached = Reached {
            member,
            seal,
            identifiers: identifiers.remove(&own).unwrap_or_default(),
            answers: answers.remove(&own).unwrap_or_default(),
            consents: consents.remove(&own).unwrap_or_default(),
        };
        all.push((*id, reached));
    }
    Ok(all)
}

async fn stayed(on: &impl ConnectionTrait, ids: &[MemberId]) -> Result<HashMap<MemberId, MemberId>, Error> {
    let asked = ids.iter().map(|id| id.as_uuid());
    let query = merged_members::Entity::find().filter(merged_members::Column::MemberId.is_in(asked));
    let pair =
        |row: merged_members::Model| (MemberId::from_uuid(row.member_id), MemberId::from_uuid(row.survivor));
    Ok(query.all(on).await?.into_iter().map(pair).collect())
}

/// What the last line about each purpose in their ledgers gives.
async fn given(
    on: &impl ConnectionTrait,
    asked: Vec<uuid::Uuid>,
) -> Result<HashMap<uuid::Uuid, Vec<String>>, Error> {
    let lines = consents::Entity::find()
        .filter(consents::Column::MemberId.is_in(asked))
        .order_by_asc(consents::Column::Number);
    let mut last = HashMap::new();
    for line in lines.all(on).await? {
        last.insert((line.member_id, line.purpose), line.given);
    }
    let mut all = HashMap::<_, Vec<String>>::new();
    for ((member, purpose), given) in last {
        if given {
            all.entry(member).or_default().push(purpose);
        }
    }
    for purposes in all.values_mut() {
        purposes.sort();
    }
    Ok(all)
}
