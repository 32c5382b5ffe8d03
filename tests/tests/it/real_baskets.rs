//! A year of real purchases of a real chain comes in and agrees with its reference, in both shapes (G2, G3).
//!
//! With every change each chain's year comes into one shape, the grocer's into the embedded one, the wholesaler's into the distributed one;
//! `tests/run --long` brings both into both. What importing does is shown in both shapes by `import_rows`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use flate2::read::GzDecoder;
use journeys::{Finished, Shape, Stage, play_alone, repository};
use locale::phone::test_number;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use vafa::client::{Call, Client};

const DOLLARS: &[(&str, &str)] = &[("chain.currency", "USD")];
const POUNDS: &[(&str, &str)] = &[("chain.currency", "GBP")];

#[test]
fn a_year_of_a_grocery_chain_agrees_with_its_reference_embedded() {
    play_groceries(Shape::Embedded);
}

#[test]
fn a_year_of_a_grocery_chain_agrees_with_its_reference_distributed() {
    play_groceries(Shape::Distributed);
}

#[test]
fn a_year_of_a_wholesaler_with_its_returns_agrees_with_its_reference_embedded() {
    play_returns(Shape::Embedded);
}

#[test]
fn a_year_of_a_wholesaler_with_its_returns_agrees_with_its_reference_distributed() {
    play_returns(Shape::Distributed);
}

fn play_groceries(shape: Shape) {
    if !comes_in(shape, Shape::Embedded) {
        return;
    }
    if let Some(folder) = data("grocery-chain") {
        play_alone(shape, DOLLARS, async |stage| import_twice(stage, &folder).await);
    }
}

fn play_returns(shape: Shape) {
    if !comes_in(shape, Shape::Distributed) {
        return;
    }
    if let Some(folder) = data("online-retail") {
        play_alone(shape, POUNDS, async |stage| import_with_returns(stage, &folder).await);
    }
}

/// Whether a year comes into this shape, of which with every change it does into one; says so where it does not.
fn comes_in(shape: Shape, always: Shape) -> bool {
    let comes = shape == always || std::env::var_os("VAFA_LONG").is_some();
    if !comes {
        println!("SKIPPED: a year comes into {shape:?} with tests/run --long");
    }
    comes
}

/// Where the data of a chain are; says so where they are not.
fn data(chain: &str) -> Option<PathBuf> {
    let folder = repository().join("../shared/data").join(chain);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: {} is not there, so no real purchases were imported", folder.display());
    None
}

fn metrics(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("metrics.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

async fn import_twice(stage: Stage, folder: &Path) {
    stage.publish(&[]).await;
    let baskets = folder.join("baskets.csv.gz");
    let expected = metrics(folder);
    let count = |name: &str| expected[name].as_u64().unwrap();

    let first = import(&stage, "purchases", &baskets, 0).await;
    assert_eq!(figure(&first, "rows"), count("baskets"));
    // A till that got no answer in time sends again, and hears then that it was recorded before.
    assert_eq!(figure(&first, "recorded") + figure(&first, "recorded before"), count("baskets"));
    assert!(figure(&first, "recorded") * 100 >= count("baskets") * 99, "all but a few are new");
    assert_eq!((figure(&first, "refused"), figure(&first, "members")), (0, count("customers")));
    assert_eq!(figure(&first, "branches"), count("stores"));
    let second = import(&stage, "purchases", &baskets, 0).await;
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

/// Purchases and returns, points that they earned and took, and debts where points had been spent: all add up.
async fn import_with_returns(stage: Stage, folder: &Path) {
    stage.publish(&[]).await;
    let (baskets, returns) = (folder.join("baskets.csv.gz"), folder.join("returns.csv.gz"));
    let expected = metrics(folder);
    let count = |name: &str| expected[name].as_u64().unwrap();
    let bought = import(&stage, "purchases", &baskets, 0).await;
    assert_eq!((figure(&bought, "rows"), figure(&bought, "members")), (count("baskets"), count("customers")));
    assert_eq!(money(&bought, "revenue"), cents(&expected["revenue"]));
    let customers = customers(&baskets);
    let spent = spend(&stage, &customers).await;

    let all = &expected["returns"];
    let first = import(&stage, "returns", &returns, 1).await;
    let report = std::fs::read_to_string(stage.folder().join("refused.csv")).unwrap();
    assert_eq!((figure(&first, "rows"), figure(&first, "refused")), (all["count"].as_u64().unwrap(), 0));
    let whole = figure(&first, "recorded") + figure(&first, "recorded before");
    let others = figure(&first, "in part") + figure(&first, "of no purchase");
    assert_eq!((whole + others, others), (figure(&first, "rows"), report.lines().count() as u64 - 1));
    let (returned, over) = (money(&first, "returned"), money(&first, "of no purchase"));
    assert_eq!(
        -(returned + over),
        cents(&all["amount"]),
        "what is recorded and what is of no purchase are all"
    );
    assert_eq!(money(&bought, "revenue") - returned - over, cents(&all["net_revenue"]));
    assert_eq!(told_over(&report), over);

    let chain = read_back(&stage, &customers).await;
    assert_eq!(chain.members.len() as u64, count("customers"));
    assert_eq!(chain.sold.values().map(|sold| sold.baskets).sum::<u64>(), count("baskets"));
    assert_eq!(chain.sold.values().map(|sold| sold.cents).sum::<i64>(), cents(&expected["revenue"]));
    assert_eq!(chain.returned, returned);
    let debts: i64 = chain.debts.values().sum();
    println!("{} points were due, {debts} of them are owed, {spent} were spent", chain.due);
    assert!(debts > 0, "somebody who had spent everything brought something back");
    assert_eq!(chain.balance - debts, chain.earned - chain.due - spent);
    simulated(&stage, [&baskets, &returns], &chain).await;

    let second = import(&stage, "returns", &returns, 1).await;
    assert_eq!((money(&second, "recorded"), money(&second, "recorded before")), (0, returned));
    assert_eq!(std::fs::read_to_string(stage.folder().join("refused.csv")).unwrap(), report);
    audit_is_clean(&stage).await;
    stage.stop().await;
}

/// What the live programme gives for the same files, with nothing imported, is what the ledger has, to the point.
///
/// Whatever came back, however late, and without expiry: a simulation goes by the days of the files, on which some points had lapsed before their purchase came
/// back; imported points run from the day of the import.
async fn simulated(stage: &Stage, [baskets, returns]: [&Path; 2], chain: &Chain) {
    let live: Value = stage.client().ask(&Call::get("/v1/programme")).await.unwrap().json().unwrap();
    let mut programme = live["programme"].clone();
    programme.as_object_mut().unwrap().remove("expiry");
    for rule in programme["rules"].as_array_mut().unwrap() {
        rule.as_object_mut().unwrap().remove("expiry");
    }
    std::fs::write(stage.folder().join("live.json"), programme.to_string()).unwrap();
    let [baskets, returns] = [baskets, returns].map(|path| path.to_str().unwrap());
    let within = ["--returned-within", "500"];
    let files = ["--purchases", baskets, "--returns", returns, "--json", "figures.json"];
    let args: Vec<&str> =
        ["simulate", "--programme", "live.json"].into_iter().chain(files).chain(within).collect();
    let done = stage.vafa(&args).await.ended_with(0);
    println!("{}", done.out);
    let figures = std::fs::read_to_string(stage.folder().join("figures.json")).unwrap();
    let figures: Value = serde_json::from_str(&figures).unwrap();
    let side = &figures["programmes"][0];
    assert_eq!((&side["issued"], &side["taken_back"]), (&json!(chain.earned), &json!(chain.due)));
    assert_eq!(figures["members"], chain.members.len());
}

/// Every seventh customer spends all points; answers how many that were.
async fn spend(stage: &Stage, customers: &BTreeSet<String>) -> i64 {
    let mut spent = 0;
    for customer in customers.iter().step_by(7) {
        let key = format!("spend-{customer}");
        let phone = json!({"phone": test_number(customer.parse().unwrap())});
        let ask = async |call: Call| stage.client().ask(&call.bearer(stage.operator_key())).await.unwrap();
        let member: Value =
            ask(Call::post("/v1/members/lookup").json(&phone).repeatable()).await.json().unwrap();
        let id = member["member_id"].as_str().unwrap();
        let balance: Value = ask(Call::get(format!("/v1/members/{id}/balance"))).await.json().unwrap();
        let points = balance["points"].as_i64().unwrap();
        if points > 0 {
            let body = json!({"member": {"id": id}, "points": points});
            let _ = ask(Call::post("/v1/redemptions").idempotency_key(&key).json(&body)).await;
            spent += points;
        }
    }
    spent
}

/// The sum of what a report says is of no purchase, in cents.
fn told_over(report: &str) -> i64 {
    let mut rows = csv::Reader::from_reader(report.as_bytes());
    let over = |row: Result<csv::StringRecord, csv::Error>| {
        let amount = row.unwrap()[3].split_once(" of it: ").unwrap().0.replace(',', "");
        cents(&json!(amount))
    };
    rows.records().map(over).sum()
}

async fn import(stage: &Stage, what: &str, rows: &Path, code: i32) -> Finished {
    let file = rows.to_str().unwrap();
    let begun = Instant::now();
    let done = stage.vafa(&["import", what, file, "--report", "refused.csv"]).await.ended_with(code);
    println!("{:?}: imported in {:?}\n{}", stage.shape(), begun.elapsed(), done.out);
    assert!(!stage.folder().join("refused.state.json").exists(), "a complete import leaves no keys behind");
    done
}

/// What stands behind a name in an import's summary.
fn told<'a>(done: &'a Finished, name: &str) -> &'a str {
    let rest = done.out.lines().find_map(|line| line.trim_start().strip_prefix(&format!("{name:<16} ")));
    rest.unwrap_or_else(|| panic!("{name}: {}", done.out))
}

/// The whole number behind a name.
fn figure(done: &Finished, name: &str) -> u64 {
    told(done, name).split(' ').next().unwrap().replace(',', "").parse().unwrap()
}

/// The amount behind a name, alone or in brackets, in cents.
fn money(done: &Finished, name: &str) -> i64 {
    let told = told(done, name);
    let amount = told.split_once('(').map_or(told, |(_, amount)| amount).split(' ').next().unwrap();
    cents(&json!(amount.replace(',', "")))
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
    /// Cents that came back.
    returned: i64,
    /// Points that purchases should have earned, and that their returns should have taken back.
    earned: i64,
    due: i64,
    balance: i64,
    /// What members owe.
    debts: BTreeMap<String, i64>,
}

impl Chain {
    fn count(&mut self, member: String, items: &[Value], debt: i64) {
        let balance: i64 = items.iter().map(|item| item["points"].as_i64().unwrap()).sum();
        assert_eq!(items.first().map(|item| item["balance"].as_i64().unwrap()), Some(balance));
        self.balance += balance;
        self.debts.insert(member.clone(), debt);
        let of_kind = |kind: &'static str| items.iter().filter(move |item| item["kind"] == kind);
        let amount = |item: &Value| item["amount"].as_i64().unwrap();
        for item in of_kind("purchase") {
            let sold = self.sold.entry(item["branch"].as_str().unwrap().to_owned()).or_default();
            sold.baskets += 1;
            sold.cents += amount(item);
            sold.customers.insert(member.clone());
            let back: i64 = of_kind("return").filter(|back| back["about"] == item["id"]).map(amount).sum();
            assert!(back <= amount(item), "more came back than was bought: {item}");
            // A point for each ten, and of these the share that came back.
            let points = amount(item) / 1_000;
            self.earned += points;
            self.due += points * back / amount(item).max(1);
        }
        self.returned += of_kind("return").map(amount).sum::<i64>();
        assert!(self.members.insert(member), "two customers are one member");
    }
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
        let (member, items, debt) = read.unwrap();
        chain.count(member, &items, debt);
    }
}

/// A member's id, whole history and debt.
async fn history(client: Client, key: String, phone: String) -> (String, Vec<Value>, i64) {
    let ask = async |call: Call| client.ask(&call.bearer(&key)).await.unwrap().json::<Value>().unwrap();
    let lookup = Call::post("/v1/members/lookup").json(&json!({"phone": phone})).repeatable();
    let member = ask(lookup).await["member_id"].as_str().unwrap().to_owned();
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ask(Call::get(format!("/v1/members/{member}/history?limit=200{cursor}"))).await;
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let balance = ask(Call::get(format!("/v1/members/{member}/balance"))).await;
    (member, items, balance["debt"].as_i64().unwrap_or_default())
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
