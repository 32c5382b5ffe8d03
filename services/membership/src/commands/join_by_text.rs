//! A person joins by texting their first name to the club's number (J1). Whether they were a member shows in no answer.
//!
//! A text is known by the provider's id: the same again gets the same answer and counts once. Joining is by phone, so that what
//! was interrupted between noting the text and joining is done when the provider sends it again.

use kernel::{Digest16, Language, Pii, Timestamp};
use store::Tx;

use super::{
    Desk,
    join::{self, Join},
};
use crate::{
    domain::{
        code::OneTimeCode,
        code_window::{CodeWindow, Counted},
        identifier::Identifier,
        member::JoinedBy,
        phone::Phone,
        rejection::Rejection,
        texted_name::{TextRefusal, Texted},
    },
    error::Error,
    store::{
        inbound_texts::{self, Asked, Noted},
        sign_ins,
    },
};

/// A text that came.
#[derive(Debug, Clone)]
pub struct InboundText {
    /// The provider's id of it.
    pub message: String,
    /// Who sent it.
    pub phone: Phone,
    /// What it says, with Latin digits.
    pub text: Pii<String>,
    /// The chain's language.
    pub language: Language,
}

/// What to answer to the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// They are a member now, or were.
    Welcome,
    /// They become one when they send the name once more, followed by this code.
    Confirm(OneTimeCode),
}

/// Lets somebody join by text.
///
/// # Errors
/// [`TextRefusal`], or a fault of the database.
pub async fn join_by_text(desk: &Desk, text: InboundText) -> Result<Reply, Error> {
    let noted = note(desk, &text).await?;
    if let Some(code) = noted {
        return Ok(Reply::Confirm(code));
    }
    let Texted { first_name, .. } = read(&text)?;
    let InboundText { phone, language, .. } = text;
    let join = Join { phone, first_name, language, card: None, joined_by: JoinedBy::Text };
    join::join(desk, join).await?;
    Ok(Reply::Welcome)
}

fn read(text: &InboundText) -> Result<Texted, Error> {
    let read = Texted::read(text.text.expose(), text.language);
    read.map_err(|flaw| Rejection::from(TextRefusal::NoName(flaw)).into())
}

/// Notes a text once, and answers the code that is to be sent back, where one is.
async fn note(desk: &Desk, text: &InboundText) -> Result<Option<OneTimeCode>, Error> {
    let (vault, now) = (&desk.vault, desk.clock.now());
    let digest = vault.text_digest(&text.message);
    let tx = desk.vault.database.begin().await?;
    let noted = Noted {
        digest,
        contents: vault.text_digest(&format!("{}\n{}", text.phone.e164(), text.text.expose())),
        asks: false,
        noted_at: now,
    };
    if let Some(known) = inbound_texts::claim(&tx, &noted).await? {
        if known.contents != noted.contents {
            return Err(Rejection::from(TextRefusal::Taken).into());
        }
        return Ok(known.asks.then(|| vault.texted_code(digest)));
    }
    let window = per_day(desk, &text.phone, now);
    if !sign_ins::count(&tx, &window).await? {
        return Err(Rejection::from(TextRefusal::TooMany { seconds: window.seconds_left(now) }).into());
    }
    let asks = match read(text) {
        Ok(texted) => asks_for_code(desk, &tx, text, &texted, digest, now).await?,
        // It is noted all the same, so that it counts.
        Err(refused) => {
            tx.commit().await?;
            return Err(refused);
        }
    };
    if asks {
        inbound_texts::update_asks(&tx, digest).await?;
    }
    tx.commit().await?;
    Ok(asks.then(|| vault.texted_code(digest)))
}

/// Whether the sender is to show first that the phone is theirs. A code that was sent back is good once.
async fn asks_for_code(
    desk: &Desk,
    tx: &Tx,
    text: &InboundText,
    texted: &Texted,
    digest: Digest16,
    now: Timestamp,
) -> Result<bool, Error> {
    if !desk.settings.texts.confirmed {
        return Ok(false);
    }
    let phone = desk.vault.index(Identifier::Phone(text.phone.clone()));
    let asked = inbound_texts::take_asked(tx, &phone).await?.filter(|asked| now < asked.expires_at);
    if let (Some(asked), Some(code)) = (asked, &texted.code)
        && desk.vault.is_texted(asked.text, code)
    {
        return Ok(false);
    }
    let expires_at = Timestamp::from_micros(now.micros().saturating_add(desk.settings.codes.life));
    inbound_texts::insert_asked(tx, &Asked { phone: phone.digest, text: digest, expires_at }).await?;
    Ok(true)
}

fn per_day(desk: &Desk, phone: &Phone, now: Timestamp) -> CodeWindow {
    let subject = desk.vault.counted_digest(Counted::TextDay, phone.e164());
    CodeWindow::around(Counted::TextDay, subject, now, desk.settings.texts.per_phone_day)
}
