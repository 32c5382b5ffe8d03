//! Table `occasions`.

use sea_orm::entity::prelude::*;

/// Of a member: how the birthday is found, and which occasions were told.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "occasions")]
pub struct Model {
    /// Whose they are.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// The keyed hash of the day of the year, when the member told it.
    pub birthday: Option<Vec<u8>>,
    /// The day for which the birthday was told last.
    pub birthday_told_for: Option<i32>,
    /// The day for which the anniversary of joining was told last.
    pub anniversary_told_for: Option<i32>,
    /// Facts told of occasions.
    pub told: i64,
    /// The key of the blind index that the hash of the birthday is from, where there is one.
    pub birthday_key: i16,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
