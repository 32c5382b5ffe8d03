//! Which facts may leave the platform, and what a partner must be allowed to read to hear them.
//!
//! **Every fact of the catalogue stands here once**, told or kept; a test fails for one that does not. Kept is what nobody
//! outside has a use for, and what would tell more than it says: keyed hashes of phones and cards, birthdays by the day on
//! which they are told, what members agree to and answer, who belongs to whom, whose account is held for a suspicion.

use contracts::{FactData, FactKind, membership, points, rewards};
use kernel::Scope;

/// What becomes of a kind of fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publicity {
    /// Whoever may read such things may hear of them: partners need this scope.
    Told(Scope),
    /// It stays inside.
    Kept,
}

use Publicity::{Kept, Told};

/// The kind of a test message; it is no fact, and no webhook subscribes to it.
pub const PING: &str = "vafa.webhooks.ping.v1";

/// Every kind of fact, and what becomes of it.
pub const KINDS: &[(&str, Publicity)] = &[
    (membership::RegionOpened::TYPE, Told(Scope::PlacesRead)),
    (membership::BranchOpened::TYPE, Told(Scope::PlacesRead)),
    (membership::TillEnrolled::TYPE, Kept),
    (membership::TillKeyRevoked::TYPE, Kept),
    (membership::MemberJoined::TYPE, Told(Scope::MembersRead)),
    (membership::IdentifierLinked::TYPE, Kept),
    (membership::PhoneConfirmed::TYPE, Kept),
    (membership::PhoneChanged::TYPE, Kept),
    (membership::CardHandedOver::TYPE, Kept),
    (membership::OccasionReached::TYPE, Kept),
    (membership::HouseholdChanged::TYPE, Kept),
    (membership::ConsentGiven::TYPE, Kept),
    (membership::ConsentWithdrawn::TYPE, Kept),
    (membership::MemberLeft::TYPE, Told(Scope::MembersRead)),
    (membership::MemberErased::TYPE, Told(Scope::MembersRead)),
    (membership::MembersMerged::TYPE, Told(Scope::MembersRead)),
    (membership::ProfileAnswered::TYPE, Kept),
    (membership::ActionDone::TYPE, Kept),
    (membership::ActionUndone::TYPE, Kept),
    (membership::PlanStandingChanged::TYPE, Kept),
    (membership::ReferralMade::TYPE, Kept),
    (membership::ReferralQualified::TYPE, Kept),
    (membership::ReferralUndone::TYPE, Kept),
    (points::PointsEarned::TYPE, Told(Scope::HistoryRead)),
    (points::PointsExpired::TYPE, Told(Scope::HistoryRead)),
    (points::PointsReturned::TYPE, Told(Scope::HistoryRead)),
    (points::RewardsGranted::TYPE, Told(Scope::HistoryRead)),
    (points::RewardsRevoked::TYPE, Told(Scope::HistoryRead)),
    (points::PointsGranted::TYPE, Told(Scope::HistoryRead)),
    (points::ActionReversed::TYPE, Told(Scope::HistoryRead)),
    (points::TierChanged::TYPE, Told(Scope::PointsRead)),
    (points::ProgrammeAnnounced::TYPE, Kept),
    (points::PointsHeld::TYPE, Kept),
    (points::PointsReleased::TYPE, Kept),
    (points::RedemptionRefused::TYPE, Kept),
    (points::RedemptionRefunded::TYPE, Told(Scope::HistoryRead)),
    (points::RefundRefused::TYPE, Kept),
    (points::PointsCaptured::TYPE, Told(Scope::HistoryRead)),
    (points::PointsRedeemed::TYPE, Told(Scope::HistoryRead)),
    (points::RedemptionReversed::TYPE, Told(Scope::HistoryRead)),
    (points::PointsActivated::TYPE, Told(Scope::HistoryRead)),
    (points::PointsAdjusted::TYPE, Told(Scope::HistoryRead)),
    (points::AccountStateChanged::TYPE, Kept),
    (points::AccountAbsorbed::TYPE, Told(Scope::HistoryRead)),
    (points::AccountMerged::TYPE, Told(Scope::HistoryRead)),
    (points::MemberForgotten::TYPE, Kept),
    (points::TransferRequested::TYPE, Kept),
    (points::TransferCompleted::TYPE, Kept),
    (points::TransferDeclined::TYPE, Kept),
    (points::TransferRecalled::TYPE, Kept),
    (points::TransferExpired::TYPE, Kept),
    (points::PoolGiven::TYPE, Kept),
    (points::PoolDrawn::TYPE, Kept),
    (points::ProgrammeWentLive::TYPE, Told(Scope::PointsRead)),
    (rewards::RedemptionRequested::TYPE, Kept),
    (rewards::RedemptionFulfilled::TYPE, Kept),
    (rewards::RedemptionCompleted::TYPE, Told(Scope::HistoryRead)),
    (rewards::RedemptionReleased::TYPE, Kept),
    (rewards::RedemptionCancelled::TYPE, Told(Scope::HistoryRead)),
    (rewards::VoucherIssued::TYPE, Told(Scope::HistoryRead)),
    (rewards::VoucherRedeemed::TYPE, Told(Scope::HistoryRead)),
    (rewards::VoucherUseCancelled::TYPE, Told(Scope::HistoryRead)),
    (rewards::VoucherCancelled::TYPE, Told(Scope::HistoryRead)),
    (rewards::VoucherExpired::TYPE, Told(Scope::HistoryRead)),
    (rewards::MemberForgotten::TYPE, Kept),
    (rewards::GiftGiven::TYPE, Kept),
    (rewards::SeatBooked::TYPE, Told(Scope::HistoryRead)),
    (rewards::SeatEnded::TYPE, Told(Scope::HistoryRead)),
    (rewards::SeatAttended::TYPE, Told(Scope::HistoryRead)),
    (rewards::ChallengeReached::TYPE, Told(Scope::HistoryRead)),
    (rewards::ContestDecided::TYPE, Told(Scope::HistoryRead)),
    (rewards::ContestWon::TYPE, Told(Scope::HistoryRead)),
    (rewards::SeatMissed::TYPE, Told(Scope::HistoryRead)),
    (rewards::VoucherExpiring::TYPE, Told(Scope::HistoryRead)),
    (rewards::DrawSettled::TYPE, Told(Scope::HistoryRead)),
    (rewards::DrawWon::TYPE, Told(Scope::HistoryRead)),
    (rewards::BearerCodeUsed::TYPE, Told(Scope::HistoryRead)),
    (rewards::BearerCodeUseCancelled::TYPE, Told(Scope::HistoryRead)),
];

/// The scope that a partner needs to hear this kind; nothing for a kind that is kept, or that there is not.
#[must_use]
pub fn scope_of(kind: &str) -> Option<Scope> {
    KINDS.iter().find(|(known, _)| *known == kind).and_then(|(_, publicity)| match publicity {
        Told(scope) => Some(*scope),
        Kept => None,
    })
}

/// The kinds that are told, as the catalogue describes them, in its order.
#[must_use]
pub fn told() -> Vec<(FactKind, Scope)> {
    let scoped = |fact: FactKind| scope_of(fact.kind).map(|scope| (fact, scope));
    contracts::catalog().into_iter().filter_map(scoped).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_fact_of_the_catalogue_is_told_or_kept_and_none_is_forgotten() {
        let listed: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        let once: BTreeSet<&str> = listed.iter().copied().collect();
        assert_eq!(once.len(), listed.len(), "a kind stands here once");
        let known: BTreeSet<&str> = contracts::catalog().iter().map(|fact| fact.kind).collect();
        assert_eq!(known.difference(&once).collect::<Vec<_>>(), Vec::<&&str>::new(), "told or kept?");
        assert_eq!(once.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "there is no such fact");
    }

    #[test]
    fn nothing_that_is_told_has_a_keyed_hash_or_names_a_second_member() {
        for (fact, _) in told() {
            let text = fact.sample.data.get();
            for word in ["digest", "receiver", "sender", "drawn_by", "household", "occasion"] {
                assert!(!text.contains(word), "{}: {text}", fact.kind);
            }
        }
    }
}
