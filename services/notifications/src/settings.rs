//! The settings of section `notifications`.

use std::{path::PathBuf, time::Duration};

use locale::calendar::Calendar;
use runtime::settings::{Allowed, Setting, Values};

use crate::domain::{quiet::QuietHours, routing::Caps, words::Calendars};

const HOUR: i64 = 60 * 60 * 1_000;
const LAST_MINUTE: i64 = 24 * 60 - 1;

const CALENDARS: &[&str] = &["jalali", "hijri", "gregorian"];

/// The table of this service's settings.
pub const SETTINGS: &[Setting] = &[
    Setting::new(
        "notifications.providers",
        "",
        Allowed::Path,
        "File that names the providers of messages and their keys. Empty: messages go to the outbox folder and the console.",
    ),
    Setting::new(
        "notifications.outbox_dir",
        "",
        Allowed::Path,
        "Folder that messages are written into where no providers are named. Empty: messages in data.dir.",
    ),
    Setting::new(
        "notifications.at_once",
        "64",
        Allowed::Whole { min: 1, max: 1_000 },
        "Messages that one process hands to providers at a time, in each lane.",
    ),
    Setting::new(
        "notifications.batch",
        "200",
        Allowed::Whole { min: 1, max: 500 },
        "Messages that are looked at together.",
    ),
    Setting::new(
        "notifications.ask_ms",
        "2000",
        Allowed::Whole { min: 50, max: 30_000 },
        "How long membership has to say where members are reached, in milliseconds.",
    ),
    Setting::new(
        "notifications.told_for_h",
        "24",
        Allowed::Whole { min: 1, max: 168 },
        "How long a message is of use after what it tells of, in hours; after that nobody is told any more.",
    ),
    Setting::new(
        "notifications.quiet_from",
        "1320",
        Allowed::Whole { min: 0, max: LAST_MINUTE },
        "First minute of the day in which members are left alone, on the chain's wall clock: 1320 is 22:00.",
    ),
    Setting::new(
        "notifications.quiet_until",
        "480",
        Allowed::Whole { min: 0, max: LAST_MINUTE },
        "First minute that is not quiet any more: 480 is 08:00. The same as quiet_from: none is quiet.",
    ),
    Setting::new(
        "notifications.unasked_a_day",
        "1",
        Allowed::Whole { min: 0, max: 100 },
        "Offers and other messages of the chain's own will that a member gets within a day.",
    ),
    Setting::new(
        "notifications.unasked_a_week",
        "3",
        Allowed::Whole { min: 0, max: 500 },
        "The same within seven days.",
    ),
    Setting::new(
        "notifications.offers_purpose",
        "offers",
        Allowed::Text { max: 40 },
        "Beginning of the codes of consents that offers take: offers-by-sms is for text messages, offers alone for every channel.",
    ),
    Setting::new(
        "notifications.most_parts",
        "4",
        Allowed::Whole { min: 1, max: 10 },
        "Parts that a text message of the chain's own words takes at most; longer words are refused when they are written.",
    ),
    Setting::new(
        "notifications.gateway_url",
        "",
        Allowed::Url(&["http", "https"]),
        "Address under which members reach the gateway, for links in letters. Empty: letters have no link that ends them.",
    ),
    Setting::new(
        "notifications.calendar_fa",
        "jalali",
        Allowed::OneOf(CALENDARS),
        "Calendar of days in Persian messages.",
    ),
    Setting::new(
        "notifications.calendar_ar",
        "gregorian",
        Allowed::OneOf(CALENDARS),
        "Calendar of days in Arabic messages.",
    ),
    Setting::new(
        "notifications.calendar_en",
        "gregorian",
        Allowed::OneOf(CALENDARS),
        "Calendar of days in English messages.",
    ),
    Setting::new(
        "notifications.texts_a_day",
        "10",
        Allowed::Whole { min: 1, max: 1_000 },
        "Texts of one number that are answered within a day; STOP is obeyed after that, too.",
    ),
    Setting::new(
        "notifications.keep_texts_d",
        "30",
        Allowed::Whole { min: 3, max: 365 },
        "How long texts are kept that people are to read, and how long a repetition of any text is known, in days.",
    ),
    Setting::new(
        "notifications.keep_messages_d",
        "90",
        Allowed::Whole { min: 1, max: 730 },
        "How long it is kept what was sent to whom, without what it said, in days.",
    ),
    Setting::new(
        "notifications.keep_looks_days",
        "1095",
        Allowed::Whole { min: 30, max: 3_650 },
        "How long it is kept who of the back office looked at members' messages, in days.",
    ),
];

/// What the service goes by.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file of providers.
    pub providers: Option<PathBuf>,
    /// The folder for messages where there is none.
    pub outbox: Option<PathBuf>,
    /// Messages under way together.
    pub at_once: usize,
    /// Messages looked at together.
    pub batch: u64,
    /// How long membership has.
    pub ask: Duration,
    /// How long a message is of use, in milliseconds.
    pub told_for: i64,
    /// When members are left alone.
    pub quiet: QuietHours,
    /// How often the chain may say something of its own will.
    pub caps: Caps,
    /// The beginning of the codes of consents to offers.
    pub offers_purpose: String,
    /// The address of the gateway, as members reach it.
    pub gateway: Option<String>,
    /// The calendar of days in each language.
    pub calendars: Calendars,
    /// Texts of a number that are answered within a day.
    pub texts_a_day: u32,
    /// How long texts are kept, in milliseconds.
    pub keep_texts: i64,
    /// The most parts of a text message of the chain's own words.
    pub most_parts: usize,
    /// How long messages are kept, in milliseconds.
    pub keep_messages: i64,
    /// How long looks are kept.
    pub keep_looks: Duration,
}

impl Settings {
    /// Reads them.
    #[must_use]
    pub fn from_values(values: &Values) -> Self {
        let whole = |name: &str| values.whole::<i64>(name);
        let calendar = |name: &str| match values.text(name) {
            "jalali" => Calendar::Jalali,
            "hijri" => Calendar::Hijri,
            _ => Calendar::Gregorian,
        };
        Self {
            providers: values.given("notifications.providers").map(PathBuf::from),
            outbox: values.given("notifications.outbox_dir").map(PathBuf::from),
            at_once: values.whole("notifications.at_once"),
            batch: values.whole("notifications.batch"),
            ask: Duration::from_millis(values.whole("notifications.ask_ms")),
            told_for: whole("notifications.told_for_h") * HOUR,
            quiet: QuietHours {
                from: values.whole("notifications.quiet_from"),
                until: values.whole("notifications.quiet_until"),
            },
            caps: Caps {
                day: values.whole("notifications.unasked_a_day"),
                week: values.whole("notifications.unasked_a_week"),
            },
            offers_purpose: values.text("notifications.offers_purpose").to_owned(),
            gateway: values.given("notifications.gateway_url").map(str::to_owned),
            calendars: Calendars {
                fa: calendar("notifications.calendar_fa"),
                ar: calendar("notifications.calendar_ar"),
                en: calendar("notifications.calendar_en"),
            },
            texts_a_day: values.whole("notifications.texts_a_day"),
            keep_texts: whole("notifications.keep_texts_d") * 24 * HOUR,
            most_parts: values.whole("notifications.most_parts"),
            keep_messages: whole("notifications.keep_messages_d") * 24 * HOUR,
            keep_looks: Duration::from_hours(24 * values.whole::<u64>("notifications.keep_looks_days")),
        }
    }
}
