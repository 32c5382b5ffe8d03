//! The judge: tills' diaries against the ledger.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use crate::{
    diary::{Diary, Event, Told},
    rig::Rig,
};

/// What the comparison found. Purchases are what customers bought; a purchase may have been sent many times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Purchases that the tills were told are taken.
    pub acknowledged: usize,
    /// Purchases sent whose outcome no till knows.
    pub unknown: usize,
    /// Purchases in the ledger.
    pub recorded: usize,
    /// Acknowledged, and not in the ledger (I1).
    pub missing: usize,
    /// Rows of the ledger beyond the first one of a purchase (I1, I2).
    pub duplicated: usize,
    /// Rows of the ledger that no till has sent (I2).
    pub invented: usize,
    /// Rows that say something else than the till was told.
    pub altered: usize,
}

impl Verdict {
    /// Nothing lost, nothing minted, nothing changed afterwards.
    pub const fn is_clean(&self) -> bool {
        self.missing == 0 && self.duplicated == 0 && self.invented == 0 && self.altered == 0
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, unknown, recorded, missing, duplicated, invented, altered } = self;
        write!(
            f,
            "{acknowledged} acknowledged, {unknown} unknown, {recorded} recorded: missing {missing}, \
             duplicated {duplicated}, invented {invented}, altered {altered}"
        )
    }
}

/// Every purchase as the diaries tell it: till, receipt, and what was answered.
const PURCHASES: &str = "SELECT till, receipt, id, version, points, balance FROM journals WHERE kind = 1";

/// Compares what all diaries say with all purchases in the ledger of `rig`.
pub async fn judge(rig: &Rig, diaries: &[Diary]) -> Verdict {
    judge_by(rig, diaries, PURCHASES).await
}

/// Compares what all diaries say with what the ledger has by this question.
pub async fn judge_by(rig: &Rig, diaries: &[Diary], sql: &str) -> Verdict {
    let rows = rig.rows("points", sql).await;
    // Reading and comparing hundreds of thousands of lines takes its time.
    tokio::task::block_in_place(|| compare(diaries.iter().map(Diary::read), &rows))
}

/// A purchase of a diary: which diary, and its number there.
type Purchase = (usize, u64);

fn compare(diaries: impl Iterator<Item = Vec<Event>>, rows: &[String]) -> Verdict {
    let mut senders: HashMap<(String, String), Purchase> = HashMap::new();
    let mut sent: BTreeSet<Purchase> = BTreeSet::new();
    let mut taken: BTreeMap<Purchase, Option<Told>> = BTreeMap::new();
    for (number, events) in diaries.enumerate() {
        for event in events {
            match event {
                Event::Sent { purchase, till, receipt } => {
                    senders.insert((till, receipt), (number, purchase));
                    sent.insert((number, purchase));
                }
                Event::Taken { purchase, told } => drop(taken.insert((number, purchase), told)),
            }
        }
    }
    let mut verdict = Verdict { acknowledged: taken.len(), recorded: rows.len(), ..Verdict::default() };
    verdict.unknown = sent.iter().filter(|purchase| !taken.contains_key(purchase)).count();
    let mut found: BTreeMap<Purchase, Vec<Told>> = BTreeMap::new();
    for row in rows {
        let columns: Vec<&str> = row.split('|').collect();
        let number = |place: usize| columns[place].parse::<i64>().expect("a number");
        let told =
            Told { id: columns[2].to_owned(), version: number(3), points: number(4), balance: number(5) };
        match senders.get(&(columns[0].to_owned(), columns[1].to_owned())) {
            Some(purchase) => found.entry(*purchase).or_default().push(told),
            None => verdict.invented += 1,
        }
    }
    verdict.duplicated = found.values().map(|rows| rows.len() - 1).sum();
    for (purchase, told) in &taken {
        match (found.get(purchase), told) {
            (None, _) => verdict.missing += 1,
            (Some(rows), Some(told)) if !rows.contains(told) => verdict.altered += 1,
            _ => {}
        }
    }
    verdict
}

#[test]
fn the_judge_finds_each_kind_of_wrong() {
    let sent =
        |purchase, receipt: &str| Event::Sent { purchase, till: "t".to_owned(), receipt: receipt.to_owned() };
    let told = |id: &str, points| Told { id: id.to_owned(), version: 1, points, balance: points };
    let events = vec![
        sent(1, "a"),
        Event::Taken { purchase: 1, told: Some(told("A", 5)) },
        sent(2, "b"),
        sent(2, "b-again"),
        Event::Taken { purchase: 2, told: Some(told("B2", 5)) },
        sent(3, "c"),
        Event::Taken { purchase: 3, told: None },
        sent(4, "d"),
        sent(5, "e"),
        Event::Taken { purchase: 5, told: Some(told("E", 6)) },
    ];
    let rows = ["t|a|A|1|5|5", "t|b|B|1|5|5", "t|b-again|B2|1|5|5", "t|e|E|1|7|7", "t|x|X|1|5|5"];
    let rows: Vec<String> = rows.map(str::to_owned).into();
    let verdict = compare([events].into_iter(), &rows);
    let expected = Verdict {
        acknowledged: 4,
        unknown: 1,
        recorded: 5,
        missing: 1,
        duplicated: 1,
        invented: 1,
        altered: 1,
    };
    assert_eq!(verdict, expected);
}
