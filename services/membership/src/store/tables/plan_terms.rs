//! Table `plan_terms`.

use sea_orm::entity::prelude::*;

/// A version of what the chain says of a plan.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_terms")]
pub struct Model {
    /// The plan.
    #[sea_orm(primary_key, auto_increment = false)]
    pub plan: String,
    /// From 1; the highest one holds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// The terms, as JSON.
    pub terms: String,
    /// Microseconds UTC.
    pub since: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
