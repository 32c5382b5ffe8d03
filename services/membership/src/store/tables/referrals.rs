//! Table `referrals`.

use sea_orm::entity::prelude::*;

/// A friend whom a member referred.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "referrals")]
pub struct Model {
    /// Who joined.
    #[sea_orm(primary_key, auto_increment = false)]
    pub friend: Uuid,
    /// Whose code it was.
    pub referrer: Uuid,
    /// Microseconds UTC.
    pub made_at: i64,
    /// The least that the purchase costs, in minor units.
    pub minimum_amount: i64,
    /// Of this currency.
    pub currency: String,
    /// Until when the friend buys; microseconds UTC.
    pub until: i64,
    /// Microseconds UTC; absent while nothing counted.
    pub counted_at: Option<i64>,
    /// The purchase by which it counts.
    pub purchase: Option<Uuid>,
    /// What was paid for it, in minor units.
    pub amount: Option<i64>,
    /// Microseconds UTC; absent unless the purchase came back.
    pub undone_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
