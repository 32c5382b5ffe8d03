//! What is built in, read by people: every kind of message in every language, wherever its words turn.

use std::{collections::BTreeSet, fmt::Write as _};

use kernel::{Currency, Day, Language, LocalMoment, Timestamp, Weekday};
use locale::{Arg, calendar::Calendar};
use notifications::{
    commands::wording::TEMPLATES,
    domain::{
        sample, sms,
        trigger::Trigger,
        value::{ThingKind, Values},
        words::{Names, Reader},
    },
};
use web::Texts;

/// The most parts that anything built in takes as a text message.
const MOST_PARTS: usize = 3;

fn names() -> Names {
    let mut names = Names::default();
    for (kind, code, said) in [
        (ThingKind::Reward, "coffee", ["قهوه", "قهوة", "Coffee"]),
        (ThingKind::Event, "tasting", ["شب مزه", "أمسية التذوق", "Tasting night"]),
        (ThingKind::Draw, "nowruz-draw", ["قرعه‌کشی نوروز", "سحب النوروز", "Nowruz draw"]),
        (ThingKind::Challenge, "five-visits", ["پنج خرید", "خمس زيارات", "Five visits"]),
        (ThingKind::Tier, "gold", ["طلایی", "ذهبي", "Gold"]),
        (ThingKind::Plan, "plus", ["ویژه", "بلس", "Plus"]),
    ] {
        for (language, name) in [Language::Fa, Language::Ar, Language::En].into_iter().zip(said) {
            names.add(kind, code, language, name.to_owned());
        }
    }
    names
}

fn noon(_: Timestamp) -> LocalMoment {
    LocalMoment { day: Day::parse("2026-11-21").expect("a day"), weekday: Weekday::Sat, minute: 12 * 60 }
}

/// What turns, as the heading of a text.
fn turned(values: &Values, usual: &Values) -> String {
    let differs =
        |(name, value): &(&str, _)| usual.iter().all(|(other, known)| other != *name || known != *value);
    let turned: Vec<String> =
        values.iter().filter(differs).map(|(name, value)| format!("{name} {value:?}")).collect();
    turned.join(", ")
}

/// A text without its numbers: what is left of two texts is the same where only the number differs.
fn without_numbers(text: &str) -> String {
    let letter = |letter: char| !(letter.is_numeric() || matches!(letter, '٬' | '،' | ','));
    text.chars().filter(|one| letter(*one)).collect()
}

fn read_aloud(language: Language) -> String {
    let (texts, names) = (Texts::new(&[TEMPLATES]), names());
    let currency = Currency::parse("IRR").expect("a currency");
    let reader = Reader { language, calendar: Calendar::of(language), currency, clock: &noon, names: &names };
    let (now, today) = (Timestamp::from_micros(0), Day::parse("2026-11-21").expect("a day"));
    let mut all = String::new();
    for trigger in Trigger::all() {
        let usual = sample::usual(trigger, now, today);
        let mut heard = BTreeSet::new();
        for values in sample::turning(trigger, now, today) {
            let mut args = reader.args(&values);
            args.push(("chain", reader.name("Golestan")));
            args.push(("name", Arg::from("زهرا")));
            let find = |part: &str| {
                let said = texts.find(language, &format!("{}-{part}", trigger.word()), &args);
                said.unwrap_or_else(|| panic!("{language}: {} has no {part}", trigger.word()))
            };
            let (title, text) = (find("title"), find("text"));
            let parts = sms::size(&text).parts;
            assert!(parts <= MOST_PARTS, "{language} {}: {parts} parts: {text}", trigger.word());
            let unsaid = [&title, &text].iter().any(|said| said.contains('{') || said.contains('$'));
            assert!(
                !unsaid && !title.trim().is_empty() && !text.trim().is_empty(),
                "{language} {}: {text}",
                trigger.word()
            );
            assert!(!text.contains(" 1 points") && !text.contains(" 1 days"), "{text}");
            if !heard.insert(without_numbers(&text)) {
                continue;
            }
            match turned(&values, &usual) {
                same if same.is_empty() => writeln!(all, "# {}: {title}", trigger.word()),
                what => writeln!(all, "- {what}"),
            }
            .expect("a text");
            writeln!(all, "  {parts}: {}", text.trim_end().replace('\n', "\n     ")).expect("a text");
        }
    }
    all
}

#[test]
fn persian_is_said_as_people_read_it() {
    insta::assert_snapshot!("persian", read_aloud(Language::Fa));
}

#[test]
fn arabic_is_said_as_people_read_it() {
    insta::assert_snapshot!("arabic", read_aloud(Language::Ar));
}

#[test]
fn english_is_said_as_people_read_it() {
    insta::assert_snapshot!("english", read_aloud(Language::En));
}
