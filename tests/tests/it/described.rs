//! Thousands of requests made from the API's own description (promise 20): nothing breaks, and every answer is one that
//! the description names, in the form that it gives. Ids and codes in them are of things that exist, as often as not.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use journeys::{Goods, Operator, Person, Shape, SignedIn, Stage, Till, alone_in_both_shapes, fresh, phone};
use serde_json::{Value, json};
use testkit::servers::provisioned;
use vafa::client::Call;

alone_in_both_shapes!(
    &[
        ("gateway.anonymous_rate_per_s", "1000000"),
        ("gateway.door_rate_per_s", "1000000"),
        ("gateway.door_burst", "1000000"),
        ("gateway.anonymous_burst", "1000000"),
        ("gateway.heavy_rate_per_s", "1000000"),
        ("gateway.heavy_burst", "1000000"),
        ("gateway.stranger_rate_per_s", "1000000"),
        ("gateway.stranger_burst", "1000000"),
        ("gateway.member_rate_per_s", "1000000"),
        ("gateway.member_burst", "1000000"),
        ("gateway.staff_rate_per_s", "1000000"),
        ("gateway.staff_burst", "1000000"),
        ("gateway.till_rate_per_s", "1000000"),
        ("gateway.till_burst", "1000000"),
        ("gateway.operator_rate_per_s", "1000000"),
        ("gateway.operator_burst", "1000000"),
        ("membership.password_memory_kib", "1024"),
        ("webhooks.plain_http", "true"),
        ("webhooks.private_networks", "127.0.0.0/8"),
        ("webhooks.per_owner", "1000"),
    ];
    thousands_of_described_requests_are_answered_as_described,
);

/// Calls that would end what the others call with.
const LAST_CALLS: [&str; 3] = ["end_session", "end_all_sessions", "leave_club"];

/// What is looked at in every answer. Bodies that the description allows and the rules do not are refused with good reason,
/// and the description of one caller's routes does not name all methods of a path.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      response_headers_conformance,negative_data_rejection,missing_required_header";

/// What counts as a refusal of what the description does not allow: any answer that says whose fault it is.
const REFUSALS: &str = "[checks.negative_data_rejection]\nexpected-statuses = [\"4xx\"]\n";

/// Those who call, by what they show and what the description calls it.
struct Callers {
    member: SignedIn,
    till: Till,
    operator: String,
    administrator: Person,
}

impl Callers {
    fn all(&self) -> [(&'static str, &str); 4] {
        [
            ("till_key", &self.till.key),
            ("member_token", self.member.text("access_token")),
            ("staff_token", self.administrator.text("access_token")),
            ("operator_key", &self.operator),
        ]
    }
}

/// What exists, by the names under which requests have it.
type Known = BTreeMap<&'static str, Value>;

async fn thousands_of_described_requests_are_answered_as_described(stage: Stage) {
    let (callers, known) = furnish(&stage).await;
    let document = stage.call(Call::get("/openapi.json")).await.ok();
    let long = std::env::var_os("VAFA_LONG").is_some();
    // What the edges of a description find, reading the request finds, and that is the same code in both shapes: with every change
    // they are looked for in one. Chance goes further, to the database, and so goes to both.
    let embedded = stage.shape() == Shape::Embedded;
    let edges = |scheme: &str| long || (embedded && matches!(scheme, "operator_key" | "member_token"));
    let (each, least) = if long { (24, 10_000) } else { (4, 1_000) };
    for service in vafa::services() {
        let operations: Vec<&str> = service.routes().iter().map(|spec| spec.operation).collect();
        // Of few routes there is less to ask.
        let least = least.min(50 * u64::try_from(operations.len()).unwrap());
        let (mut cases, mut reached) = (0, BTreeMap::new());
        // A service of few routes is asked more of each, round by round.
        for round in 0..12 {
            for (scheme, key) in callers.all() {
                let Some(part) = part_of(&document, &operations, scheme, &known) else { continue };
                let file = stage.folder().join(format!("{}-{scheme}.json", service.name()));
                fs::write(&file, part.to_string()).unwrap();
                let sent = Sent::of_round(round, each, edges(scheme));
                let report = send_cases(&file, &stage.base_url(), key, &sent).await;
                cases += report["test_cases"]["generated"].as_u64().unwrap();
                for (operation, phases) in report["valid_rates"].as_object().unwrap() {
                    let accepted =
                        phases.as_object().unwrap().values().filter_map(|p| p["accepted"].as_u64());
                    *reached.entry(operation.clone()).or_insert(0) += accepted.sum::<u64>();
                }
            }
            if cases >= least {
                break;
            }
        }
        println!("{}: {cases} requests, accepted: {reached:?}", service.name());
        assert!(cases >= least, "{}: {cases} requests", service.name());
        let done = reached.values().filter(|accepted| **accepted > 0).count();
        assert!(done * 3 > reached.len(), "requests are refused nearly everywhere: {reached:?}");
    }
}

/// Things of each kind, made by those who call later.
async fn furnish(stage: &Stage) -> (Callers, Known) {
    stage.publish(&[]).await;
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let administrator = operator.hire(&[json!({"role": "administrator"})]).await;
    let (phones, mut members) = ([phone(), phone()], Vec::new());
    for phone in &phones {
        members.push(till.join(phone, "Sara").await.created()["member_id"].clone());
    }
    let member = stage.sign_in(&phones[0], 1).await;
    let goods = Goods::by_phone(&phones[0], 900_000_000);
    let bought = till.sell(&goods).await.created();
    let keyed = |path: &str, body: Value| Call::post(path).idempotency_key(&fresh("key")).json(&body);
    let of = |points: i64| json!({"member": {"phone": phones[0]}, "points": points});
    let hold = till.send(keyed("/v1/holds", of(10))).await.created();
    let spent = till.send(keyed("/v1/redemptions", of(10))).await.created();
    let card = till.post(&member.own("/cards"), &json!({})).await.created();
    let listed = member.get(member.own("/cards")).await.ok();
    let invite = Call::post(member.own("/household/invitations")).json(&json!({"phone": phones[1]}));
    let invited = member.send(invite).await.created();
    let receiver = "http://127.0.0.1:1024/vafa";
    let kind = "vafa.points.points_earned.v1";
    let body = json!({"url": receiver, "kinds": [kind]});
    let webhook =
        operator.send(Call::post("/v1/webhooks").json(&body)).await.created()["webhook"]["webhook_id"]
            .clone();
    let ping = Call::post(format!("/v1/webhooks/{}/ping", webhook.as_str().unwrap()));
    let message = operator.send(ping).await.with(202);
    let (redeemed, voucher, used) = redeemed(&operator, &member, &till).await;
    let mut known = BTreeMap::from([
        ("member_id", json!(members)),
        ("fellow_id", json!(members)),
        ("phone", json!(phones)),
        ("number", json!([card["number"]])),
        ("card_id", json!([listed["cards"][0]["card_id"]])),
        ("branch", json!([till.branch.code])),
        ("region", json!([till.branch.region])),
        ("till", json!([till.code])),
        ("receipt", json!([goods.0["receipt"], "R-new"])),
        ("currency", json!(["IRR"])),
        ("purchase_id", json!([bought["purchase_id"]])),
        ("hold_id", json!([hold["id"]])),
        ("redemption_id", json!([spent["id"], redeemed])),
        ("reward", json!(["mug"])),
        ("voucher_id", json!([voucher])),
        ("use_id", json!([used])),
        ("invitation_id", json!([invited["invitation_id"]])),
        ("month", json!(["2026-01"])),
        ("staff_id", json!([administrator.id])),
        ("webhook_id", json!([webhook])),
        ("delivery_id", json!([message["delivery_id"]])),
        ("url", json!([receiver])),
    ]);
    known.extend(given(&operator, &member, &till).await);
    known.extend(said(&operator, &members[0]).await);
    for (name, values) in &known {
        assert!(values.as_array().unwrap().iter().all(Value::is_string), "{name}: {values}");
    }
    (Callers { member, till, operator: stage.operator_key().to_owned(), administrator }, known)
}

/// A reward that was redeemed and used in part: the redemption, the voucher and the use, by their ids.
async fn redeemed(operator: &Operator, member: &SignedIn, till: &Till) -> (Value, Value, Value) {
    let keyed = |path: &str, body: Value| Call::post(path).idempotency_key(&fresh("key")).json(&body);
    let reward = json!({
        "name": {"en": "A mug"}, "kind": {"type": "credit", "amount": 1_000_000}, "points": 1, "voucher_days": 30,
    });
    let _ = operator.put("/v1/rewards/mug", &reward).await.ok();
    let schedule = json!({"live_from": "2020-01-01T00:00:00Z"});
    let _ = operator.put("/v1/rewards/mug/schedule", &schedule).await.ok();
    let redeemed = member.send(keyed("/v1/reward-redemptions", json!({"reward": "mug"}))).await.value();
    let begun = std::time::Instant::now();
    let voucher = loop {
        let voucher = member.get(member.own("/vouchers")).await.ok()["vouchers"][0].clone();
        if voucher.is_object() {
            break voucher;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "{redeemed}");
    };
    let body = json!({"voucher": {"code": voucher["code"]}, "amount": 1});
    let used = till.send(keyed("/v1/voucher-uses", body)).await.created();
    (redeemed["redemption_id"].clone(), voucher["voucher_id"].clone(), used["use_id"].clone())
}

/// A rule that gives something, and an event with a seat, by their codes and ids.
async fn given(operator: &Operator, member: &SignedIn, till: &Till) -> [(&'static str, Value); 5] {
    let rule = json!({
        "occasion": {"on": "joined"}, "reward": "mug", "budget": 1_000, "live_from": "2020-01-01T00:00:00Z",
    });
    let _ = operator.put("/v1/gift-rules/welcome", &rule).await.ok();
    let offer = json!({
        "title": {"en": "A mug"}, "from": "2020-01-01T00:00:00Z", "until": "2021-01-01T00:00:00Z", "activation": {}, "reward": "mug",
        "budget": {"count": 1_000},
    });
    let _ = operator.put("/v1/personal-offers/treat", &offer).await.ok();
    let challenge = json!({
        "title": {"en": "Thrice"}, "first_day": "2090-01-01", "last_day": "2090-01-31", "counts": {"of": "visits"},
        "aim": {"type": "goal", "goal": 3},
    });
    let _ = operator.put("/v1/challenges/thrice", &challenge).await.ok();
    let kind = json!({"type": "event_seat", "event": "evening"});
    let reward = json!({"name": {"en": "An evening"}, "kind": kind, "points": 1, "voucher_days": 1});
    let _ = operator.put("/v1/rewards/evening", &reward).await.ok();
    let schedule = json!({"live_from": "2020-01-01T00:00:00Z"});
    let _ = operator.put("/v1/rewards/evening/schedule", &schedule).await.ok();
    let event = json!({
        "reward": "evening", "branch": till.branch.code, "starts_at": "2090-01-01T14:00:00Z", "ends_at": "2090-01-01T16:00:00Z",
        "seats": 100, "free": true,
    });
    // Rewards hears of the branch in a moment.
    while operator.put("/v1/events/evening", &event).await.status() != 200 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let book = Call::post("/v1/event-bookings").idempotency_key(&fresh("key"));
    let seat = member.send(book.json(&json!({"event": "evening"}))).await.created()["seat_id"].clone();
    [
        ("gift_rule", json!(["welcome"])),
        ("offer", json!(["treat"])),
        ("challenge", json!(["thrice"])),
        ("event", json!(["evening"])),
        ("seat_id", json!([seat])),
    ]
}

/// A segment with a member, a campaign that is about it, and a call to them.
async fn said(operator: &Operator, member: &Value) -> [(&'static str, Value); 4] {
    let _ = operator.put("/v1/segments/regulars", &json!({})).await.created();
    let in_it = Call::post("/v1/segments/regulars/members").json(&json!({"add": [member]}));
    let _ = operator.send(in_it).await.ok();
    let text = json!({"title": "{ $chain }", "text": "{ $name }"});
    let campaign = json!({
        "name": "Coffee", "audience": {"type": "list"}, "words": {"fa": text, "ar": text, "en": text},
    });
    let _ = operator.put("/v1/campaigns/coffee", &campaign).await.ok();
    let calls = json!({"segment": "regulars", "why": "apology"});
    let _ = operator.put("/v1/call-lists/sorry", &calls).await.ok();
    let page = operator.get("/v1/call-lists/sorry/calls").await.ok();
    [
        ("segment", json!(["regulars"])),
        ("campaign", json!(["coffee"])),
        ("call_list", json!(["sorry"])),
        ("call_id", json!([page["calls"][0]["call_id"]])),
    ]
}

/// The description of what one service offers to one sort of caller; nothing when that is nothing.
fn part_of(document: &Value, operations: &[&str], scheme: &str, known: &Known) -> Option<Value> {
    let mut part = document.clone();
    let paths = part["paths"].as_object_mut().unwrap();
    for path in paths.values_mut() {
        path.as_object_mut().unwrap().retain(|_, operation| {
            let id = operation["operationId"].as_str().unwrap_or_default();
            let keys = operation["security"].as_array().unwrap();
            let open = keys.iter().all(|key| key.as_object().unwrap().is_empty());
            let theirs = keys.iter().any(|key| key.get(scheme).is_some());
            operations.contains(&id) && !LAST_CALLS.contains(&id) && (theirs || open && scheme == "till_key")
        });
        for operation in path.as_object_mut().unwrap().values_mut() {
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                let values = parameter["name"].as_str().and_then(|name| known.get(name));
                if let Some(values) = values.filter(|_| parameter["in"] != "header") {
                    offer(&mut parameter["schema"], values);
                }
            }
        }
    }
    paths.retain(|_, path| !path.as_object().unwrap().is_empty());
    if paths.is_empty() {
        return None;
    }
    offer_in(&mut part["components"]["schemas"], known);
    Some(part)
}

/// Offers what exists wherever a body has a field of that name.
fn offer_in(schema: &mut Value, known: &Known) {
    match schema {
        Value::Object(fields) => {
            if let Some(properties) = fields.get_mut("properties").and_then(Value::as_object_mut) {
                for (name, property) in properties.iter_mut() {
                    if let Some(values) = known.get(name.as_str()).filter(|_| property["type"] == "string") {
                        offer(property, values);
                    }
                }
            }
            fields.values_mut().for_each(|field| offer_in(field, known));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| offer_in(item, known)),
        _ => {}
    }
}

fn offer(schema: &mut Value, values: &Value) {
    let before = schema.take();
    *schema = json!({"anyOf": [{"type": "string", "enum": values}, before]});
}

/// Which requests are made: the first round has the edges of everything that is described, the others have chance alone.
struct Sent {
    phases: &'static str,
    each: u32,
    seed: u32,
}

impl Sent {
    const fn of_round(round: u32, each: u32, edges: bool) -> Self {
        if round == 0 && edges {
            return Self { phases: "examples,coverage,fuzzing", each, seed: 20 };
        }
        Self { phases: "fuzzing", each: each * 8, seed: 20 + round }
    }
}

/// Makes requests from a description and sends them; answers the report, in which nothing has failed.
async fn send_cases(description: &Path, base: &str, key: &str, sent: &Sent) -> Value {
    let report = description.with_extension("report.json");
    let settings = description.with_file_name("schemathesis.toml");
    fs::write(&settings, REFUSALS).unwrap();
    let mut command = Command::new(provisioned("described/bin/st").expect("a target folder"));
    command
        .args(["--no-color", "--config-file"])
        .arg(&settings)
        .arg("run")
        .arg(description)
        .args(["--url", base, "--header", &format!("Authorization: Bearer {key}"), "--checks", CHECKS])
        .args(["--phases", sent.phases, "--max-examples", &sent.each.to_string()])
        .args(["--seed", &sent.seed.to_string()])
        .args(["--continue-on-failure", "--warnings", "off", "--report", "json", "--report-json-path"])
        .arg(&report)
        .current_dir(description.parent().unwrap());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    let output = output.unwrap_or_else(|fault| panic!("tests/provision.sh installs schemathesis: {fault}"));
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{text}{errors}", description.display());
    serde_json::from_slice(&fs::read(report).unwrap()).unwrap()
}
