//! What points are worth.

use sea_orm::entity::prelude::*;

/// A row of `rates`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rates")]
pub struct Model {
    /// The first day, counted from 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub valid_from: i32,
    /// Counted from 1 for each first day; the highest counts.
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision: i32,
    /// The rates as JSON.
    pub document: String,
    /// When they were stated, in microseconds.
    pub recorded_at: i64,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
