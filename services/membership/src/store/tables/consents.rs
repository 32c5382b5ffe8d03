//! Table `consents`.

use sea_orm::entity::prelude::*;

/// A line of a member's ledger of consents; written once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consents")]
pub struct Model {
    /// Who said it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// Its number in the member's ledger, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// The purpose's code.
    pub purpose: String,
    /// Whether they consent.
    pub given: bool,
    /// The version of the words.
    pub version: i32,
    /// The tag of the language in which they were shown.
    pub language: String,
    /// The channel's word.
    pub channel: String,
    /// The branch where it was said, when it was at a till.
    pub branch: Option<String>,
    /// The till.
    pub till: Option<String>,
    /// Microseconds UTC.
    pub said_at: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
