//! Table `referral_returns`.

use sea_orm::entity::prelude::*;

/// What came back of a purchase by which a referral counts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "referral_returns")]
pub struct Model {
    /// The return.
    #[sea_orm(primary_key, auto_increment = false)]
    pub return_id: Uuid,
    /// Whose purchase it was.
    pub friend: Uuid,
    /// How much of its amount, in minor units.
    pub amount: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
