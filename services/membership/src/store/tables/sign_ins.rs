//! Table `sign_ins`.

use sea_orm::entity::prelude::*;

/// A code that was asked for; the code itself is nowhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_ins")]
pub struct Model {
    /// The sign-in's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The keyed hash of the phone.
    pub phone: Vec<u8>,
    /// Whom the phone led to; absent for a number that nobody has.
    pub member_id: Option<Uuid>,
    /// The keyed hash of the code.
    pub code: Vec<u8>,
    /// Microseconds UTC.
    pub made_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// Attempts left.
    pub tries_left: i64,
    /// Microseconds UTC; absent while it was not used.
    pub used_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
