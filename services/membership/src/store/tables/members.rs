//! Table `members`.

use sea_orm::entity::prelude::*;

/// A member's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    /// The member's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The status's word.
    pub status: String,
    /// Sealed, see `store::cipher`.
    pub first_name: Vec<u8>,
    /// The language's tag.
    pub language: String,
    /// Microseconds UTC.
    pub joined_at: i64,
    /// The branch where they joined, when it was at a till.
    pub branch: Option<String>,
    /// The till where they joined.
    pub till: Option<String>,
    /// Facts told.
    pub version: i64,
    /// Microseconds UTC; absent while the phone is not confirmed.
    pub confirmed_at: Option<i64>,
    /// The member's data key, wrapped; see `store::member_seal`.
    pub data_key: Option<Vec<u8>>,
    /// The id of the master key that wraps it.
    pub master_key: Option<i16>,
    /// By which way they joined, where it is neither a till nor a call of the API.
    pub joined_through: Option<String>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
