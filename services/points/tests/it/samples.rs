//! The sample programmes and their tables: tests/fixtures/programmes.

use std::{collections::HashMap, fs, path::PathBuf};

use contracts::membership::PhoneConfirmed;
use kernel::{Clock as _, MemberId};
use serde_json::{Value, json};

use crate::{
    sender::Answer,
    shop::{ALI, Shop, ZAHRA, member, on_both},
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/programmes")
}

on_both! {
    async fn a_grocery_chain(shop: Shop) { play(&shop, "grocery").await }
    async fn a_salon(shop: Shop) { play(&shop, "salon").await }
    async fn an_airline_like_club(shop: Shop) { play(&shop, "airline").await }
    async fn a_bank_like_club(shop: Shop) { play(&shop, "bank").await }
}

#[test]
fn every_sample_is_played() {
    let files = fs::read_dir(folder()).expect("the folder is there").flatten();
    let mut names: Vec<_> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "README.md");
    names.sort();
    let played = ["airline", "bank", "grocery", "salon"];
    assert_eq!(names, played.map(|name| [format!("{name}.json"), format!("{name}.txt")]).concat());
}

async fn play(shop: &Shop, name: &str) {
    let read = |kind: &str| fs::read_to_string(folder().join(format!("{name}.{kind}"))).expect("a sample");
    let document: Value = serde_json::from_str(&read("json")).expect("a document");
    for segment in read("txt").lines().filter_map(|line| line.strip_prefix("segment ")) {
        shop.operator().send("PUT", &format!("/v1/segments/{}", segment.trim()), &[], None).await.expect(201);
    }
    shop.operator().put("/v1/programme", document).await.expect(201);
    let mut named = HashMap::new();
    let mut last = None;
    for (n, line) in read("txt").lines().enumerate().filter(|(_, line)| line.starts_with('+')) {
        let at = format!("{name}.txt:{}", n + 1);
        let (does, comes) = line.split_once('→').unwrap_or_else(|| panic!("{at}: no arrow"));
        let words: Vec<&str> = does.split_whitespace().collect();
        let times = words.iter().take_while(|word| is_time(word)).count();
        for time in &words[..times] {
            shop.clock.advance_millis(millis(time));
        }
        let (who, verb, rest) = match &words[times..] {
            ["spend", rest @ ..] => (last.expect("somebody did something before"), "spends", rest),
            [who, verb, rest @ ..] => (customer(who), *verb, rest),
            _ => panic!("{at}: nobody does anything"),
        };
        last = Some(who);
        let came = match verb {
            "buys" => bought(&buys(shop, who, rest, n, &mut named).await, comes),
            "returns" => returned(&returns(shop, rest, n, &named).await, comes),
            "does" => bought(&acts(shop, who, rest, n, &mut named).await, comes),
            "undoes" => undone(&undoes(shop, rest, n, &named).await),
            "spends" => spent(&spends(shop, who, rest, n).await),
            "joins" => joins(shop, who.1, rest).await,
            "celebrates" => celebrates(shop, who.1, rest).await,
            "confirms" => confirms(shop, who.1).await,
            "has" => has(shop, who.1).await,
            other => panic!("{at}: nobody {other}"),
        };
        assert_eq!(came, comes.replace('_', "").trim().replace("  ", " "), "{at}: {line}");
        shop.holds().await;
    }
}

fn is_time(word: &str) -> bool {
    word.starts_with('+') || word.strip_suffix('h').is_some_and(|n| n.parse::<i64>().is_ok())
}

fn millis(time: &str) -> i64 {
    let (number, unit) = time.trim_start_matches('+').split_at(time.trim_start_matches('+').len() - 1);
    let number: i64 = number.replace('_', "").parse().expect("a number");
    number * if unit == "d" { 86_400_000 } else { 3_600_000 }
}

fn customer(name: &str) -> (&'static str, MemberId) {
    match name {
        "zahra" => (ZAHRA, member(1)),
        "ali" => (ALI, member(2)),
        other => panic!("nobody knows {other}"),
    }
}

fn number(text: &str) -> i64 {
    text.replace('_', "").parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

/// A purchase by its name: branch and receipt.
type Named = HashMap<String, (String, String)>;

async fn buys(shop: &Shop, who: (&str, MemberId), words: &[&str], n: usize, named: &mut Named) -> Answer {
    let receipt = format!("R{n}");
    let mut body = json!({
        "member": {"phone": who.0}, "receipt": receipt, "currency": "IRR", "amount": number(words[0]),
        "occurred_at": shop.clock.now().to_string(),
    });
    let mut branch = "";
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        let mut next = || rest.next().copied().expect("a word");
        match *word {
            "at" => branch = next(),
            "by" => body["payment"] = next().into(),
            "online" | "app" => body["channel"] = (*word).into(),
            "as" => drop(named.insert(next().to_owned(), (branch.to_owned(), receipt.clone()))),
            "of" => body["lines"] = json!([line(next(), next())]),
            article => body["lines"].as_array_mut().expect("lines").push(line(article, next())),
        }
    }
    shop.till_of(branch, "till-1").buy(&format!("k{n}"), &body).await
}

/// An action, perhaps a payment; what is named later is its id.
async fn acts(shop: &Shop, who: (&str, MemberId), words: &[&str], n: usize, named: &mut Named) -> Answer {
    let mut body = json!({
        "member": {"phone": who.0}, "action": words[0], "reference": format!("A{n}"),
        "occurred_at": shop.clock.now().to_string(),
    });
    let mut name = None;
    for pair in words[1..].chunks(2) {
        match *pair {
            ["paying", amount] => {
                body["value"] = json!({"payment": {"amount": number(amount), "currency": "IRR"}});
            }
            ["as", called] => name = Some(called.to_owned()),
            ref other => panic!("nobody does {other:?}"),
        }
    }
    let answer = shop.operator().keyed(&format!("a{n}"), "/v1/actions", &body).await;
    let id = answer.body["action_id"].as_str().unwrap_or_default().to_owned();
    named.extend(name.map(|name| (name, (String::new(), id))));
    answer
}

async fn undoes(shop: &Shop, words: &[&str], n: usize, named: &Named) -> Answer {
    let (_, id) = &named[words[0]];
    let amount = (words[1] != "all").then(|| number(words[1]));
    let body = json!({"amount": amount, "actor": "bank-feed", "reason": "the payment was reversed"});
    shop.operator().keyed(&format!("u{n}"), &format!("/v1/actions/{id}/reversal"), &body).await
}

fn undone(answer: &Answer) -> String {
    refused(answer).unwrap_or_else(|| {
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body["points_taken"].to_string()
    })
}

fn line(article: &str, amount: &str) -> Value {
    let (category, sku) = article.split_once('/').expect("category/sku");
    json!({"category": category, "sku": sku, "quantity_milli": 1_000, "amount": number(amount.trim_end_matches(','))})
}

async fn returns(shop: &Shop, words: &[&str], n: usize, named: &Named) -> Answer {
    let (branch, receipt) = &named[words[0]];
    let amount = (words[1] != "all").then(|| number(words[1]));
    let body = json!({
        "purchase": {"till": "till-1", "receipt": receipt}, "receipt": format!("B{n}"), "currency": "IRR",
        "amount": amount, "occurred_at": shop.clock.now().to_string(),
    });
    shop.till_of(branch, "till-1").give_back(&format!("b{n}"), &body).await
}

/// The refusal's code with its data; `None` for what was done.
fn refused(answer: &Answer) -> Option<String> {
    let code = answer.code().strip_prefix("points.")?.replace('_', "");
    let data = ["left", "missing"].iter().filter_map(|field| Some((field, answer.body.get(field)?)));
    Some(data.fold(code, |text, (field, value)| format!("{text} {field}={value}")))
}

/// The points, and what those rules made of it that the table names.
fn bought(answer: &Answer, comes: &str) -> String {
    if let Some(refused) = refused(answer) {
        return refused;
    }
    assert_eq!(answer.status, 201, "{}", answer.text);
    let Some((_, rules)) = comes.split_once(':') else { return answer.body["points"].to_string() };
    let made = |rule: &str| {
        let code = rule.split_whitespace().next().unwrap_or_default();
        let all = answer.body["rules"].as_array().expect("rules");
        let found = all.iter().find(|made| made["rule"] == code).unwrap_or_else(|| panic!("no rule {code}"));
        let outcome = match found["skipped"].as_str() {
            Some(reason) => reason.replace('_', ""),
            None => granted(&answer.body["rewards"], code).unwrap_or_else(|| found["points"].to_string()),
        };
        format!("{code} {outcome}")
    };
    let rules: Vec<String> = rules.split(',').map(made).collect();
    format!("{}: {}", answer.body["points"], rules.join(", "))
}

/// What a rule granted: `2×coffee`.
fn granted(rewards: &Value, rule: &str) -> Option<String> {
    let grant = rewards.as_array()?.iter().find(|grant| grant["rule"] == rule)?;
    Some(format!("{}×{}", grant["quantity"], grant["code"].as_str()?))
}

/// The points, and what is taken back of those rules' rewards that the table names.
fn returned(answer: &Answer, comes: &str) -> String {
    if let Some(refused) = refused(answer) {
        return refused;
    }
    assert_eq!(answer.status, 201, "{}", answer.text);
    let points = answer.body["points_taken"].to_string();
    let Some((_, rules)) = comes.split_once(':') else { return points };
    let made = |rule: &str| {
        let code = rule.split_whitespace().next().unwrap_or_default();
        let back = granted(&answer.body["rewards_revoked"], code);
        format!("{code} {}", back.unwrap_or_else(|| "0".to_owned()))
    };
    format!("{points}: {}", rules.split(',').map(made).collect::<Vec<_>>().join(", "))
}

async fn spends(shop: &Shop, who: (&str, MemberId), words: &[&str], n: usize) -> Answer {
    let body = json!({"member": {"phone": who.0}, "points": number(words[0])});
    shop.till().keyed(&format!("s{n}"), "/v1/redemptions", &body).await
}

/// What is left.
fn spent(answer: &Answer) -> String {
    refused(answer).unwrap_or_else(|| {
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body["balance"].to_string()
    })
}

/// How many members the segment has then.
async fn joins(shop: &Shop, who: MemberId, words: &[&str]) -> String {
    let path = format!("/v1/segments/{}/members", words[0]);
    let answer = shop.operator().post(&path, json!({"add": [who.to_string()]})).await.expect(200);
    answer["members"].to_string()
}

async fn celebrates(shop: &Shop, who: MemberId, words: &[&str]) -> String {
    let occasion = serde_json::from_value(json!(words[0])).expect("an occasion");
    shop.occasion(who, occasion).await;
    "told".to_owned()
}

async fn confirms(shop: &Shop, member_id: MemberId) -> String {
    shop.tells(&PhoneConfirmed { member_id }).await;
    "told".to_owned()
}

async fn has(shop: &Shop, who: MemberId) -> String {
    let balance = shop.operator().balance(who).await;
    match balance["expiring"].get(0) {
        Some(next) => {
            format!("{} until {} {}", balance["points"], next["on"].as_str().unwrap_or("?"), next["points"])
        }
        None => balance["points"].to_string(),
    }
}
