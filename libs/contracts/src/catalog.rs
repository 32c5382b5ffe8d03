//! The list of all facts, for `vafa facts`, the generated docs and the tests.

use kernel::{FactId, Timestamp};
use utoipa::{
    PartialSchema,
    openapi::{RefOr, schema::Schema},
};
use uuid::Uuid;

use crate::{Fact, FactData, FactHead, membership, points, rewards};

/// One kind of fact, as documents show it.
pub struct FactKind {
    /// The service that tells it.
    pub owner: &'static str,
    /// Its CloudEvents type.
    pub kind: &'static str,
    /// When it is told.
    pub about: &'static str,
    /// JSON Schema (2020-12, as OpenAPI 3.1 uses it) of the payload.
    pub schema: RefOr<Schema>,
    /// A whole fact with the sample payload.
    pub sample: Fact,
}

impl FactKind {
    fn of<T: FactData + PartialSchema>(owner: &'static str, subject: &str) -> Self {
        let head = FactHead {
            id: FactId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_00ff)),
            source: owner,
            subject: subject.to_owned(),
            seq: 1,
            time: Timestamp::from_micros(1_795_000_000_000_000),
            traceparent: None,
        };
        let sample = Fact::new(head, &T::sample());
        Self { owner, kind: T::TYPE, about: T::ABOUT, schema: T::schema(), sample }
    }
}

const FRIEND: &str = "0192f3a1-7c00-7000-8000-000000000009/referral";
const REDEMPTION: &str = "0192f3a1-7c00-7000-8000-00000000000a";
const VOUCHER: &str = "0192f3a1-7c00-7000-8000-00000000000b";
const DRAW: &str = "new-year";
const BEARER_CODE: &str = "0192f3a1-7c00-7000-8000-00000000000f/7";
const GIFT: &str = "0192f3a1-7c00-7000-8000-00000000000d";
const REACHED: &str = "may-coffee/0192f3a1-7c00-7000-8000-000000000001";
const CONTEST: &str = "may-coffee";
const SEAT: &str = "0192f3a1-7c00-7000-8000-00000000000e";
const PURCHASE: &str = "0192f3a1-7c00-7000-8000-000000000003";

/// Every fact that any service tells, in the order documents show them.
#[must_use]
pub fn catalog() -> Vec<FactKind> {
    let member = membership::MemberJoined::sample().member_id.to_string();
    with_rewards(vec![
        FactKind::of::<membership::RegionOpened>(membership::SOURCE, "tehran"),
        FactKind::of::<membership::BranchOpened>(membership::SOURCE, "tehran-vanak"),
        FactKind::of::<membership::TillEnrolled>(membership::SOURCE, "tehran-vanak/till-1"),
        FactKind::of::<membership::TillKeyRevoked>(membership::SOURCE, "tehran-vanak/till-1"),
        FactKind::of::<membership::MemberJoined>(membership::SOURCE, &member),
        FactKind::of::<membership::IdentifierLinked>(membership::SOURCE, &member),
        FactKind::of::<membership::PhoneConfirmed>(membership::SOURCE, &member),
        FactKind::of::<membership::PhoneChanged>(membership::SOURCE, &member),
        FactKind::of::<membership::CardHandedOver>(membership::SOURCE, &member),
        FactKind::of::<membership::OccasionReached>(membership::SOURCE, &format!("{member}/occasions")),
        FactKind::of::<membership::HouseholdChanged>(membership::SOURCE, &member),
        FactKind::of::<membership::ConsentGiven>(membership::SOURCE, &member),
        FactKind::of::<membership::ConsentWithdrawn>(membership::SOURCE, &member),
        FactKind::of::<membership::MemberLeft>(membership::SOURCE, &member),
        FactKind::of::<membership::MemberErased>(membership::SOURCE, &member),
        FactKind::of::<membership::MembersMerged>(membership::SOURCE, &member),
        FactKind::of::<membership::ProfileAnswered>(membership::SOURCE, &member),
        FactKind::of::<membership::ReferralMade>(membership::SOURCE, FRIEND),
        FactKind::of::<membership::ReferralQualified>(membership::SOURCE, FRIEND),
        FactKind::of::<membership::ReferralUndone>(membership::SOURCE, FRIEND),
        FactKind::of::<membership::PlanStandingChanged>(membership::SOURCE, &format!("{member}/plan")),
        FactKind::of::<membership::ActionDone>(membership::SOURCE, &format!("{member}/actions")),
        FactKind::of::<membership::ActionUndone>(membership::SOURCE, &format!("{member}/actions")),
        FactKind::of::<points::PointsEarned>(points::SOURCE, &member),
        FactKind::of::<points::PointsExpired>(points::SOURCE, &member),
        FactKind::of::<points::PointsReturned>(points::SOURCE, &member),
        FactKind::of::<points::RewardsGranted>(points::SOURCE, PURCHASE),
        FactKind::of::<points::RewardsRevoked>(points::SOURCE, PURCHASE),
        FactKind::of::<points::PointsGranted>(points::SOURCE, &member),
        FactKind::of::<points::ActionReversed>(points::SOURCE, &member),
        FactKind::of::<points::TierChanged>(points::SOURCE, &format!("{member}/tier")),
        FactKind::of::<points::ProgrammeAnnounced>(points::SOURCE, "programme"),
        FactKind::of::<points::PointsHeld>(points::SOURCE, &member),
        FactKind::of::<points::PointsReleased>(points::SOURCE, &member),
        FactKind::of::<points::RedemptionRefused>(points::SOURCE, REDEMPTION),
        FactKind::of::<points::RedemptionRefunded>(points::SOURCE, REDEMPTION),
        FactKind::of::<points::RefundRefused>(points::SOURCE, REDEMPTION),
        FactKind::of::<points::PointsCaptured>(points::SOURCE, &member),
        FactKind::of::<points::PointsRedeemed>(points::SOURCE, &member),
        FactKind::of::<points::RedemptionReversed>(points::SOURCE, &member),
        FactKind::of::<points::PointsActivated>(points::SOURCE, &member),
        FactKind::of::<points::PointsAdjusted>(points::SOURCE, &member),
        FactKind::of::<points::AccountStateChanged>(points::SOURCE, &member),
        FactKind::of::<points::AccountAbsorbed>(points::SOURCE, &member),
        FactKind::of::<points::AccountMerged>(points::SOURCE, &member),
        FactKind::of::<points::MemberForgotten>(points::SOURCE, &format!("{member}/erasure")),
        FactKind::of::<points::TransferRequested>(points::SOURCE, &member),
        FactKind::of::<points::TransferCompleted>(points::SOURCE, &member),
        FactKind::of::<points::TransferDeclined>(points::SOURCE, &member),
        FactKind::of::<points::TransferRecalled>(points::SOURCE, &member),
        FactKind::of::<points::TransferExpired>(points::SOURCE, &member),
        FactKind::of::<points::PoolGiven>(points::SOURCE, &member),
        FactKind::of::<points::PoolDrawn>(points::SOURCE, &member),
        FactKind::of::<points::ProgrammeWentLive>(points::SOURCE, "programme"),
    ])
}

fn with_rewards(mut all: Vec<FactKind>) -> Vec<FactKind> {
    let member = membership::MemberJoined::sample().member_id.to_string();
    all.extend(of_rewards(&member));
    all
}

fn of_rewards(member: &str) -> Vec<FactKind> {
    vec![
        FactKind::of::<rewards::RedemptionRequested>(rewards::SOURCE, REDEMPTION),
        FactKind::of::<rewards::RedemptionFulfilled>(rewards::SOURCE, REDEMPTION),
        FactKind::of::<rewards::RedemptionCompleted>(rewards::SOURCE, REDEMPTION),
        FactKind::of::<rewards::RedemptionReleased>(rewards::SOURCE, REDEMPTION),
        FactKind::of::<rewards::RedemptionCancelled>(rewards::SOURCE, REDEMPTION),
        FactKind::of::<rewards::VoucherIssued>(rewards::SOURCE, VOUCHER),
        FactKind::of::<rewards::VoucherRedeemed>(rewards::SOURCE, VOUCHER),
        FactKind::of::<rewards::VoucherUseCancelled>(rewards::SOURCE, VOUCHER),
        FactKind::of::<rewards::VoucherCancelled>(rewards::SOURCE, VOUCHER),
        FactKind::of::<rewards::VoucherExpiring>(rewards::SOURCE, VOUCHER),
        FactKind::of::<rewards::VoucherExpired>(rewards::SOURCE, VOUCHER),
        FactKind::of::<rewards::MemberForgotten>(rewards::SOURCE, &format!("{member}/erasure")),
        FactKind::of::<rewards::DrawSettled>(rewards::SOURCE, DRAW),
        FactKind::of::<rewards::DrawWon>(rewards::SOURCE, DRAW),
        FactKind::of::<rewards::BearerCodeUsed>(rewards::SOURCE, BEARER_CODE),
        FactKind::of::<rewards::BearerCodeUseCancelled>(rewards::SOURCE, BEARER_CODE),
        FactKind::of::<rewards::GiftGiven>(rewards::SOURCE, GIFT),
        FactKind::of::<rewards::SeatBooked>(rewards::SOURCE, SEAT),
        FactKind::of::<rewards::SeatEnded>(rewards::SOURCE, SEAT),
        FactKind::of::<rewards::SeatAttended>(rewards::SOURCE, SEAT),
        FactKind::of::<rewards::SeatMissed>(rewards::SOURCE, SEAT),
        FactKind::of::<rewards::ChallengeReached>(rewards::SOURCE, REACHED),
        FactKind::of::<rewards::ContestDecided>(rewards::SOURCE, CONTEST),
        FactKind::of::<rewards::ContestWon>(rewards::SOURCE, CONTEST),
    ]
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::PathBuf};

    use super::*;

    fn golden(kind: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{kind}.json"))
    }

    /// A released fact keeps its shape: run with `VAFA_GOLDEN=write` to add the sample of a new one.
    #[test]
    fn every_fact_still_looks_like_its_golden_sample() {
        for fact in catalog() {
            let path = golden(fact.kind);
            let now = serde_json::to_string_pretty(&fact.sample).unwrap() + "\n";
            if std::env::var_os("VAFA_GOLDEN").is_some() && !path.exists() {
                fs::write(&path, &now).unwrap();
            }
            let then = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert_eq!(then, now, "{} changed: a released fact is changed by a new version only", fact.kind);
        }
    }

    #[test]
    fn types_are_unique_and_named_after_their_owner() {
        let all = catalog();
        let kinds: BTreeSet<_> = all.iter().map(|f| f.kind).collect();
        assert_eq!(kinds.len(), all.len());
        for fact in &all {
            assert!(fact.kind.starts_with(&format!("vafa.{}.", fact.owner)), "{}", fact.kind);
        }
    }
}
