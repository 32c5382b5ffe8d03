//! What the chain wrote down of a campaign, and what of it cannot be.

use kernel::{Language, SegmentCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Arm;
use crate::domain::{
    channel::Channel,
    routing::Ways,
    template::{Flaw, Template, Written},
    trigger::{CAMPAIGN, OCCASION, Trigger, WIN_BACK},
};

/// Characters of a campaign's name.
const LONGEST_NAME: usize = 120;
/// The most members held out of a hundred.
const MOST_HELD: u8 = 90;
/// The most messages a minute.
const MOST_A_MINUTE: u32 = 600_000;
/// The longest time after a message in which a purchase counts, in days.
const MOST_DAYS: u16 = 60;

/// What brings a message of a standing campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CampaignOccurring)]
pub enum Occurring {
    /// A birthday, or the day on which they joined.
    Occasion,
    /// A member has bought nothing for a while.
    WinBack,
}

/// Whom a campaign is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = CampaignAudience)]
pub enum Audience {
    /// Every member.
    Everybody {},
    /// Those who are in a segment when it is sent.
    Segment {
        /// The segment.
        #[schema(value_type = String, example = "coffee-lovers")]
        segment: SegmentCode,
    },
    /// Those who were put on its list.
    List {},
    /// Whoever something happens to, as long as the campaign runs: it stands, instead of the built-in words.
    Whenever {
        /// What happens.
        happens: Occurring,
    },
}

/// What a message says in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignText {
    /// The subject of a letter, the title of a notification; text messages have none.
    #[schema(example = "{ $chain }")]
    pub title: String,
    /// What it says.
    #[schema(example = "{ $name }, coffee is on us this week.")]
    pub text: String,
}

/// What a message says, in each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignWords {
    /// In Persian.
    pub fa: CampaignText,
    /// In Arabic.
    pub ar: CampaignText,
    /// In English.
    pub en: CampaignText,
}

const fn usual_pace() -> u32 {
    6_000
}

const fn usual_days() -> u16 {
    14
}

/// A campaign as marketing wrote it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignTerms {
    /// What the back office calls it, 1 to 120 characters; members never see it.
    #[schema(example = "Coffee week")]
    pub name: String,
    /// Whom it is about.
    pub audience: Audience,
    /// What it says. It may name `$name` and `$chain`; a standing campaign what the kind of message names besides.
    pub words: CampaignWords,
    /// What it says to the second part, where two ways to say it are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_words: Option<CampaignWords>,
    /// How many of a hundred who get it get the second words: 0 to 100, and 0 without second words.
    #[serde(default)]
    #[schema(maximum = 100)]
    pub second_percent: u8,
    /// How many of a hundred get nothing, so that it shows what the campaign does: 0 to 90.
    #[serde(default)]
    #[schema(maximum = 90)]
    pub control_percent: u8,
    /// On which ways: on each of these, by the first of its channels that reaches the member. The usual ones when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Vec<String>>>, example = json!([["push", "sms"], ["inbox"]]))]
    pub ways: Option<Vec<Vec<String>>>,
    /// Messages a minute at most: 1 to 600,000; 6,000 when it is left out.
    #[serde(default = "usual_pace")]
    #[schema(minimum = 1, maximum = 600_000)]
    pub per_minute: u32,
    /// A first purchase within so many days counts: 1 to 60; 14 when it is left out.
    #[serde(default = "usual_days")]
    #[schema(minimum = 1, maximum = 60)]
    pub counts_days: u16,
    /// Nobody gets it afterwards; seven days after its beginning when it is left out. A standing campaign ends then, and has no end when
    /// it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// The first mistake in terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where it is.
    pub pointer: String,
    /// What is wrong with the words, where it is in them.
    pub flaw: Option<Flaw>,
}

impl CampaignWords {
    /// As templates are written.
    #[must_use]
    pub fn written(&self) -> Written {
        let of = |text: &CampaignText| (text.title.clone(), text.text.clone());
        [(Language::Fa, of(&self.fa)), (Language::Ar, of(&self.ar)), (Language::En, of(&self.en))].into()
    }
}

impl Occurring {
    /// The kind of message that it brings.
    #[must_use]
    pub const fn trigger(self) -> Trigger {
        match self {
            Self::Occasion => OCCASION,
            Self::WinBack => WIN_BACK,
        }
    }

    /// What brings this kind of message to standing campaigns.
    #[must_use]
    pub fn of(trigger: Trigger) -> Option<Self> {
        [Self::Occasion, Self::WinBack].into_iter().find(|one| one.trigger() == trigger)
    }
}

impl CampaignTerms {
    /// The kind of its messages.
    #[must_use]
    pub const fn trigger(&self) -> Trigger {
        match self.audience {
            Audience::Whenever { happens } => happens.trigger(),
            _ => CAMPAIGN,
        }
    }

    /// Whether it stands, instead of being sent once.
    #[must_use]
    pub const fn stands(&self) -> bool {
        matches!(self.audience, Audience::Whenever { .. })
    }

    /// What it says to an arm; nothing to who is held out.
    ///
    /// # Errors
    /// The first flaw of words that were never found good.
    pub fn template(&self, arm: Arm) -> Result<Option<Template>, Flaw> {
        let words = match arm {
            Arm::Control => None,
            Arm::First => Some(&self.words),
            Arm::Second => self.second_words.as_ref(),
        };
        words.map(|words| Template::read(self.trigger(), &words.written())).transpose()
    }

    /// Its own ways, where it has some.
    #[must_use]
    pub fn own_ways(&self) -> Option<Ways> {
        let way = |way: &Vec<String>| way.iter().filter_map(|word| Channel::from_word(word)).collect();
        self.ways.as_ref().map(|ways| ways.iter().map(way).collect())
    }

    /// The first mistake; nothing for terms by which a campaign can be sent.
    #[must_use]
    pub fn mistake(&self) -> Option<Mistake> {
        let at = |pointer: &str| Some(Mistake { pointer: pointer.to_owned(), flaw: None });
        if self.name.trim().is_empty() || self.name.chars().count() > LONGEST_NAME {
            return at("/name");
        }
        if self.control_percent > MOST_HELD {
            return at("/control_percent");
        }
        if self.second_percent > 100 || (self.second_percent > 0 && self.second_words.is_none()) {
            return at("/second_percent");
        }
        if !(1..=MOST_A_MINUTE).contains(&self.per_minute) {
            return at("/per_minute");
        }
        if !(1..=MOST_DAYS).contains(&self.counts_days) {
            return at("/counts_days");
        }
        self.mistake_in_ways()
            .or_else(|| self.mistake_in_words("/words", Arm::First))
            .or_else(|| self.mistake_in_words("/second_words", Arm::Second))
    }

    fn mistake_in_words(&self, pointer: &str, arm: Arm) -> Option<Mistake> {
        let flaw = self.template(arm).err()?;
        let part = if flaw.in_title { "title" } else { "text" };
        Some(Mistake { pointer: format!("{pointer}/{}/{part}", flaw.language), flaw: Some(flaw) })
    }

    /// Each way has channels that there are, and no channel is named twice.
    fn mistake_in_ways(&self) -> Option<Mistake> {
        let ways = self.ways.as_ref()?;
        let at = |pointer: String| Some(Mistake { pointer, flaw: None });
        if ways.is_empty() {
            return at("/ways".to_owned());
        }
        let mut seen = Vec::new();
        for (place, way) in ways.iter().enumerate() {
            if way.is_empty() {
                return at(format!("/ways/{place}"));
            }
            for (index, word) in way.iter().enumerate() {
                let channel = Channel::from_word(word);
                if channel.is_none() || seen.contains(&channel) {
                    return at(format!("/ways/{place}/{index}"));
                }
                seen.push(channel);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> CampaignWords {
        let text = CampaignText { title: "{ $chain }".to_owned(), text: text.to_owned() };
        CampaignWords { fa: text.clone(), ar: text.clone(), en: text }
    }

    fn good() -> CampaignTerms {
        CampaignTerms {
            name: "Coffee week".to_owned(),
            audience: Audience::List {},
            words: words("{ $name }, come!"),
            second_words: Some(words("Come, { $name }!")),
            second_percent: 50,
            control_percent: 10,
            ways: Some(vec![vec!["push".to_owned(), "sms".to_owned()], vec!["inbox".to_owned()]]),
            per_minute: 600,
            counts_days: 14,
            until: None,
        }
    }

    #[test]
    fn what_cannot_be_is_found_where_it_stands() {
        assert_eq!(good().mistake(), None);
        let ways = |ways: &[&[&str]]| {
            Some(ways.iter().map(|way| way.iter().map(ToString::to_string).collect()).collect())
        };
        let mut long = good();
        long.words.ar.text = "{ $points }".to_owned();
        let mut second = good();
        second.second_words = Some(words(""));
        let cases = [
            (CampaignTerms { name: " ".to_owned(), ..good() }, "/name"),
            (CampaignTerms { control_percent: 91, ..good() }, "/control_percent"),
            (CampaignTerms { second_percent: 101, ..good() }, "/second_percent"),
            (CampaignTerms { second_words: None, ..good() }, "/second_percent"),
            (CampaignTerms { per_minute: 0, ..good() }, "/per_minute"),
            (CampaignTerms { counts_days: 61, ..good() }, "/counts_days"),
            (CampaignTerms { ways: ways(&[]), ..good() }, "/ways"),
            (CampaignTerms { ways: ways(&[&["sms"], &[]]), ..good() }, "/ways/1"),
            (CampaignTerms { ways: ways(&[&["sms", "pigeon"]]), ..good() }, "/ways/0/1"),
            (CampaignTerms { ways: ways(&[&["sms"], &["sms"]]), ..good() }, "/ways/1/0"),
            (long, "/words/ar/text"),
            (second, "/second_words/fa/text"),
        ];
        for (terms, pointer) in cases {
            assert_eq!(terms.mistake().map(|one| one.pointer).as_deref(), Some(pointer));
        }
    }

    #[test]
    fn a_standing_campaign_names_what_its_kind_of_message_has() {
        let mut standing = good();
        standing.audience = Audience::Whenever { happens: Occurring::WinBack };
        standing.words = words("{ $days } days, { $points } points");
        assert_eq!((standing.mistake(), standing.trigger(), standing.stands()), (None, WIN_BACK, true));
        standing.audience = Audience::Everybody {};
        assert_eq!(standing.mistake().map(|one| one.pointer).as_deref(), Some("/words/fa/text"));
        assert_eq!(Occurring::of(OCCASION), Some(Occurring::Occasion));
        assert_eq!(Occurring::of(CAMPAIGN), None);
    }
}
