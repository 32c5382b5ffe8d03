//! Table `blind_index`.

use sea_orm::entity::prelude::*;

/// The id of the only row.
pub const ONLY: i16 = 1;

/// Under which key keyed hashes are written. There is one row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blind_index")]
pub struct Model {
    /// [`ONLY`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i16,
    /// The key that is written under.
    pub current_key: i16,
    /// What tells it from another one of its id; absent until a process has started.
    pub current_sign: Option<Vec<u8>>,
    /// The key before, which rows may hang on.
    pub former_key: Option<i16>,
    /// What tells it from another one of its id.
    pub former_sign: Option<Vec<u8>>,
    /// Microseconds UTC; absent for the first key.
    pub changed_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
