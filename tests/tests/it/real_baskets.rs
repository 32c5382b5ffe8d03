//! A year of real purchases of a real chain comes in and agrees with its reference, in both shapes (G2, G3).

use std::{
    collections::{BTreeSet, HashMap},
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

use flate2::read::GzDecoder;
use journeys::{Finished, Shape, Stage, play_alone, repository};
use locale::phone::test_number;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use vafa::client::{Call, Client};

const SETTINGS: &[(&str, &str)] = &[("chain.currency", "USD")];

#[test]
fn a_year_of_a_grocery_chain_agrees_with_its_reference_embedded() {
    play(Shape::Embedded);
}

#[test]
fn a_year_of_a_grocery_chain_agrees_with_its_reference_distributed() {
    play(Shape::Distributed);
}

fn play(shape: Shape) {
    let folder = repository().join("../shared/data/grocery-chain");
    if !folder.is_dir() {
        println!("SKIPPED: {} is not there, so no real purchases were imported", folder.display());
        return;
    }
    play_alone(shape, SETTINGS, async |stage| import_twice(stage, &folder).await);
}

async fn import_twice(stage: Stage, folder: &Path) {
    stage.publish(&[]).await;
    let baskets = folder.join("baskets.csv.gz");
    let text = std::fs::read_to_string(folder.join("metrics.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let count = |name: &str| expected[name].as_u64().unwrap();

    let first = import(&stage, &baskets).await;
    assert_eq!(figure(&first, "rows"), count("baskets"));
    // A till that got no answer in time sends again, and hears then that it was recorded before.
    assert_eq!(figure(&first, "recorded") + figure(&first, "recorded before"), count("baskets"));
    assert!(figure(&first, "recorded") * 100 >= count("baskets") * 99, "all but a few are new");
    assert_eq!((figure(&first, "refused"), figure(&first, "members")), (0, count("customers")));
    assert_eq!(figure(&first, "branches"), count("stores"));
    let second = import(&stage, &baskets).await;
    assert_eq!((figure(&second, "recorded"), figure(&second, "recorded before")), (0, count("baskets")));

    // What the platform has, as its API tells it, against the reference that others computed from the same file.
    let customers = customers(&baskets);
    let chain = read_back(&stage, &customers).await;
    assert_eq!(chain.members.len() as u64, count("customers"));
    assert_eq!(chain.sold.values().map(|sold| sold.baskets).sum::<u64>(), count("baskets"));
    assert_eq!(chain.sold.values().map(|sold| sold.cents).sum::<i64>(), cents(&expected["revenue"]));
    assert_eq!(chain.sold.len() as u64, count("stores"));
    let detail = &expected["stores_detail"];
    for list in ["top5_revenue", "bottom5_revenue", "top5_baskets", "bottom5_baskets"] {
        for store in detail[list].as_array().unwrap() {
            let branch = format!("store-{}", store["store_id"].as_str().unwrap());
            let sold = &chain.sold[&branch];
            assert_eq!(
                (sold.baskets, sold.cents, sold.customers.len() as u64),
                (
                    store["baskets"].as_u64().unwrap(),
                    cents(&store["revenue"]),
                    store["customers"].as_u64().unwrap()
                ),
                "{branch} of {list}"
            );
        }
    }
    let best = chain.sold.iter().max_by_key(|(_, sold)| sold.cents).map(|(branch, _)| branch.clone());
    assert_eq!(best, Some(format!("store-{}", detail["top5_revenue"][0]["store_id"].as_str().unwrap())));
    audit_is_clean(&stage).await;
    stage.stop().await;
}

async fn import(stage: &Stage, baskets: &Path) -> Finished {
    let file = baskets.to_str().unwrap();
    let begun = Instant::now();
    let done = stage.vafa(&["import", "purchases", file, "--report", "refused.csv"]).await.ended_with(0);
    println!("{:?}: imported in {:?}\n{}", stage.shape(), begun.elapsed(), done.out);
    assert!(!stage.folder().join("refused.state.json").exists(), "a complete import leaves no keys behind");
    done
}

/// The whole number behind a name in an import's summary.
fn figure(done: &Finished, name: &str) -> u64 {
    let rest = done.out.lines().find_map(|line| line.trim_start().strip_prefix(&format!("{name:<16} ")));
    let first =
        rest.and_then(|rest| rest.split(' ').next()).unwrap_or_else(|| panic!("{name}: {}", done.out));
    first.replace(',', "").parse().unwrap()
}

/// `148846.28` in cents, exactly.
fn cents(amount: &Value) -> i64 {
    let (whole, fraction) = amount.as_str().and_then(|text| text.split_once('.')).unwrap();
    assert_eq!(fraction.len(), 2);
    format!("{whole}{fraction}").parse().unwrap()
}

fn customers(baskets: &Path) -> BTreeSet<String> {
    let mut rows = csv::Reader::from_reader(GzDecoder::new(File::open(baskets).unwrap()));
    rows.records().map(|row| row.unwrap()[1].to_owned()).collect()
}

#[derive(Default)]
struct Sold {
    baskets: u64,
    cents: i64,
    customers: BTreeSet<String>,
}

#[derive(Default)]
struct Chain {
    members: BTreeSet<String>,
    sold: HashMap<String, Sold>,
}

/// Looks every customer up by their test phone and reads their whole history.
async fn read_back(stage: &Stage, customers: &BTreeSet<String>) -> Chain {
    let (mut reading, mut waiting) = (JoinSet::new(), customers.iter());
    let mut chain = Chain::default();
    loop {
        while reading.len() < 16 {
            let Some(customer) = waiting.next() else { break };
            let phone = test_number(customer.parse().unwrap());
            reading.spawn(history(stage.client().clone(), stage.operator_key().to_owned(), phone));
        }
        let Some(read) = reading.join_next().await else { return chain };
        let (member, items) = read.unwrap();
        let balance: i64 = items.iter().map(|item| item["points"].as_i64().unwrap()).sum();
        assert_eq!(items.first().map(|item| item["balance"].as_i64().unwrap()), Some(balance));
        for item in &items {
            let sold = chain.sold.entry(item["branch"].as_str().unwrap().to_owned()).or_default();
            sold.baskets += 1;
            sold.cents += item["amount"].as_i64().unwrap();
            sold.customers.insert(member.clone());
        }
        assert!(chain.members.insert(member), "two customers are one member");
    }
}

async fn history(client: Client, key: String, phone: String) -> (String, Vec<Value>) {
    let ask = async |call: Call| client.ask(&call.bearer(&key)).await.unwrap().json::<Value>().unwrap();
    let lookup = Call::post("/v1/members/lookup").json(&json!({"phone": phone})).repeatable();
    let member = ask(lookup).await["member_id"].as_str().unwrap().to_owned();
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ask(Call::get(format!("/v1/members/{member}/history?limit=200{cursor}"))).await;
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (member, items),
        }
    }
}

/// `vafa verify`, once the last facts have arrived.
async fn audit_is_clean(stage: &Stage) {
    let begun = Instant::now();
    loop {
        let audit = stage.vafa(&["verify"]).await;
        if audit.code == Some(0) {
            assert!(audit.out.contains("promises hold"), "{}", audit.out);
            return;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{}\n{}", audit.out, audit.errors);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
