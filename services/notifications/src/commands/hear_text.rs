//! What members text to the club's number is answered: STOP, START, balance, purchases, help, joining; the rest people read.
//!
//! A text is known by the provider's id. **It is noted before anything is done and noted as done after**; whatever is between the two
//! can be done twice: wishes are the same again, an answer has the id of its text, joining is by phone. STOP is obeyed however many
//! texts came before it; answers are counted.

use kernel::{Digest16, MemberId, Pii};
use locale::Arg;
use ring::{digest, hmac};
use runtime::{BlindKeys, Seal, SealNonce};
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};
use web::AskError;

use super::{
    Desk,
    hand_urgent::{Urgent, hand_urgent},
    note_wishes::note_wishes,
};
use crate::{
    adapters::{
        doors::Came,
        senders::{Joining, Sender},
    },
    domain::{
        channel::Channel,
        heard::{Ask, LONGEST},
        wish::{SaidBy, everything},
    },
    error::{Error, Missing},
    store::{
        heard::{self, Heard, Unknown},
        messages::ANSWER,
    },
};

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// What a text that people are to read says, and who sent it.
#[derive(Debug, Clone, Deserialize)]
pub struct Letter {
    /// The number in E.164.
    pub phone: Pii<String>,
    /// What it says.
    pub text: Pii<String>,
}

/// With what texts are told apart and kept.
pub struct Ears {
    key: hmac::Key,
    seal: Seal,
}

impl Ears {
    /// Ears by the keys of this installation.
    ///
    /// # Errors
    /// When there is no master key.
    pub fn new(keys: &BlindKeys, master_keys: &[(u8, [u8; 32])]) -> anyhow::Result<Self> {
        let key = keys.wanted().derived("texts to the club");
        Ok(Self { key, seal: Seal::new("notifications.unknown_text", master_keys)? })
    }

    fn digest(&self, kind: &str, said: &str) -> Digest16 {
        let tag = hmac::sign(&self.key, format!("{kind}\n{said}").as_bytes());
        Digest16::first_of(tag.as_ref()).unwrap_or(Digest16([0; 16]))
    }

    fn seal(&self, desk: &Desk, id: Uuid, letter: &Letter) -> Result<Vec<u8>, Error> {
        let mut nonce = SealNonce::default();
        desk.ids.secret(&mut nonce);
        let plain = serde_json::to_vec(&Open { phone: letter.phone.expose(), text: letter.text.expose() });
        Ok(self.seal.seal(id.as_bytes(), &plain.map_err(anyhow::Error::from)?, nonce)?)
    }

    /// What a kept text says, and who sent it.
    ///
    /// # Errors
    /// One that was changed, or was sealed by a key that is not there.
    pub fn open(&self, kept: &Unknown) -> Result<Letter, Error> {
        let plain = self.seal.open(kept.id.as_bytes(), &kept.sealed)?;
        Ok(serde_json::from_slice(&plain).map_err(anyhow::Error::from)?)
    }
}

/// What is sealed.
#[derive(Serialize)]
struct Open<'a> {
    phone: &'a str,
    text: &'a str,
}

/// Hears a text; the same one again changes nothing.
///
/// # Errors
/// [`Missing::Sender`] for a number that is no phone's; another service that does not answer; a fault of the database. The provider
/// sends it again then.
pub async fn hear_text(desk: &Desk, came: &Came) -> Result<Ask, Error> {
    let text: String = came.text.expose().chars().take(LONGEST).collect();
    let ask = Ask::of(&text);
    let heard = Heard {
        door: &came.door,
        text: desk.ears.digest("text", &came.id),
        sender: desk.ears.digest("sender", &dialled(came.from.expose())),
        ask,
        at: desk.clock.now(),
    };
    let tx = desk.database.begin().await?;
    let known = heard::claim(&tx, &heard).await?;
    tx.commit().await?;
    if known {
        return Ok(ask);
    }
    answer(desk, came, &heard, &text).await?;
    let tx = desk.database.begin().await?;
    heard::done(&tx, &heard).await?;
    tx.commit().await?;
    desk.meters.heard(ask);
    Ok(ask)
}

/// A number as providers write it, with the sign that makes it international where it was left out.
fn dialled(from: &str) -> String {
    let from = locale::digits::to_latin(from);
    let bare = from.len() >= 11 && !from.starts_with('0') && from.bytes().all(|byte| byte.is_ascii_digit());
    if bare { format!("+{from}") } else { from.into_owned() }
}

fn away(fault: AskError) -> Error {
    match fault {
        AskError::Refused { status, .. } if status.is_client_error() => Missing::Sender.into(),
        other => Error::MembershipSilent(other.into()),
    }
}

async fn answer(desk: &Desk, came: &Came, heard: &Heard<'_>, text: &str) -> Result<(), Error> {
    let from = Pii::new(dialled(came.from.expose()));
    let id = format!("{}:{}", came.door, hex(heard.text));
    let joins_by = Pii::new(text.to_owned());
    let joins = (heard.ask == Ask::Other).then_some((&joins_by, id.as_str()));
    let sender = desk.senders.of(&from, joins).await.map_err(away)?;
    let day_ago = desk.clock.now().plus_millis(-DAY);
    let (texts, strange) = heard::since(desk.database.connection(), heard.sender, day_ago).await?;
    if let (Ask::Stop | Ask::Start, Some(member)) = (heard.ask, sender.member_id) {
        note_wishes(desk, member, &everything(Channel::Sms, heard.ask == Ask::Start), SaidBy::Text).await?;
    }
    let said = match (heard.ask, sender.member_id) {
        (Ask::Stop, _) => Some(("answer-stop", vec![])),
        (Ask::Help, _) => Some(("answer-help", vec![])),
        (Ask::Start, Some(_)) => Some(("answer-start", vec![])),
        (Ask::Balance | Ask::Purchases, Some(member)) => Some(told(desk, heard.ask, member, &sender).await?),
        (Ask::Other, _) => other(desk, &sender, text, heard, strange).await?,
        (_, None) => Some(("answer-stranger", vec![])),
    };
    let Some((word, args)) = said.filter(|_| texts <= i64::from(desk.settings.texts_a_day)) else {
        return Ok(());
    };
    reply(desk, &sender, &id, word, args).await
}

type Said = (&'static str, Vec<(&'static str, Arg)>);

async fn told(desk: &Desk, ask: Ask, member: MemberId, sender: &Sender) -> Result<Said, Error> {
    let found = desk.senders.purchases(member).await.map_err(|fault| Error::PointsSilent(fault.into()))?;
    let points = ("points", Arg::Number(found.balance));
    if ask == Ask::Balance {
        return Ok(("answer-balance", vec![points]));
    }
    if found.purchases.is_empty() {
        return Ok(("answer-no-purchases", vec![points]));
    }
    let purchases: Vec<String> = found
        .purchases
        .iter()
        .map(|one| desk.wording.purchase(sender.language, one.occurred_at, one.amount))
        .collect();
    let between = if sender.language == kernel::Language::En { "; " } else { "؛ " };
    Ok(("answer-purchases", vec![("purchases", Arg::Text(purchases.join(between))), points]))
}

/// What asks for nothing that is known: a first name by which a stranger joins, or something for people.
async fn other(
    desk: &Desk,
    sender: &Sender,
    text: &str,
    heard: &Heard<'_>,
    strange: i64,
) -> Result<Option<Said>, Error> {
    match sender.joining {
        // Whoever joins is told so like everybody who joins.
        Some(Joining::Welcome | Joining::TooMany | Joining::Refused) => return Ok(None),
        Some(Joining::Confirm) => {
            let code = sender.code.clone().unwrap_or_default();
            return Ok(Some(("answer-confirm", vec![("code", Arg::Text(code))])));
        }
        Some(Joining::NoName) | None => {}
    }
    // A flood of one number is not for people to read.
    if strange > i64::from(desk.settings.texts_a_day) {
        return Ok(None);
    }
    let id = id_of(&format!("{}\n{}", heard.door, hex(heard.text)));
    let letter = Letter { phone: sender.phone.clone(), text: Pii::new(text.to_owned()) };
    let sealed = desk.ears.seal(desk, id, &letter)?;
    let tx = desk.database.begin().await?;
    heard::keep(&tx, &Unknown { id, member: sender.member_id, sealed, heard_at: heard.at }).await?;
    tx.commit().await?;
    Ok((strange == 1).then_some(("answer-kept", vec![])))
}

async fn reply(
    desk: &Desk,
    sender: &Sender,
    id: &str,
    word: &str,
    args: Vec<(&'static str, Arg)>,
) -> Result<(), Error> {
    let text = desk.wording.answer(sender.language, word, args);
    let urgent = Urgent {
        id: id_of(id),
        kind: ANSWER,
        member: sender.member_id.unwrap_or_else(|| MemberId::from_uuid(Uuid::nil())),
        to: sender.phone.clone(),
        language: sender.language,
        text: Pii::new(text),
    };
    if !hand_urgent(desk, &urgent).await? {
        tracing::warn!(target: "vafa::notifications", "no provider takes the answer to a text");
    }
    Ok(())
}

/// The id of what belongs to a text.
fn id_of(named: &str) -> Uuid {
    let hash = digest::digest(&digest::SHA256, named.as_bytes());
    let bytes = Digest16::first_of(hash.as_ref()).map_or([0; 16], |digest| digest.0);
    Builder::from_custom_bytes(bytes).into_uuid()
}

fn hex(digest: Digest16) -> String {
    digest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dialled_as_people_and_providers_write_them() {
        for (from, dials) in [
            ("989121234567", "+989121234567"),
            ("+989121234567", "+989121234567"),
            ("09121234567", "09121234567"),
            ("۹۸۹۱۲۱۲۳۴۵۶۷", "+989121234567"),
            ("3000", "3000"),
        ] {
            assert_eq!(dialled(from), dials);
        }
    }
}
