//! What members answered, sealed with their data key, and what they declined.

use std::collections::HashMap;

use anyhow::{Context as _, anyhow};
use kernel::{MemberId, QuestionCode, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use store::Tx;
use uuid::Uuid;

use super::{
    cipher::SealedColumn,
    coded, instant,
    member_seal::MemberSeal,
    tables::profile_answers::{Column, Entity, Model},
};
use crate::{domain::answer::Known, error::Error};

/// What a member answered to a question of the chain.
pub const ANSWER: SealedColumn = SealedColumn { table: "profile_answers", column: "answer" };

/// What is known of a member and questions, still sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SealedAnswers(Vec<Model>);

impl SealedAnswers {
    /// What rows say of each member.
    pub(super) fn by_member(rows: Vec<Model>) -> HashMap<Uuid, Self> {
        let mut all = HashMap::<Uuid, Self>::new();
        for row in rows {
            all.entry(row.member_id).or_default().0.push(row);
        }
        all
    }
}

/// What is known of a member, by the code of the question. Read it before the member's row, which has the key.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(on: &impl ConnectionTrait, member: MemberId) -> Result<SealedAnswers, Error> {
    let query = Entity::find().filter(Column::MemberId.eq(member.as_uuid())).order_by_asc(Column::Question);
    Ok(SealedAnswers(query.all(on).await?))
}

impl MemberSeal<'_> {
    /// Opens what the member answered.
    ///
    /// # Errors
    /// A fault when an answer does not open, or is none.
    pub fn open_answers(&self, sealed: &SealedAnswers) -> Result<Vec<Known>, Error> {
        sealed.0.iter().map(|row| self.open_answer(row)).collect()
    }

    fn open_answer(&self, row: &Model) -> Result<Known, Error> {
        let broken = || format!("answer of member {} to {}", self.member(), row.question);
        let answer = match &row.answer {
            None => None,
            Some(sealed) => {
                let text = self.open(ANSWER, row.question.as_bytes(), sealed).with_context(broken)?;
                // What could not be read is not shown: it may be a part of the answer.
                Some(serde_json::from_str(text.expose()).map_err(|_| anyhow!("{} is none", broken()))?)
            }
        };
        Ok(Known {
            question: coded(&row.question)?,
            answered_at: row.answered_at.map(instant),
            changed_at: row.changed_at.map(instant),
            declined_at: row.declined_at.map(instant),
            answer,
        })
    }
}

/// Stores what is known of the seal's member, whom the transaction holds, and a question.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &Tx, seal: &MemberSeal<'_>, known: &Known) -> Result<(), Error> {
    let text = known.answer.as_ref().map(serde_json::to_string).transpose();
    let text = text.map_err(|error| Error::Fault(anyhow!(error)))?;
    let row = Model {
        member_id: seal.member().as_uuid(),
        question: known.question.to_string(),
        answered_at: known.answered_at.map(Timestamp::micros),
        changed_at: known.changed_at.map(Timestamp::micros),
        declined_at: known.declined_at.map(Timestamp::micros),
        answer: text.map(|text| seal.seal(ANSWER, known.question.as_str().as_bytes(), &text)),
    };
    let again = OnConflict::columns([Column::MemberId, Column::Question])
        .update_columns([Column::AnsweredAt, Column::ChangedAt, Column::DeclinedAt, Column::Answer])
        .to_owned();
    Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Which questions a member ever answered or declined, without opening anything.
///
/// # Errors
/// A fault of the database.
pub async fn standing(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Known>, Error> {
    let unopened = |row: Model| {
        let question: QuestionCode = coded(&row.question)?;
        let (answered_at, changed_at) = (row.answered_at.map(instant), row.changed_at.map(instant));
        let declined_at = row.declined_at.map(instant);
        Ok(Known { question, answered_at, changed_at, declined_at, answer: None })
    };
    of_member(on, member).await?.0.into_iter().map(unopened).collect()
}
