//! Lists of members that the chain keeps.

use sea_orm::entity::prelude::*;

/// A row of `segments`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "segments")]
pub struct Model {
    /// The segment's code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// When it was opened, in microseconds.
    pub opened_at: i64,
    /// When it was changed last, in microseconds.
    pub changed_at: i64,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
