//! Table `card_batches`.

use sea_orm::entity::prelude::*;

/// A batch of cards.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "card_batches")]
pub struct Model {
    /// The batch's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// How many cards.
    pub size: i64,
    /// How many of their numbers are made.
    pub made: i64,
    /// The status's word.
    pub status: String,
    /// Microseconds UTC.
    pub ordered_at: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
