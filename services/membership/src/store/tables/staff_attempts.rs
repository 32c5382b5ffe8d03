//! Table `staff_attempts`.

use sea_orm::entity::prelude::*;

/// The row of the attempts under one user name.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_attempts")]
pub struct Model {
    /// The keyed hash of the user name, 16 bytes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: Vec<u8>,
    /// Failures since the last success.
    pub failed: i64,
    /// Microseconds UTC.
    pub blocked_until: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
