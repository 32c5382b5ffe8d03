//! What the chain asks its members.

use anyhow::anyhow;
use kernel::{QuestionCode, Timestamp};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use store::Tx;

use super::{coded, tables::questions};
use crate::{domain::question::Question, error::Error};

/// Every question, retired ones too, by code. There are few: [`crate::domain::question::QUESTIONS_LIMIT`].
///
/// # Errors
/// A fault of the database.
pub async fn all(on: &impl ConnectionTrait) -> Result<Vec<Question>, Error> {
    let query = questions::Entity::find().order_by_asc(questions::Column::Code);
    query.all(on).await?.iter().map(question).collect()
}

/// The question of this code.
///
/// # Errors
/// A fault of the database.
pub async fn find(on: &impl ConnectionTrait, code: &QuestionCode) -> Result<Option<Question>, Error> {
    questions::Entity::find_by_id(code.to_string()).one(on).await?.as_ref().map(question).transpose()
}

/// The question of this code, held against others who change it until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, code: &QuestionCode) -> Result<Option<Question>, Error> {
    let query = questions::Entity::find_by_id(code.to_string()).lock_exclusive();
    query.one(tx).await?.as_ref().map(question).transpose()
}

/// How many questions there are.
///
/// # Errors
/// A fault of the database.
pub async fn count(on: &impl ConnectionTrait) -> Result<u64, Error> {
    Ok(questions::Entity::find().count(on).await?)
}

/// Stores a question; `false` when there is one of this code, or it asks for the birthday and another one does.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, question: &Question, since: Timestamp) -> Result<bool, Error> {
    let row = questions::Model {
        code: question.code.to_string(),
        birthday: question.asking.kind.is_birthday(),
        asking: asking_text(question)?,
        since: since.micros(),
    };
    let insert = questions::Entity::insert(row.into_active_model());
    let first = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    Ok(first.exec_without_returning(tx).await? == 1)
}

/// Stores what is asked by a question that the transaction holds; its kind stays as it was, but for the year of a birthday.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, question: &Question) -> Result<(), Error> {
    let changed = questions::ActiveModel {
        code: Set(question.code.to_string()),
        birthday: NotSet,
        asking: Set(asking_text(question)?),
        since: NotSet,
    };
    questions::Entity::update(changed).exec(tx).await?;
    Ok(())
}

fn asking_text(question: &Question) -> Result<String, Error> {
    serde_json::to_string(&question.asking).map_err(|error| Error::Fault(anyhow!(error)))
}

fn question(row: &questions::Model) -> Result<Question, Error> {
    let asking = serde_json::from_str(&row.asking);
    let asking = asking.map_err(|error| anyhow!("question {}: {error}", row.code))?;
    Ok(Question { code: coded(&row.code)?, asking })
}
