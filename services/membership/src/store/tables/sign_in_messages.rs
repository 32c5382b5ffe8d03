//! Table `sign_in_messages`.

use sea_orm::entity::prelude::*;

/// A message on its way, until it was handed over.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_messages")]
pub struct Model {
    /// The sign-in or the change of a phone that it belongs to, or its own.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whom it goes to; absent for a number that nobody has.
    pub member_id: Option<Uuid>,
    /// Phone and code, sealed; see `store::cipher`.
    pub sealed: Vec<u8>,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// Microseconds UTC; while somebody delivers it, when another may try.
    pub due_at: i64,
    /// What it says, by a word; see `store::sign_ins`.
    pub kind: String,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
