//! Table `merges`.

use sea_orm::entity::prelude::*;

/// A merge of two memberships that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merges")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who stays.
    pub survivor: Uuid,
    /// Whose membership goes into the other one.
    pub absorbed: Uuid,
    /// The reason's word.
    pub reason: String,
    /// The person of the back office who asked.
    pub asked_by: String,
    /// The keyed hash of the code that went to the phone of who stays; absent where it is lost.
    pub survivor_code: Option<Vec<u8>>,
    /// Attempts left at it.
    pub survivor_tries: i64,
    /// When it came back, in microseconds.
    pub survivor_at: Option<i64>,
    /// The keyed hash of the code that went to the other phone; absent where it is lost.
    pub absorbed_code: Option<Vec<u8>>,
    /// Attempts left at it.
    pub absorbed_tries: i64,
    /// When it came back, in microseconds.
    pub absorbed_at: Option<i64>,
    /// The status' word.
    pub status: String,
    /// When it was asked for, in microseconds.
    pub asked_at: i64,
    /// Until when it waits, in microseconds.
    pub expires_at: i64,
    /// The second person.
    pub approved_by: Option<String>,
    /// When the two became one, in microseconds.
    pub merged_at: Option<i64>,
    /// When it was given up, in microseconds.
    pub ended_at: Option<i64>,
    /// Since when it is over, in microseconds.
    pub over_at: i64,
}

/// None is declared: joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
