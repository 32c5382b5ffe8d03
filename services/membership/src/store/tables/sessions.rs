//! Table `sessions`.

use sea_orm::entity::prelude::*;

/// A session's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// The session's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub member_id: Uuid,
    /// The device's name, sealed; see `store::cipher`.
    pub device: Option<Vec<u8>>,
    /// Microseconds UTC.
    pub started_at: i64,
    /// Microseconds UTC.
    pub last_used_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// Microseconds UTC.
    pub stepped_up_until: Option<i64>,
    /// Microseconds UTC; absent while it was not ended.
    pub ended_at: Option<i64>,
    /// The reason's word.
    pub ended_why: Option<String>,
    /// What the app calls itself on the device, as a keyed hash.
    pub installation: Option<Vec<u8>>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
