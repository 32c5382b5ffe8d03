//! Table `profile_answers`.

use sea_orm::entity::prelude::*;

/// What is known of a member and a question.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profile_answers")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// The code of the question.
    #[sea_orm(primary_key, auto_increment = false)]
    pub question: String,
    /// When it was answered first, in microseconds UTC.
    pub answered_at: Option<i64>,
    /// When the answer was changed or taken back last.
    pub changed_at: Option<i64>,
    /// When it was declined last.
    pub declined_at: Option<i64>,
    /// Sealed, see `store::member_seal`; absent when it was taken back, or never given.
    pub answer: Option<Vec<u8>>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
