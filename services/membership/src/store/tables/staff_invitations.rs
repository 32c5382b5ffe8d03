//! Table `staff_invitations`.

use sea_orm::entity::prelude::*;

/// The row of an invitation to make an account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_invitations")]
pub struct Model {
    /// SHA-256 of the invitation's text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// Who is invited.
    pub staff_id: Uuid,
    /// Microseconds UTC.
    pub issued_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// The hash of the password that was chosen, until the second factor is confirmed.
    pub password: Option<String>,
    /// The second factor's secret, sealed, until it is confirmed.
    pub secret: Option<Vec<u8>>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
