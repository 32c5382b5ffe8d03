//! What the demo tells: what happened, where to look, what to try.

use std::path::Path;

use anyhow::Context as _;
use kernel::{Clock as _, Day, Language, Timestamp};
use locale::{
    calendar::{Calendar, format_date, format_date_in},
    digits::number,
};
use runtime::SystemClock;
use serde::Deserialize;

use super::{
    chain::{BRANCHES, REGIONS, TILLS},
    people::{Person, spare_phone},
    stage::{Office, place},
    state::State,
};
use crate::{
    client::Call,
    commands::import::{
        progress::{grouped, per_second},
        say::say,
    },
};

const BAR: u64 = 28;
const TOP: usize = 6;

#[derive(Deserialize)]
struct Balance {
    points: i64,
    expiring: Vec<Expiring>,
}

#[derive(Deserialize)]
struct Expiring {
    points: i64,
    on: Day,
}

/// What was done in this start, and how long it took.
pub struct Replayed {
    /// Purchases recorded by this start.
    pub purchases: usize,
    /// The time that it took.
    pub time: std::time::Duration,
}

/// The whole story.
pub async fn tell(
    office: &Office,
    people: &[Person],
    state: &State,
    replayed: &Replayed,
    folder: &Path,
) -> anyhow::Result<()> {
    happened(state, replayed);
    branches(state);
    balances(office, people, state).await?;
    where_to_look(office.client.base(), folder);
    to_try(office.client.base(), people, state)
}

fn happened(state: &State, replayed: &Replayed) {
    let count = |number: usize| grouped(u128::try_from(number).unwrap_or_default());
    let points: i64 = state.sold.values().map(|sold| sold.points).sum();
    say!("\nThe chain");
    say!("  {} regions, {} branches, {} tills", REGIONS.len(), BRANCHES.len(), BRANCHES.len() * TILLS.len());
    say!("  {} members with Persian, Arabic and English names", count(state.members.len()));
    say!("  {} purchases earned {} points", count(state.done), number(points, Language::En));
    if replayed.purchases == 0 {
        say!("  All of it was here already: nothing was added.");
    } else {
        let done = u64::try_from(replayed.purchases).unwrap_or_default();
        let rate = grouped(per_second(done, replayed.time).into());
        say!("  {} of them sent just now through the public API, {rate} a second", count(replayed.purchases));
    }
}

fn branches(state: &State) {
    let mut by_points: Vec<_> = state.sold.iter().collect();
    by_points.sort_by_key(|(_, sold)| std::cmp::Reverse(sold.points));
    let most = by_points.first().map_or(1, |(_, sold)| sold.points.max(1));
    say!("\nTop branches by points");
    for (code, sold) in by_points.into_iter().take(TOP) {
        let length = u64::try_from(sold.points).unwrap_or_default() * BAR / u64::try_from(most).unwrap_or(1);
        let bar = "█".repeat(usize::try_from(length).unwrap_or_default().max(1));
        say!(
            "  {code:<19} {bar:<width$} {:>7} points, {} purchases",
            number(sold.points, Language::En),
            sold.purchases,
            width = usize::try_from(BAR).unwrap_or_default()
        );
    }
}

async fn balances(office: &Office, people: &[Person], state: &State) -> anyhow::Result<()> {
    say!("\nWhat a member has, in their own digits and calendar");
    for language in Language::ALL {
        let Some(person) = people.iter().find(|person| person.language == language) else { continue };
        let id = state.members.get(&person.phone).context("a sample member is not there")?;
        let path = format!("/v1/members/{id}/balance");
        let balance: Balance = office.client.ask(&Call::get(path).bearer(&office.key)).await?.json()?;
        let next = balance.expiring.first().map(|next| {
            let date = match language {
                Language::Ar => format_date_in(next.on, Calendar::Hijri, language),
                other => format_date(next.on, other),
            };
            format!(", {} of them until {date}", number(next.points, language))
        });
        say!("  {:<8} {} points{}", person.name, number(balance.points, language), next.unwrap_or_default());
    }
    Ok(())
}

fn where_to_look(base: &str, folder: &Path) {
    say!("\nWhere to look");
    say!("  API, readable    {base}/docs");
    say!("  API, OpenAPI 3.1 {base}/openapi.json");
    say!("  Metrics          {base}/metrics");
    say!("  Health           {base}/readyz");
    say!("  Data             {} (the back office's key is in secrets.toml)", folder.display());
    let program = std::env::args().next().unwrap_or_else(|| "vafa".to_owned());
    say!("  Audit            VAFA_DATA__DIR={} {program} verify", folder.display());
}

fn to_try(base: &str, people: &[Person], state: &State) -> anyhow::Result<()> {
    let key = state.keys.get(&place(BRANCHES[0].code, TILLS[0])).context("the first till has no key")?;
    let person = people.first().context("there are no sample members")?;
    let id = state.members.get(&person.phone).context("a sample member is not there")?;
    let now = SystemClock.now();
    let seconds = now.micros() / 1_000_000;
    let at = Timestamp::from_micros(seconds * 1_000_000);
    let curl = format!("curl -sS -H 'Authorization: Bearer {key}' -H 'Accept-Language: en'");
    let json = "-H 'Content-Type: application/json'";
    let purchase = |dry: &str| {
        format!(
            "{{\"member\":{{\"phone\":\"{}\"}},\"receipt\":\"TRY-{seconds}\",\"occurred_at\":\"{at}\",\
             \"currency\":\"IRR\",\"amount\":2150000000{dry}}}",
            person.phone
        )
    };
    say!("\nTo try, as till {} of branch {}", TILLS[0], BRANCHES[0].code);
    say!("  # a customer joins with a phone and a first name");
    say!(
        "  {curl} {json} {base}/v1/members -d '{{\"phone\":\"{}\",\"first_name\":\"Sara\",\"language\":\"en\"}}'",
        spare_phone()
    );
    say!("  # what would a purchase earn? nothing is kept");
    say!(
        "  {curl} {json} -H 'Idempotency-Key: dry-{seconds}' {base}/v1/purchases -d '{}'",
        purchase(",\"dry_run\":true")
    );
    say!("  # the purchase; send it twice: it counts once");
    say!("  {curl} {json} -H 'Idempotency-Key: try-{seconds}' {base}/v1/purchases -d '{}'", purchase(""));
    say!("  # the balance");
    say!("  {curl} {base}/v1/members/{id}/balance");
    say!("  # how it came to be");
    say!("  {curl} '{base}/v1/members/{id}/history?limit=5'");
    Ok(())
}
