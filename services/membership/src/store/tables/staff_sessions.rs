//! Table `staff_sessions`.

use sea_orm::entity::prelude::*;

/// The row of a session of somebody of the staff.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_sessions")]
pub struct Model {
    /// The session's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub staff_id: Uuid,
    /// Microseconds UTC.
    pub started_at: i64,
    /// Microseconds UTC.
    pub last_used_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// Microseconds UTC; absent while it was not ended.
    pub ended_at: Option<i64>,
    /// The reason's word.
    pub ended_why: Option<String>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
