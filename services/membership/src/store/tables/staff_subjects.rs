//! Table `staff_subjects`.

use sea_orm::entity::prelude::*;

/// By whom the identity provider means somebody of the staff.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_subjects")]
pub struct Model {
    /// Keyed hash of the provider and the subject.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// Whom it leads to; each person has one.
    pub staff_id: Uuid,
    /// Microseconds UTC.
    pub linked_at: i64,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
