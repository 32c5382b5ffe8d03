//! `vafa simulate`: what a programme would have given for the purchases of a file, with nothing started and nothing kept.
//!
//! The code that decides is the one that decides at tills. Each purchase and each return is recorded when it was made, customers
//! and stores are known by their numbers in the file, and nobody spends anything.

mod file;
mod returns;
mod tell;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context as _, anyhow, bail};
use kernel::{BranchCode, Language, RegionCode};
use points::{
    domain::{Example, Mistake, Places, Programme, ProgrammeDocument, Rates, Replay, SimulationFigures},
    report_simulation,
};
use runtime::Chain;

use self::{file::File, returns::Returns};
use super::{
    Outcome,
    import::{Kind, progress::Progress, rows::Rows},
};
use crate::load_settings;

/// What is simulated.
#[derive(clap::Args)]
#[command(
    after_help = "The file has the columns of `vafa import purchases`: basket_id, customer_id, store_id, occurred_at, amount; \
    store 12 is the branch store-12. Returns have the same columns and find their purchases as with `vafa import returns`. Both are \
    in the order of time.\n\n\
    Exit codes: 0 every row was decided; 1 rows could not be read or were refused; 2 it did not get through."
)]
pub struct Options {
    /// Programme document (JSON) that is simulated
    #[arg(long)]
    programme: PathBuf,
    /// CSV file with a header, plain or .gz
    #[arg(long)]
    purchases: PathBuf,
    /// CSV file of returns, as `vafa import returns` takes it
    #[arg(long)]
    returns: Option<PathBuf>,
    /// How many days after a purchase it can come back; those longer ago are forgotten
    #[arg(long, default_value_t = 366, requires = "returns")]
    returned_within: u16,
    /// Programme document (JSON) that it is compared with
    #[arg(long)]
    against: Option<PathBuf>,
    /// What points are worth (JSON, as `PUT /v1/money/rates/{valid_from}` takes it), to count money, too
    #[arg(long)]
    rates: Option<PathBuf>,
    /// Where a report with charts is written (HTML)
    #[arg(long)]
    out: Option<PathBuf>,
    /// Where the figures are written (JSON)
    #[arg(long)]
    json: Option<PathBuf>,
    /// Language of the report: fa, ar or en
    #[arg(long, default_value = "en", value_parser = parse_language)]
    language: Language,
    /// Region of all stores
    #[arg(long, default_value = "imported")]
    region: RegionCode,
    /// Decimal digits of the currency's smallest unit [default: as ISO 4217 has it]
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=6))]
    exponent: Option<u8>,
    /// Settings file (TOML), for the chain's wall clock
    #[arg(long, env = "VAFA_CONFIG")]
    config: Option<PathBuf>,
}

fn parse_language(text: &str) -> Result<Language, String> {
    Language::parse(text).map_err(|_| "fa, ar or en".to_owned())
}

/// Simulates.
///
/// # Errors
/// When it did not get through: a file that cannot be read, a programme with mistakes, sums that do not fit.
pub fn run(options: &Options) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let chain = Chain::from_settings(&load_settings(options.config.as_deref())?)?;
    let programme = read_programme(&options.programme)?;
    let against = options.against.as_deref().map(read_programme).transpose()?;
    let currency = programme.document.currency;
    if against.as_ref().is_some_and(|other| other.document.currency != currency) {
        bail!("the two programmes count in different currencies");
    }
    let rates = options.rates.as_deref().map(read_rates).transpose()?;
    let exponent = options.exponent.unwrap_or_else(|| currency.exponent());
    let mut file = File::new(&chain, options.region.clone(), currency)?;
    let mut replay = Replay::new(&programme, against.as_ref());
    let unread = replay_all(options, exponent, &mut file, &mut replay)?;
    let end = file.end();
    let assumed = replay.unknown_in_files(end.today);
    let figures = replay.finish(end, rates.as_ref()).map_err(|overflow| anyhow!(overflow))?;
    let figures = SimulationFigures { assumed, ..figures };
    let names = names(options, against.is_some());
    tell::tell(&figures, &names, unread, exponent, currency, began);
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&figures)? + "\n")
            .with_context(|| path.display().to_string())?;
    }
    if let Some(path) = &options.out {
        let called = |example: &Example| file.customer(example.member).to_owned();
        let notes = [options.purchases.display().to_string()];
        let html = report_simulation(options.language, currency, &figures, &names, &notes, &called);
        std::fs::write(path, html).with_context(|| path.display().to_string())?;
        println!("\nReport: {}", path.display());
    }
    let refused: u64 = figures.programmes.iter().map(|side| side.refused).sum();
    Ok(if unread + refused == 0 { Outcome::Fine } else { Outcome::Found })
}

fn read_programme(path: &Path) -> anyhow::Result<Programme> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| shown.to_string())?;
    let document: ProgrammeDocument =
        serde_json::from_str(&text).with_context(|| format!("{shown} is no programme document"))?;
    let mistakes = mistakes(&document);
    if !mistakes.is_empty() {
        let all: Vec<String> = mistakes.iter().map(|m| format!("{}: {}", m.pointer, m.reason)).collect();
        bail!("{shown} has mistakes: {}", all.join("; "));
    }
    Ok(Programme { version: 0, document })
}

/// Funders are not checked: which branches there are, only a chain can know.
fn read_rates(path: &Path) -> anyhow::Result<Rates> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| shown.to_string())?;
    let rates: Rates =
        serde_json::from_str(&text).with_context(|| format!("{shown} does not say what points are worth"))?;
    let funders: BTreeSet<BranchCode> = rates.funders.iter().map(|given| given.funder.clone()).collect();
    match rates.mistake(&funders) {
        None => Ok(rates),
        Some(pointer) => bail!("{shown} has a mistake at {pointer}"),
    }
}

/// Every mistake but those about places and segments, which only a chain can know.
fn mistakes(document: &ProgrammeDocument) -> Vec<Mistake> {
    let (branches, regions, segments) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let places = Places { branches: &branches, regions: &regions, segments: &segments };
    let mut mistakes = document.mistakes(document.currency, &places);
    mistakes
        .retain(|mistake| !["unknown_branch", "unknown_region", "unknown_segment"].contains(&mistake.reason));
    mistakes
}

/// Answers how many rows could not be read.
fn replay_all(
    options: &Options,
    exponent: u8,
    file: &mut File<'_>,
    replay: &mut Replay<'_>,
) -> anyhow::Result<u64> {
    const SHOWN_EVERY: u64 = 1_000;
    let mut rows = Rows::open(&options.purchases, Kind::Purchases, exponent)?;
    let position = rows.position();
    let total = std::fs::metadata(&options.purchases)?.len();
    let mut returns = match &options.returns {
        Some(path) => Some(Returns::open(path, exponent, options.returned_within)?),
        None => None,
    };
    let mut progress = Progress::new("baskets", total);
    let mut unread = 0;
    while let Some(line) = rows.next_line()? {
        match line.row.ok().and_then(|row| Some((file.purchase(&row)?, row))) {
            Some((purchase, row)) => {
                let kept = match &mut returns {
                    Some(returns) => {
                        returns.before(purchase.occurred_at, file, replay)?;
                        returns.keep(&purchase, &row.customer, replay)
                    }
                    None => false,
                };
                replay.purchase(purchase, kept).map_err(|overflow| anyhow!(overflow))?;
            }
            None => unread += 1,
        }
        if replay.purchases().is_multiple_of(SHOWN_EVERY) {
            progress.at(position.bytes(), replay.purchases());
        }
    }
    if let Some(returns) = returns {
        unread += returns.rest(file, replay)?;
    }
    progress.finish();
    Ok(unread)
}

/// What the programmes are called: by their files.
fn names(options: &Options, compared: bool) -> Vec<String> {
    let name =
        |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let against = options.against.as_deref().filter(|_| compared);
    std::iter::once(options.programme.as_path()).chain(against).map(name).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use kernel::Points;
    use points::domain::Assumed;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    const HEADER: &str = "basket_id,customer_id,store_id,occurred_at,amount,items\n";

    fn programme(points: i64) -> String {
        let name = serde_json::json!({"fa": "پایه", "ar": "أساس", "en": "Base"});
        let rule = serde_json::json!({
            "code": "base", "name": name, "when": {"branches": ["store-7"]}, "give": {"fixed": {"points": points}},
        });
        let mut club = rule.clone();
        club["code"] = "club".into();
        club["when"] = serde_json::json!({"member": {"segments": ["regulars"], "joined": {"from_days": 1}}});
        serde_json::json!({"name": name, "currency": "EUR", "expiry": {"months": 1}, "rules": [rule, club]})
            .to_string()
    }

    #[test]
    fn a_file_is_simulated_under_two_programmes_side_by_side() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(place("new.json"), programme(5)).unwrap();
        std::fs::write(place("old.json"), programme(3)).unwrap();
        let body = "1,ann,7,2026-01-01T10:00:00Z,1.50,1\n2,bob,7,2026-01-02T10:00:00Z,2.00,1\n\
                    3,ann,8,2026-02-20T10:00:00Z,9.00,1\n4,ann,7,2026-02-20T10:00:01Z,1.00,1\nx,ann,7,never,1.00,1\n";
        std::fs::write(place("baskets.csv"), format!("{HEADER}{body}")).unwrap();
        let args = ["simulate", "--programme", &place("new.json"), "--purchases", &place("baskets.csv")];
        let more = [
            "--against",
            &place("old.json"),
            "--out",
            &place("report.html"),
            "--json",
            &place("figures.json"),
            "--rates",
            &place("rates.json"),
        ];
        let rates = r#"{"cost": {"amount": 2, "points": 1}, "breakage_basis_points": 1500}"#;
        std::fs::write(place("rates.json"), rates).unwrap();
        let cli = Cli::try_parse_from(args.iter().chain(&more)).unwrap();
        assert_eq!(run(&cli.options).unwrap(), Outcome::Found, "a row could not be read");
        let figures: SimulationFigures =
            serde_json::from_str(&std::fs::read_to_string(place("figures.json")).unwrap()).unwrap();
        assert_eq!((figures.members, figures.purchases, figures.amount), (2, 4, 1_350));
        let sides: Vec<_> =
            figures.programmes.iter().map(|side| (side.issued, side.expired, side.liability)).collect();
        let points =
            |numbers: [i64; 3]| (Points::new(numbers[0]), Points::new(numbers[1]), Points::new(numbers[2]));
        assert_eq!(sides, [points([15, 10, 5]), points([9, 6, 3])]);
        let money: Vec<_> = figures.programmes.iter().filter_map(|side| side.money).collect();
        let money: Vec<_> = money.iter().map(|m| (m.cost, m.owed.value, m.owed.breakage)).collect();
        assert_eq!(money, [(30, 10, 1), (18, 6, 0)]);
        assert_eq!(figures.comparison.map(|c| (c.winners, c.losers, c.unchanged)), Some((2, 0, 0)));
        let report = std::fs::read_to_string(place("report.html")).unwrap();
        assert_eq!(figures.assumed, [Assumed::JoinedUnknown, Assumed::SegmentsUnknown]);
        assert!(
            report.contains("Nothing is known of chosen members: rules for them give nothing."),
            "{report}"
        );
        assert!(report.contains("<svg") && report.contains("<td>ann</td>"), "{report}");
    }

    #[test]
    fn returns_of_a_file_take_back_what_their_purchases_earned() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name).display().to_string();
        let name = serde_json::json!({"fa": "پایه", "ar": "أساس", "en": "Base"});
        let rule = serde_json::json!({"code": "base", "name": name, "give": {"per_amount": {"amount": 100, "points": 1}}});
        let document = serde_json::json!({"name": name, "currency": "EUR", "rules": [rule]});
        std::fs::write(place("programme.json"), document.to_string()).unwrap();
        let bought = "1,ann,7,2026-01-01T10:00:00Z,50.00,1\n2,bob,7,2026-01-02T10:00:00Z,20.00,1\n\
                      3,ann,7,2026-01-03T10:00:00Z,30.00,1\n4,ann,8,2026-03-20T10:00:00Z,9.99,1\n";
        // The newest that was large enough, then both, the newest first; more than there was, and of an unknown customer.
        let back = "r1,ann,7,2026-01-02T10:00:00Z,-10.00,1\nr2,ann,7,2026-01-04T10:00:00Z,-25.50,1\n\
                    r3,bob,7,2026-01-05T10:00:00Z,-35.00,1\nr4,ann,7,2026-01-06T10:00:00Z,-40.25,1\n\
                    r5,eve,7,2026-01-07T10:00:00Z,-1.00,1\nr6,ann,7,never,-1.00,1\nr7,ann,8,2026-03-20T10:00:00Z,-9.99,1\n";
        std::fs::write(place("baskets.csv"), format!("{HEADER}{bought}")).unwrap();
        std::fs::write(place("returns.csv"), format!("{HEADER}{back}")).unwrap();
        let (programme, baskets) = (place("programme.json"), place("baskets.csv"));
        let (returns, figures) = (place("returns.csv"), place("figures.json"));
        let simulated = |more: &[&str]| {
            let args =
                ["simulate", "--programme", &programme, "--purchases", &baskets, "--returns", &returns];
            let cli = Cli::try_parse_from(args.iter().chain(&["--json", &figures]).chain(more)).unwrap();
            assert_eq!(run(&cli.options).unwrap(), Outcome::Found, "a row could not be read");
            let text = std::fs::read_to_string(&figures).unwrap();
            serde_json::from_str::<SimulationFigures>(&text).unwrap()
        };
        let all = simulated(&[]);
        assert_eq!((all.purchases, all.returns, all.returns_left_out), (4, 6, 2));
        let side = &all.programmes[0];
        let points = |side: &points::domain::ProgrammeFigures| {
            [side.issued, side.taken_back, side.liability, side.debt].map(Points::count)
        };
        // Of 50 points 10, then 25 of 30, all 20, 40 of the 40 that were left, the last 9.
        assert_eq!(points(side), [109, 104, 5, 0]);
        let soon = simulated(&["--returned-within", "3"]);
        assert_eq!((soon.returns, soon.returns_left_out), (5, 3), "the first purchase is forgotten by then");
    }

    #[test]
    fn rates_with_a_mistake_are_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rates.json");
        std::fs::write(&path, r#"{"cost": {"amount": 2, "points": 0}, "breakage_basis_points": 0}"#).unwrap();
        assert!(read_rates(&path).unwrap_err().to_string().ends_with("/cost/points"));
        std::fs::write(&path, r#"{"cost": 7}"#).unwrap();
        assert!(read_rates(&path).unwrap_err().to_string().contains("does not say what points are worth"));
    }

    #[test]
    fn a_programme_with_mistakes_is_refused_with_every_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wrong.json");
        std::fs::write(&path, programme(0).replace("\"months\":1", "\"months\":0")).unwrap();
        let refused = read_programme(&path).unwrap_err().to_string();
        assert!(
            refused.contains("/expiry/months") && refused.contains("/rules/0/give/fixed/points"),
            "{refused}"
        );
    }
}
