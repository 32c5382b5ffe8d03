//! Table `referral_codes`.

use sea_orm::entity::prelude::*;

/// A member's referral code.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "referral_codes")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// The code.
    pub code: String,
    /// Microseconds UTC.
    pub made_at: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
