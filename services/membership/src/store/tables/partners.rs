//! Table `partners`.

use sea_orm::entity::prelude::*;

/// A partner's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partners")]
pub struct Model {
    /// The partner's code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// What it is called.
    pub name: String,
    /// The words of its scopes, separated by commas.
    pub scopes: String,
    /// Networks from which calls may come, separated by commas; empty: from anywhere.
    pub networks: String,
    /// Microseconds UTC.
    pub since: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
