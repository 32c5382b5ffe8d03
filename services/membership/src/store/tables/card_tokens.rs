//! Table `card_tokens`.

use sea_orm::entity::prelude::*;

/// What a member shows in place of a card, as its keyed hash.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "card_tokens")]
pub struct Model {
    /// The keyed hash of the number, 16 bytes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// The member to whom it leads.
    pub member_id: Uuid,
    /// Microseconds UTC.
    pub made_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
