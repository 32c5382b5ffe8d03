//! Table `joinings`.

use sea_orm::entity::prelude::*;

/// What somebody who joins in an app said of themselves.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "joinings")]
pub struct Model {
    /// The sign-in whose code shows that the phone is theirs.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sign_in_id: Uuid,
    /// Who they are; nobody until it was looked up, or they were taken in.
    pub member_id: Option<Uuid>,
    /// Phone, language and first name, sealed by a master key; nothing once there is a member.
    pub sealed: Vec<u8>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
