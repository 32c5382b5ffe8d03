//! What members are told about: each kind of message, what its words may name, and how it may be sent.
//!
//! **A word here is for ever**: it stands in rows, templates and preferences.

/// What a message is about, as members choose what they want to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// What keeps the account safe; it cannot be turned off.
    Security,
    /// The membership itself: joining, plans, families.
    Account,
    /// Points that came, went, or are about to lapse.
    Points,
    /// What was redeemed, won or given, and vouchers.
    Rewards,
    /// Seats at events.
    Events,
    /// What the chain wants to say; it takes a consent.
    Offers,
}

/// In which queue a message waits. **Nothing waits behind a lane that is less urgent.**
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// One-time codes, and what is said while somebody waits for it.
    Code,
    /// What happened to a member.
    Told,
    /// What is sent to many.
    Campaign,
}

/// At which hours a message may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// At any: somebody waits for it, or stands at a till.
    Any,
    /// Not in the hours in which the member is left alone; it waits for their end.
    Waking,
}

/// What kind of value a name in the words stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A whole number: points, days, places.
    Number,
    /// Money in minor units of the chain's currency.
    Money,
    /// A day, shown in the calendar of the language.
    Day,
    /// A moment, shown as day and time on the chain's wall clock.
    Moment,
    /// One of these words, by which the text chooses.
    Choice(&'static [&'static str]),
    /// A thing of the chain's, such as a reward, shown by its name in the language.
    Thing,
}

/// A kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Trigger(u8);

/// How a kind of message is sent, and what its words may name.
#[derive(Debug)]
pub struct Terms {
    /// The word of it, in rows and addresses.
    pub word: &'static str,
    /// What it is about.
    pub topic: Topic,
    /// Where it waits.
    pub lane: Lane,
    /// When it may come.
    pub hours: Hours,
    /// What the words may name, besides the chain's and the member's names.
    pub names: &'static [(&'static str, Sort)],
}

use Sort::{Choice, Day, Moment, Money, Number, Thing};

const fn told(
    word: &'static str,
    topic: Topic,
    hours: Hours,
    names: &'static [(&'static str, Sort)],
) -> Terms {
    Terms { word, topic, lane: Lane::Told, hours, names }
}

/// What every text may name.
pub const ALWAYS: &[(&str, Sort)] = &[("chain", Thing), ("name", Thing)];

const WHY_BACK: Sort = Choice(&["declined", "recalled", "expired"]);
const WHY_RELEASED: Sort = Choice(&[
    "balance_too_low",
    "account_frozen",
    "account_closed",
    "account_guarded",
    "timed_out",
    "hold_over",
    "phone_unconfirmed",
    "code_needed",
    "member_erased",
    "not_delivered",
]);
const WHY_GIVEN: Sort = Choice(&[
    "birthday",
    "join_anniversary",
    "joined",
    "purchase",
    "surprise",
    "win_back",
    "prize",
    "offer",
    "seat",
    "challenge",
    "contest",
]);
const WHY_SEAT_ENDED: Sort =
    Choice(&["cancelled", "not_paid", "not_offered", "event_over", "event_cancelled"]);
const STANDING: Sort = Choice(&["active", "renewal_due", "grace", "lapsed"]);
const POINTS_AND_BALANCE: &[(&str, Sort)] = &[("points", Number), ("balance", Number)];
const REWARD: &[(&str, Sort)] = &[("reward", Thing)];
const SEAT: &[(&str, Sort)] = &[("event", Thing), ("starts", Moment), ("until", Moment)];
const TRANSFER: &[(&str, Sort)] = &[("points", Number), ("balance", Number), ("fee", Number)];

macro_rules! triggers {
    ($($name:ident = $terms:expr;)+) => {
        triggers!(@numbered 0; $($name)+);
        /// The terms of each, in the order of their numbers.
        static TERMS: &[Terms] = &[$($terms),+];
    };
    (@numbered $number:expr; $name:ident $($rest:ident)*) => {
        #[doc = concat!("The kind of message `", stringify!($name), "`.")]
        pub const $name: Trigger = Trigger($number);
        triggers!(@numbered $number + 1; $($rest)*);
    };
    (@numbered $number:expr;) => {};
}

triggers! {
    JOINED = told("joined", Topic::Account, Hours::Any, &[]);
    EARNED = told("earned", Topic::Points, Hours::Any, &[("points", Number), ("balance", Number), ("amount", Money), ("day", Day)]);
    RETURNED = told("returned", Topic::Points, Hours::Any, &[("points", Number), ("balance", Number), ("debt", Number), ("amount", Money)]);
    GRANTED = told("granted", Topic::Points, Hours::Waking, &[("points", Number), ("balance", Number), ("pending", Number)]);
    REDEEMED = told("redeemed", Topic::Points, Hours::Any, POINTS_AND_BALANCE);
    REDEMPTION_UNDONE = told("redemption_undone", Topic::Points, Hours::Any, POINTS_AND_BALANCE);
    HELD = told("held", Topic::Security, Hours::Any, &[("points", Number), ("balance", Number), ("until", Moment)]);
    EXPIRING = told("expiring", Topic::Points, Hours::Waking, &[("points", Number), ("days", Number), ("day", Day)]);
    EXPIRED = told("expired", Topic::Points, Hours::Waking, POINTS_AND_BALANCE);
    ACTIVATED = told("activated", Topic::Points, Hours::Waking, POINTS_AND_BALANCE);
    ADJUSTED = told("adjusted", Topic::Points, Hours::Waking, POINTS_AND_BALANCE);
    ACCOUNT_STATE = told("account_state", Topic::Security, Hours::Any, &[("state", Choice(&["open", "frozen", "closed"]))]);
    TIER_CHANGED = told("tier_changed", Topic::Account, Hours::Waking, &[("tier", Thing), ("direction", Choice(&["up", "down", "none"]))]);
    TRANSFER_SENT = told("transfer_sent", Topic::Security, Hours::Any, TRANSFER);
    TRANSFER_WAITING = told("transfer_waiting", Topic::Points, Hours::Waking, &[("points", Number)]);
    TRANSFER_RECEIVED = told("transfer_received", Topic::Points, Hours::Waking, &[("points", Number)]);
    TRANSFER_DONE = told("transfer_done", Topic::Points, Hours::Waking, &[("points", Number)]);
    TRANSFER_BACK = told("transfer_back", Topic::Points, Hours::Waking, &[("points", Number), ("balance", Number), ("why", WHY_BACK)]);
    REWARD_REDEEMED = told("reward_redeemed", Topic::Rewards, Hours::Any, &[("reward", Thing), ("points", Number)]);
    REWARD_RELEASED = told("reward_released", Topic::Rewards, Hours::Any, &[("reward", Thing), ("points", Number), ("why", WHY_RELEASED)]);
    REWARD_CANCELLED = told("reward_cancelled", Topic::Rewards, Hours::Any, &[("reward", Thing), ("points", Number)]);
    GIFT = told("gift", Topic::Rewards, Hours::Waking, &[("reward", Thing), ("why", WHY_GIVEN)]);
    VOUCHER_EXPIRING = told("voucher_expiring", Topic::Rewards, Hours::Waking, &[("reward", Thing), ("days", Number), ("day", Day)]);
    VOUCHER_USED = told("voucher_used", Topic::Rewards, Hours::Any, REWARD);
    SEAT_BOOKED = told("seat_booked", Topic::Events, Hours::Any, SEAT);
    SEAT_MOVED_UP = told("seat_moved_up", Topic::Events, Hours::Waking, SEAT);
    SEAT_ENDED = told("seat_ended", Topic::Events, Hours::Waking, &[("event", Thing), ("why", WHY_SEAT_ENDED)]);
    DRAW_WON = told("draw_won", Topic::Rewards, Hours::Waking, &[("draw", Thing), ("until", Moment)]);
    CONTEST_WON = told("contest_won", Topic::Rewards, Hours::Waking, &[("challenge", Thing), ("place", Number)]);
    CHALLENGE_REACHED = told("challenge_reached", Topic::Rewards, Hours::Waking, &[("challenge", Thing), ("goal", Number)]);
    OCCASION = told("occasion", Topic::Offers, Hours::Waking, &[("occasion", Choice(&["birthday", "join_anniversary"]))]);
    PLAN = told("plan", Topic::Account, Hours::Waking, &[("plan", Thing), ("standing", STANDING), ("day", Day)]);
    FRIEND_BOUGHT = told("friend_bought", Topic::Account, Hours::Waking, &[]);
    HOUSEHOLD = told("household", Topic::Account, Hours::Waking, &[("change", Choice(&["joined", "left"]))]);
    PROGRAMME = Terms { lane: Lane::Campaign, ..told("programme", Topic::Account, Hours::Waking, &[("day", Day)]) };
    WIN_BACK = Terms { lane: Lane::Campaign, ..told("win_back", Topic::Offers, Hours::Waking, &[("points", Number), ("days", Number)]) };
    CAMPAIGN = Terms { lane: Lane::Campaign, ..told("campaign", Topic::Offers, Hours::Waking, &[]) };
}

impl Sort {
    /// The word of it, in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Money => "money",
            Self::Day => "day",
            Self::Moment => "moment",
            Self::Choice(_) => "choice",
            Self::Thing => "thing",
        }
    }

    /// The words that a choice is made of; none for everything else.
    #[must_use]
    pub const fn choices(self) -> &'static [&'static str] {
        match self {
            Self::Choice(words) => words,
            _ => &[],
        }
    }
}

impl Trigger {
    /// Every kind, by its number.
    pub fn all() -> impl Iterator<Item = Self> {
        (0_u8..).take(TERMS.len()).map(Self)
    }

    /// How it is sent, and what it names.
    #[must_use]
    pub fn terms(self) -> &'static Terms {
        &TERMS[usize::from(self.0)]
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.terms().word
    }

    /// The kind of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::all().find(|trigger| trigger.word() == word)
    }

    /// What kind of value a name in its words stands for; nothing for a name that they may not have.
    #[must_use]
    pub fn sort_of(self, name: &str) -> Option<Sort> {
        let mut names = self.terms().names.iter().chain(ALWAYS);
        names.find(|(known, _)| *known == name).map(|(_, sort)| *sort)
    }
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 6] =
        [Self::Security, Self::Account, Self::Points, Self::Rewards, Self::Events, Self::Offers];

    /// The word of it, in rows and bodies.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Account => "account",
            Self::Points => "points",
            Self::Rewards => "rewards",
            Self::Events => "events",
            Self::Offers => "offers",
        }
    }

    /// The topic of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.word() == word)
    }

    /// Whether members may turn it off.
    #[must_use]
    pub const fn is_a_choice(self) -> bool {
        !matches!(self, Self::Security)
    }
}

impl Lane {
    /// Every lane, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Code, Self::Told, Self::Campaign];

    /// Its number in rows.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Code => 0,
            Self::Told => 1,
            Self::Campaign => 2,
        }
    }

    /// The lane of this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.number() == number)
    }

    /// Its word in meters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Told => "told",
            Self::Campaign => "campaign",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn words_are_said_once_and_lead_back() {
        let words: BTreeSet<&str> = Trigger::all().map(Trigger::word).collect();
        assert_eq!(words.len(), TERMS.len());
        for trigger in Trigger::all() {
            assert_eq!(Trigger::from_word(trigger.word()), Some(trigger));
            for (name, sort) in trigger.terms().names {
                assert!(ALWAYS.iter().all(|(always, _)| always != name), "{name}");
                assert_eq!(trigger.sort_of(name), Some(*sort));
            }
        }
        assert_eq!(Trigger::from_word("gossip"), None);
        assert_eq!((EARNED.word(), WIN_BACK.word()), ("earned", "win_back"));
        assert_eq!(EARNED.sort_of("tier"), None);
        assert!(Topic::ALL.iter().all(|topic| Topic::from_word(topic.word()) == Some(*topic)));
    }

    #[test]
    fn what_somebody_stands_and_waits_for_comes_at_any_hour_and_offers_never_do() {
        for trigger in Trigger::all() {
            let terms = trigger.terms();
            assert!(terms.topic != Topic::Offers || terms.hours == Hours::Waking, "{}", terms.word);
            assert!(terms.topic != Topic::Security || terms.hours == Hours::Any, "{}", terms.word);
        }
    }
}
