//! Table `staff_accounts`.

use sea_orm::entity::prelude::*;

/// The row of a person's password and second factor.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_accounts")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: Uuid,
    /// The password's hash, with its parameters.
    pub password: String,
    /// The second factor's secret, sealed; see `store::cipher`.
    pub secret: Vec<u8>,
    /// The step whose code was used last.
    pub used_step: Option<i64>,
    /// Microseconds UTC.
    pub made_at: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
