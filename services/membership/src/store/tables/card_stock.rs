//! Table `card_stock`.

use sea_orm::entity::prelude::*;

/// A number of a batch, found by its keyed hash.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "card_stock")]
pub struct Model {
    /// The keyed hash (blind index) of the number, 16 bytes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// The batch's id.
    pub batch: Uuid,
    /// Its place in the batch, from 1.
    pub place: i64,
    /// Sealed, see `store::cipher`.
    pub value: Vec<u8>,
    /// Microseconds UTC; absent while it leads to nobody.
    pub linked_at: Option<i64>,
    /// The key of the blind index that the keyed hash is from.
    pub blind_key: i16,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
