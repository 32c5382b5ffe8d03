//! Table `text_askings`.

use sea_orm::entity::prelude::*;

/// A code that was sent back to a phone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "text_askings")]
pub struct Model {
    /// Keyed hash of the phone.
    #[sea_orm(primary_key, auto_increment = false)]
    pub phone: Vec<u8>,
    /// Keyed hash of the text that it answered, which it is made from.
    pub text: Vec<u8>,
    /// Microseconds UTC.
    pub expires_at: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
