//! Table `tills`.

use sea_orm::entity::prelude::*;

/// A till's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tills")]
pub struct Model {
    /// Its branch's code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub branch: String,
    /// Its code within the branch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Microseconds UTC.
    pub enrolled_at: i64,
    /// Facts told.
    pub version: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
