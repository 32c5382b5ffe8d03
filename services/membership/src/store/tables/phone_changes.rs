//! Table `phone_changes`.

use sea_orm::entity::prelude::*;

/// A change of a member's phone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "phone_changes")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose phone.
    pub member_id: Uuid,
    /// The session in which the member asked; absent where the back office did.
    pub session_id: Option<Uuid>,
    /// The person of the back office who asked.
    pub asked_by: Option<String>,
    /// The reason's word.
    pub reason: String,
    /// The keyed hash of the new phone.
    pub phone: Vec<u8>,
    /// The keyed hash of the phone before.
    pub former: Option<Vec<u8>>,
    /// Both phones, sealed with the member's key; see `store::phone_changes`.
    pub phones: Vec<u8>,
    /// The keyed hash of the code, 32 bytes.
    pub code: Vec<u8>,
    /// Attempts left.
    pub tries_left: i64,
    /// The status' word.
    pub status: String,
    /// Microseconds UTC.
    pub asked_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// Microseconds UTC.
    pub confirmed_at: Option<i64>,
    /// The second person.
    pub approved_by: Option<String>,
    /// Microseconds UTC.
    pub changed_at: Option<i64>,
    /// The keyed hash of the code that calls it back, 32 bytes.
    pub recall: Option<Vec<u8>>,
    /// Microseconds UTC.
    pub recall_until: Option<i64>,
    /// Microseconds UTC.
    pub guarded_until: Option<i64>,
    /// Microseconds UTC.
    pub ended_at: Option<i64>,
    /// Microseconds UTC: by which it is forgotten.
    pub over_at: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
