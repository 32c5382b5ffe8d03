//! Table `archives`.

use sea_orm::entity::prelude::*;

/// An archive that was handed out.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "archives")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Of whom.
    pub member_id: Uuid,
    /// Microseconds UTC.
    pub made_at: i64,
    /// The word for who had it.
    pub maker: String,
    /// Who of the staff, where it was one of them.
    pub staff_id: Option<Uuid>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
