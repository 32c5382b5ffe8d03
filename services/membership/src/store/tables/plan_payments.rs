//! Table `plan_payments`.

use sea_orm::entity::prelude::*;

/// A payment for a period of a plan.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_payments")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who has the plan.
    pub member_id: Uuid,
    /// Which plan.
    pub plan: String,
    /// The version of its terms.
    pub version: i64,
    /// What was paid, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: String,
    /// The first day that it pays for.
    pub first_day: i32,
    /// The last day.
    pub last_day: i32,
    /// Microseconds UTC.
    pub paid_at: i64,
    /// Where it was paid.
    pub branch: String,
    /// At which till.
    pub till: String,
    /// The receipt's number.
    pub receipt: String,
    /// The `Idempotency-Key` of the call.
    pub call_key: String,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
