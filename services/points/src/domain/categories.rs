//! What a purchase and a return were about, by the categories that the till named: told to others, and decided by nobody here.
//!
//! Lines that came back by name are of their own category; what came back without a line is of each category in proportion, rounded
//! down: whoever adds up takes away no more than is there.

use std::collections::BTreeMap;

use contracts::points::{CategoryAmount, MOST_CATEGORIES, ReturnedLine};

use super::purchase::Line;

/// The categories of a receipt with what was paid for each, the largest amounts first, equal ones by name; those of no amount left out.
#[must_use]
pub fn of_lines(lines: &[Line]) -> Vec<CategoryAmount> {
    let named = lines.iter().filter_map(|line| Some((line.category.as_deref()?, line.amount)));
    ordered(named)
}

/// The categories of what came back: of the lines where they are named, else of so much of so much.
#[must_use]
pub fn of_return(sold: &[Line], back: &[ReturnedLine], (amount, of): (i64, i64)) -> Vec<CategoryAmount> {
    if back.is_empty() {
        let share = |all: i64| {
            let part = i128::from(all) * i128::from(amount) / i128::from(of.max(1));
            i64::try_from(part).unwrap_or(all).min(all)
        };
        let mut all = of_lines(sold);
        for one in &mut all {
            one.amount = share(one.amount);
        }
        all.retain(|one| one.amount > 0);
        return all;
    }
    let named = back.iter().filter_map(|back| {
        let place = usize::try_from(back.line).ok()?.checked_sub(1)?;
        Some((sold.get(place)?.category.as_deref()?, back.amount))
    });
    ordered(named)
}

fn ordered<'a>(named: impl Iterator<Item = (&'a str, i64)>) -> Vec<CategoryAmount> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for (category, amount) in named.filter(|(category, amount)| !category.is_empty() && *amount > 0) {
        let sum = sums.entry(category).or_default();
        *sum = sum.saturating_add(amount);
    }
    let told = |(category, amount): (&str, i64)| CategoryAmount { category: category.to_owned(), amount };
    let mut all: Vec<CategoryAmount> = sums.into_iter().map(told).collect();
    all.sort_by(|one, other| other.amount.cmp(&one.amount).then_with(|| one.category.cmp(&other.category)));
    all.truncate(MOST_CATEGORIES);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(category: Option<&str>, amount: i64) -> Line {
        Line { sku: "a".to_owned(), category: category.map(str::to_owned), quantity_milli: 1_000, amount }
    }

    fn told(all: &[CategoryAmount]) -> Vec<(&str, i64)> {
        all.iter().map(|one| (one.category.as_str(), one.amount)).collect()
    }

    #[test]
    fn what_is_bought_most_comes_first_and_what_has_no_category_is_left_out() {
        let lines = [
            line(Some("tea"), 50),
            line(None, 900),
            line(Some("coffee"), 30),
            line(Some("cake"), 50),
            line(Some("coffee"), 40),
            line(Some("bag"), 0),
        ];
        assert_eq!(told(&of_lines(&lines)), [("coffee", 70), ("cake", 50), ("tea", 50)]);
        let many: Vec<Line> = (0..30).map(|number| line(Some(&format!("c{number:02}")), 5)).collect();
        assert_eq!(of_lines(&many).len(), MOST_CATEGORIES);
    }

    #[test]
    fn what_comes_back_is_of_its_line_or_of_all_in_proportion() {
        let lines = [line(Some("coffee"), 300), line(Some("tea"), 101), line(None, 99)];
        let back = [ReturnedLine { line: 2, sku: "a".to_owned(), quantity_milli: 1_000, amount: 60 }];
        assert_eq!(told(&of_return(&lines, &back, (60, 500))), [("tea", 60)]);
        assert_eq!(told(&of_return(&lines, &[], (250, 500))), [("coffee", 150), ("tea", 50)]);
        assert_eq!(of_return(&lines, &[], (500, 500)), of_lines(&lines));
        assert_eq!(told(&of_return(&lines, &[], (1, 500))), []);
    }
}
