//! The programmes that are measured.

use serde_json::{Value, json};

fn name(en: &str) -> Value {
    json!({"fa": en, "ar": en, "en": en})
}

/// What all of them have in common: members may pass points on and pay with them.
fn club(called: &str, rules: &Value) -> Value {
    json!({
        "name": name(called),
        "currency": "IRR",
        "expiry": {"months": 12},
        "transfers": {"to": "anyone"},
        "spending": {"point_value": 1_000},
        "rules": rules,
    })
}

/// Three rules, as a chain has: by amount, for large baskets in some branches, on some days.
#[must_use]
pub fn three_rules() -> Value {
    let large = json!({"minimum_basket": 5_000_000, "branches": some("branch")});
    let rules = json!([
        base(),
        rule("large-basket", &large, &fixed(50)),
        rule("weekend", &json!({"weekdays": ["thursday", "friday"], "regions": ["north"]}), &fixed(20)),
    ]);
    club("Bench", &rules)
}

/// Ten rules, each with something to judge: amounts, places, days, hours, dates, and a multiplier over all others.
#[must_use]
pub fn ten_rules() -> Value {
    ten_rules_of("branch", "north")
}

/// The same for a file of purchases, which has stores of its own, all of one region.
#[must_use]
pub fn ten_rules_of_stores() -> Value {
    ten_rules_of("store", "imported")
}

fn ten_rules_of(place: &str, region: &str) -> Value {
    let rules = json!([
        base(),
        rule("large-basket", &json!({"minimum_basket": 5_000_000}), &fixed(50)),
        rule("huge-basket", &json!({"minimum_basket": 8_000_000}), &fixed(90)),
        rule("some-branches", &json!({"branches": some(place)}), &fixed(5)),
        rule("north", &json!({"regions": [region]}), &per_amount(100_000)),
        rule("south", &json!({"regions": ["south"], "maximum_basket": 3_000_000}), &fixed(7)),
        rule("weekend", &json!({"weekdays": ["thursday", "friday"]}), &fixed(20)),
        rule("evening", &json!({"hours": {"from": "17:00", "to": "21:00"}}), &fixed(15)),
        rule("season", &json!({"dates": {"from": "2020-01-01"}}), &per_amount(200_000)),
        rule("double", &json!({"minimum_basket": 9_000_000}), &json!({"multiplier": {"percent": 200}})),
    ]);
    club("Bench of ten", &rules)
}

fn base() -> Value {
    rule("base", &json!({}), &per_amount(10_000))
}

fn rule(code: &str, when: &Value, give: &Value) -> Value {
    json!({"code": code, "name": name(code), "when": when, "give": give})
}

/// Three places, such as `branch-0`.
fn some(place: &str) -> Value {
    json!([format!("{place}-0"), format!("{place}-1"), format!("{place}-2")])
}

fn fixed(points: i64) -> Value {
    json!({"fixed": {"points": points}})
}

fn per_amount(amount: i64) -> Value {
    json!({"per_amount": {"amount": amount, "points": 1}})
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use points::domain::{Places, ProgrammeDocument};

    use super::*;

    fn mistakes(document: Value, branches: &[&str], regions: &[&str]) -> Vec<String> {
        let document: ProgrammeDocument = serde_json::from_value(document).unwrap();
        let branches: BTreeSet<_> = branches.iter().map(|code| code.parse().unwrap()).collect();
        let regions: BTreeSet<_> = regions.iter().map(|code| code.parse().unwrap()).collect();
        let places = Places { branches: &branches, regions: &regions, segments: &BTreeSet::new() };
        let found = document.mistakes(document.currency, &places);
        found.into_iter().map(|mistake| format!("{} {}", mistake.pointer, mistake.reason)).collect()
    }

    #[test]
    fn the_programmes_have_no_mistakes_and_as_many_rules_as_they_say() {
        let (branches, regions) = (["branch-0", "branch-1", "branch-2"], ["north", "south"]);
        assert_eq!(mistakes(three_rules(), &branches, &regions), Vec::<String>::new());
        assert_eq!(mistakes(ten_rules(), &branches, &regions), Vec::<String>::new());
        let stores = ["store-0", "store-1", "store-2"];
        assert_eq!(mistakes(ten_rules_of_stores(), &stores, &["imported", "south"]), Vec::<String>::new());
        let count = |document: &Value| document["rules"].as_array().map(Vec::len);
        assert_eq!((count(&three_rules()), count(&ten_rules())), (Some(3), Some(10)));
    }
}
