//! Table `signing_keys`.

use sea_orm::entity::prelude::*;

/// A key that signs access tokens.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub struct Model {
    /// Its number, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// Microseconds UTC.
    pub signs_from: i64,
    /// Its seed, sealed; see `store::cipher`.
    pub secret: Vec<u8>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
