//! Reads a rule as the tables of the ledger write it: an effect, then conditions, with semicolons between them.

use serde_json::{Value, json};

use crate::shop::rule;

/// `base: 1 point per 10000 rounded up; from 500000; at vanak; lasts 3 months`; see the README of the tables.
pub fn read_rule(text: &str) -> Option<Value> {
    let (code, said) = text.split_once(':')?;
    let mut clauses = said.split(';').map(str::trim);
    let mut read = rule(code.trim(), effect(clauses.next()?)?);
    for clause in clauses {
        let words: Vec<&str> = clause.split_whitespace().collect();
        match words[..] {
            ["lasts", months, "month" | "months"] => {
                read["expiry"] = json!({ "months": months.parse::<u32>().ok()? });
            }
            ["priority", number] => read["priority"] = number.parse::<i32>().ok()?.into(),
            [keep @ ("best" | "first"), "of", group] => read["group"] = json!({"code": group, "keep": keep}),
            ["most", units, ref whose @ ..] => at_most(&mut read["give"], units, whose)?,
            _ => condition(&mut read["when"], &words)?,
        }
    }
    Some(read)
}

/// `50 points`, `1 point per 10000`, `3 points per item`, `bands 100000=5 500000=40`, `times 200 of base`; the last word but
/// roundings may be `matching`: only the rule's articles count.
fn effect(text: &str) -> Option<Value> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let rounding = match words[..] {
        [.., "rounded", how @ ("down" | "up" | "nearest")] => {
            words.truncate(words.len() - 2);
            how
        }
        _ => "down",
    };
    let over = match words[..] {
        [.., "matching"] => {
            words.pop();
            "items"
        }
        _ => "basket",
    };
    let number = |text: &str| text.parse::<i64>().ok();
    Some(match words[..] {
        [points, "point" | "points"] => json!({"fixed": {"points": number(points)?}}),
        [points, "point" | "points", "per", "item"] => {
            json!({"per_item": {"points": number(points)?, "rounding": rounding, "over": over}})
        }
        [points, "point" | "points", "per", amount] => {
            let (amount, points) = (number(amount)?, number(points)?);
            json!({"per_amount": {"amount": amount, "points": points, "rounding": rounding, "over": over}})
        }
        ["reward", reward] => json!({"instant_reward": {"reward": reward}}),
        ["reward", reward, quantity] => {
            json!({"instant_reward": {"reward": reward, "quantity": number(quantity)?}})
        }
        [tickets, "ticket" | "tickets", "of", draw] => {
            json!({"draw_tickets": {"draw": draw, "tickets": number(tickets)?}})
        }
        [tickets, "ticket" | "tickets", "of", draw, "per", amount] => {
            json!({"draw_tickets": {"draw": draw, "tickets": number(tickets)?, "amount": number(amount)?}})
        }
        ["bands", ref bands @ ..] => {
            let band = |text: &&str| {
                let (from, points) = text.split_once('=')?;
                Some(json!({"from": number(from)?, "points": number(points)?}))
            };
            json!({"steps": {"bands": bands.iter().map(band).collect::<Option<Vec<_>>>()?, "over": over}})
        }
        ["times", percent] => json!({"multiplier": {"percent": number(percent)?, "rounding": rounding}}),
        ["times", percent, "of", ref of @ ..] => {
            json!({"multiplier": {"percent": number(percent)?, "of": of, "rounding": rounding}})
        }
        _ => return None,
    })
}

/// `most 100`, `most 5 per member every day`: of a reward or tickets.
fn at_most(give: &mut Value, units: &str, whose: &[&str]) -> Option<()> {
    let mut quota = json!({"units": units.parse::<i64>().ok()?, "every": "ever"});
    for pair in whose.chunks(2) {
        let [field @ ("per" | "every"), word] = *pair else { return None };
        quota[field] = word.into();
    }
    let granted = give.as_object_mut()?.values_mut().next()?;
    match granted.get_mut("at_most").and_then(Value::as_array_mut) {
        Some(quotas) => quotas.push(quota),
        None => granted["at_most"] = json!([quota]),
    }
    Some(())
}

fn condition(when: &mut Value, words: &[&str]) -> Option<()> {
    match *words {
        ["from", amount] => when["minimum_basket"] = amount.parse::<i64>().ok()?.into(),
        ["to", amount] => when["maximum_basket"] = amount.parse::<i64>().ok()?.into(),
        ["at", ref branches @ ..] => when["branches"] = json!(branches),
        ["in", ref regions @ ..] => when["regions"] = json!(regions),
        ["on", ref weekdays @ ..] => when["weekdays"] = json!(weekdays),
        ["via", ref channels @ ..] => when["channels"] = json!(channels),
        ["paid", ref payments @ ..] => when["payments"] = json!(payments),
        ["hours", from, to] => when["hours"] = json!({"from": from, "to": to}),
        ["since", day] => when["dates"]["from"] = day.into(),
        ["until", day] => when["dates"]["until"] = day.into(),
        ["skus", ref skus @ ..] => when["items"]["skus"] = json!(skus),
        ["categories", ref categories @ ..] => when["items"]["categories"] = json!(categories),
        ["share", percent] => when["items"]["least_percent"] = percent.parse::<u8>().ok()?.into(),
        ["purchase", "number", nth] => {
            when["member"]["purchase"]["exactly"] = nth.parse::<u32>().ok()?.into();
        }
        ["purchase", "every", nth] => when["member"]["purchase"]["every"] = nth.parse::<u32>().ok()?.into(),
        ["visit", nth, ref days @ ..] => {
            when["member"]["visit"]["nth"] = nth.parse::<u32>().ok()?.into();
            if let ["of", days, "days"] = days {
                when["member"]["visit"]["days"] = days.parse::<u16>().ok()?.into();
            }
        }
        ["joined", from, until] => {
            when["member"]["joined"] =
                json!({"from_days": from.parse::<u16>().ok()?, "until_days": until.parse::<u16>().ok()?});
        }
        ["tiers", ref tiers @ ..] => when["member"]["tiers"] = json!(tiers),
        ["segments", ref segments @ ..] => when["member"]["segments"] = json!(segments),
        ["household", least] => when["member"]["household"]["at_least"] = least.parse::<u32>().ok()?.into(),
        ["occasion", kind, after] => {
            when["member"]["occasion"] = json!({"kind": kind, "after_days": after.parse::<u8>().ok()?});
        }
        ["anniversary", before, after] => {
            when["member"]["anniversary"] =
                json!({"before_days": before.parse::<u8>().ok()?, "after_days": after.parse::<u8>().ok()?});
        }
        _ => return None,
    }
    Some(())
}
