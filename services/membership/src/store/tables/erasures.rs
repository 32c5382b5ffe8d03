//! Table `erasures`.

use sea_orm::entity::prelude::*;

/// A member who left.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erasures")]
pub struct Model {
    /// Who it was.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// Microseconds UTC.
    pub erased_at: i64,
    /// The reason's word.
    pub reason: String,
    /// When `points` said that it has done its part; microseconds UTC.
    pub points_at: Option<i64>,
    /// When `rewards` said so; microseconds UTC.
    pub rewards_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
