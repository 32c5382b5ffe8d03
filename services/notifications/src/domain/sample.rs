//! Values as they may come, by which people see what a text will look like before anybody gets it.

use kernel::{Day, Timestamp};

use super::{
    trigger::{Sort, Trigger},
    value::{ThingKind, Value, Values},
};

/// Numbers at which languages change their words: Arabic has six kinds of them, and a text may have words of its own for none.
const TURNING: [i64; 7] = [0, 1, 2, 3, 11, 100, 1_250];
/// What a purchase of a sample costs, in minor units.
const AMOUNT: i64 = 245_000_000;

fn thing(name: &str) -> Value {
    let (kind, code) = match name {
        "event" => (ThingKind::Event, "tasting"),
        "draw" => (ThingKind::Draw, "nowruz-draw"),
        "challenge" => (ThingKind::Challenge, "five-visits"),
        "tier" => (ThingKind::Tier, "gold"),
        "plan" => (ThingKind::Plan, "plus"),
        _ => (ThingKind::Reward, "coffee"),
    };
    Value::Thing { kind, code: code.to_owned() }
}

fn usual_number(name: &str) -> i64 {
    match name {
        "days" => 7,
        "place" => 2,
        "fee" | "pending" | "debt" => 0,
        "balance" => 4_870,
        _ => 1_250,
    }
}

fn value(name: &str, sort: Sort, now: Timestamp, today: Day) -> Value {
    match sort {
        Sort::Number => Value::Number(usual_number(name)),
        Sort::Money => Value::Money(AMOUNT),
        Sort::Day => Value::Day(today),
        Sort::Moment => Value::Moment(now),
        Sort::Choice(words) => Value::Choice(words.first().copied().unwrap_or_default().to_owned()),
        Sort::Thing => thing(name),
    }
}

/// Values of a message of this kind as most have them.
#[must_use]
pub fn usual(trigger: Trigger, now: Timestamp, today: Day) -> Values {
    let names = trigger.terms().names.iter();
    names.fold(Values::none(), |values, (name, sort)| values.with(name, value(name, *sort, now, today)))
}

/// Values at which the words of this kind turn: every word of each choice, and for each number those at which languages change.
#[must_use]
pub fn turning(trigger: Trigger, now: Timestamp, today: Day) -> Vec<Values> {
    let usual = usual(trigger, now, today);
    let mut all = vec![usual.clone()];
    for (name, sort) in trigger.terms().names {
        match sort {
            Sort::Number => {
                all.extend(TURNING.map(|number| usual.clone().with(name, Value::Number(number))));
            }
            Sort::Choice(words) => {
                all.extend(words.iter().skip(1).map(|word| usual.clone().choice(name, *word)));
            }
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_what_the_words_name_and_every_choice_comes_up() {
        let today = Day::parse("2026-11-21").expect("a day");
        for trigger in Trigger::all() {
            let all = turning(trigger, Timestamp::from_micros(0), today);
            assert!(all.iter().all(|values| values.fit(trigger)), "{}", trigger.word());
            for (name, sort) in trigger.terms().names {
                for word in sort.choices() {
                    let value = Value::Choice((*word).to_owned());
                    assert!(
                        all.iter().any(|values| values.iter().any(|pair| pair == (name, &value))),
                        "{word}"
                    );
                }
            }
        }
    }
}
