//! Hands messages that are due to the carriers, each once; one that fails comes again until it is of no use any more.

use kernel::Timestamp;

use super::{Desk, exchange_code::after, settle_joining::settle_joining};
use crate::{
    adapters::{Carriers, Message, Wording},
    domain::{
        code_window::{DAY, MINUTE},
        message::MessageKind,
    },
    error::Error,
    store::{
        members,
        sign_ins::{self, SealedMessage},
    },
};

/// How many are looked at together.
const BATCH: u64 = 50;
/// How long one replica has for a message before another tries, in microseconds.
const PATIENCE: i64 = 15 * 1_000_000;

/// Delivers what is due; answers how many messages it took.
///
/// # Errors
/// A fault of the database. A carrier that fails is no error: the message comes again.
pub async fn deliver_messages(desk: &Desk, carriers: &Carriers, wording: &Wording) -> Result<usize, Error> {
    let now = desk.clock.now();
    let on = desk.vault.database.connection();
    let due = sign_ins::due_messages(on, now, BATCH).await?;
    let mut taken = 0;
    for message in &due {
        let tx = desk.vault.database.begin().await?;
        let ours = sign_ins::claim_message(&tx, message, after(now, PATIENCE)).await?;
        tx.commit().await?;
        if ours {
            taken += 1;
            deliver(desk, carriers, wording, message, now).await?;
        }
    }
    Ok(taken)
}

async fn deliver(
    desk: &Desk,
    carriers: &Carriers,
    wording: &Wording,
    sealed: &SealedMessage,
    now: Timestamp,
) -> Result<(), Error> {
    let member = match sealed.member {
        Some(member) => Some(member),
        None => settle_joining(desk, sealed.id).await?,
    };
    if let Some(member) = member.filter(|_| now < sealed.expires_at) {
        let on = desk.vault.database.connection();
        let Some(known) = members::load_member(on, &desk.vault, member).await? else {
            return remove(desk, sealed).await;
        };
        let (to, code) = desk.vault.open_message(sealed)?;
        let lasts = match sealed.kind {
            MessageKind::Code | MessageKind::NewPhone | MessageKind::MergeCode => {
                desk.settings.codes.life.div_euclid(MINUTE)
            }
            MessageKind::PhoneChanged | MessageKind::PhoneChangedForGood | MessageKind::MergeAsked => {
                desk.settings.phones.recall.div_euclid(DAY)
            }
        };
        let text = wording.say(sealed.kind, known.language, code.expose(), lasts.max(1));
        let message = Message { id: sealed.id, member, to, language: known.language, text, at: now };
        if let Err(fault) = carriers.deliver(&message).await {
            tracing::warn!(target: "vafa::membership", fault = format!("{fault:#}"), "a message could not be handed over; it comes again");
            return Ok(());
        }
    }
    remove(desk, sealed).await
}

async fn remove(desk: &Desk, sealed: &SealedMessage) -> Result<(), Error> {
    let tx = desk.vault.database.begin().await?;
    sign_ins::remove_message(&tx, sealed.id).await?;
    Ok(tx.commit().await?)
}
