//! Table `staff_tokens`.

use sea_orm::entity::prelude::*;

/// The row of a token of a session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_tokens")]
pub struct Model {
    /// SHA-256 of the token's text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// The session that it opens or continues.
    pub session_id: Uuid,
    /// `access` or `refresh`.
    pub kind: String,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// Microseconds UTC; when a refresh token was used.
    pub used_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
