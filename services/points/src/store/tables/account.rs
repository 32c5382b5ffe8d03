//! Members' accounts.

use sea_orm::entity::prelude::*;

/// A row of `accounts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// How many journals there are so far.
    pub version: i64,
    /// All points, including lapsed ones that are not yet written off.
    pub balance: i64,
    /// The earliest last day of its lots that lapse.
    pub next_on: Option<i32>,
    /// The sum of the lots of that day.
    pub next_points: Option<i64>,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
