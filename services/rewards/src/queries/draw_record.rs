//! Is a published draw what it says it is? The record, and its recomputation: `docs/guides/draws.md` has the same in words.
//!
//! **Whoever has the record and the list needs nothing else**: no key, no account, nothing of this service.

use kernel::{DrawCode, Timestamp};
use ring::{
    digest::{Context, SHA256, digest},
    hmac,
};
use serde::{Deserialize, Serialize};
use store::Database;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    domain::{
        draw::{Prize, State},
        selection::{Pick, Tickets},
    },
    error::Error,
    store::{
        draw_entries, draw_wins,
        draws::{self, Draw},
    },
};

/// The way in which winners are chosen, and records are written.
pub const FORMAT: &str = "vafa-draw-1";
/// Bytes of a seed.
pub const SEED: usize = 32;
/// Lines that are read together.
const LINES: u64 = 10_000;
/// Differences that are told at most.
const TOLD: usize = 10;

/// What is published of a draw. What is not known yet is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrawRecord {
    /// The way in which winners are chosen.
    #[schema(example = "vafa-draw-1")]
    pub format: String,
    /// The draw.
    #[schema(value_type = String, example = "new-year")]
    pub draw: DrawCode,
    /// `published`, `closed` (its list is fixed), `settled` (its winners are chosen) or `cancelled` (before it closed: nobody is drawn).
    #[schema(example = "settled")]
    pub state: String,
    /// From then on it takes tickets.
    pub opens_at: Timestamp,
    /// From then on it takes none.
    pub closes_at: Timestamp,
    /// SHA-256 of the seed, published before any ticket was taken.
    pub commitment: String,
    /// The public source of chance, named before its value could be known.
    pub entropy_source: String,
    /// The prizes, in the order in which they are drawn.
    pub prizes: Vec<Prize>,
    /// How many are drawn besides.
    pub alternates: u32,
    /// When the chain cancelled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_for: Option<String>,
    /// Entries of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<u64>,
    /// Tickets of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tickets: Option<u64>,
    /// SHA-256 of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The value of the source of chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entropy: Option<String>,
    /// The seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// Who was drawn, in order: winners first, then alternates.
    #[serde(default)]
    pub winners: Vec<RecordedPick>,
}

/// A ticket that was drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordedPick {
    /// The place in the order in which was drawn, from 1.
    pub place: u32,
    /// The ticket, from 1.
    pub ticket: u64,
    /// The number under which its member stands in the list; it is theirs in this draw alone.
    pub holder: Uuid,
    /// Which prize was drawn for it, from 1; absent for an alternate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prize: Option<u32>,
}

impl DrawRecord {
    /// What is published of a draw; nothing of a draft.
    #[must_use]
    pub fn of(draw: &Draw, winners: Vec<RecordedPick>) -> Option<Self> {
        let known = draw.digest.is_some();
        Some(Self {
            format: FORMAT.to_owned(),
            draw: draw.code.clone(),
            state: draw.state.word().to_owned(),
            opens_at: draw.terms.opens_at,
            closes_at: draw.terms.closes_at,
            commitment: draw.commitment.clone()?,
            entropy_source: draw.terms.entropy_source.clone(),
            prizes: draw.terms.prizes.clone(),
            alternates: draw.terms.alternates,
            cancelled_at: draw.cancelled.as_ref().map(|how| how.at),
            cancelled_for: draw.cancelled.as_ref().and_then(|how| how.reason.clone()),
            entries: known.then_some(draw.entries),
            tickets: known.then_some(draw.tickets),
            digest: draw.digest.clone(),
            // Before it is confirmed it is nobody's word.
            entropy: draw.entropy.clone().filter(|_| draw.seed.is_some()),
            seed: draw.seed.clone(),
            winners,
        })
    }
}

/// A line of the list, as it is published and hashed.
#[must_use]
pub fn line(position: u64, holder: Uuid, tickets: u64) -> String {
    format!("{position},{holder},{tickets}")
}

/// Small letters and digits of bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

/// What is published of a seed before it is.
#[must_use]
pub fn commitment(seed: &[u8]) -> String {
    hex(digest(&SHA256, seed).as_ref())
}

/// Hashes a list, line by line.
pub struct Listing(Context);

impl Listing {
    /// Of this draw.
    #[must_use]
    pub fn of(draw: &DrawCode) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(format!("{FORMAT}\n{draw}\n").as_bytes());
        Self(context)
    }

    /// The next line.
    pub fn add(&mut self, line: &str) {
        self.0.update(line.as_bytes());
        self.0.update(b"\n");
    }

    /// The digest of all of them.
    #[must_use]
    pub fn digest(self) -> String {
        hex(self.0.finish().as_ref())
    }
}

/// The numbers of a draw.
pub struct Numbers {
    key: hmac::Key,
    context: Vec<u8>,
}

impl Numbers {
    /// Made of a seed, a closed list and the value of the source of chance.
    #[must_use]
    pub fn new(seed: &[u8], draw: &DrawCode, list: &str, entropy: &str) -> Self {
        let said = format!("{FORMAT}\n{draw}\n{list}\n{entropy}");
        let context = digest(&SHA256, said.as_bytes()).as_ref().to_vec();
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, seed), context }
    }

    /// The number at a place, from 0.
    #[must_use]
    pub fn at(&self, place: u64) -> u64 {
        let tag = hmac::sign(&self.key, &[self.context.as_slice(), &place.to_be_bytes()].concat());
        tag.as_ref().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }
}

/// Checks a record against its list, which comes line by line.
pub struct Check<'a> {
    record: &'a DrawRecord,
    tickets: Tickets,
    listing: Listing,
    flaws: Vec<String>,
}

impl<'a> Check<'a> {
    /// Begins with the first line.
    #[must_use]
    pub fn new(record: &'a DrawRecord) -> Self {
        Self { record, tickets: Tickets::default(), listing: Listing::of(&record.draw), flaws: Vec::new() }
    }

    /// The next line of the list.
    pub fn line(&mut self, text: &str) {
        self.listing.add(text);
        let place = self.tickets.entries() + 1;
        let parts: Vec<&str> = text.split(',').collect();
        let read = match parts.as_slice() {
            [position, holder, tickets] => {
                let numbered = position.parse() == Ok(place);
                let (holder, tickets) = (Uuid::try_parse(holder).ok(), tickets.parse().ok());
                holder.zip(tickets).filter(|_| numbered)
            }
            _ => None,
        };
        let fits = read.is_some_and(|(holder, tickets)| self.tickets.push(holder.as_u128(), tickets));
        if !fits && self.flaws.len() < TOLD {
            self.flaws.push(format!("line {place} of the list is not `{place},holder,tickets`: {text:.80}"));
        }
    }

    fn differs(&mut self, flaw: bool, text: &str) {
        if flaw {
            self.flaws.push(text.to_owned());
        }
    }

    /// Everything that is not as it is promised; nothing where all fits.
    #[must_use]
    pub fn flaws(mut self) -> Vec<String> {
        let record = self.record;
        if record.cancelled_at.is_some() {
            self.differs(true, "the draw was cancelled before its list was closed: nobody is drawn");
            return self.flaws;
        }
        self.differs(record.format != FORMAT, "the record is of another format than vafa-draw-1");
        let listed = std::mem::replace(&mut self.listing, Listing::of(&record.draw)).digest();
        let entries = u64::try_from(self.tickets.entries()).ok();
        self.differs(
            record.entries != entries,
            "the list has another number of entries than the record says",
        );
        let total = self.tickets.total();
        self.differs(
            record.tickets != Some(total),
            "the list has another number of tickets than the record says",
        );
        self.differs(
            record.digest.as_ref() != Some(&listed),
            "the list does not have the digest that was published",
        );
        let Some((seed, entropy)) = record.seed.as_deref().zip(record.entropy.as_deref()) else {
            self.differs(
                true,
                "the winners are not chosen yet: there is no seed, or no value of the source of chance",
            );
            return self.flaws;
        };
        let Some(seed) = unhex(seed).filter(|seed| seed.len() == SEED) else {
            self.differs(true, "the seed is not 64 hexadecimal digits");
            return self.flaws;
        };
        self.differs(commitment(&seed) != record.commitment, "the seed is not the one that was committed to");
        let numbers = Numbers::new(&seed, &record.draw, &listed, entropy);
        let picks = recorded(&choose(&self.tickets, record, &numbers), &record.prizes);
        self.winners(&picks);
        self.flaws
    }

    fn winners(&mut self, picks: &[RecordedPick]) {
        let told = &self.record.winners;
        self.differs(
            told.len() != picks.len(),
            &format!("{} were drawn, and the record has {}", picks.len(), told.len()),
        );
        let wrong: Vec<String> = picks
            .iter()
            .zip(told)
            .filter(|(drawn, told)| drawn != told)
            .take(TOLD)
            .map(|(drawn, told)| {
                format!(
                    "place {} is ticket {} of {}, and not ticket {} of {}",
                    drawn.place, drawn.ticket, drawn.holder, told.ticket, told.holder
                )
            })
            .collect();
        self.flaws.extend(wrong);
    }
}

/// Chooses as many as the record has prizes and alternates.
#[must_use]
pub fn choose(tickets: &Tickets, record: &DrawRecord, numbers: &Numbers) -> Vec<Pick> {
    let places: u64 = record.prizes.iter().map(|prize| u64::from(prize.units)).sum();
    let wanted = places.saturating_add(u64::from(record.alternates));
    tickets.choose(usize::try_from(wanted).unwrap_or(usize::MAX), |place| numbers.at(place))
}

/// Picks with their places and prizes.
#[must_use]
pub fn recorded(picks: &[Pick], prizes: &[Prize]) -> Vec<RecordedPick> {
    let mut each = (1_u32..).zip(prizes).flat_map(|(number, prize)| {
        std::iter::repeat_n(number, usize::try_from(prize.units).unwrap_or_default())
    });
    let recorded = (1_u32..).zip(picks).map(|(place, pick)| RecordedPick {
        place,
        ticket: pick.ticket,
        holder: Uuid::from_u128(pick.holder),
        prize: each.next(),
    });
    recorded.collect()
}

/// What is published of a draw; nothing where nothing is.
///
/// # Errors
/// A fault of the database.
pub async fn load(database: &Database, code: &DrawCode) -> Result<Option<DrawRecord>, Error> {
    let on = database.connection();
    let Some(draw) = draws::load(on, code).await? else { return Ok(None) };
    let wins = draw_wins::of_draw(on, code).await?;
    let drawn = wins.iter().map(|win| RecordedPick {
        place: win.place,
        ticket: win.ticket,
        holder: win.holder,
        prize: draw.terms.prize_at(u64::from(win.place)),
    });
    let drawn = drawn.collect();
    Ok(DrawRecord::of(&draw, drawn))
}

/// Everything that is not as it is promised of draws whose winners are chosen: how many there are, and each difference.
///
/// # Errors
/// A fault of the database.
pub async fn recompute(database: &Database) -> Result<(u64, Vec<String>), Error> {
    let on = database.connection();
    let (mut examined, mut flaws) = (0, Vec::new());
    for draw in draws::in_state(on, State::Settled).await? {
        examined += 1;
        let Some(record) = load(database, &draw.code).await? else { continue };
        let (mut check, mut last) = (Check::new(&record), 0);
        loop {
            let lines = draw_entries::lines(on, &draw.code, last, LINES).await?;
            for entry in &lines {
                check.line(&line(entry.position, entry.holder, entry.tickets));
                last = entry.position;
            }
            if lines.is_empty() {
                break;
            }
        }
        flaws.extend(check.flaws().into_iter().map(|flaw| format!("draw {}: {flaw}", draw.code)));
    }
    Ok((examined, flaws))
}
