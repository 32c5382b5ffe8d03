//! What a till is told about a purchase.

use contracts::points::RewardGrant;
use kernel::{Day, JournalId, Language, MemberId, Points, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::reasons::Reasons;
use crate::{
    commands::record_purchases::Recorded,
    domain::{PaidByPoints, Skip, TierBonus, granted},
};

/// What one rule made of the purchase.
#[derive(Serialize, ToSchema)]
pub struct RuleAnswer<'a> {
    /// The rule's code.
    #[schema(example = "base")]
    pub rule: &'a str,
    /// The rule's name in the caller's language.
    #[schema(example = "One point for every 10,000")]
    pub name: &'a str,
    /// Points it gave.
    pub points: Points,
    /// Why it gave nothing, or less than it would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skip>,
    /// The same in the caller's language, to be read out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Only for larger purchases.")]
    pub reason: Option<&'a str>,
}

/// Points that lapse together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExpiresNext {
    /// How many.
    pub points: Points,
    /// The last day on which they can be spent.
    pub on: Day,
}

impl From<(Day, Points)> for ExpiresNext {
    fn from((on, points): (Day, Points)) -> Self {
        Self { points, on }
    }
}

/// The account after the purchase.
#[derive(Serialize, ToSchema)]
pub struct BalanceAfter {
    /// Points that can be spent.
    pub points: Points,
    /// Rises with every change of the account.
    pub account_version: u64,
    /// What lapses next; absent when nothing will.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_next: Option<ExpiresNext>,
}

/// What points paid of a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaidAnswer {
    /// How many points.
    #[schema(example = 200)]
    pub points: Points,
    /// How much of the amount they paid, in minor units.
    #[schema(example = 20_000)]
    pub amount: i64,
    /// How much is left to pay otherwise, in minor units.
    #[schema(example = 1_230_000)]
    pub to_pay: i64,
}

impl PaidAnswer {
    /// What points pay of an amount.
    pub fn of(paid: PaidByPoints, amount: i64) -> Self {
        Self { points: paid.points, amount: paid.amount, to_pay: amount - paid.amount }
    }
}

/// What a member's tier added.
#[derive(Serialize, ToSchema)]
pub struct TierBonusAnswer<'a> {
    /// The tier's code.
    #[schema(example = "gold")]
    pub code: &'a str,
    /// The tier's name in the caller's language.
    pub name: &'a str,
    /// Points it added; none when it multiplies nothing.
    pub points: Points,
}

fn tier_bonus(
    recorded: &Recorded,
    bonus: Option<TierBonus>,
    language: Language,
) -> Option<TierBonusAnswer<'_>> {
    let TierBonus { level, points } = bonus?;
    let level = recorded.programme.document.tiers.as_ref()?.levels.get(level)?;
    Some(TierBonusAnswer { code: &level.code, name: level.name.text(language), points })
}

/// A purchase as it was recorded.
#[derive(Serialize, ToSchema)]
pub struct PurchaseAnswer<'a> {
    /// The purchase's id: the same for the same receipt, for ever.
    pub purchase_id: JournalId,
    /// Whose it is.
    pub member_id: MemberId,
    /// The receipt's number.
    pub receipt: &'a str,
    /// Which operation on it.
    pub operation: &'a str,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// True when nothing was kept.
    pub dry_run: bool,
    /// What points paid of it; absent where they paid nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spent: Option<PaidAnswer>,
    /// The most that points could pay of it as things are, in a dry run under a programme with a price for points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spendable: Option<PaidAnswer>,
    /// What it earned.
    pub points: Points,
    /// How many of them are pending, and can be spent later; absent when none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points_pending: Option<Points>,
    /// How many of them paid what the member owed; absent when none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_recovered: Option<Points>,
    /// What each rule made of it: which gave what, and why others did not.
    pub rules: Vec<RuleAnswer<'a>>,
    /// Rewards and draw tickets that it brought; absent when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rewards: Vec<RewardGrant>,
    /// What the member's tier before the purchase added to what rules gave; absent without a tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<TierBonusAnswer<'a>>,
    /// The account afterwards.
    pub balance: BalanceAfter,
    /// The programme version that decided.
    pub programme_version: u32,
}

impl<'a> PurchaseAnswer<'a> {
    /// The answer for a recorded purchase; `None` when the journal is no purchase.
    pub fn of(
        recorded: &'a Recorded,
        reasons: &'a Reasons,
        language: Language,
        dry_run: bool,
    ) -> Option<Self> {
        let row = &recorded.row;
        let purchase = row.purchase()?;
        let earned = purchase.trace.total().ok()?;
        let some = |points: &Points| points.is_positive();
        let pending = Some(purchase.pending).filter(some);
        let recovered =
            earned.minus(purchase.pending).and_then(|now| now.minus(row.points)).ok().filter(some);
        let rules = recorded.programme.document.rules.iter().zip(&purchase.trace.0);
        Some(Self {
            purchase_id: row.id,
            member_id: row.member,
            receipt: &purchase.asked.receipt,
            operation: &purchase.asked.operation,
            recorded_at: row.recorded_at,
            dry_run,
            spent: purchase.paid.map(|paid| PaidAnswer::of(paid, purchase.asked.amount)),
            spendable: None,
            points: earned,
            points_pending: pending,
            debt_recovered: recovered,
            rules: rules
                .map(|(rule, outcome)| {
                    let skipped = outcome.skipped();
                    RuleAnswer {
                        rule: &rule.code,
                        name: rule.name.text(language),
                        points: outcome.points(),
                        skipped,
                        reason: skipped.map(|skip| reasons.text(language, skip)),
                    }
                })
                .collect(),
            rewards: granted(&recorded.programme.document, &purchase.trace),
            tier: tier_bonus(recorded, purchase.trace.1, language),
            balance: BalanceAfter {
                points: row.balance,
                account_version: row.version,
                expires_next: purchase.expires_next.map(ExpiresNext::from),
            },
            programme_version: purchase.programme_version,
        })
    }
}
