//! Table `attempts`.

use sea_orm::entity::prelude::*;

/// An attempt's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub struct Model {
    /// Of which message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub delivery_id: Uuid,
    /// Counted from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// Microseconds UTC.
    pub at: i64,
    /// Milliseconds.
    pub took_ms: i32,
    /// The status that was answered.
    pub status: Option<i32>,
    /// Its outcome in one word.
    pub outcome: String,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
