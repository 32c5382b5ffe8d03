//! Table `household_invitations`.

use sea_orm::entity::prelude::*;

/// An invitation into a household.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_invitations")]
pub struct Model {
    /// The invitation's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who made it.
    pub inviter: Uuid,
    /// The household that they headed; absent for none.
    pub household: Option<Uuid>,
    /// Whom it is to: the keyed hash of a phone or card, or a member's id.
    pub address: Vec<u8>,
    /// The last digits of that, sealed; see `store::cipher`.
    pub shown: Vec<u8>,
    /// The role's word.
    pub role: String,
    /// Microseconds UTC.
    pub made_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// Microseconds UTC.
    pub declined_at: Option<i64>,
    /// How it ended otherwise, as a word.
    pub ended: Option<String>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
