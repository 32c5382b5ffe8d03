//! Table `merged_members`.

use sea_orm::entity::prelude::*;

/// An id that leads to another member since two memberships became one; always in one step.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merged_members")]
pub struct Model {
    /// The id of who was absorbed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// Who has everything of them.
    pub survivor: Uuid,
    /// Since when, in microseconds.
    pub merged_at: i64,
}

/// None is declared: joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
