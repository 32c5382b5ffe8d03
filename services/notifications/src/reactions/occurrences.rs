//! What members are told of a fact: which kinds of message, about what, to whom. **A fact says the same every time it is heard.**

use contracts::{
    Fact, FactData, FactError,
    membership::{
        HouseholdChanged, MemberJoined, Occasion, OccasionReached, PlanStanding, PlanStandingChanged,
        ReferralQualified,
    },
    points::{
        AccountStateChanged, PointsActivated, PointsAdjusted, PointsCaptured, PointsEarned, PointsExpired,
        PointsGranted, PointsHeld, PointsRedeemed, PointsReturned, RedemptionReversed, TierChangeCause,
        TierChanged, TransferCompleted, TransferDeclined, TransferExpired, TransferRecalled,
        TransferRequested,
    },
    rewards::{
        ChallengeReached, ContestWon, DrawWon, GiftGiven, RedemptionCancelled, RedemptionCompleted,
        RedemptionReleased, SeatBooked, SeatEnded, VoucherExpiring, VoucherRedeemed, WhySeatEnded,
    },
};
use kernel::{Day, JournalId, MemberId, Points, Timestamp};
use serde::Serialize;

use crate::domain::{
    trigger::{self, Trigger},
    value::{ThingKind, Value, Values},
};

/// Something that a member is told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The kind of message.
    pub trigger: Trigger,
    /// Who is told.
    pub member: MemberId,
    /// What it is about: a member is told once of each, by a kind of message.
    pub cause: String,
    /// What the words name.
    pub values: Values,
    /// When it happened, where that is not when it was told: purchases of long ago come in from files.
    pub happened_at: Option<Timestamp>,
}

impl Occurrence {
    fn new(trigger: Trigger, member: MemberId, cause: &dyn ToString, values: Values) -> Self {
        Self { trigger, member, cause: cause.to_string(), values, happened_at: None }
    }

    fn happened(self, at: Timestamp) -> Self {
        Self { happened_at: Some(at), ..self }
    }
}

/// How facts are read: on the chain's wall clock.
pub type Days<'a> = &'a (dyn Fn(Timestamp) -> Day + Send + Sync);

type Read = fn(&Fact, Days<'_>) -> Result<Vec<Occurrence>, FactError>;

macro_rules! tellers {
    ($($fact:ty => $tell:expr;)+) => {
        /// Facts that members are told of, and what.
        pub const TOLD: &[(&str, Read)] = &[$((<$fact>::TYPE, |fact, days| {
            let tell: fn($fact, &Fact, Days<'_>) -> Vec<Occurrence> = $tell;
            Ok(tell(fact.read::<$fact>()?, fact, days))
        })),+];
    };
}

/// What members are told of a fact; nothing for one of which nobody is told.
///
/// # Errors
/// A fact that cannot be read.
pub fn occurrences(fact: &Fact, days: Days<'_>) -> Result<Vec<Occurrence>, FactError> {
    TOLD.iter()
        .find(|(kind, _)| *kind == fact.kind)
        .map_or_else(|| Ok(Vec::new()), |(_, read)| read(fact, days))
}

fn balance(points: Points, balance: Points) -> Values {
    Values::none().number("points", points.count()).number("balance", balance.count())
}

/// Whether a hold was made for a reward: it has the id of the redemption, which is of another version than all others.
fn is_of_reward(hold: JournalId) -> bool {
    hold.as_uuid().get_version_num() == 7
}

/// The word by which a fact names one of few.
fn word(choice: impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

tellers! {
    MemberJoined => |told, _, _| vec![Occurrence::new(trigger::JOINED, told.member_id, &told.member_id, Values::none())];
    OccasionReached => |told, fact, _| {
        let occasion = match told.occasion {
            Occasion::Birthday => "birthday",
            Occasion::JoinAnniversary => "join_anniversary",
        };
        vec![Occurrence::new(trigger::OCCASION, told.member_id, &fact.id, Values::none().choice("occasion", occasion))]
    };
    PlanStandingChanged => |told, fact, _| {
        let standing = match told.standing {
            PlanStanding::Cancelled => "lapsed".to_owned(),
            standing => word(standing),
        };
        let values = Values::none().choice("standing", standing).with("day", Value::Day(told.through));
        vec![Occurrence::new(trigger::PLAN, told.member_id, &fact.id, values.thing("plan", ThingKind::Plan, told.plan.as_str()))]
    };
    ReferralQualified => |told, _, _| vec![Occurrence::new(trigger::FRIEND_BOUGHT, told.referrer, &told.friend, Values::none())];
    HouseholdChanged => |told, fact, _| {
        let change = if told.household.is_some() { "joined" } else { "left" };
        vec![Occurrence::new(trigger::HOUSEHOLD, told.member_id, &fact.id, Values::none().choice("change", change))]
    };
    PointsEarned => |told, _, days| {
        let values = balance(told.points, told.balance);
        let values = values.with("amount", Value::Money(told.amount)).with("day", Value::Day(days(told.occurred_at)));
        vec![Occurrence::new(trigger::EARNED, told.member_id, &told.journal_id, values).happened(told.occurred_at)]
    };
    PointsReturned => |told, _, _| {
        let values = balance(told.points, told.balance).number("debt", told.debt.count());
        let values = values.with("amount", Value::Money(told.amount));
        vec![Occurrence::new(trigger::RETURNED, told.member_id, &told.journal_id, values).happened(told.occurred_at)]
    };
    PointsGranted => |told, _, _| {
        if told.points.count() == 0 && told.pending.count() == 0 {
            return Vec::new();
        }
        let values = balance(told.points, told.balance).number("pending", told.pending.count());
        vec![Occurrence::new(trigger::GRANTED, told.member_id, &told.journal_id, values)]
    };
    PointsRedeemed => |told, _, _| {
        // Of what was redeemed for a reward, the reward itself is told.
        if told.redemption_id.is_some() {
            return Vec::new();
        }
        vec![Occurrence::new(trigger::REDEEMED, told.member_id, &told.journal_id, balance(told.points, told.balance))]
    };
    PointsCaptured => |told, _, _| {
        if is_of_reward(told.hold_id) {
            return Vec::new();
        }
        vec![Occurrence::new(trigger::REDEEMED, told.member_id, &told.journal_id, balance(told.points, told.balance))]
    };
    RedemptionReversed => |told, _, _| {
        vec![Occurrence::new(trigger::REDEMPTION_UNDONE, told.member_id, &told.journal_id, balance(told.points, told.balance))]
    };
    PointsHeld => |told, _, _| {
        if is_of_reward(told.journal_id) {
            return Vec::new();
        }
        let values = balance(told.points, told.balance).with("until", Value::Moment(told.until));
        vec![Occurrence::new(trigger::HELD, told.member_id, &told.journal_id, values)]
    };
    PointsExpired => |told, _, _| {
        vec![Occurrence::new(trigger::EXPIRED, told.member_id, &told.journal_id, balance(told.points, told.balance))]
    };
    PointsActivated => |told, _, _| {
        vec![Occurrence::new(trigger::ACTIVATED, told.member_id, &told.journal_id, balance(told.points, told.balance))]
    };
    PointsAdjusted => |told, _, _| {
        vec![Occurrence::new(trigger::ADJUSTED, told.member_id, &told.journal_id, balance(told.points, told.balance))]
    };
    AccountStateChanged => |told, _, _| {
        vec![Occurrence::new(trigger::ACCOUNT_STATE, told.member_id, &told.journal_id, Values::none().choice("state", told.state))]
    };
    TierChanged => |told, fact, _| {
        let direction = match (&told.tier, told.cause) {
            (None, _) => "none",
            (_, TierChangeCause::Return | TierChangeCause::Time) => "down",
            _ => "up",
        };
        let tier = told.tier.unwrap_or_default();
        let values = Values::none().choice("direction", direction).thing("tier", ThingKind::Tier, &tier);
        vec![Occurrence::new(trigger::TIER_CHANGED, told.member_id, &fact.id, values)]
    };
    TransferRequested => |told, _, _| {
        let sent = balance(told.points, told.balance).number("fee", told.fee.count());
        let waiting = Values::none().number("points", told.points.count());
        vec![
            Occurrence::new(trigger::TRANSFER_SENT, told.sender_id, &told.transfer_id, sent),
            Occurrence::new(trigger::TRANSFER_WAITING, told.receiver_id, &told.transfer_id, waiting),
        ]
    };
    TransferCompleted => |told, _, _| {
        let points = || Values::none().number("points", told.points.count());
        vec![
            Occurrence::new(trigger::TRANSFER_RECEIVED, told.receiver_id, &told.transfer_id, points()),
            Occurrence::new(trigger::TRANSFER_DONE, told.sender_id, &told.transfer_id, points()),
        ]
    };
    TransferDeclined => |told, _, _| {
        vec![Occurrence::new(trigger::TRANSFER_BACK, told.sender_id, &told.transfer_id, balance(told.points, told.balance).choice("why", "declined"))]
    };
    TransferRecalled => |told, _, _| {
        vec![Occurrence::new(trigger::TRANSFER_BACK, told.sender_id, &told.transfer_id, balance(told.points, told.balance).choice("why", "recalled"))]
    };
    TransferExpired => |told, _, _| {
        vec![Occurrence::new(trigger::TRANSFER_BACK, told.sender_id, &told.transfer_id, balance(told.points, told.balance).choice("why", "expired"))]
    };
    RedemptionCompleted => |told, _, _| {
        let values = Values::none().thing("reward", ThingKind::Reward, told.reward.as_str());
        vec![Occurrence::new(trigger::REWARD_REDEEMED, told.member_id, &told.redemption_id, values.number("points", told.points.count()))]
    };
    RedemptionReleased => |told, _, _| {
        let values = Values::none().thing("reward", ThingKind::Reward, told.reward.as_str()).number("points", told.points.count());
        vec![Occurrence::new(trigger::REWARD_RELEASED, told.member_id, &told.redemption_id, values.choice("why", word(told.reason)))]
    };
    RedemptionCancelled => |told, _, _| {
        let values = Values::none().thing("reward", ThingKind::Reward, told.reward.as_str());
        vec![Occurrence::new(trigger::REWARD_CANCELLED, told.member_id, &told.redemption_id, values.number("points", told.points.count()))]
    };
    GiftGiven => |told, _, _| {
        let values = Values::none().thing("reward", ThingKind::Reward, told.reward.as_str()).choice("why", word(told.why));
        vec![Occurrence::new(trigger::GIFT, told.member_id, &told.gift_id, values)]
    };
    VoucherExpiring => |told, _, days| {
        let values = Values::none().thing("reward", ThingKind::Reward, told.reward.as_str()).number("days", told.days.into());
        let values = values.with("day", Value::Day(days(told.valid_until)));
        vec![Occurrence::new(trigger::VOUCHER_EXPIRING, told.member_id, &format!("{}/{}", told.voucher_id, told.days), values)]
    };
    VoucherRedeemed => |told, _, _| {
        let values = Values::none().thing("reward", ThingKind::Reward, told.reward.as_str());
        vec![Occurrence::new(trigger::VOUCHER_USED, told.member_id, &told.use_id, values)]
    };
    SeatBooked => |told, _, _| {
        let trigger = if told.moved_up { trigger::SEAT_MOVED_UP } else { trigger::SEAT_BOOKED };
        let values = Values::none().thing("event", ThingKind::Event, told.event.as_str());
        let values = values.with("starts", Value::Moment(told.starts_at)).with("until", Value::Moment(told.cancel_until));
        vec![Occurrence::new(trigger, told.member_id, &told.seat_id, values)]
    };
    SeatEnded => |told, _, _| {
        if told.reason == WhySeatEnded::MemberErased {
            return Vec::new();
        }
        let values = Values::none().thing("event", ThingKind::Event, told.event.as_str()).choice("why", word(told.reason));
        vec![Occurrence::new(trigger::SEAT_ENDED, told.member_id, &told.seat_id, values)]
    };
    DrawWon => |told, _, _| {
        let values = Values::none().thing("draw", ThingKind::Draw, told.draw.as_str()).with("until", Value::Moment(told.claim_until));
        vec![Occurrence::new(trigger::DRAW_WON, told.member_id, &format!("{}/{}", told.draw, told.place), values)]
    };
    ContestWon => |told, _, _| {
        let values = Values::none().thing("challenge", ThingKind::Challenge, told.contest.as_str());
        vec![Occurrence::new(trigger::CONTEST_WON, told.member_id, &told.contest, values.number("place", told.place.into()))]
    };
    ChallengeReached => |told, _, _| {
        let values = Values::none().thing("challenge", ThingKind::Challenge, told.challenge.as_str());
        vec![Occurrence::new(trigger::CHALLENGE_REACHED, told.member_id, &told.challenge, values.number("goal", told.goal))]
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_of_the_catalogue_that_is_told_names_what_its_words_have() {
        let days: Days<'_> =
            &|at| Day::from_number(i32::try_from(at.micros() / 86_400_000_000).unwrap_or_default());
        let mut seen = 0;
        for told in contracts::catalog() {
            let Some((_, read)) = TOLD.iter().find(|(kind, _)| *kind == told.kind) else { continue };
            let fact = told.sample;
            let first = read(&fact, days).expect("it can be read");
            assert_eq!(read(&fact, days).expect("again"), first, "{}", told.kind);
            for one in first {
                assert!(one.values.fit(one.trigger), "{}: {:?}", told.kind, one.values);
            }
            seen += 1;
        }
        assert_eq!(seen, TOLD.len());
    }
}
