//! Hands a text over that somebody waits for: a one-time code. **It passes through no queue, and its words lie nowhere**: who asks for
//! it keeps it, and asks again until it is with a provider.

use kernel::{Language, MemberId, Pii};
use uuid::Uuid;

use super::Desk;
use crate::{
    adapters::{Carrier, Pick},
    domain::{
        attempt::{Attempt, Standing},
        channel::Channel,
        message::MessageId,
        sending::{Address, Handed, Outgoing},
        sms,
        trigger::Lane,
    },
    error::Error,
    store::{attempts, messages},
};

/// A text that somebody waits for.
#[derive(Debug, Clone)]
pub struct Urgent {
    /// Its id: the same one again is the same text.
    pub id: Uuid,
    /// Of which kind.
    pub kind: &'static str,
    /// To whom.
    pub member: MemberId,
    /// The phone, in E.164.
    pub to: Pii<String>,
    /// The language of its words.
    pub language: Language,
    /// What it says.
    pub text: Pii<String>,
}

/// Hands it to the first provider that takes it; answers whether one has it. A text that may have been sent is sent again, by the next
/// one: a code that comes twice does no harm, and one that does not come does.
///
/// # Errors
/// A fault of the database.
pub async fn hand_urgent(desk: &Desk, urgent: &Urgent) -> Result<bool, Error> {
    let message = MessageId(urgent.id);
    let tx = desk.database.begin().await?;
    messages::note_urgent(&tx, message, urgent.member, urgent.kind, desk.clock.now()).await?;
    let known = attempts::of_messages(&tx, &[message]).await?;
    tx.commit().await?;
    if known.iter().any(|attempt| attempt.standing.is_with_provider()) {
        return Ok(true);
    }
    // Whoever was asked before died before they knew.
    let broken_off: Vec<Attempt> =
        known.into_iter().filter(|one| one.standing == Standing::Handing).collect();
    if !broken_off.is_empty() {
        let unknown =
            |one: Attempt| one.answered(Handed::Uncertain { why: "broken_off".to_owned() }, desk.clock.now());
        note(desk, &broken_off.into_iter().map(unknown).collect::<Vec<_>>()).await?;
    }
    let mut tried = Vec::new();
    loop {
        let now = desk.clock.now();
        let Pick::Now(carrier) = desk.carriers.pick(Channel::Sms, Lane::Code, &tried, now) else {
            return Ok(false);
        };
        tried.push(carrier.name.clone());
        if try_one(desk, urgent, &carrier).await? {
            return Ok(true);
        }
    }
}

/// Hands it to one provider, which is written down before and after.
async fn try_one(desk: &Desk, urgent: &Urgent, carrier: &Carrier) -> Result<bool, Error> {
    let now = desk.clock.now();
    let parts = u16::try_from(sms::size(urgent.text.expose()).parts).unwrap_or(u16::MAX);
    let attempt = Attempt {
        id: desk.ids.uuid(),
        message: MessageId(urgent.id),
        channel: Channel::Sms,
        provider: carrier.name.clone(),
        standing: Standing::Handing,
        reference: None,
        parts,
        cost: carrier.price.saturating_mul(i64::from(parts)),
        why: None,
        begun_at: now,
        noted_at: now,
    };
    let tx = desk.database.begin().await?;
    attempts::begin(&tx, std::slice::from_ref(&attempt)).await?;
    tx.commit().await?;
    let outgoing = Outgoing {
        id: attempt.id,
        lane: Lane::Code,
        to: Address::Phone(urgent.to.clone()),
        language: urgent.language,
        title: Pii::new(String::new()),
        text: urgent.text.clone(),
        unsubscribe: None,
        at: now,
    };
    let handed = carrier.provider.hand(&outgoing).await;
    let now = desk.clock.now();
    desk.carriers.note(&carrier.name, &handed, now);
    desk.meters.handed(&carrier.name, Channel::Sms, &handed);
    let attempt = attempt.answered(handed, now);
    let taken = attempt.standing.is_with_provider();
    note(desk, &[attempt]).await?;
    Ok(taken)
}

async fn note(desk: &Desk, noted: &[Attempt]) -> Result<(), Error> {
    let day = desk.chain.local(desk.clock.now(), None).day;
    let tx = desk.database.begin().await?;
    attempts::note(&tx, noted).await?;
    attempts::add_spent(&tx, day, noted).await?;
    Ok(tx.commit().await?)
}
