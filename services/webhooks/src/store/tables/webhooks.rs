//! Table `webhooks`.

use sea_orm::entity::prelude::*;

/// A webhook's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The partner's code; empty for the chain.
    pub owner: String,
    /// Where it is.
    pub url: String,
    /// Kinds of facts, separated by commas.
    pub kinds: String,
    /// Branches, separated by commas; empty for all.
    pub branches: String,
    /// In one word.
    pub state: String,
    /// The sealed secret that signs.
    pub secret: Vec<u8>,
    /// The sealed secret before it.
    pub old_secret: Option<Vec<u8>>,
    /// Until when that one signs, too; microseconds UTC.
    pub old_secret_until: Option<i64>,
    /// Attempts in a row that failed.
    pub failures: i32,
    /// Microseconds UTC.
    pub failing_since: Option<i64>,
    /// Microseconds UTC.
    pub paused_until: Option<i64>,
    /// Until when one replica serves it; microseconds UTC.
    pub leased_until: i64,
    /// When it was served last; microseconds UTC.
    pub served_at: i64,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
