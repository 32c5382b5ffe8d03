//! Which keyed hash leads to which member, as `membership` told it.

use sea_orm::entity::prelude::*;

/// A row of `identifiers`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identifiers")]
pub struct Model {
    /// The keyed hash of the identifier.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Uuid,
    /// The member it leads to.
    pub member_id: Uuid,
    /// `phone` or `card`.
    pub kind: String,
    /// Whether it still leads there.
    pub active: bool,
    /// When the fact was recorded, in microseconds; the later one wins.
    pub told_at: i64,
    /// Since when its key is gone, in microseconds; absent for one that is in use.
    pub gone_at: Option<i64>,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
