//! The sample purchases: three thousand plausible baskets over ninety days, the same for every demo but for their dates.

use kernel::{Day, Language, Timestamp};
use serde::Serialize;

use super::{
    chain::{BRANCHES, TILLS},
    chance::Chance,
    people::Person,
};

/// How many purchases there are.
pub const COUNT: usize = 3_000;
const DAYS: u64 = 90;
const SEED: u64 = 0x56_41_46_41;
const MICROS_PER_MINUTE: i64 = 60_000_000;

/// An article: number, category, price in rials of a piece or a kilogram, whether it is weighed.
type Article = (&'static str, &'static str, i64, bool);

const ARTICLES: &[Article] = &[
    ("bread-sangak", "bakery", 150_000, false),
    ("bread-toast", "bakery", 380_000, false),
    ("milk-1l", "dairy", 420_000, false),
    ("yoghurt-900g", "dairy", 560_000, false),
    ("cheese-feta", "dairy", 1_450_000, true),
    ("eggs-12", "dairy", 1_250_000, false),
    ("rice-5kg", "staples", 7_900_000, false),
    ("lentils-900g", "staples", 980_000, false),
    ("oil-1800ml", "staples", 1_650_000, false),
    ("sugar-1kg", "staples", 590_000, false),
    ("tea-500g", "drinks", 3_400_000, false),
    ("coffee-250g", "drinks", 4_200_000, false),
    ("water-6x1500ml", "drinks", 720_000, false),
    ("juice-1l", "drinks", 640_000, false),
    ("tomatoes", "fruit-vegetables", 320_000, true),
    ("cucumbers", "fruit-vegetables", 350_000, true),
    ("oranges", "fruit-vegetables", 480_000, true),
    ("pomegranates", "fruit-vegetables", 760_000, true),
    ("dates-mazafati", "fruit-vegetables", 1_900_000, true),
    ("chicken", "meat-fish", 1_080_000, true),
    ("lamb", "meat-fish", 8_500_000, true),
    ("trout", "meat-fish", 3_100_000, true),
    ("saffron-1g", "spices", 2_600_000, false),
    ("pistachios-500g", "snacks", 5_800_000, false),
    ("chocolate-bar", "snacks", 450_000, false),
    ("detergent-2kg", "household", 2_300_000, false),
    ("shampoo-400ml", "household", 1_350_000, false),
    ("nappies-48", "household", 4_900_000, false),
];

/// A line of a receipt, as the API takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SampleLine {
    sku: &'static str,
    category: &'static str,
    quantity_milli: i64,
    amount: i64,
}

/// A purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamplePurchase {
    /// Its receipt: the same for ever.
    pub receipt: String,
    /// Who: a place in the list of people.
    pub person: usize,
    /// Where: a place in [`BRANCHES`].
    pub branch: usize,
    /// At which till.
    pub till: &'static str,
    /// When.
    pub occurred_at: Timestamp,
    /// What.
    pub lines: Vec<SampleLine>,
    /// Paid, in minor units.
    pub amount: i64,
}

/// The purchases of the ninety days before `today`, in the order of time.
pub fn purchases(people: &[Person], today: Day) -> Vec<SamplePurchase> {
    let mut chance = Chance::seeded(SEED);
    let habits: Vec<Habit> = people.iter().map(|person| Habit::of(person, &mut chance)).collect();
    let eager: u64 = habits.iter().map(|habit| habit.eagerness).sum();
    let mut all: Vec<SamplePurchase> = (0..COUNT)
        .map(|_| {
            let person = by_weight(chance.below(eager), habits.iter().map(|habit| habit.eagerness));
            purchase(&habits[person], person, today, &mut chance)
        })
        .collect();
    all.sort_by_key(|purchase| purchase.occurred_at);
    for (number, purchase) in all.iter_mut().enumerate() {
        purchase.receipt = format!("D{}-{:05}", today.to_string().replace('-', ""), number + 1);
    }
    all
}

/// How often somebody shops, and where.
struct Habit {
    eagerness: u64,
    home: usize,
}

impl Habit {
    fn of(person: &Person, chance: &mut Chance) -> Self {
        let near = |branch: usize| match person.language {
            Language::Fa => BRANCHES[branch].region != "gulf",
            Language::Ar => BRANCHES[branch].region == "gulf",
            Language::En => true,
        };
        let total: u64 = (0..BRANCHES.len()).filter(|b| near(*b)).map(|b| BRANCHES[b].size).sum();
        let weights = (0..BRANCHES.len()).map(|b| if near(b) { BRANCHES[b].size } else { 0 });
        let home = by_weight(chance.below(total), weights);
        // A few come nearly every day, most once or twice a week.
        Self { eagerness: 1 + chance.below(4) * chance.below(4), home }
    }
}

fn purchase(habit: &Habit, person: usize, today: Day, chance: &mut Chance) -> SamplePurchase {
    let total: u64 = BRANCHES.iter().map(|branch| branch.size).sum();
    let elsewhere = by_weight(chance.below(total), BRANCHES.iter().map(|branch| branch.size));
    let branch = if chance.below(10) < 8 { habit.home } else { elsewhere };
    let day = i64::from(today.number()) - 1 - i64::try_from(chance.below(DAYS)).unwrap_or_default();
    // Two thirds shop in the evening.
    let (from, minutes) = if chance.below(3) == 0 { (9 * 60, 4 * 60) } else { (17 * 60, 5 * 60) };
    let minute = from + i64::try_from(chance.below(minutes)).unwrap_or_default();
    let at = (day * 24 * 60 + minute - BRANCHES[branch].ahead_min) * MICROS_PER_MINUTE;
    let lines: Vec<_> = (0..=chance.below(4) + chance.below(5)).map(|_| line(chance)).collect();
    let amount = lines.iter().map(|line| line.amount).sum();
    let (till, occurred_at) = (*chance.pick(&TILLS), Timestamp::from_micros(at));
    SamplePurchase { receipt: String::new(), person, branch, till, occurred_at, lines, amount }
}

fn line(chance: &mut Chance) -> SampleLine {
    let &(sku, category, price, weighed) = chance.pick(ARTICLES);
    let grams = 250 + 50 * i64::try_from(chance.below(36)).unwrap_or_default();
    let pieces = [1, 1, 1, 2, 2, 3][usize::try_from(chance.below(6)).unwrap_or_default()];
    let quantity_milli = if weighed { grams } else { pieces * 1000 };
    // In minor units, a hundred to the rial; prices are whole thousands, so nothing is lost.
    let amount = price / 10 * quantity_milli;
    SampleLine { sku, category, quantity_milli, amount }
}

/// The place that `point` falls on when each has so much room.
fn by_weight(mut point: u64, weights: impl Iterator<Item = u64>) -> usize {
    let mut last = 0;
    for (place, weight) in weights.enumerate() {
        if point < weight {
            return place;
        }
        point -= weight;
        last = place;
    }
    last
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::people::people;
    use super::*;

    fn sample(today: &str) -> Vec<SamplePurchase> {
        purchases(&people(), Day::parse(today).expect("a day of the test"))
    }

    #[test]
    fn the_same_day_gives_the_same_purchases() {
        assert_eq!(sample("2026-11-22"), sample("2026-11-22"));
        let (one, other) = (sample("2026-11-22"), sample("2026-11-23"));
        let receipts: BTreeSet<_> = one.iter().chain(&other).map(|p| &p.receipt).collect();
        assert_eq!(receipts.len(), 2 * COUNT);
    }

    #[test]
    fn purchases_are_plausible() {
        let all = sample("2026-11-22");
        let end = Timestamp::parse("2026-11-22T00:00:00Z").expect("an instant of the test");
        assert!(all.is_sorted_by_key(|purchase| purchase.occurred_at));
        assert!(all.iter().all(|p| p.occurred_at < end && !p.lines.is_empty()));
        assert!(all.iter().all(|p| p.amount == p.lines.iter().map(|line| line.amount).sum::<i64>()));
        assert!(all.iter().all(|p| (1_000_000..10_000_000_000).contains(&p.amount)));
        let branches: BTreeSet<_> = all.iter().map(|p| p.branch).collect();
        assert_eq!(branches.len(), BRANCHES.len(), "every branch sells something");
    }
}
