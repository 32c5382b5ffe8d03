//! `vafa draw verify`: recomputes a draw's winners from what is published of it, and says what is wrong if they do not fit.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use http::Uri;
use rewards::draw_record::{Check, DrawRecord};
use serde::{Deserialize, Serialize};

use super::{Outcome, import::say::say};
use crate::client::{Call, Client};

/// What is asked of draws.
#[derive(clap::Subcommand)]
pub enum Draw {
    /// Check a published draw: the seed, the list, and that the winners recompute
    Verify {
        /// The draw's address, `http://host:port/v1/draws/new-year`, or a file that was saved
        place: String,
        /// Where the record and its list are saved, as one file that other programs read, too
        #[arg(long)]
        save: Option<PathBuf>,
    },
}

/// A record with its list, as files have it.
#[derive(Serialize, Deserialize)]
struct Published {
    #[serde(flatten)]
    record: DrawRecord,
    lines: Vec<String>,
}

#[derive(Deserialize)]
struct Page {
    lines: Vec<String>,
    next_after: Option<u64>,
}

/// Runs it.
///
/// # Errors
/// When there is no such draw, or the file is none.
pub async fn run(what: Draw) -> anyhow::Result<Outcome> {
    let Draw::Verify { place, save } = what;
    let published = if place.contains("://") { fetch(&place).await? } else { open(Path::new(&place))? };
    if let Some(save) = save {
        let text = serde_json::to_string(&published)?;
        std::fs::write(&save, text).with_context(|| format!("{} cannot be written", save.display()))?;
    }
    let mut check = Check::new(&published.record);
    published.lines.iter().for_each(|line| check.line(line));
    let flaws = check.flaws();
    let record = &published.record;
    for flaw in &flaws {
        say!("{flaw}");
    }
    if flaws.is_empty() {
        let (tickets, drawn) = (record.tickets.unwrap_or_default(), record.winners.len());
        say!("draw {}: {tickets} tickets, {drawn} drawn, all as it was promised", record.draw);
        return Ok(Outcome::Fine);
    }
    Ok(Outcome::Found)
}

fn open(place: &Path) -> anyhow::Result<Published> {
    let text =
        std::fs::read_to_string(place).with_context(|| format!("{} cannot be read", place.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} holds no record of a draw", place.display()))
}

async fn fetch(place: &str) -> anyhow::Result<Published> {
    let uri: Uri = place.parse().with_context(|| format!("{place} is no address"))?;
    let (scheme, authority) = uri.scheme_str().zip(uri.authority()).context("the address names no host")?;
    let path = uri.path().trim_end_matches('/').trim_end_matches("/record");
    let client = Client::new(&format!("{scheme}://{authority}")).context(
        "only http:// is read here; save what is behind https:// in a file, as the guide of draws says",
    )?;
    let record: DrawRecord = client.ask(&Call::get(format!("{path}/record"))).await?.json()?;
    let (mut lines, mut after) = (Vec::new(), Some(0));
    while let Some(last) = after {
        let page: Page = client.ask(&Call::get(format!("{path}/entries?after={last}"))).await?.json()?;
        lines.extend(page.lines);
        after = page.next_after;
    }
    Ok(Published { record, lines })
}
