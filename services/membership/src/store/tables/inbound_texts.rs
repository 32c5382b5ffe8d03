//! Table `inbound_texts`.

use sea_orm::entity::prelude::*;

/// A text that came, known by the provider's id.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbound_texts")]
pub struct Model {
    /// Keyed hash of the provider's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// Keyed hash of sender and contents.
    pub contents: Vec<u8>,
    /// Whether it was answered with a code.
    pub asks: bool,
    /// Microseconds UTC.
    pub noted_at: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
