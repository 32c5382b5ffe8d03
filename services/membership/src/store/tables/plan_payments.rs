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
    /// Where it was paid, at a till.
    pub branch: Option<String>,
    /// At which till.
    pub till: Option<String>,
    /// The receipt's number.
    pub receipt: Option<String>,
    /// The `Idempotency-Key` of the till's call.
    pub call_key: Option<String>,
    /// By which checkout it was paid, in the app.
    pub checkout_id: Option<Uuid>,
    /// What the payment provider calls it.
    pub provider_payment: Option<String>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
