//! Table `branches`.

use sea_orm::entity::prelude::*;

/// A branch's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "branches")]
pub struct Model {
    /// The branch's code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Its region's code.
    pub region: String,
    /// Persian name.
    pub name_fa: Option<String>,
    /// Arabic name.
    pub name_ar: Option<String>,
    /// English name.
    pub name_en: Option<String>,
    /// IANA time zone, when it differs from the chain's.
    pub time_zone: Option<String>,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Facts told.
    pub version: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
