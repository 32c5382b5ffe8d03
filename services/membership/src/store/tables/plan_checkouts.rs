//! Table `plan_checkouts`.

use sea_orm::entity::prelude::*;

/// A period of a plan on its way to being paid in the app.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_checkouts")]
pub struct Model {
    /// Its id: the reference by which the provider knows it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who pays.
    pub member_id: Uuid,
    /// For which plan.
    pub plan: String,
    /// The version of its terms.
    pub version: i64,
    /// In minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: String,
    /// The `Idempotency-Key` of the call that began it.
    pub call_key: String,
    /// Microseconds UTC.
    pub begun_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// How far it is.
    pub state: String,
    /// What the provider calls the payment.
    pub payment: Option<String>,
    /// Where the member pays.
    pub page: Option<String>,
    /// Microseconds UTC; absent while it is open.
    pub ended_at: Option<i64>,
    /// How often the provider was asked.
    pub asked: i64,
    /// Microseconds UTC; absent once it has ended.
    pub next_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
