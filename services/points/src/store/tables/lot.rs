//! Points of a member by expiry day and funder.

use sea_orm::entity::prelude::*;

/// A row of `lots`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lots")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// The last day on which they can be spent.
    #[sea_orm(primary_key, auto_increment = false)]
    pub expires_on: i32,
    /// The branch that pays for them.
    #[sea_orm(primary_key, auto_increment = false)]
    pub funder: String,
    /// How many.
    pub points: i64,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
