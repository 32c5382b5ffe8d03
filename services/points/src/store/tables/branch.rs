//! The branches as `membership` told them.

use sea_orm::entity::prelude::*;

/// A row of `branches`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "branches")]
pub struct Model {
    /// Its code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub branch: String,
    /// The code of its region.
    pub region: String,
    /// Its time zone, when it has one of its own.
    pub time_zone: Option<String>,
    /// Position of the fact that said so in the branch's sequence.
    pub seq: i64,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
