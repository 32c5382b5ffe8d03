//! Table `till_keys`.

use sea_orm::entity::prelude::*;

/// A till key's row; the key itself is nowhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "till_keys")]
pub struct Model {
    /// The key's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The till's branch.
    pub branch: String,
    /// The till.
    pub till: String,
    /// SHA-256 of the key's text, or of its public half.
    pub digest: Vec<u8>,
    /// The public half of a key that signs; absent for one that is sent.
    pub public_key: Option<Vec<u8>>,
    /// Microseconds UTC.
    pub issued_at: i64,
    /// Microseconds UTC; absent while it is valid.
    pub revoked_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
