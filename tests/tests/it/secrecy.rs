//! No personal data on the bus, in streams or in logs (G6; I8, and promise 25 in a small size).

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use journeys::{Goods, Shape, Stage, play_alone};
use kernel::Language;
use locale::digits::to_local;
use serde_json::json;
use testkit::servers::{Nats, Postgres};
use vafa::client::Call;

const LOUD: &[(&str, &str)] = &[("telemetry.log_level", "debug"), ("gateway.access_log", "true")];
const PHONE: &str = "+9995512345678";
const NAME: &str = "Zyxcanaria";

#[test]
fn nothing_personal_is_in_files_streams_or_logs_of_one_process() {
    play_alone(Shape::EmbeddedProcess, LOUD, nothing_personal_leaves_its_place);
}

#[test]
fn nothing_personal_is_in_databases_streams_or_logs_of_many_processes() {
    play_alone(Shape::Distributed, LOUD, nothing_personal_leaves_its_place);
}

async fn nothing_personal_leaves_its_place(stage: Stage) {
    stage.publish(&[]).await;
    let till = stage.as_operator().open_shop().await;
    let joined = till.join(PHONE, NAME).await.created();
    let member = joined["member_id"].as_str().unwrap().to_owned();
    let card = till.post(&format!("/v1/members/{member}/cards"), &json!({})).await.created();
    let card = card["number"].as_str().unwrap().to_owned();
    for who in
        [json!({"phone": PHONE}), json!({"card": card}), json!({"phone": to_local(PHONE, Language::Fa)})]
    {
        let _ = till.sell(&Goods::by(&who, 5_000)).await.created();
        let _ = till.post("/v1/members/lookup", &who).await.ok();
    }
    // What is refused is personal, too.
    till.join(PHONE, &format!("{NAME}\u{202e}")).await.refused(422, "membership.first_name_forbidden");
    let broken = format!("{{\"phone\":\"{PHONE}\",\"first_name\":\"{NAME}\",}}");
    let _ = till.send(Call::post("/v1/members").raw("application/json", broken)).await.with(400);
    await_activity(&stage, &member, 3).await;
    let me = stage.sign_in(PHONE, 1).await;
    let _ = me.get(me.own("")).await.ok();

    let (databases, nats) = (databases(&stage), stage.setting("bus.nats_url").is_some());
    let (till_key, operator_key) = (till.key.clone(), stage.operator_key().to_owned());
    let remains = stage.stop().await;
    // What a member is sent has their phone in it, and is for them.
    fs::remove_dir_all(remains.folder().join("data/outbox")).unwrap();
    let mut places = BTreeMap::new();
    gather(remains.folder(), &mut places);
    places.extend(databases);
    if nats {
        gather(&Nats::shared().store_folder(), &mut places);
    }
    // The search finds what is there: the member's id is on the bus and in the databases.
    let found: Vec<_> = places.iter().filter(|(_, bytes)| contains(bytes, &member)).map(|(n, _)| n).collect();
    assert!(found.len() >= 2, "the search finds nothing at all: {found:?} of {:?}", places.keys());
    let digits = PHONE.trim_start_matches('+');
    let local = to_local(digits, Language::Fa);
    let (access, refresh) = (me.text("access_token"), me.text("refresh_token"));
    let secrets = [digits, &digits[3..], NAME, &card, &local, &till_key, &operator_key, access, refresh];
    for (name, bytes) in &places {
        for secret in secrets {
            assert!(!contains(bytes, secret), "{secret} is in {name}");
        }
    }
}

/// Waits until the last consumer has heard of the purchases.
async fn await_activity(stage: &Stage, member: &str, purchases: u64) {
    let begun = Instant::now();
    loop {
        let profile = stage.as_operator().get(format!("/v1/members/{member}")).await.ok();
        if profile["activity"]["purchases"] == purchases {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "membership has not heard: {profile}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Dumps of the PostgreSQL databases, and their outboxes as text.
fn databases(stage: &Stage) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for name in ["membership", "points", "rewards", "webhooks"] {
        let Some(url) = stage.setting(&format!("{name}.database_url")) else { continue };
        let postgres = Postgres::shared();
        let dump = Command::new(postgres.program("pg_dump")).args(["--inserts", "-d", url]).output().unwrap();
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        found.insert(format!("dump of {name}"), dump.stdout);
        let database = url.rsplit('/').next().unwrap();
        let sql = "SELECT convert_from(payload, 'UTF8') FROM outbox";
        found.insert(format!("outbox of {name}"), postgres.sql(database, sql).unwrap().into_bytes());
    }
    found
}

fn gather(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, found);
        } else if let Ok(bytes) = fs::read(&path) {
            found.insert(path.display().to_string(), bytes);
        }
    }
}

/// As text, or as the hexadecimal digits in which a dump shows bytes.
fn contains(bytes: &[u8], text: &str) -> bool {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap();
    let hex: String = text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    holds(text.as_bytes()) || holds(hex.as_bytes())
}
