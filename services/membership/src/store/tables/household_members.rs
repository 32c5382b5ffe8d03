//! Table `household_members`.

use sea_orm::entity::prelude::*;

/// The row of a member who belongs to a household.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_members")]
pub struct Model {
    /// The member's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// The household's id.
    pub household: Uuid,
    /// The role's word.
    pub role: String,
    /// Microseconds UTC.
    pub since: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
