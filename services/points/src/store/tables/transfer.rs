//! Transfers between members.

use sea_orm::entity::prelude::*;

/// A row of `transfers`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transfers")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What moves the points, by its number.
    pub kind: i16,
    /// Who gives.
    pub sender: Uuid,
    /// Who gets.
    pub receiver: Uuid,
    /// How many points the receiver gets.
    pub points: i64,
    /// How many more the sender pays.
    pub fee: i64,
    /// Who made it on the sender's behalf.
    pub agent: Option<String>,
    /// Why, in that person's words.
    pub reason: Option<String>,
    /// The programme version whose terms hold for it.
    pub programme_version: i32,
    /// When it was requested, in microseconds.
    pub requested_at: i64,
    /// The same as a day on the chain's wall clock.
    pub requested_on: i32,
    /// When the sender confirmed it.
    pub confirmed_at: Option<i64>,
    /// When a second person approved it.
    pub approved_at: Option<i64>,
    /// Who approved or refused it.
    pub reviewer: Option<String>,
    /// When the receiver accepted it.
    pub accepted_at: Option<i64>,
    /// When it came to its end.
    pub ended_at: Option<i64>,
    /// Where it stands, by its number.
    pub status: i16,
    /// When it goes on by itself.
    pub due_at: Option<i64>,
    /// The version of the sender's account with the journal by which the points left.
    pub sent_version: i64,
    /// The version with the journal by which they arrived, of the receiver's account, or came back, of the sender's.
    pub ended_version: Option<i64>,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
