//! Table `activity`.

use sea_orm::entity::prelude::*;

/// What is known about a member's purchases.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activity")]
pub struct Model {
    /// The member's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// How many purchases.
    pub purchases: i64,
    /// Earliest purchase, microseconds UTC.
    pub first_at: i64,
    /// Latest purchase, microseconds UTC.
    pub last_at: i64,
    /// Where the latest was made.
    pub last_branch: String,
    /// Highest sequence number counted.
    pub seen: i64,
    /// Numbers below it that were not: ascending, separated by commas.
    pub gaps: String,
    /// Goes up with every change: an update that has seen an older one is refused.
    pub revision: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
