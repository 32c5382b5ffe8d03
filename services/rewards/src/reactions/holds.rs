//! Points were set aside for a redemption, redeemed, freed, given back, or cannot be had.

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    points::{
        PointsCaptured, PointsHeld, PointsRedeemed, PointsReleased, RedemptionRefunded, RedemptionRefused,
        RefundRefused, SOURCE, WhyRefused,
    },
    rewards::WhyReleased,
};
use kernel::{JournalId, Points, RedemptionId};
use store::Tx;

use crate::{
    commands::{
        Teller,
        follow_together::{Told, follow_all},
    },
    domain::redemption::Heard,
};

/// The name under which rewards hears points.
pub const CONSUMER: &str = "rewards-points";

/// Lets redemptions go on.
#[derive(Clone)]
pub struct FollowHolds {
    teller: Teller,
}

impl FollowHolds {
    /// Tells what follows with this teller.
    #[must_use]
    pub const fn new(teller: Teller) -> Self {
        Self { teller }
    }
}

#[async_trait]
impl Reaction for FollowHolds {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[
            PointsHeld::TYPE,
            PointsCaptured::TYPE,
            PointsRedeemed::TYPE,
            PointsReleased::TYPE,
            RedemptionRefused::TYPE,
            RedemptionRefunded::TYPE,
            RefundRefused::TYPE,
        ]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let mut told = Vec::with_capacity(facts.len());
        for fact in facts {
            let Some((redemption, heard, missing)) = heard(fact)? else { continue };
            told.push(Told { redemption, heard, missing, traceparent: fact.traceparent.as_deref() });
        }
        let followed = follow_all(&self.teller, tx, &told).await;
        followed.map_err(|error| ReactionError::Fault(error.into()))
    }
}

/// What a fact says about a redemption; nothing about holds that tills and people made.
fn heard(fact: &Fact) -> Result<Option<(RedemptionId, Heard, Option<Points>)>, ReactionError> {
    // The hold of a redemption has its id; all others have ids of another version.
    let of = |hold: JournalId, heard| {
        let own = hold.as_uuid().get_version_num() == 7;
        own.then(|| (RedemptionId::from_uuid(hold.as_uuid()), heard, None))
    };
    Ok(match &*fact.kind {
        PointsHeld::TYPE => of(fact.read::<PointsHeld>()?.journal_id, Heard::Held),
        PointsCaptured::TYPE => of(fact.read::<PointsCaptured>()?.hold_id, Heard::Captured),
        PointsRedeemed::TYPE => {
            let paid = fact.read::<PointsRedeemed>()?.redemption_id;
            paid.map(|redemption| (redemption, Heard::Captured, None))
        }
        PointsReleased::TYPE => of(fact.read::<PointsReleased>()?.hold_id, Heard::LetGo),
        RedemptionRefused::TYPE => {
            let RedemptionRefused { redemption_id, reason, missing, .. } = fact.read()?;
            Some((redemption_id, Heard::Refused(why(reason)), missing))
        }
        RedemptionRefunded::TYPE => {
            Some((fact.read::<RedemptionRefunded>()?.redemption_id, Heard::Refunded, None))
        }
        RefundRefused::TYPE => {
            let RefundRefused { redemption_id, reason, .. } = fact.read()?;
            Some((redemption_id, Heard::RefundRefused(why(reason)), None))
        }
        _ => None,
    })
}

const fn why(reason: WhyRefused) -> WhyReleased {
    match reason {
        WhyRefused::BalanceTooLow => WhyReleased::BalanceTooLow,
        WhyRefused::AccountFrozen => WhyReleased::AccountFrozen,
        WhyRefused::AccountClosed => WhyReleased::AccountClosed,
        WhyRefused::AccountGuarded => WhyReleased::AccountGuarded,
        WhyRefused::TooLate => WhyReleased::TimedOut,
        WhyRefused::HoldOver => WhyReleased::HoldOver,
        WhyRefused::PhoneUnconfirmed => WhyReleased::PhoneUnconfirmed,
        WhyRefused::CodeNeeded => WhyReleased::CodeNeeded,
    }
}
