//! Table `stray_payments`.

use sea_orm::entity::prelude::*;

/// Money that no checkout wanted.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stray_payments")]
pub struct Model {
    /// Its id here.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What the provider calls it.
    pub payment: String,
    /// The checkout that it came for, where there is one.
    pub checkout_id: Option<Uuid>,
    /// Whose checkout it was.
    pub member_id: Option<Uuid>,
    /// In minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: String,
    /// Why it was not wanted.
    pub reason: String,
    /// Microseconds UTC.
    pub noted_at: i64,
    /// Microseconds UTC; absent while nobody has looked at it.
    pub settled_at: Option<i64>,
    /// What became of it.
    pub outcome: Option<String>,
    /// Who of the staff said so.
    pub settled_by: Option<Uuid>,
}

/// Rows stand alone; joins are written where they are asked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
