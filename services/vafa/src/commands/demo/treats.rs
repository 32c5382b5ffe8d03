//! What members are given, have for their points, and come to: a coffee with a purchase and another one for points, and a seat at a
//! tasting.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use kernel::{Clock as _, Timestamp};
use runtime::SystemClock;
use serde_json::{Value, json};

use super::{
    chain::{BRANCHES, TILLS, names},
    people::Person,
    stage::{Office, place},
    state::State,
};
use crate::{client::Call, commands::import::say::say};

const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// How long is waited for what comes with a purchase.
const PATIENCE: Duration = Duration::from_secs(20);

/// Gives one of the sample members a coffee with a purchase and a seat at a tasting, where they have none yet, and tells it.
///
/// # Errors
/// When the API refuses.
pub async fn show(office: &Office, people: &[Person], state: &State) -> anyhow::Result<()> {
    let person = people.last().context("there are no sample members")?;
    let id = state.members.get(&person.phone).context("a sample member is not there")?;
    let gifts = format!("/v1/members/{id}/gifts");
    let took = if office.read(&gifts).await?["gifts"][0].is_null() {
        Some(coffee(office, person, state, &gifts).await?)
    } else {
        None
    };
    let gift = office.read(&gifts).await?["gifts"][0].clone();
    let redeemed = for_points(office, id, state).await?;
    let seat = seat(office, id).await?;
    say!("\nWhat a member is given, has for points, and comes to");
    let after = took.map(|took| format!(", {} ms after the till's answer", took.as_millis()));
    say!("  {:<8} a {} with a purchase{}", person.name, word(&gift["reward"]), after.unwrap_or_default());
    say!(
        "  {:<8} a coffee for {} points, {} at till {} of {}",
        person.name,
        redeemed["points"],
        word(&redeemed["voucher"]),
        TILLS[0],
        BRANCHES[0].code
    );
    say!(
        "  {:<8} a seat at the {}: {}, to be given back until {}",
        person.name,
        word(&seat["event"]),
        word(&seat["state"]),
        word(&seat["cancel_until"])
    );
    Ok(())
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A rule that gives a coffee with each purchase from now on, up to a hundred, and a purchase; how long after it the gift was there.
async fn coffee(office: &Office, person: &Person, state: &State, gifts: &str) -> anyhow::Result<Duration> {
    let kind = json!({"type": "free_item", "sku": "coffee"});
    let called = names(["قهوه", "قهوة", "A coffee"]);
    let terms = json!({"name": called, "kind": kind, "points": 50, "voucher_days": 14});
    office.write("/v1/rewards/coffee", &terms).await?;
    let now = SystemClock.now();
    let rule = json!({"occasion": {"on": "purchase"}, "reward": "coffee", "budget": 100, "live_from": now});
    office.write("/v1/gift-rules/coffee-with-purchase", &rule).await?;
    let key = state.keys.get(&place(BRANCHES[0].code, TILLS[0])).context("the first till has no key")?;
    let body = json!({
        "member": {"phone": person.phone}, "receipt": "DEMO-COFFEE", "occurred_at": now, "currency": "IRR",
        "amount": 450_000_000,
    });
    let bought = Call::post("/v1/purchases").bearer(key).idempotency_key("demo-coffee").json(&body);
    office.client.ask(&bought).await?;
    let begun = Instant::now();
    while office.read(gifts).await?["gifts"][0]["state"] != "given" {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "nothing came with the purchase");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(begun.elapsed())
}

/// Another coffee, for points; its voucher is used at the till at once.
async fn for_points(office: &Office, member: &str, state: &State) -> anyhow::Result<Value> {
    let kind = json!({"type": "free_item", "sku": "coffee"});
    let called = names(["قهوه", "قهوة", "A coffee"]);
    let terms = json!({"name": called, "kind": kind, "points": 20, "voucher_days": 14});
    office.offer("coffee-for-points", &terms).await?;
    let mut redeemed = office.redeem("coffee-for-points", member).await?;
    let key = state.keys.get(&place(BRANCHES[0].code, TILLS[0])).context("the first till has no key")?;
    let body = json!({"voucher": {"id": redeemed["voucher_id"]}, "receipt": "DEMO-REDEEMED"});
    let using = Call::post("/v1/voucher-uses").bearer(key).idempotency_key("demo-uses-coffee").json(&body);
    let used: Value = office.client.ask(&using).await?.json()?;
    redeemed["voucher"] = used["voucher"]["state"].clone();
    Ok(redeemed)
}

/// A tasting in a week with a seat for the member.
async fn seat(office: &Office, member: &str) -> anyhow::Result<Value> {
    let kind = json!({"type": "event_seat", "event": "tasting"});
    let called = names(["چشیدن قهوه", "تذوق القهوة", "A coffee tasting"]);
    let terms = json!({"name": called, "kind": kind, "points": 100, "voucher_days": 1});
    let bookings = format!("/v1/members/{member}/event-bookings");
    let known = office.read(&bookings).await?["bookings"][0].clone();
    if !known.is_null() {
        return Ok(known);
    }
    office.write("/v1/rewards/tasting", &terms).await?;
    let now = SystemClock.now();
    office.write("/v1/rewards/tasting/schedule", &json!({"live_from": now.plus_millis(-WEEK_MS)})).await?;
    let starts_at: Timestamp = now.plus_millis(WEEK_MS);
    let event = json!({
        "reward": "tasting", "branch": BRANCHES[0].code, "starts_at": starts_at, "ends_at": starts_at.plus_millis(7_200_000),
        "seats": 12, "waiting": 6, "free": true,
    });
    office.write("/v1/events/tasting", &event).await?;
    let body = json!({"event": "tasting", "member": {"id": member}});
    let booked =
        Call::post("/v1/event-bookings").bearer(&office.key).idempotency_key("demo-seat").json(&body);
    office.client.ask(&booked).await?;
    Ok(office.read(&bookings).await?["bookings"][0].clone())
}
