//! Table `staff`.

use sea_orm::entity::prelude::*;

/// A person's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
pub struct Model {
    /// The person's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// By which they sign in.
    pub user_name: String,
    /// Sealed, see `store::cipher`.
    pub display_name: Vec<u8>,
    /// Microseconds UTC.
    pub since: i64,
    /// Microseconds UTC; absent while they may come in.
    pub disabled_at: Option<i64>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
