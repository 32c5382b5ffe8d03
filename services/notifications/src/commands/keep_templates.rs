//! What messages say is written, tried and published: **nobody gets words that nobody published**.

use kernel::{Language, Timestamp};

use super::{
    Desk,
    wording::{Hearer, built_in},
};
use crate::{
    domain::{
        sample,
        sms::{self, Size},
        template::{Flaw, Template, WhatIsWrong, Written},
        trigger::Trigger,
        value::Values,
        words::Names,
    },
    error::{Error, Missing, Refusal},
    store::templates,
};

/// What a template says to a sample member, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The language.
    pub language: Language,
    /// The title.
    pub title: String,
    /// The text.
    pub text: String,
    /// How large the text is as a text message.
    pub size: Size,
    /// The most parts that it takes, with values as they may come.
    pub most_parts: usize,
}

/// A name for the sample member in each language.
const fn sample_name(language: Language) -> &'static str {
    match language {
        Language::Fa | Language::Ar => "زهرا",
        Language::En => "Zahra",
    }
}

/// Shows words as a sample member gets them.
///
/// # Errors
/// The first [`Flaw`], or a text that takes more parts than the settings allow.
pub fn preview(desk: &Desk, trigger: Trigger, written: &Written) -> Result<Vec<Preview>, Flaw> {
    let template = Template::read(trigger, written)?;
    let (now, names) = (desk.clock.now(), Names::default());
    let today = desk.chain.local(now, None).day;
    let most = desk.settings.most_parts;
    let mut all = Vec::new();
    for language in Language::ALL {
        let hearer = Hearer { language, name: Some(sample_name(language)) };
        let say = |values: &Values| desk.wording.say_as(&template, values, &hearer, &names);
        let (title, text) = say(&sample::usual(trigger, now, today));
        let turning = sample::turning(trigger, now, today);
        let parts = turning.iter().map(|values| sms::size(&say(values).1).parts).max().unwrap_or(1);
        if parts > most {
            return Err(Flaw { language, in_title: false, what: WhatIsWrong::TooManyParts { parts, most } });
        }
        let size = sms::size(&text);
        all.push(Preview { language, title, text, size, most_parts: parts });
    }
    Ok(all)
}

/// Writes the draft of a kind of message; answers its number, and what it says.
///
/// # Errors
/// [`Refusal::Template`] for words that could not be said, or a fault of the database.
pub async fn write_draft(
    desk: &Desk,
    trigger: Trigger,
    written: &Written,
    by: &str,
) -> Result<(i32, Vec<Preview>), Error> {
    let shown = preview(desk, trigger, written).map_err(Refusal::Template)?;
    let tx = desk.database.begin().await?;
    let number = templates::write_draft(&tx, trigger, written, by, desk.clock.now()).await?;
    tx.commit().await?;
    Ok((number.ok_or(Refusal::DraftChanged)?, shown))
}

/// Takes the draft of a kind away.
///
/// # Errors
/// [`Missing::Template`] when there is none, or a fault of the database.
pub async fn discard_draft(desk: &Desk, trigger: Trigger) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let there = templates::discard_draft(&tx, trigger).await?;
    tx.commit().await?;
    if there { Ok(()) } else { Err(Missing::Template.into()) }
}

/// Makes the draft of this number what messages say from now on. What is live already stays so.
///
/// # Errors
/// [`Refusal::DraftChanged`] when the draft is another one by now, or none; a fault of the database.
pub async fn publish(desk: &Desk, trigger: Trigger, number: i32, by: &str) -> Result<Timestamp, Error> {
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let known = templates::find(&tx, trigger, number).await?;
    if let Some(since) = known.filter(|one| one.state == templates::State::Live).and_then(|one| one.live_from)
    {
        return Ok(since);
    }
    if !templates::publish(&tx, trigger, number, by, now).await? {
        return Err(Refusal::DraftChanged.into());
    }
    tx.commit().await?;
    Ok(now)
}

/// Lets messages of a kind say again what is built in.
///
/// # Errors
/// [`Missing::Template`] when they do, or a fault of the database.
pub async fn restore(desk: &Desk, trigger: Trigger) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let there = templates::retire(&tx, trigger, desk.clock.now()).await?;
    tx.commit().await?;
    if there { Ok(()) } else { Err(Missing::Template.into()) }
}

/// The words of a version: 0 is what is built in.
///
/// # Errors
/// [`Missing::Template`], or a fault of the database.
pub async fn words_of(desk: &Desk, trigger: Trigger, number: i32) -> Result<Written, Error> {
    if number == 0 {
        return Ok(built_in(trigger));
    }
    let found = templates::find(desk.database.connection(), trigger, number).await?;
    Ok(found.ok_or(Missing::Template)?.words)
}
