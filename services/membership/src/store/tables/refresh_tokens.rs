//! Table `refresh_tokens`.

use sea_orm::entity::prelude::*;

/// A refresh token's row; the token itself is nowhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub struct Model {
    /// SHA-256 of the token's text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// The session that it continues.
    pub session_id: Uuid,
    /// Microseconds UTC.
    pub issued_at: i64,
    /// Microseconds UTC; absent while it was not used.
    pub used_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
