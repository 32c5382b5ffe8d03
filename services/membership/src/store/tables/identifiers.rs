//! Table `identifiers`.

use sea_orm::entity::prelude::*;

/// An identifier's row, found by its keyed hash.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identifiers")]
pub struct Model {
    /// The keyed hash (blind index) of kind and value, 16 bytes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// The member it leads to.
    pub member_id: Uuid,
    /// The kind's word.
    pub kind: String,
    /// Sealed, see `store::cipher`.
    pub value: Vec<u8>,
    /// Whether it still leads there.
    pub active: bool,
    /// Microseconds UTC.
    pub linked_at: i64,
    /// Microseconds UTC; absent for what was not blocked.
    pub blocked_at: Option<i64>,
    /// The reason's word.
    pub blocked_why: Option<String>,
    /// The keyed hash of the card that took its place.
    pub replaced_by: Option<Vec<u8>>,
    /// The key of the blind index that the keyed hash is from.
    pub blind_key: i16,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
