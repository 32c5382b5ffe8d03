//! Table `occasion_progress`.

use sea_orm::entity::prelude::*;

/// Up to which day an occasion was told of everybody.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "occasion_progress")]
pub struct Model {
    /// The occasion.
    #[sea_orm(primary_key, auto_increment = false)]
    pub occasion: String,
    /// The day.
    pub through: i32,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
