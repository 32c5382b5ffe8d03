//! Table `till_enrolments`.

use sea_orm::entity::prelude::*;

/// A till's enrolment; the code itself is nowhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "till_enrolments")]
pub struct Model {
    /// The code's first characters.
    #[sea_orm(primary_key, auto_increment = false)]
    pub locator: String,
    /// The till's branch.
    pub branch: String,
    /// The till.
    pub till: String,
    /// The keyed hash of the code.
    pub code: Vec<u8>,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// How many attempts are left.
    pub tries_left: i64,
    /// Microseconds UTC; absent while it is open.
    pub used_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
