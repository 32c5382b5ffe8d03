//! Which of what a member can have suits them best, and why (W8).
//!
//! A score adds up, and can be done again by hand:
//!
//! | part | points | what it says |
//! |---|---|---|
//! | habit | 0 to 1000 | thousandths of what the member buys, by [`super::taste`], that are of its categories |
//! | reach | 0 to 300 | what the member has of its price: 300 where they can have it now |
//! | ending | 0 to 200 | the nearer its end, within fourteen days |
//! | fresh | 0 or 100 | of a kind of which they never had anything |
//!
//! **More purchases of a category never lower the score of what is about it**, and the same things are always in the same order:
//! by score, then by code. **Where there are two kinds, two are shown.** Nothing is learned, and nobody's purchases change
//! what others are shown.

use std::collections::BTreeMap;

use kernel::Timestamp;

use super::gift_rule::DAY_MS;

/// What is open to a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its code; those of offers and rewards may be the same.
    pub code: String,
    /// Whether it is a personal offer, and not a reward for points.
    pub offer: bool,
    /// The kind of what it gives.
    pub kind: String,
    /// What it is about.
    pub categories: Vec<String>,
    /// What it costs in points: none for an offer.
    pub points: i64,
    /// How many of them the member has too few; nothing where that is not known.
    pub missing: Option<i64>,
    /// Until when it can be had.
    pub until: Option<Timestamp>,
}

/// What is known of the member: how much each category counts, and of which kinds they had something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// How much each category counts.
    pub weights: BTreeMap<String, i64>,
    /// The kinds of which they had something.
    pub had: Vec<String>,
}

/// Why something is shown, as the member is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// They often buy this: a tenth of what they buy, or more.
    OftenBought {
        /// Of its categories the one that they buy most.
        category: String,
    },
    /// It ends within a week.
    EndsSoon,
    /// They never had anything of its kind.
    NewKind,
    /// They can have it now.
    InReach,
    /// A quarter of its price is missing, or less.
    NearlyInReach,
    /// It is for them.
    ForYou,
}

impl Why {
    /// The word in answers.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::OftenBought { .. } => "often_bought",
            Self::EndsSoon => "ends_soon",
            Self::NewKind => "new_kind",
            Self::InReach => "in_reach",
            Self::NearlyInReach => "nearly_in_reach",
            Self::ForYou => "for_you",
        }
    }
}

/// The parts of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What the member buys anyway.
    pub habit: i64,
    /// What they have of its price.
    pub reach: i64,
    /// How near its end is.
    pub ending: i64,
    /// Whether it is something new.
    pub fresh: i64,
}

impl Parts {
    /// Their sum.
    #[must_use]
    pub const fn score(self) -> i64 {
        self.habit + self.reach + self.ending + self.fresh
    }
}

const REACH: i64 = 300;
const ENDING: i64 = 200;
const FRESH: i64 = 100;
const SOON_MS: i64 = 14 * DAY_MS;

fn share(part: i64, of: i64, most: i64) -> i64 {
    let share = i128::from(part.clamp(0, of.max(0))) * i128::from(most) / i128::from(of.max(1));
    i64::try_from(share).unwrap_or(most)
}

/// The parts of a candidate's score.
#[must_use]
pub fn parts(candidate: &Candidate, habits: &Habits, now: Timestamp) -> Parts {
    let all = habits.weights.values().fold(0_i64, |sum, weight| sum.saturating_add(*weight));
    let mut about: Vec<&String> = candidate.categories.iter().collect();
    about.sort_unstable();
    about.dedup();
    let own = about.into_iter().filter_map(|category| habits.weights.get(category));
    let own = own.fold(0_i64, |sum, weight| sum.saturating_add(*weight));
    let reach = match candidate.missing {
        Some(missing) if candidate.points > 0 => share(candidate.points - missing, candidate.points, REACH),
        Some(_) => REACH,
        None => 0,
    };
    let left = candidate.until.map_or(i64::MAX, |until| until.millis_since(now).max(0));
    Parts {
        habit: share(own, all, 1_000),
        reach,
        ending: share(SOON_MS.saturating_sub(left), SOON_MS, ENDING),
        fresh: if habits.had.contains(&candidate.kind) { 0 } else { FRESH },
    }
}

/// Why a candidate is shown: the first that holds.
#[must_use]
pub fn why(candidate: &Candidate, habits: &Habits, parts: Parts) -> Why {
    let weight = |category: &&String| habits.weights.get(*category).copied().unwrap_or_default();
    let most = candidate
        .categories
        .iter()
        .max_by(|one, other| weight(one).cmp(&weight(other)).then_with(|| other.cmp(one)));
    match most.filter(|_| parts.habit >= 100) {
        Some(category) => Why::OftenBought { category: category.clone() },
        None if parts.ending >= ENDING / 2 => Why::EndsSoon,
        None if parts.fresh > 0 && !habits.had.is_empty() => Why::NewKind,
        None if candidate.offer => Why::ForYou,
        None if parts.reach == REACH => Why::InReach,
        None if candidate.missing.is_some_and(|missing| missing <= candidate.points / 4) => {
            Why::NearlyInReach
        }
        None => Why::ForYou,
    }
}

/// The best of them, the best one first, so many at most: of two kinds at least, where there are two and two are shown.
#[must_use]
pub fn best(
    candidates: Vec<Candidate>,
    habits: &Habits,
    (now, most): (Timestamp, usize),
) -> Vec<(Candidate, Parts, Why)> {
    let judged = |candidate: Candidate| {
        let parts = parts(&candidate, habits, now);
        let why = why(&candidate, habits, parts);
        (candidate, parts, why)
    };
    let mut all: Vec<_> = candidates.into_iter().map(judged).collect();
    all.sort_by(|(one, mine, _), (other, theirs, _)| {
        let by_score = theirs.score().cmp(&mine.score());
        by_score.then_with(|| one.code.cmp(&other.code)).then_with(|| other.offer.cmp(&one.offer))
    });
    let first = all.first().map(|(candidate, ..)| candidate.kind.clone());
    let other = all.iter().position(|(candidate, ..)| Some(&candidate.kind) != first.as_ref());
    if let Some(other) = other.filter(|other| *other >= most && most >= 2) {
        let moved = all.remove(other);
        all.insert(most - 1, moved);
    }
    all.truncate(most);
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(code: &str, kind: &str, categories: &[&str]) -> Candidate {
        Candidate {
            code: code.to_owned(),
            offer: true,
            kind: kind.to_owned(),
            categories: categories.iter().map(|&category| category.to_owned()).collect(),
            points: 0,
            missing: Some(0),
            until: None,
        }
    }

    fn habits(weights: &[(&str, i64)]) -> Habits {
        let weights = weights.iter().map(|(category, weight)| ((*category).to_owned(), *weight)).collect();
        Habits { weights, had: vec!["gift".to_owned()] }
    }

    fn now() -> Timestamp {
        Timestamp::from_micros(1_795_000_000_000_000)
    }

    #[test]
    fn the_parts_are_as_the_table_says() {
        let member = habits(&[("coffee", 36), ("tea", 12)]);
        let cup = Candidate {
            until: Some(now().plus_millis(7 * DAY_MS)),
            ..candidate("cup", "gift", &["coffee", "coffee"])
        };
        assert_eq!(parts(&cup, &member, now()), Parts { habit: 750, reach: 300, ending: 100, fresh: 0 });
        let dear = Candidate { points: 400, missing: Some(100), ..candidate("dear", "credit", &[]) };
        assert_eq!(parts(&dear, &member, now()), Parts { habit: 0, reach: 225, ending: 0, fresh: 100 });
        assert_eq!(parts(&Candidate { missing: None, ..dear.clone() }, &member, now()).reach, 0);
        assert_eq!(parts(&cup, &Habits::default(), now()).habit, 0);
    }

    #[test]
    fn the_first_reason_that_holds_is_told() {
        let member = habits(&[("coffee", 36), ("tea", 12), ("cake", 2)]);
        let said = |candidate: Candidate| why(&candidate, &member, parts(&candidate, &member, now()));
        assert_eq!(
            said(candidate("a", "gift", &["tea", "coffee"])),
            Why::OftenBought { category: "coffee".to_owned() }
        );
        let ending =
            Candidate { until: Some(now().plus_millis(DAY_MS)), ..candidate("a", "gift", &["cake"]) };
        assert_eq!(said(ending), Why::EndsSoon);
        assert_eq!(said(candidate("a", "credit", &["cake"])), Why::NewKind);
        assert_eq!(said(candidate("a", "gift", &[])), Why::ForYou);
        let reward =
            |missing| Candidate { offer: false, points: 100, missing, ..candidate("a", "gift", &[]) };
        assert_eq!(said(reward(Some(0))), Why::InReach);
        assert_eq!(said(reward(Some(25))), Why::NearlyInReach);
        assert_eq!((said(reward(Some(26))), said(reward(None))), (Why::ForYou, Why::ForYou));
    }

    fn some() -> impl Strategy<Value = Vec<Candidate>> {
        let one = (
            0_u8..30,
            0_usize..3,
            proptest::collection::vec(0_usize..3, 0..3),
            any::<bool>(),
            0_i64..500,
            0_i64..30,
        );
        let one = one.prop_map(|(code, kind, about, offer, points, days)| Candidate {
            code: format!("c{code}"),
            offer,
            kind: ["gift", "credit", "free_item"][kind].to_owned(),
            categories: about.into_iter().map(|place| ["coffee", "tea", "cake"][place].to_owned()).collect(),
            points,
            missing: Some(points / 3),
            until: Some(now().plus_millis(days * DAY_MS)),
        });
        proptest::collection::vec(one, 0..12)
    }

    proptest! {
        #[test]
        fn more_purchases_of_a_category_never_lower_what_is_about_it(
            all in some(), weights in proptest::collection::vec(0_i64..500, 3), more in 1_i64..500,
        ) {
            let before = habits(&[("coffee", weights[0]), ("tea", weights[1]), ("cake", weights[2])]);
            let after = habits(&[("coffee", weights[0] + more), ("tea", weights[1]), ("cake", weights[2])]);
            for candidate in all {
                let (then, later) = (parts(&candidate, &before, now()).score(), parts(&candidate, &after, now()).score());
                if candidate.categories.iter().any(|category| category == "coffee") {
                    prop_assert!(later >= then);
                } else {
                    prop_assert!(later <= then);
                }
            }
        }

        #[test]
        fn the_order_they_come_in_makes_no_difference_and_two_kinds_are_shown_where_there_are_two(
            all in some(), most in 1_usize..6,
        ) {
            let mut all = all;
            all.sort_by(|one, other| (&one.code, one.offer).cmp(&(&other.code, other.offer)));
            all.dedup_by(|one, other| one.code == other.code && one.offer == other.offer);
            let member = habits(&[("coffee", 5), ("tea", 3)]);
            let shown = best(all.clone(), &member, (now(), most));
            let mut back = all.clone();
            back.reverse();
            prop_assert_eq!(&best(back, &member, (now(), most)), &shown);
            prop_assert_eq!(shown.len(), all.len().min(most));
            let kinds = |of: Vec<&Candidate>| of.into_iter().map(|one| one.kind.clone()).collect::<std::collections::BTreeSet<_>>().len();
            let (there, seen) = (kinds(all.iter().collect()), kinds(shown.iter().map(|(one, ..)| one).collect()));
            prop_assert!(most < 2 || seen >= there.min(2));
        }
    }
}
