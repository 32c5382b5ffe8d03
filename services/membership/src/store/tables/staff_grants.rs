//! Table `staff_grants`.

use sea_orm::entity::prelude::*;

/// The row of a role that a person was given, kept after it was taken away.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_grants")]
pub struct Model {
    /// The grant's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who has it.
    pub staff_id: Uuid,
    /// The role's word.
    pub role: String,
    /// `chain`, `region` or `branch`.
    pub reach: String,
    /// The region's or branch's code; empty for the chain.
    pub place: String,
    /// Microseconds UTC.
    pub granted_at: i64,
    /// Absent when the operator's key did it.
    pub granted_by: Option<Uuid>,
    /// Microseconds UTC; absent while it holds.
    pub revoked_at: Option<i64>,
    /// Absent when the operator's key did it, and while it holds.
    pub revoked_by: Option<Uuid>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
