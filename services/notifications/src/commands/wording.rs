//! What messages say: the words of the chain, with values as the reader writes them.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use kernel::{Language, LocalMoment, Pii, Timestamp};
use locale::Messages;
use runtime::Chain;
use store::Database;
use web::{Arg, Catalog, Texts};

use crate::{
    domain::{
        template::{Template, Written},
        trigger::Trigger,
        value::Values,
        words::{Calendars, Names, Reader},
    },
    error::Error,
    store::templates,
};

/// The built-in words.
pub const TEMPLATES: &Catalog = &[
    (Language::En, include_str!("../../locales/templates/en.ftl")),
    (Language::Fa, include_str!("../../locales/templates/fa.ftl")),
    (Language::Ar, include_str!("../../locales/templates/ar.ftl")),
];

/// The words of answers to texts.
pub const ANSWERS: &Catalog = &[
    (Language::En, include_str!("../../locales/answers/en.ftl")),
    (Language::Fa, include_str!("../../locales/answers/fa.ftl")),
    (Language::Ar, include_str!("../../locales/answers/ar.ftl")),
];

/// What the chain has written itself, and is live.
#[derive(Default)]
struct Own {
    /// Which version of which kind this is made of.
    versions: Vec<(String, i32)>,
    messages: Messages,
}

/// The words of messages.
#[derive(Clone)]
pub struct Wording {
    texts: Texts,
    chain: Arc<Chain>,
    calendars: Calendars,
    own: Arc<RwLock<Arc<Own>>>,
}

/// To whom something is said.
pub struct Hearer<'a> {
    /// The language in which they read.
    pub language: Language,
    /// The name by which they are spoken to.
    pub name: Option<&'a str>,
}

impl Wording {
    /// Words in the name of this chain.
    #[must_use]
    pub fn new(chain: Arc<Chain>, calendars: Calendars) -> Self {
        Self { texts: Texts::new(&[TEMPLATES, ANSWERS]), chain, calendars, own: Arc::default() }
    }

    /// Takes up what the chain has published or taken back since the last time.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn refresh(&self, database: &Database) -> Result<(), Error> {
        let on = database.connection();
        let versions = templates::live_versions(on).await?;
        if self.own().versions == versions {
            return Ok(());
        }
        let mut own = Own { versions, ..Own::default() };
        for (kind, number) in &own.versions {
            let Some(trigger) = Trigger::from_word(kind) else { continue };
            let Some(found) = templates::find(on, trigger, *number).await? else { continue };
            match Template::read(trigger, &found.words) {
                Ok(template) => add(&mut own.messages, trigger, &template),
                // It was read when it was saved; a kind that has lost a name since then says what is built in.
                Err(flaw) => {
                    tracing::error!(target: "vafa::notifications", kind, number, ?flaw, "a template cannot be read any more");
                }
            }
        }
        *self.own.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(own);
        Ok(())
    }

    fn own(&self) -> Arc<Own> {
        Arc::clone(&self.own.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Title and text of a message, in the language of whom it goes to.
    #[must_use]
    pub fn say(
        &self,
        trigger: Trigger,
        values: &Values,
        hearer: &Hearer<'_>,
        names: &Names,
    ) -> (Pii<String>, Pii<String>) {
        let args = self.args(values, hearer, names);
        let own = self.own();
        let find = |part: &str| {
            let id = format!("{}-{part}", trigger.word());
            let built_in = || self.texts.find(hearer.language, &id, &args);
            Pii::new(own.messages.find(hearer.language, &id, &args).or_else(built_in).unwrap_or_default())
        };
        (find("title"), find("text"))
    }

    /// Title and text as a template says them that is not live, or not yet.
    #[must_use]
    pub fn say_as(
        &self,
        template: &Template,
        values: &Values,
        hearer: &Hearer<'_>,
        names: &Names,
    ) -> (String, String) {
        template.say(hearer.language, &self.args(values, hearer, names))
    }

    /// What a text to the club is answered, with these values.
    #[must_use]
    pub fn answer(&self, language: Language, id: &str, mut args: Vec<(&'static str, Arg)>) -> String {
        let names = Names::default();
        let clock = |at: Timestamp| self.chain.local(at, None);
        args.push(("chain", self.reader(language, &clock, &names).name(&self.chain.name)));
        self.texts.find(language, id, &args).unwrap_or_default()
    }

    /// A purchase in a few words: its day, and what it cost.
    #[must_use]
    pub fn purchase(&self, language: Language, at: Timestamp, amount: i64) -> String {
        let names = Names::default();
        let clock = |at: Timestamp| self.chain.local(at, None);
        let reader = self.reader(language, &clock, &names);
        format!("{} {}", reader.day(clock(at).day), reader.money(amount))
    }

    fn reader<'r>(
        &self,
        language: Language,
        clock: &'r (dyn Fn(Timestamp) -> LocalMoment + Send + Sync),
        names: &'r Names,
    ) -> Reader<'r> {
        let calendar = self.calendars.of(language);
        Reader { language, calendar, currency: self.chain.currency, clock, names }
    }

    fn args<'v>(&self, values: &'v Values, hearer: &Hearer<'_>, names: &Names) -> Vec<(&'v str, Arg)> {
        let clock = |at: Timestamp| self.chain.local(at, None);
        let reader = self.reader(hearer.language, &clock, names);
        let mut args = reader.args(values);
        args.push(("chain", reader.name(&self.chain.name)));
        let nobody = match hearer.language {
            Language::Fa => "دوست عزیز",
            Language::Ar => "عزيزنا العميل",
            Language::En => "dear member",
        };
        args.push(("name", Arg::Text(hearer.name.unwrap_or(nobody).to_owned())));
        args
    }
}

fn add(messages: &mut Messages, trigger: Trigger, template: &Template) {
    for language in Language::ALL {
        // Two entries of ids of their own, each read before.
        if let Err(fault) = messages.add_catalog(language, &template.entries(trigger, language)) {
            tracing::error!(target: "vafa::notifications", kind = trigger.word(), %fault, "a template says less than it should");
        }
    }
}

/// What is built in for a kind of message, as somebody would write it.
#[must_use]
pub fn built_in(trigger: Trigger) -> Written {
    let words = |(language, source): &(Language, &str)| {
        let part = |part: &str| entry(source, &format!("{}-{part}", trigger.word()));
        (*language, (part("title"), part("text")))
    };
    TEMPLATES.iter().map(words).collect::<BTreeMap<_, _>>()
}

/// The text of an entry of a catalogue: what stands behind its sign, and the lines that are set in below it.
fn entry(source: &str, id: &str) -> String {
    let begins = format!("{id} =");
    let mut lines = source.lines().skip_while(|line| !line.starts_with(&begins));
    let mut text = lines.next().map_or("", |line| line[begins.len()..].trim()).to_owned();
    for line in lines.take_while(|line| line.starts_with(' ')) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line.strip_prefix("    ").unwrap_or(line));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_can_be_written_by_anybody() {
        for trigger in Trigger::all() {
            let written = built_in(trigger);
            assert_eq!(Template::read(trigger, &written).map(|_| ()), Ok(()), "{}", trigger.word());
        }
    }
}
