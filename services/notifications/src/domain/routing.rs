//! Whether a message goes now, later or never, and on which ways: **what the member wants comes first, then what the chain may,
//! then what can be done**.
//!
//! What a person waits for, such as a code, and what keeps the account safe is not asked about wishes; it is asked about reach.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{LocalMoment, Timestamp};

use super::{
    channel::Channel,
    quiet::QuietHours,
    trigger::{Hours, Lane, Terms, Topic},
};

/// On which ways a kind of message goes: on each of these, by the first of its channels that reaches the member.
pub type Ways = Vec<Vec<Channel>>;

/// What a member said they want to hear; what they said nothing about is as the chain has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes(pub BTreeMap<(Topic, Channel), bool>);

impl Wishes {
    /// Whether they want to hear of a topic on a channel.
    #[must_use]
    pub fn allow(&self, topic: Topic, channel: Channel) -> bool {
        !topic.is_a_choice() || self.0.get(&(topic, channel)).copied().unwrap_or(true)
    }
}

/// By what a member can be reached, and what they consented to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Channels for which there is an address.
    pub channels: BTreeSet<Channel>,
    /// Channels on which they consented to offers.
    pub offers: BTreeSet<Channel>,
}

/// How many messages of the chain's own will a member got lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// Within the last day.
    pub day: u32,
    /// Within the last seven.
    pub week: u32,
}

/// How often the chain may say something that the member did not cause. 0 means never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Within a day.
    pub day: u32,
    /// Within seven days.
    pub week: u32,
}

/// What is known when a message is due.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// What the member wants.
    pub wishes: &'a Wishes,
    /// By what they can be reached.
    pub reach: &'a Reach,
    /// What they got lately.
    pub lately: Lately,
    /// When they are left alone.
    pub quiet: QuietHours,
    /// Now.
    pub now: Timestamp,
    /// Now, on their clock.
    pub local: LocalMoment,
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes now, on these ways; on each by the first that works.
    Goes(Ways),
    /// It is looked at again then.
    Waits(Timestamp),
    /// It never goes.
    Dropped(WhyNot),
}

/// Why a message never goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WhyNot {
    /// The member does not want to hear of it on any of its ways.
    NotWanted,
    /// It takes a consent that the member did not give.
    NoConsent,
    /// The member got as much of this as they may.
    TooMuch,
    /// There is no address for any of its ways.
    Unreachable,
    /// It is of no use any more.
    TooLate,
    /// The member left, or is erased.
    Gone,
    /// The campaign was stopped.
    Stopped,
}

impl WhyNot {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::NotWanted,
        Self::NoConsent,
        Self::TooMuch,
        Self::Unreachable,
        Self::TooLate,
        Self::Gone,
        Self::Stopped,
    ];

    /// The word of it, in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotWanted => "not_wanted",
            Self::NoConsent => "no_consent",
            Self::TooMuch => "too_much",
            Self::Unreachable => "unreachable",
            Self::TooLate => "too_late",
            Self::Gone => "gone",
            Self::Stopped => "stopped",
        }
    }

    /// The reason of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.word() == word)
    }
}

/// Decides about a message that is due.
#[must_use]
pub fn route(terms: &Terms, ways: &Ways, caps: Caps, standing: Standing<'_>) -> Verdict {
    let kept = |may: &dyn Fn(Channel) -> bool| -> Ways {
        let way = |way: &Vec<Channel>| way.iter().copied().filter(|channel| may(*channel)).collect();
        ways.iter().map(way).filter(|way: &Vec<Channel>| !way.is_empty()).collect()
    };
    let wanted = |channel| standing.wishes.allow(terms.topic, channel);
    if kept(&wanted).is_empty() {
        return Verdict::Dropped(WhyNot::NotWanted);
    }
    let offers = terms.topic == Topic::Offers;
    // Whoever opens the app looks for what there is; only what comes to people takes their consent.
    let agreed = |channel: Channel| {
        wanted(channel) && (!offers || !channel.disturbs() || standing.reach.offers.contains(&channel))
    };
    if kept(&agreed).is_empty() {
        return Verdict::Dropped(WhyNot::NoConsent);
    }
    let reached = |channel| agreed(channel) && standing.reach.channels.contains(&channel);
    let ways = kept(&reached);
    if ways.is_empty() {
        return Verdict::Dropped(WhyNot::Unreachable);
    }
    if !ways.iter().flatten().any(|channel| channel.disturbs()) {
        return Verdict::Goes(ways);
    }
    let unasked = offers || terms.lane == Lane::Campaign;
    if unasked && (standing.lately.day >= caps.day || standing.lately.week >= caps.week) {
        return Verdict::Dropped(WhyNot::TooMuch);
    }
    if terms.hours == Hours::Waking {
        let earliest = standing.quiet.earliest(standing.now, standing.local);
        if earliest > standing.now {
            return Verdict::Waits(earliest);
        }
    }
    Verdict::Goes(ways)
}

#[cfg(test)]
mod tests {
    use kernel::Day;
    use proptest::prelude::*;

    use super::{super::trigger, *};

    const NIGHT: QuietHours = QuietHours { from: 22 * 60, until: 8 * 60 };
    const CAPS: Caps = Caps { day: 1, week: 3 };

    fn moment(minute: u16) -> LocalMoment {
        let day = Day::parse("2026-11-21").expect("a day");
        LocalMoment { day, weekday: kernel::Weekday::Sat, minute }
    }

    fn reach(channels: &[Channel], offers: &[Channel]) -> Reach {
        Reach { channels: channels.iter().copied().collect(), offers: offers.iter().copied().collect() }
    }

    struct Case {
        wishes: Wishes,
        reach: Reach,
        lately: Lately,
        minute: u16,
    }

    impl Case {
        fn noon(reach: Reach) -> Self {
            Self { wishes: Wishes::default(), reach, lately: Lately::default(), minute: 12 * 60 }
        }

        fn says(&self, trigger: trigger::Trigger, ways: &Ways) -> Verdict {
            let standing = Standing {
                wishes: &self.wishes,
                reach: &self.reach,
                lately: self.lately,
                quiet: NIGHT,
                now: Timestamp::from_micros(1_795_000_000_000_000),
                local: moment(self.minute),
            };
            route(trigger.terms(), ways, CAPS, standing)
        }
    }

    use Channel::{Email, Inbox, Push, Sms};

    fn usual() -> Ways {
        vec![vec![Push, Sms], vec![Inbox]]
    }

    #[test]
    fn it_goes_by_the_first_that_reaches_and_to_the_inbox_besides() {
        let case = Case::noon(reach(&[Sms, Inbox], &[]));
        assert_eq!(case.says(trigger::EARNED, &usual()), Verdict::Goes(vec![vec![Sms], vec![Inbox]]));
        let case = Case::noon(reach(&[Sms, Push, Inbox], &[]));
        assert_eq!(case.says(trigger::EARNED, &usual()), Verdict::Goes(usual()));
        let case = Case::noon(reach(&[], &[]));
        assert_eq!(case.says(trigger::EARNED, &usual()), Verdict::Dropped(WhyNot::Unreachable));
    }

    #[test]
    fn at_night_comes_what_somebody_waits_for_and_the_rest_in_the_morning() {
        let night = Case { minute: 23 * 60, ..Case::noon(reach(&[Sms, Inbox], &[Sms])) };
        assert!(matches!(night.says(trigger::EARNED, &usual()), Verdict::Goes(_)));
        let Verdict::Waits(until) = night.says(trigger::TIER_CHANGED, &usual()) else { panic!("it waits") };
        assert_eq!(
            until,
            Timestamp::from_micros(1_795_000_000_000_000 / 60_000_000 * 60_000_000 + 540 * 60_000_000)
        );
        // What only lies in the inbox wakes nobody.
        assert_eq!(night.says(trigger::TIER_CHANGED, &vec![vec![Inbox]]), Verdict::Goes(vec![vec![Inbox]]));
    }

    #[test]
    fn wishes_close_a_way_and_safety_asks_for_none() {
        let mut case = Case::noon(reach(&[Sms, Inbox], &[]));
        for topic in Topic::ALL {
            case.wishes.0.extend([((topic, Sms), false), ((topic, Inbox), false), ((topic, Push), false)]);
        }
        assert_eq!(case.says(trigger::EARNED, &usual()), Verdict::Dropped(WhyNot::NotWanted));
        assert_eq!(case.says(trigger::HELD, &usual()), Verdict::Goes(vec![vec![Sms], vec![Inbox]]));
    }

    #[test]
    fn offers_take_a_consent_for_each_way_and_come_only_so_often() {
        let ways = vec![vec![Sms, Email]];
        let case = Case::noon(reach(&[Sms, Email], &[]));
        assert_eq!(case.says(trigger::OCCASION, &ways), Verdict::Dropped(WhyNot::NoConsent));
        let case = Case::noon(reach(&[Sms, Email], &[Email]));
        assert_eq!(case.says(trigger::OCCASION, &ways), Verdict::Goes(vec![vec![Email]]));
        for lately in [Lately { day: 1, week: 1 }, Lately { day: 0, week: 3 }] {
            let case = Case { lately, ..Case::noon(reach(&[Sms, Email], &[Email])) };
            assert_eq!(case.says(trigger::OCCASION, &ways), Verdict::Dropped(WhyNot::TooMuch));
            assert!(matches!(case.says(trigger::EARNED, &ways), Verdict::Goes(_)));
        }
    }

    fn channels() -> impl Strategy<Value = BTreeSet<Channel>> {
        proptest::sample::subsequence(Channel::ALL.to_vec(), 0..=5)
            .prop_map(|channels| channels.into_iter().collect())
    }

    proptest! {
        /// Whatever is asked: nothing goes where there is no address, no wish, or no consent, and no offer at night.
        #[test]
        fn nothing_goes_where_it_may_not(
            which in 0..37_usize, there in channels(), offers in channels(), closed in channels(), minute in 0..1_440_u16,
        ) {
            let Some(trigger) = trigger::Trigger::all().nth(which) else { return Ok(()) };
            let topic = trigger.terms().topic;
            let wishes = Wishes(closed.iter().map(|channel| ((topic, *channel), false)).collect());
            let case = Case { wishes, reach: Reach { channels: there.clone(), offers: offers.clone() }, lately: Lately::default(), minute };
            let ways = vec![vec![Push, Sms], vec![Email], vec![Inbox], vec![Channel::Hook]];
            if let Verdict::Goes(ways) = case.says(trigger, &ways) {
                for channel in ways.into_iter().flatten() {
                    prop_assert!(there.contains(&channel));
                    prop_assert!(!topic.is_a_choice() || !closed.contains(&channel));
                    if topic == Topic::Offers && channel.disturbs() {
                        prop_assert!(offers.contains(&channel));
                        prop_assert_eq!(NIGHT.left(minute), 0);
                    }
                }
            }
        }
    }
}
