//! Attempts that somebody began and did not record: whoever died in between may have sent them.
//!
//! A provider that knows repetitions is handed the same message with the same id; one that can be asked is asked; of all others it
//! cannot be known, and that is written down: such a message goes once more, and not a third time.

use std::collections::HashMap;

use super::{plan::Planned, record, rounds::unsubscribe};
use crate::{
    adapters::Carrier,
    commands::Desk,
    domain::{
        attempt::{Attempt, Standing},
        message::MessageId,
        sending::{Handed, Outgoing, Receipt},
    },
    error::Error,
    store::attempts,
};

/// Loads what was tried before, and settles what is open of it.
pub(super) async fn settle(desk: &Desk, open: &mut [Planned]) -> Result<(), Error> {
    let again: Vec<MessageId> =
        open.iter().filter(|one| one.message.tries > 1).map(|one| one.message.id).collect();
    if again.is_empty() {
        return Ok(());
    }
    let tx = desk.database.begin().await?;
    let found = attempts::of_messages(&tx, &again).await?;
    tx.rollback().await?;
    let mut by_message = HashMap::<MessageId, Vec<Attempt>>::new();
    for attempt in found {
        by_message.entry(attempt.message).or_default().push(attempt);
    }
    let mut noted = Vec::new();
    for planned in open {
        planned.attempts = by_message.remove(&planned.message.id).unwrap_or_default();
        for index in 0..planned.attempts.len() {
            if planned.attempts[index].standing == Standing::Handing {
                let settled = settled(desk, planned, planned.attempts[index].clone()).await;
                noted.push(settled.clone());
                planned.attempts[index] = settled;
            }
        }
    }
    record(desk, &noted, &[]).await
}

async fn settled(desk: &Desk, planned: &Planned, attempt: Attempt) -> Attempt {
    let unknown = |why: &str| Handed::Uncertain { why: why.to_owned() };
    let handed = match desk.carriers.named(&attempt.provider) {
        None => unknown("provider_removed"),
        Some(carrier) if carrier.provider.knows_repetitions() => {
            let to = planned.contact.addresses.iter().find(|to| to.channel() == attempt.channel).cloned();
            match to {
                Some(to) => carrier.provider.hand(&repeated(desk, planned, &attempt, to)).await,
                None => unknown("address_removed"),
            }
        }
        Some(carrier) => asked(&carrier, &attempt).await.unwrap_or_else(|| unknown("broken_off")),
    };
    desk.meters.handed(&attempt.provider, attempt.channel, &handed);
    attempt.answered(handed, desk.clock.now())
}

fn repeated(
    desk: &Desk,
    planned: &Planned,
    attempt: &Attempt,
    to: crate::domain::sending::Address,
) -> Outgoing {
    Outgoing {
        id: attempt.id,
        lane: planned.message.lane,
        to,
        language: planned.contact.language,
        title: planned.title.clone(),
        text: planned.text.clone(),
        unsubscribe: unsubscribe(desk, &planned.message, attempt.channel),
        at: desk.clock.now(),
    }
}

async fn asked(carrier: &Carrier, attempt: &Attempt) -> Option<Handed> {
    let reference = attempt.reference.as_deref();
    match carrier.provider.status(attempt.id, reference).await {
        Ok(Some(Receipt::Underway | Receipt::Delivered | Receipt::Read)) => {
            Some(Handed::Taken { reference: attempt.reference.clone(), cost: None })
        }
        Ok(Some(Receipt::Failed | Receipt::Unknown)) => {
            Some(Handed::Failed { why: "not_taken".to_owned(), wait_s: None })
        }
        Ok(None) => None,
        Err(error) => {
            tracing::warn!(target: "vafa::notifications", provider = carrier.name, %error, "a provider does not say what became of a message");
            None
        }
    }
}
