//! Table `deliveries`.

use sea_orm::entity::prelude::*;

/// A message's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// To whom.
    pub webhook_id: Uuid,
    /// The fact; the message's own id for a test message.
    pub fact_id: Uuid,
    /// The fact's kind.
    pub kind: String,
    /// What is sent; gone once it was taken.
    pub body: Option<String>,
    /// Where it stands.
    pub standing: i16,
    /// Attempts so far.
    pub attempts: i32,
    /// Microseconds UTC.
    pub next_at: i64,
    /// Microseconds UTC.
    pub deadline: i64,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub finished_at: Option<i64>,
    /// The status of the last attempt.
    pub last_status: Option<i32>,
    /// Its outcome in one word.
    pub last_outcome: Option<String>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
