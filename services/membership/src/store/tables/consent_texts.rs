//! Table `consent_texts`.

use sea_orm::entity::prelude::*;

/// One version of the words that ask for a consent.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consent_texts")]
pub struct Model {
    /// The purpose's code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: String,
    /// The version, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// Persian.
    pub fa: String,
    /// Arabic.
    pub ar: String,
    /// English.
    pub en: String,
    /// Microseconds UTC.
    pub since: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
