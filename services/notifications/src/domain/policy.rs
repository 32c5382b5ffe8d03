//! On which ways each kind of message goes where the chain has set nothing else.
//!
//! Every purchase and every redemption is told by text message (N1); what keeps the account safe, too. The rest goes to the app where
//! there is one, and by text message where there is none. Whatever was told waits in the inbox besides.

use super::{
    channel::Channel::{self, Email, Inbox, Push, Sms},
    routing::Ways,
    trigger::{self, Lane, Topic, Trigger},
};

/// Kinds that go by text message even to members who have the app.
const BY_TEXT: [Trigger; 5] = [
    trigger::EARNED,
    trigger::RETURNED,
    trigger::REDEEMED,
    trigger::REDEMPTION_UNDONE,
    trigger::REWARD_REDEEMED,
];

/// The ways of a kind of message.
#[must_use]
pub fn usual(trigger: Trigger) -> Ways {
    let terms = trigger.terms();
    let first: Vec<Channel> = if BY_TEXT.contains(&trigger) || terms.topic == Topic::Security {
        vec![Sms]
    } else if terms.lane == Lane::Campaign {
        vec![Push, Sms, Email]
    } else {
        vec![Push, Sms]
    };
    vec![first, vec![Inbox]]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn purchases_and_redemptions_are_told_by_text_and_no_way_is_taken_twice() {
        assert_eq!(usual(trigger::EARNED), vec![vec![Sms], vec![Inbox]]);
        assert_eq!(usual(trigger::REWARD_REDEEMED)[0], [Sms]);
        assert_eq!(usual(trigger::TIER_CHANGED)[0], [Push, Sms]);
        for trigger in Trigger::all() {
            let ways = usual(trigger);
            let channels: BTreeSet<Channel> = ways.iter().flatten().copied().collect();
            assert_eq!(channels.len(), ways.iter().flatten().count(), "{}", trigger.word());
        }
    }
}
