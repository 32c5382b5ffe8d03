//! People answer texts that ask for nothing that is known, or close them.

use kernel::{Language, MemberId, Pii};
use uuid::Uuid;

use super::{
    Desk,
    hand_urgent::{Urgent, hand_urgent},
};
use crate::{
    domain::message::MessageId,
    error::{Error, Missing, Refusal},
    store::{attempts, heard, messages::ANSWER},
};

/// Closes a text without an answer.
///
/// # Errors
/// [`Missing::UnknownText`] when it is closed, or none; a fault of the database.
pub async fn close_text(desk: &Desk, text: Uuid, by: &str) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let was_open = heard::close(&tx, text, by, desk.clock.now()).await?;
    tx.commit().await?;
    if was_open { Ok(()) } else { Err(Missing::UnknownText.into()) }
}

/// Sends an answer to whoever sent a text, and closes it. `id` is the answer's own: the same one again is sent once.
///
/// # Errors
/// [`Missing::UnknownText`], [`Refusal::Unreachable`] when no provider takes it, a fault of the database.
pub async fn answer_text(
    desk: &Desk,
    text: Uuid,
    id: Uuid,
    answer: Pii<String>,
    language: Language,
    by: &str,
) -> Result<(), Error> {
    let on = desk.database.connection();
    let Some(found) = heard::find_open(on, text).await? else {
        // What closed it may have been this answer.
        let known = attempts::of_message(on, MessageId(id)).await?;
        let sent = known.iter().any(|attempt| attempt.standing.is_with_provider());
        return if sent { Ok(()) } else { Err(Missing::UnknownText.into()) };
    };
    let letter = desk.ears.open(&found)?;
    let member = found.member.unwrap_or_else(|| MemberId::from_uuid(Uuid::nil()));
    let urgent = Urgent { id, kind: ANSWER, member, to: letter.phone, language, text: answer };
    if !hand_urgent(desk, &urgent).await? {
        return Err(Refusal::Unreachable.into());
    }
    close_text(desk, text, by).await
}
