//! Table `questions`.

use sea_orm::entity::prelude::*;

/// A question of the chain.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "questions")]
pub struct Model {
    /// Its code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Whether it asks for the birthday; one of them may.
    pub birthday: bool,
    /// What is asked, as JSON.
    pub asking: String,
    /// Microseconds UTC.
    pub since: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
