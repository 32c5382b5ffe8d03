//! The business events of the ledger, immutable.

use sea_orm::entity::prelude::*;

/// A row of `journals`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journals")]
pub struct Model {
    /// The journal's id; for a purchase made from branch, till, receipt and operation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose account.
    pub member_id: Uuid,
    /// The account's version with this journal.
    pub version: i64,
    /// Which kind, by its number.
    pub kind: i16,
    /// When it was recorded, in microseconds.
    pub recorded_at: i64,
    /// Points it added, negative when it took some away.
    pub points: i64,
    /// The balance afterwards.
    pub balance: i64,
    /// The programme version that decided.
    pub programme_version: Option<i32>,
    /// The digest of caller and idempotency key.
    pub idempotency_key: Option<Uuid>,
    /// The digest of what was asked.
    pub fingerprint: Option<Uuid>,
    /// Where.
    pub branch: Option<String>,
    /// At which till.
    pub till: Option<String>,
    /// The receipt's number.
    pub receipt: Option<String>,
    /// Which operation on the receipt.
    pub operation: Option<String>,
    /// When, by the till's word, in microseconds.
    pub occurred_at: Option<i64>,
    /// Paid, in minor units.
    pub amount: Option<i64>,
    /// Of this currency.
    pub currency: Option<String>,
    /// What each rule made of a purchase; what anything else came to.
    pub trace: Option<String>,
    /// The day on which points lapsed next, as it stood then.
    pub expires_next_on: Option<i32>,
    /// How many of them.
    pub expires_next_points: Option<i64>,
    /// The receipt's lines as JSON, when the till sent any; of a return those that came back, where they were named.
    pub lines: Option<String>,
    /// The purchase that a return undoes; the hold, transfer or redemption that an operation is about.
    pub original: Option<Uuid>,
    /// Who did an operation.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What else the till said of a purchase, as JSON, when it said anything.
    pub details: Option<String>,
}

/// No relations are walked: each query names what it wants.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
