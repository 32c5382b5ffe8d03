//! One round: a provider for each way that is open, all called together.

use futures_util::{StreamExt as _, stream};
use kernel::Timestamp;

use super::{failed, over, plan::Planned, record, waits};
use crate::{
    adapters::{Carrier, Pick, opt_outs::OptOut},
    commands::Desk,
    domain::{
        attempt::{Attempt, Standing},
        channel::Channel,
        message::{Message, State},
        routing::WhyNot,
        sending::Outgoing,
        sms,
        way::{self, Outcome, Way, is_dead_end},
    },
    error::Error,
    store::{attempts, messages::Ending},
};

/// What is done next about a message.
enum Next {
    /// These are called.
    Calls(Vec<(Carrier, Attempt, Outgoing)>),
    /// Nothing more can be tried now.
    Over(Ending),
}

/// Calls a provider for each way that is open, and records what came of it; where `begins` is false nothing more is called. Messages
/// that are over, or wait, leave `open`; answers how they ended.
pub(super) async fn round(desk: &Desk, open: &mut Vec<Planned>, begins: bool) -> Result<Vec<Ending>, Error> {
    let (mut endings, mut calls, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for mut planned in std::mem::take(open) {
        match next(desk, &mut planned, begins) {
            Next::Over(ending) => endings.push(ending),
            Next::Calls(all) => {
                calls.extend(all.into_iter().map(|call| (left.len(), call)));
                left.push(planned);
            }
        }
    }
    let begun: Vec<Attempt> = calls.iter().map(|(_, (_, attempt, _))| attempt.clone()).collect();
    if !begun.is_empty() || !endings.is_empty() {
        begin(desk, &begun, &endings).await?;
    }
    let called = stream::iter(calls).map(|(whose, (carrier, attempt, outgoing))| async move {
        let handed = carrier.provider.hand(&outgoing).await;
        let now = desk.clock.now();
        desk.carriers.note(&carrier.name, &handed, now);
        desk.meters.handed(&carrier.name, attempt.channel, &handed);
        (whose, attempt.answered(handed, now))
    });
    let answered: Vec<(usize, Attempt)> = called.buffer_unordered(desk.settings.at_once).collect().await;
    let noted: Vec<Attempt> = answered.iter().map(|(_, attempt)| attempt.clone()).collect();
    for (whose, attempt) in answered {
        left[whose].attempts.push(attempt);
    }
    // What is over by now ends in the commit that says so.
    for mut planned in left {
        if let Some(ending) = sent(desk, &mut planned) { endings.push(ending) } else { open.push(planned) }
    }
    let over: Vec<Ending> = endings.iter().filter(|one| one.state == State::Sent).cloned().collect();
    record(desk, &noted, &over).await?;
    Ok(endings)
}

async fn begin(desk: &Desk, begun: &[Attempt], endings: &[Ending]) -> Result<(), Error> {
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    attempts::begin(&tx, begun).await?;
    crate::store::messages::end(&tx, endings, now).await?;
    Ok(tx.commit().await?)
}

fn sent(desk: &Desk, planned: &mut Planned) -> Option<Ending> {
    let ways: Vec<Way> = planned.ways.iter().map(|way| way::standing(way, &planned.attempts)).collect();
    (way::outcome(&ways) == Outcome::Sent).then(|| over(desk, &planned.message, State::Sent, None))
}

fn next(desk: &Desk, planned: &mut Planned, begins: bool) -> Next {
    let ways: Vec<Way> = planned.ways.iter().map(|way| way::standing(way, &planned.attempts)).collect();
    match way::outcome(&ways) {
        Outcome::Sent => return Next::Over(over(desk, &planned.message, State::Sent, None)),
        Outcome::Nobody => {
            let why = Some(WhyNot::Unreachable.word());
            return Next::Over(over(desk, &planned.message, State::Dropped, why));
        }
        Outcome::Again => {}
    }
    let (mut calls, mut room_at) = (Vec::new(), None::<Timestamp>);
    let open = planned.ways.clone().into_iter().zip(&ways).filter(|(_, way)| **way == Way::Open);
    for (way, _) in open.filter(|_| begins) {
        for channel in way {
            if is_dead_end(channel, &planned.attempts) {
                continue;
            }
            let now = desk.clock.now();
            match pick(desk, planned, channel, now) {
                Ok(Some(call)) => {
                    calls.push(call);
                    break;
                }
                Ok(None) => {}
                Err(at) => room_at = Some(room_at.map_or(at, |known| known.min(at))),
            }
        }
    }
    match (calls.is_empty(), room_at) {
        (false, _) => Next::Calls(calls),
        // Waiting for room is no failure.
        (true, Some(at)) if at < planned.message.not_after => Next::Over(waits(&planned.message, at)),
        (true, _) => Next::Over(failed(desk, &planned.message)),
    }
}

/// The first provider for a channel that reaches an address of the member and has room; otherwise when somebody has.
fn pick(
    desk: &Desk,
    planned: &mut Planned,
    channel: Channel,
    now: Timestamp,
) -> Result<Option<(Carrier, Attempt, Outgoing)>, Timestamp> {
    loop {
        match desk.carriers.pick(channel, planned.message.lane, &planned.tried, now) {
            Pick::Now(carrier) => {
                planned.tried.push(carrier.name.clone());
                // A push to a browser is none to a phone.
                if let Some(call) = call(desk, planned, carrier, now) {
                    return Ok(Some(call));
                }
            }
            Pick::Later(at) => return Err(at),
            Pick::Nobody => return Ok(None),
        }
    }
}

/// Letters of what members may turn off have a link that does it.
pub(super) fn unsubscribe(desk: &Desk, message: &Message, channel: Channel) -> Option<String> {
    let topic = message.trigger.terms().topic;
    if channel != Channel::Email || !topic.is_a_choice() {
        return None;
    }
    desk.opt_outs.link(OptOut { member: message.member, topic, channel })
}

fn call(
    desk: &Desk,
    planned: &Planned,
    carrier: Carrier,
    now: Timestamp,
) -> Option<(Carrier, Attempt, Outgoing)> {
    let to = planned
        .contact
        .addresses
        .iter()
        .find(|to| to.channel() == carrier.channel && carrier.provider.reaches(to));
    let to = to?.clone();
    let parts = match carrier.channel {
        Channel::Sms => u16::try_from(sms::size(planned.text.expose()).parts).unwrap_or(u16::MAX),
        _ => 1,
    };
    let id = desk.ids.uuid();
    let attempt = Attempt {
        id,
        message: planned.message.id,
        channel: carrier.channel,
        provider: carrier.name.clone(),
        standing: Standing::Handing,
        reference: None,
        parts,
        cost: carrier.price.saturating_mul(i64::from(parts)),
        why: None,
        begun_at: now,
        noted_at: now,
    };
    let outgoing = Outgoing {
        id,
        lane: planned.message.lane,
        to,
        language: planned.contact.language,
        title: planned.title.clone(),
        text: planned.text.clone(),
        unsubscribe: unsubscribe(desk, &planned.message, carrier.channel),
        at: now,
    };
    Some((carrier, attempt, outgoing))
}
