//! Simulations of versions of the programme.

use sea_orm::entity::prelude::*;

/// A row of `simulations`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "simulations")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The version that is simulated.
    pub version: i32,
    /// Its document when that was asked, as JSON: a draft may change meanwhile.
    pub document: String,
    /// The version that it is compared with.
    pub against: Option<i32>,
    /// Purchases recorded from then on, in microseconds.
    pub since: i64,
    /// Up to, not including, then.
    pub until: i64,
    /// When it was asked for.
    pub requested_at: i64,
    /// Where it is: `waiting`, `running`, `done` or `failed`.
    pub state: String,
    /// When whoever runs it gave a sign of life.
    pub seen_at: i64,
    /// Purchases and returns that were decided.
    pub done: i64,
    /// How many there are; zero until they were counted.
    pub total: i64,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// What it came to, as JSON.
    pub figures: Option<String>,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
