//! A draw that anyone can check: tickets with purchases and for points, the list closed, chance entered and confirmed, winners.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use kernel::{Clock as _, Timestamp};
use runtime::SystemClock;
use serde_json::{Value, json};

use super::{
    chain::{BRANCHES, TILLS, names},
    people::Person,
    stage::{Office, place},
    state::State,
    witness,
};
use crate::{
    client::{Call, ClientError},
    commands::import::say::say,
};

const DRAW: &str = "/v1/draws/demo";
/// For how long it takes tickets, at least and at most, in milliseconds.
const OPEN_MS: (i64, i64) = (5_000, 60_000);
/// How many calls go until it is filled, and some to spare.
const CALLS: i64 = 20;
/// How many of the sample members buy something while it does.
const BUYERS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(90);

/// Publishes the draw and fills it, where no earlier start did.
///
/// # Errors
/// When the API refuses.
pub async fn fill(office: &Office, people: &[Person], state: &State) -> anyhow::Result<()> {
    if known(office).await?.is_some_and(|draw| draw["state"] != "draft") {
        return Ok(());
    }
    let (bicycle, ticket) =
        (names(["دوچرخه", "دراجة", "A bicycle"]), names(["بلیت قرعه‌کشی", "تذكرة سحب", "A ticket"]));
    let terms = |now: Timestamp, open_ms: i64| {
        json!({
            "title": names(["قرعه‌کشی نمونه", "سحب تجريبي", "The demo's draw"]), "opens_at": now.plus_millis(-1_000),
            "closes_at": now.plus_millis(open_ms), "prizes": [{"title": bicycle, "units": 1, "what": {"type": "handed_over"}}], "alternates": 2,
            "by_purchase": {"minimum": 10_000_000, "tickets": 1}, "claim_days": 30,
            "entropy_source": "The time at which the demo enters it. A chain names what nobody can know yet: a round of drand",
        })
    };
    // A machine that is busy with the story gets the time that it needs.
    let begun = SystemClock.now();
    office.write(DRAW, &terms(begun, OPEN_MS.1)).await?;
    let now = SystemClock.now();
    let open_ms = (now.millis_since(begun) * CALLS).clamp(OPEN_MS.0, OPEN_MS.1);
    office.write(DRAW, &terms(now, open_ms)).await?;
    office.send(Call::post(format!("{DRAW}/publication"))).await?;
    let kind = json!({"type": "draw_ticket", "draw": "demo", "tickets": 2});
    let reward = json!({"name": ticket, "kind": kind, "points": 1, "voucher_days": 1});
    office.offer("draw-ticket", &reward).await?;
    let person = buyers(people).next().context("there are no sample members")?;
    let id = state.members.get(&person.phone).context("a sample member is not there")?;
    office.redeem("draw-ticket", id).await?;
    let key = state.keys.get(&place(BRANCHES[0].code, TILLS[0])).context("the first till has no key")?;
    for (number, person) in buyers(people).enumerate() {
        let body = json!({
            "member": {"phone": person.phone}, "receipt": format!("DEMO-DRAW-{number}"), "occurred_at": SystemClock.now(),
            "currency": "IRR", "amount": 50_000_000,
        });
        let name = format!("demo-draw-{number}");
        let bought = Call::post("/v1/purchases").bearer(key).idempotency_key(&name).json(&body);
        office.client.ask(&bought).await?;
    }
    Ok(())
}

/// Some of the sample members; not the first one, whom the story lets others look at.
fn buyers(people: &[Person]) -> impl Iterator<Item = &Person> {
    people.iter().skip(1).take(BUYERS)
}

async fn known(office: &Office) -> anyhow::Result<Option<Value>> {
    match office.read(DRAW).await {
        Ok(draw) => Ok(Some(draw)),
        Err(ClientError::Refused(refusal)) if refusal.status == 404 => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// Waits for the list, has the winners chosen, and tells who they are and how anyone checks it.
///
/// # Errors
/// When the API refuses, or the list is not closed in time.
pub async fn settle(office: &Office, people: &[Person], state: &State) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut draw = office.read(DRAW).await?;
    while draw["state"] == "published" {
        ensure!(begun.elapsed() < PATIENCE, "the draw's list is not closed");
        tokio::time::sleep(Duration::from_millis(50)).await;
        draw = office.read(DRAW).await?;
    }
    if draw["state"] == "closed" {
        let value = json!({"value": SystemClock.now().to_string()});
        office.write(&format!("{DRAW}/entropy"), &value).await?;
        let token = witness::signed_in(office).await?;
        let confirmed = Call::post(format!("{DRAW}/entropy/confirmation")).bearer(&token).json(&value);
        office.client.ask(&confirmed).await?;
        draw = office.read(DRAW).await?;
    }
    let commitment = draw["commitment"].as_str().unwrap_or_default();
    say!("\nA draw that anyone can check");
    say!(
        "  It promised its seed by {}… before the first ticket was taken,",
        commitment.get(..16).unwrap_or_default()
    );
    say!("  closed its list of {} tickets, and drew with a value that two people entered.", draw["tickets"]);
    // Whoever got the coffee bought something, too.
    for person in buyers(people).chain(people.last()) {
        let id = state.members.get(&person.phone).context("a sample member is not there")?;
        let all = office.read(&format!("/v1/members/{id}/draws")).await?;
        let own = all["draws"].as_array().into_iter().flatten().find(|one| one["draw"] == "demo");
        if let Some(own) = own.filter(|own| own["won"]["state"].is_string()) {
            say!("  {:<8} won the bicycle; tickets: {}", person.name, own["tickets"]);
        }
    }
    let program = std::env::args().next().unwrap_or_else(|| "vafa".to_owned());
    say!("  Check it: {program} draw verify {}{DRAW}", office.client.base());
    Ok(())
}
