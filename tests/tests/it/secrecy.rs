//! No personal data leaves its place (G6; I8, promise 25): members with marked names, phones, e-mails, cities and birthdays go
//! through every journey, and then streams, databases, their logs, our logs, traces, metrics, dead letters and what partners were
//! told are searched for the marks.

mod lives;
mod marks;
mod places;
mod sink;

use std::time::{Duration, Instant};

use bus::{Carrier as _, NatsCarrier, NatsSettings, Parcel};
use journeys::{Shape, Stage, block_on};
use kernel::ParcelId;
use testkit::servers::Nats;
use uuid::Uuid;

use marks::Marks;
use places::Places;
use sink::Sink;

const SETTINGS: &[(&str, &str)] = &[
    ("telemetry.log_level", "debug"),
    ("telemetry.sample_ratio", "1"),
    ("gateway.access_log", "true"),
    ("webhooks.plain_http", "true"),
    ("webhooks.private_networks", "127.0.0.0/8"),
    ("membership.occasions_every_s", "1"),
    ("chain.time_zone", "UTC"),
];
/// What lies in a dead letter, so that the search is seen to reach them.
const POISON: &str = "no parcel at all, and nobody's";

#[test]
fn nothing_personal_is_in_files_streams_or_logs_of_one_process() {
    block_on(nothing_personal_leaves_its_place(Shape::EmbeddedProcess));
}

#[test]
fn nothing_personal_is_in_databases_streams_or_logs_of_many_processes() {
    block_on(nothing_personal_leaves_its_place(Shape::Distributed));
}

async fn nothing_personal_leaves_its_place(shape: Shape) {
    let (traces, partner) = (Sink::open().await, Sink::open().await);
    let collector = traces.url();
    let mut settings = SETTINGS.to_vec();
    settings.push(("telemetry.otlp_endpoint", &collector));
    let stage = Stage::bare(shape, &settings).await;
    let mut marks = Marks::default();
    let members = lives::live(&stage, &partner, &mut marks).await;
    if let Some(prefix) = stage.setting("bus.nats_prefix") {
        poison(prefix).await;
        dead_letter(&stage).await;
    }
    partner.until(&members[0], "the partner is told of a member").await;
    traces.until("record_purchase", "traces come").await;
    let (keys, metrics) = ([stage.operator_key().to_owned()], metrics(&stage).await);
    assert!(metrics.contains("vafa_"), "{metrics}");
    marks.secrets.extend(keys);

    let mut places = Places::of(&stage);
    places.add("metrics", metrics.as_bytes());
    let remains = stage.stop().await;
    places.add("traces", &traces.taken());
    places.add("what partners were told", &partner.taken());
    // What a member is sent has their phone in it, and is for them.
    for folder in ["outbox", "messages"] {
        std::fs::remove_dir_all(remains.folder().join("data").join(folder)).expect("messages were sent");
    }
    places.add_folder(remains.folder());
    if shape == Shape::Distributed {
        places.add_servers();
    }
    // The search finds what is there: the members' ids in facts and databases, and what was set aside.
    let found = places.naming(&members[0]);
    assert!(found.len() >= 3, "the search finds nothing at all: {found:?}");
    if shape == Shape::Distributed {
        let found = places.naming(POISON);
        assert!(found.iter().any(|place| place.contains("membership")), "{found:?}");
    }
    let leaks = places.leaks(&marks.all());
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// Publishes what nobody can read, for every hearer of points to set aside.
async fn poison(prefix: &str) {
    let settings =
        NatsSettings { url: Nats::shared().url(), prefix: prefix.to_owned(), ..NatsSettings::default() };
    let carrier = NatsCarrier::connect(&settings).await.expect("the broker runs");
    let id = ParcelId::from_uuid(Uuid::from_u128(25));
    let poison = Parcel { id, payload: POISON.as_bytes().to_vec().into() };
    carrier.publish("points", &[poison]).await.expect("it is taken");
}

/// Waits until something was set aside.
async fn dead_letter(stage: &Stage) {
    let begun = Instant::now();
    while !metrics(stage).await.lines().any(|line| {
        line.starts_with("vafa_consumer_dead_letters_total")
            && line.contains("membership")
            && !line.ends_with(" 0")
    }) {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing was set aside");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The metrics of all processes.
async fn metrics(stage: &Stage) -> String {
    let mut text = String::new();
    for base in stage.bases() {
        let client = vafa::client::Client::new(&base).expect("an address");
        let answer = client.send(&vafa::client::Call::get("/metrics")).await.expect("it answers");
        text.push_str(&String::from_utf8_lossy(&answer.body));
    }
    text
}
