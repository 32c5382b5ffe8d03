//! What messages say, as answers show it.

use std::collections::BTreeMap;

use kernel::{Language, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    commands::{keep_templates::Preview, wording::built_in},
    domain::{
        sms::Alphabet,
        template::Written,
        trigger::{ALWAYS, Hours, Sort, Trigger},
    },
    store::templates::{State, Version},
};

/// Title and text in one language.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageWords {
    /// What stands above it where there is room, 1 to 300 characters.
    #[schema(max_length = 300, example = "You earned points")]
    pub title: String,
    /// What it says, 1 to 2,000 characters: a Fluent pattern of text, names and choices.
    #[schema(max_length = 2_000, example = "{ $chain }: you earned { $points } points.")]
    pub text: String,
}

/// Something that the words may name.
#[derive(Serialize, ToSchema)]
struct MessageName {
    /// The name, which texts write as `{ $points }`.
    #[schema(example = "points")]
    name: &'static str,
    /// What it is: `number`, `money`, `day`, `moment`, `choice`, `thing`.
    #[schema(example = "number")]
    sort: &'static str,
    /// The words of a choice, by which a text chooses.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    choices: &'static [&'static str],
}

/// A kind of message.
#[derive(Serialize, ToSchema)]
struct MessageKind {
    /// Its word.
    #[schema(example = "earned")]
    kind: &'static str,
    /// What it is about, as members choose what they want to hear.
    #[schema(example = "points")]
    topic: &'static str,
    /// `told` or `campaign`.
    #[schema(example = "told")]
    lane: &'static str,
    /// Whether it comes at any hour: somebody waits for it, or stands at a till.
    at_any_hour: bool,
    /// What its words may name.
    names: Vec<MessageName>,
    /// The version that messages say; 0 is what is built in.
    #[schema(minimum = 0, example = 2)]
    live_version: i32,
    /// The version that somebody writes at.
    #[serde(skip_serializing_if = "Option::is_none")]
    draft_version: Option<i32>,
}

/// Every kind of message.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageTemplateList {
    /// The kinds.
    kinds: Vec<MessageKind>,
}

/// A version of the chain's own words.
#[derive(Serialize, ToSchema)]
struct MessageTemplateVersion {
    /// Its number.
    version: i32,
    /// `draft`, `live` or `former`.
    #[schema(example = "live")]
    state: &'static str,
    /// The words by language.
    #[schema(value_type = BTreeMap<String, MessageWords>)]
    words: BTreeMap<Language, MessageWords>,
    /// Who wrote it: the id of a person of the staff, or `operator`.
    written_by: String,
    /// When.
    written_at: Timestamp,
    /// Who published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_by: Option<String>,
    /// Since when messages say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    live_from: Option<Timestamp>,
    /// Until when they said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    live_until: Option<Timestamp>,
}

/// What a kind of message says.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageTemplateView {
    /// The kind.
    #[serde(flatten)]
    kind: MessageKind,
    /// What is built in, by language.
    #[schema(value_type = BTreeMap<String, MessageWords>)]
    built_in: BTreeMap<Language, MessageWords>,
    /// The chain's own words, the newest first.
    versions: Vec<MessageTemplateVersion>,
}

/// Words as a sample member gets them.
#[derive(Serialize, ToSchema)]
struct MessagePreview {
    /// The language.
    #[schema(value_type = String, example = "fa")]
    language: Language,
    /// The title.
    title: String,
    /// The text.
    text: String,
    /// How its letters travel as a text message: `gsm7` or `ucs2`.
    #[schema(example = "ucs2")]
    alphabet: &'static str,
    /// Places that its letters take.
    places: usize,
    /// Parts that it takes; each is paid for.
    parts: usize,
    /// The most parts that it takes, with values as they may come.
    most_parts: usize,
}

/// Words in each language.
#[derive(Serialize, ToSchema)]
pub(super) struct PreviewList {
    /// The version, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// What it says.
    previews: Vec<MessagePreview>,
}

impl PreviewList {
    pub(super) fn of(version: Option<i32>, shown: Vec<Preview>) -> Self {
        let view = |one: Preview| MessagePreview {
            language: one.language,
            title: one.title,
            text: one.text,
            alphabet: match one.size.alphabet {
                Alphabet::Gsm7 => "gsm7",
                Alphabet::Ucs2 => "ucs2",
            },
            places: one.size.places,
            parts: one.size.parts,
            most_parts: one.most_parts,
        };
        Self { version, previews: shown.into_iter().map(view).collect() }
    }
}

fn words(written: Written) -> BTreeMap<Language, MessageWords> {
    let pair = |(language, (title, text))| (language, MessageWords { title, text });
    written.into_iter().map(pair).collect()
}

fn kind(trigger: Trigger, versions: &[Version]) -> MessageKind {
    let terms = trigger.terms();
    let name = |(name, sort): &(&'static str, Sort)| MessageName {
        name,
        sort: sort.word(),
        choices: sort.choices(),
    };
    let number = |state| {
        let found = versions.iter().find(|one| one.trigger == trigger && one.state == state);
        found.map(|one| one.version)
    };
    MessageKind {
        kind: terms.word,
        topic: terms.topic.word(),
        lane: terms.lane.word(),
        at_any_hour: terms.hours == Hours::Any,
        names: terms.names.iter().chain(ALWAYS).map(name).collect(),
        live_version: number(State::Live).unwrap_or(0),
        draft_version: number(State::Draft),
    }
}

/// Every kind, with these drafts and live versions.
pub(super) fn summary(current: &[Version]) -> MessageTemplateList {
    MessageTemplateList { kinds: Trigger::all().map(|trigger| kind(trigger, current)).collect() }
}

/// One kind with its versions.
pub(super) fn of_kind(trigger: Trigger, versions: Vec<Version>) -> MessageTemplateView {
    let kind = kind(trigger, &versions);
    let view = |one: Version| MessageTemplateVersion {
        version: one.version,
        state: one.state.word(),
        words: words(one.words),
        written_by: one.written_by,
        written_at: one.written_at,
        published_by: one.published_by,
        live_from: one.live_from,
        live_until: one.live_until,
    };
    let versions = versions.into_iter().map(view).collect();
    MessageTemplateView { kind, built_in: words(built_in(trigger)), versions }
}
