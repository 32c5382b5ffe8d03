//! Table `households`.

use sea_orm::entity::prelude::*;

/// A household's row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "households")]
pub struct Model {
    /// The household's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// How many members it has.
    pub members: i32,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
