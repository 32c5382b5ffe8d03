//! Table `subscriptions`.

use sea_orm::entity::prelude::*;

/// A member's paid plan.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// Which plan.
    pub plan: String,
    /// The version of its terms under which the last period was paid.
    pub version: i64,
    /// The first day: days since 1970-01-01.
    pub anchor: i32,
    /// How many months from then on are paid for.
    pub months: i64,
    /// How many days before the end the next period can be paid.
    pub renew_days: i64,
    /// How many days after the end the benefits go on.
    pub grace_days: i64,
    /// Microseconds UTC.
    pub cancelled_at: Option<i64>,
    /// Where it stood when that was told last.
    pub standing: String,
    /// How many facts were told.
    pub told: i64,
    /// The day on which it stands elsewhere.
    pub next_on: Option<i32>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
