//! The programme's versions.

use sea_orm::entity::prelude::*;

/// A row of `programmes`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "programmes")]
pub struct Model {
    /// Counted from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// The document as JSON.
    pub document: String,
    /// Since when it is live, or will be, in microseconds; says nothing about a draft.
    pub live_from: i64,
    /// When it was first written.
    pub created_at: i64,
    /// When it was last changed.
    pub changed_at: i64,
    /// Which announcement it was, counted from 1; empty for a draft.
    pub announcement: Option<i32>,
    /// When it was announced.
    pub announced_at: Option<i64>,
    /// When it was told that it is live.
    pub live_told_at: Option<i64>,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
