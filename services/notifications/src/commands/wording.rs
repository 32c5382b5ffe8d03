//! What messages say: the words of the chain, with values as the reader writes them.

use std::sync::Arc;

use kernel::{Language, Pii, Timestamp};
use runtime::Chain;
use web::{Arg, Catalog, Texts};

use crate::{
    adapters::contacts::Contact,
    domain::{
        message::Message,
        template::Template,
        words::{Names, Reader},
    },
};

/// The built-in words.
pub const TEMPLATES: &Catalog = &[
    (Language::En, include_str!("../../locales/templates/en.ftl")),
    (Language::Fa, include_str!("../../locales/templates/fa.ftl")),
    (Language::Ar, include_str!("../../locales/templates/ar.ftl")),
];

/// The words of messages.
#[derive(Clone)]
pub struct Wording {
    texts: Texts,
    chain: Arc<Chain>,
}

impl Wording {
    /// Words in the name of this chain.
    #[must_use]
    pub fn new(chain: Arc<Chain>) -> Self {
        Self { texts: Texts::new(&[TEMPLATES]), chain }
    }

    /// Title and text of a message, in the language of whom it goes to.
    #[must_use]
    pub fn say(&self, message: &Message, contact: &Contact, names: &Names) -> (Pii<String>, Pii<String>) {
        self.with_args(message, contact, names, |args| {
            let find = |part: &str| {
                let id = format!("{}-{part}", message.trigger.word());
                self.texts.find(contact.language, &id, args).unwrap_or_default()
            };
            (find("title"), find("text"))
        })
    }

    /// The same by the words of a campaign.
    #[must_use]
    pub fn say_by(
        &self,
        template: &Template,
        message: &Message,
        contact: &Contact,
        names: &Names,
    ) -> (Pii<String>, Pii<String>) {
        self.with_args(message, contact, names, |args| template.say(contact.language, args))
    }

    fn with_args(
        &self,
        message: &Message,
        contact: &Contact,
        names: &Names,
        say: impl FnOnce(&[(&str, Arg)]) -> (String, String),
    ) -> (Pii<String>, Pii<String>) {
        let clock = |at: Timestamp| self.chain.local(at, None);
        let reader =
            Reader { language: contact.language, currency: self.chain.currency, clock: &clock, names };
        let mut args = reader.args(&message.values);
        args.push(("chain", reader.name(&self.chain.name)));
        let nobody = match contact.language {
            Language::Fa => "دوست عزیز",
            Language::Ar => "عزيزنا العميل",
            Language::En => "dear member",
        };
        let name = contact.name.as_ref().map_or(nobody, |name| name.expose().as_str());
        args.push(("name", Arg::Text(name.to_owned())));
        let (title, text) = say(&args);
        (Pii::new(title), Pii::new(text))
    }
}
