//! One import from its beginning to its end.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use kernel::Currency;
use serde::Deserialize;

use super::{
    Kind, Options,
    customers::Customers,
    progress::Progress,
    rows::{BadRow, Line, Position, Rows},
    shops::{Key, Keys, Office, Shops},
    state::{Source, State},
    summary,
    tally::Report,
    till::{Done, End, Job, Sale, Till},
};
use crate::{
    client::{Call, Client, ClientError, Flow, in_lanes},
    commands::{Outcome, run::until_told},
};

const SAVE_EVERY: Duration = Duration::from_secs(1);
/// Rows between being read and being done, at most.
const WINDOW: usize = 4096;

#[derive(Deserialize)]
struct Live {
    version: u32,
    programme: LiveProgramme,
}

#[derive(Deserialize)]
struct LiveProgramme {
    currency: Currency,
}

/// Imports a file.
pub(super) async fn import(
    kind: Kind,
    options: Options,
    programme: Option<&Path>,
) -> anyhow::Result<Outcome> {
    let (began, told) = (Instant::now(), until_told()?);
    let (url, operator_key) = options.door.find()?;
    // Whoever mistyped the address learns it at once; once rows are on their way, patience is longer.
    let knock = Client::patient(&url, Duration::from_secs(15), Duration::from_secs(2))?;
    let live = live_programme(&knock, &operator_key, programme).await?;
    let client = Client::patient(&url, Duration::from_secs(30), Duration::from_mins(3))?;
    let currency = options.currency.unwrap_or(live.programme.currency);
    if currency != live.programme.currency {
        bail!(
            "the programme counts in {}, so amounts in {currency} cannot be recorded",
            live.programme.currency
        );
    }
    let exponent = options.exponent.unwrap_or_else(|| currency.exponent());
    let mut rows = Rows::open(&options.file, kind, exponent)?;
    let source = Source::of(&options.file, client.base(), exponent, kind)?;
    let report_path = report_path(&options);
    let state_path = State::beside(&report_path);
    let office = Office {
        client,
        operator_key: operator_key.into(),
        region: options.region.clone(),
        keys: Keys::default(),
    };
    let state = resume(&options, &office, &source, &state_path).await?;
    office.ensure_region().await.context("the region cannot be opened")?;
    summary::greet(&options.file, office.client.base(), live.version, &state);

    let till = Till { office: office.clone(), currency: currency.code().into(), kind };
    let mut feed = Feed::new(&mut rows, state.tally.rows, Arc::clone(&office.keys));
    let report = Report::open(&report_path, state.report_bytes, exponent)?;
    let mut books = Books::open(state, source.bytes(), report, state_path, &office);
    let lanes = usize::from(options.concurrency);
    let work = move |job: Job| {
        let till = till.clone();
        async move { till.take(job).await }
    };
    let told = tokio::select! {
        () = in_lanes(lanes, WINDOW.max(lanes), &mut feed, work, |done| books.fold(done)) => false,
        () = told => true,
    };
    let broken = feed.broken.take().or_else(|| books.broken.take());
    books.close(told || broken.is_some(), &office).await?;
    summary::tell(kind, &books.state.tally, (currency, exponent), began.elapsed());
    if let Some(broken) = broken {
        let rows = books.state.tally.rows;
        let advice = format!("stopped after {rows} rows; run the same command again to go on there");
        return Err(broken.context(advice));
    }
    if told {
        bail!("stopped on demand; run the same command again to go on");
    }
    summary::next_steps(&books.state.tally, office.client.base(), &report_path);
    Ok(if books.state.tally.is_whole() { Outcome::Fine } else { Outcome::Found })
}

/// The live programme, after the one from `--programme` was published.
async fn live_programme(
    client: &Client,
    operator_key: &str,
    programme: Option<&Path>,
) -> anyhow::Result<Live> {
    if let Some(path) = programme {
        let text = std::fs::read(path).with_context(|| path.display().to_string())?;
        let call =
            Call::put("/v1/programme").bearer(operator_key).language("en").raw("application/json", text);
        return Ok(client.ask(&call).await.context("the programme cannot be published")?.json()?);
    }
    match client.ask(&Call::get("/v1/programme").language("en")).await {
        Ok(answer) => Ok(answer.json()?),
        Err(ClientError::Refused(refusal)) if refusal.code == "points.programme_missing" => bail!(
            "no programme is live, so nobody can say what a purchase earns: publish one with PUT /v1/programme, or give \
             its document with --programme FILE"
        ),
        Err(error) => Err(error.into()),
    }
}

fn report_path(options: &Options) -> PathBuf {
    let name = options.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    options.report.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.refused.csv")))
}

/// What an earlier run left, if its keys are keys of this installation; with them in the office's hands.
async fn resume(options: &Options, office: &Office, source: &Source, path: &Path) -> anyhow::Result<State> {
    let left = if options.from_start { None } else { State::load(path, source)? };
    let Some(mut state) = left else { return Ok(State::new(source.clone())) };
    let keys: Vec<Key> = state.keys.values().cloned().collect();
    let is_ours = match keys.first() {
        Some(key) => office.knows(key).await?,
        None => false,
    };
    if !is_ours {
        return Ok(State::new(source.clone()));
    }
    *office.keys.lock().unwrap_or_else(PoisonError::into_inner) = std::mem::take(&mut state.keys);
    Ok(state)
}

/// Turns lines into jobs; passes over those that are done.
struct Feed<'a> {
    rows: &'a mut Rows,
    skip: u64,
    customers: Customers,
    shops: Shops,
    keys: Keys,
    position: Position,
    broken: Option<anyhow::Error>,
}

impl<'a> Feed<'a> {
    fn new(rows: &'a mut Rows, skip: u64, keys: Keys) -> Self {
        let position = rows.position();
        let (customers, shops) = (Customers::default(), Shops::default());
        Self { rows, skip, customers, shops, keys, position, broken: None }
    }

    fn job(&mut self, line: Line) -> (u64, Job) {
        let (Line { number, row }, position) = (line, self.position.bytes());
        let row = match row {
            Ok(row) => row,
            Err(bad) => return (number, Job { line: number, position, work: Err(bad) }),
        };
        let customer = self.customers.of(&row.customer);
        let Some(shop) = self.shops.of(&row.store, &self.keys) else {
            let detail = format!("store_id {:?} makes no branch code", row.store);
            let bad = BadRow { basket: row.basket, code: "import.store_malformed", detail };
            return (number, Job { line: number, position, work: Err(bad) });
        };
        (customer.number, Job { line: number, position, work: Ok(Sale { row, customer, shop }) })
    }
}

impl Iterator for Feed<'_> {
    type Item = (u64, Job);

    fn next(&mut self) -> Option<(u64, Job)> {
        loop {
            let line = match self.rows.next_line() {
                Ok(line) => line?,
                Err(broken) => {
                    self.broken = Some(broken.context("the file cannot be read to its end"));
                    return None;
                }
            };
            let (lane, job) = self.job(line);
            if self.skip == 0 {
                return Some((lane, job));
            }
            // Done by an earlier run; its customer and its shop are counted already.
            self.skip -= 1;
            if let Ok(sale) = &job.work {
                sale.customer.count();
                sale.shop.count();
            }
        }
    }
}

/// What is written down on the way.
struct Books {
    state: State,
    state_path: PathBuf,
    report: Report,
    keys: Keys,
    progress: Progress,
    saved: Instant,
    broken: Option<anyhow::Error>,
}

impl Books {
    fn open(state: State, total: u64, report: Report, state_path: PathBuf, office: &Office) -> Self {
        let (keys, progress) = (Arc::clone(&office.keys), Progress::new("rows", total));
        Self { state, state_path, report, keys, progress, saved: Instant::now(), broken: None }
    }

    fn fold(&mut self, done: Done) -> Flow {
        self.state.tally.count(&done);
        let noted = self.report.note(&done);
        self.progress.at(done.position, self.state.tally.rows);
        if let End::Broken(error) = done.end {
            self.broken = Some(anyhow::Error::new(error).context(format!("line {}", done.line)));
            return Flow::Stop;
        }
        let saved = if self.saved.elapsed() < SAVE_EVERY { Ok(()) } else { self.save() };
        match noted.and(saved) {
            Ok(()) => Flow::On,
            Err(fault) => {
                self.broken = Some(fault);
                Flow::Stop
            }
        }
    }

    fn save(&mut self) -> anyhow::Result<()> {
        self.saved = Instant::now();
        self.state.report_bytes = self.report.flush()?;
        self.state.keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.state.save(&self.state_path)
    }

    /// Keeps what the next run needs, or cleans up.
    async fn close(&mut self, unfinished: bool, office: &Office) -> anyhow::Result<()> {
        self.progress.finish();
        if unfinished {
            return self.save();
        }
        self.report.flush()?;
        let left = office.revoke_all().await;
        if left > 0 {
            eprintln!("{left} till keys of this import could not be revoked; the next import revokes them");
        }
        State::forget(&self.state_path);
        Ok(())
    }
}
