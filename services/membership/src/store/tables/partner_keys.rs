//! Table `partner_keys`.

use sea_orm::entity::prelude::*;

/// A partner key's row; the key itself is nowhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_keys")]
pub struct Model {
    /// The key's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub partner: String,
    /// SHA-256 of the key's text.
    pub digest: Vec<u8>,
    /// Microseconds UTC.
    pub issued_at: i64,
    /// Microseconds UTC; absent where nothing was said of it.
    pub ends_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
