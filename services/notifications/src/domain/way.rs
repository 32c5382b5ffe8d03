//! How far a message has come on one of its ways: **at most once, and where a provider cannot tell, at most twice**.

use super::{
    attempt::{Attempt, Standing, word},
    channel::Channel,
    sending::Refused,
};

/// Attempts on one way that may have been sent, and are not known to be, until it is left at that.
const MOST_UNCERTAIN: usize = 2;

/// Where a way stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A provider has the message, or two may have it: nothing more is sent.
    Done,
    /// There is nobody at any of its addresses.
    Nobody,
    /// It is to be tried.
    Open,
}

/// Where a way stands after the attempts at a message: it is the first of these channels that reaches the member.
#[must_use]
pub fn standing(way: &[Channel], attempts: &[Attempt]) -> Way {
    let on_it = || attempts.iter().filter(|attempt| way.contains(&attempt.channel));
    let uncertain = on_it().filter(|attempt| attempt.standing == Standing::Uncertain).count();
    if uncertain >= MOST_UNCERTAIN || on_it().any(|attempt| attempt.standing.is_with_provider()) {
        return Way::Done;
    }
    if way.iter().all(|channel| is_dead_end(*channel, attempts)) { Way::Nobody } else { Way::Open }
}

/// Whether a provider said that there is nobody at the address of a channel: no other one would do better.
#[must_use]
pub fn is_dead_end(channel: Channel, attempts: &[Attempt]) -> bool {
    let refused = Some(word(Refused::Address));
    attempts.iter().any(|attempt| {
        attempt.channel == channel
            && attempt.standing == Standing::Failed
            && attempt.why.as_deref() == refused
    })
}

/// What becomes of a message whose ways stand so, when nothing more can be tried now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It went on all ways that there are.
    Sent,
    /// It is tried again later.
    Again,
    /// There is nobody at any address.
    Nobody,
}

/// What becomes of a message whose ways stand so.
#[must_use]
pub fn outcome(ways: &[Way]) -> Outcome {
    if ways.contains(&Way::Open) {
        Outcome::Again
    } else if ways.contains(&Way::Done) {
        Outcome::Sent
    } else {
        Outcome::Nobody
    }
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;
    use uuid::Uuid;

    use super::{super::message::MessageId, *};

    fn attempt(channel: Channel, standing: Standing, why: Option<&str>) -> Attempt {
        Attempt {
            id: Uuid::nil(),
            message: MessageId(Uuid::nil()),
            channel,
            provider: "one".to_owned(),
            standing,
            reference: None,
            parts: 1,
            cost: 0,
            why: why.map(str::to_owned),
            begun_at: Timestamp::from_micros(0),
            noted_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_way_is_gone_once_and_where_nobody_can_tell_twice() {
        use Channel::{Push, Sms};
        let way = [Push, Sms];
        let of = |list: &[Attempt]| standing(&way, list);
        assert_eq!(of(&[]), Way::Open);
        assert_eq!(of(&[attempt(Channel::Email, Standing::Taken, None)]), Way::Open);
        assert_eq!(of(&[attempt(Sms, Standing::Failed, Some("busy"))]), Way::Open);
        assert_eq!(of(&[attempt(Sms, Standing::Uncertain, None)]), Way::Open);
        let twice = [attempt(Push, Standing::Uncertain, None), attempt(Sms, Standing::Uncertain, None)];
        assert_eq!(of(&twice), Way::Done);
        assert_eq!(of(&[attempt(Sms, Standing::Delivered, None)]), Way::Done);
        let gone = attempt(Push, Standing::Failed, Some("address_refused"));
        assert_eq!(of(std::slice::from_ref(&gone)), Way::Open);
        assert_eq!(of(&[gone, attempt(Sms, Standing::Failed, Some("address_refused"))]), Way::Nobody);
    }

    #[test]
    fn a_message_ends_when_no_way_is_open() {
        use Way::{Done, Nobody, Open};
        assert_eq!(outcome(&[Done, Done]), Outcome::Sent);
        assert_eq!(outcome(&[Done, Nobody]), Outcome::Sent);
        assert_eq!(outcome(&[Nobody, Nobody]), Outcome::Nobody);
        assert_eq!(outcome(&[Done, Open]), Outcome::Again);
    }
}
