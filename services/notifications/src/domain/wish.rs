//! What members say they want to hear, topic by topic and channel by channel.

use super::{channel::Channel, trigger::Topic};

/// The most wishes of one call: every topic on every channel.
pub const MOST: usize = 30;

/// A topic on a channel, wanted or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What it is about.
    pub topic: Topic,
    /// By what it comes.
    pub channel: Channel,
    /// Whether they want to hear of it there.
    pub wanted: bool,
}

/// By what members said what they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidBy {
    /// Themselves, in the app.
    Member,
    /// An agent of the chain, for them.
    Staff,
    /// The link in a letter.
    Link,
    /// A text message such as STOP.
    Text,
}

impl SaidBy {
    /// The word of it, in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Staff => "staff",
            Self::Link => "link",
            Self::Text => "text",
        }
    }
}

/// Channels that members can turn off: those that come to them.
pub const CHANNELS: [Channel; 4] = [Channel::Sms, Channel::Email, Channel::Push, Channel::Inbox];

/// What STOP means, and START: every topic that is a choice, on one channel.
#[must_use]
pub fn everything(channel: Channel, wanted: bool) -> Vec<Wish> {
    let choices = Topic::ALL.into_iter().filter(|topic| topic.is_a_choice());
    choices.map(|topic| Wish { topic, channel, wanted }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_leaves_what_keeps_the_account_safe() {
        let all = everything(Channel::Sms, false);
        assert!(all.iter().all(|wish| wish.topic != Topic::Security && wish.channel == Channel::Sms));
        assert_eq!(all.len(), Topic::ALL.len() - 1);
    }
}
