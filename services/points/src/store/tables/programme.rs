//! The programme's versions.

use sea_orm::entity::prelude::*;

/// A row of `programmes`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "programmes")]
pub struct Model {
    /// Counted from 1; the highest is live.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// The document as JSON.
    pub document: String,
    /// Since when it is live, in microseconds.
    pub live_from: i64,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
