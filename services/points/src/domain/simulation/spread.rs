//! Who wins and who loses between two programmes.

use std::{cmp::Ordering, collections::BTreeMap};

use kernel::{BranchCode, MemberId, Overflow, Points, SegmentCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many members are named on each side.
const NAMED: usize = 10;
/// Where the bands of the distribution end, in per cent of what the other programme gives. In the middle are those for
/// whom nothing changes.
const LOSING: [i64; 3] = [-50, -20, -5];
const WINNING: [i64; 3] = [5, 20, 50];

/// Who wins and who loses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// Members who get more points.
    pub winners: u64,
    /// Members who get fewer.
    pub losers: u64,
    /// Members for whom nothing changes.
    pub unchanged: u64,
    /// Members by how much changes for them, from the greatest loss to the greatest gain.
    pub distribution: Vec<SpreadBand>,
    /// Those who gain most.
    pub most_won: Vec<Example>,
    /// Those who lose most.
    pub most_lost: Vec<Example>,
    /// The same by branch: members count where they bought last, and those who never bought nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<GroupSpread>,
    /// The same by segment: members count in each of theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<GroupSpread>,
}

/// Who wins and who loses among some members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupSpread {
    /// The code of their branch or segment.
    pub code: String,
    /// Who get more points.
    pub winners: u64,
    /// Who get fewer.
    pub losers: u64,
    /// For whom nothing changes.
    pub unchanged: u64,
    /// What the programme gives all of them, less what returns take back.
    pub points: Points,
    /// What the other one gives them.
    pub against: Points,
}

/// Members by how much changes for them, in per cent of what the other programme gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SpreadBand {
    /// From so many per cent on; left out for the lowest band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_percent: Option<i64>,
    /// Up to so many per cent; left out for the highest band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_percent: Option<i64>,
    /// How many.
    pub members: u64,
}

/// A member by example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Example {
    /// Who.
    pub member: MemberId,
    /// What the programme gives them.
    pub points: Points,
    /// What the other one gives them.
    pub against: Points,
    /// How much more that is, negative when it is less.
    pub difference: Points,
}

#[derive(Default)]
pub(super) struct Spread {
    counts: [u64; 9],
    won: Vec<Example>,
    lost: Vec<Example>,
    branches: BTreeMap<BranchCode, GroupSpread>,
    segments: BTreeMap<SegmentCode, GroupSpread>,
}

impl Spread {
    pub(super) fn count(
        &mut self,
        member: MemberId,
        branch: Option<&BranchCode>,
        segments: &[SegmentCode],
        [points, against]: [Points; 2],
    ) -> Result<(), Overflow> {
        let difference = points.minus(against)?;
        self.counts[band(difference.count(), against.count())] += 1;
        if let Some(branch) = branch {
            let group = self.branches.entry(branch.clone());
            group.or_insert_with(|| GroupSpread::of(branch.as_str())).count(points, against)?;
        }
        for segment in segments {
            let group = self.segments.entry(segment.clone());
            group.or_insert_with(|| GroupSpread::of(segment.as_str())).count(points, against)?;
        }
        let example = Example { member, points, against, difference };
        if difference.is_positive() {
            keep(&mut self.won, example);
        } else if !difference.is_zero() {
            keep(&mut self.lost, example);
        }
        Ok(())
    }

    pub(super) fn comparison(self) -> Comparison {
        let edges = LOSING.into_iter().chain([0, 0]).chain(WINNING).map(Some);
        let from = std::iter::once(None).chain(edges.clone());
        let to = edges.chain([None]);
        let bands = from.zip(to).zip(self.counts);
        let band = |((from_percent, to_percent), members)| SpreadBand { from_percent, to_percent, members };
        Comparison {
            winners: self.counts[5..].iter().sum(),
            losers: self.counts[..4].iter().sum(),
            unchanged: self.counts[4],
            distribution: bands.map(band).collect(),
            most_won: self.won,
            most_lost: self.lost,
            branches: self.branches.into_values().collect(),
            segments: self.segments.into_values().collect(),
        }
    }
}

impl GroupSpread {
    fn of(code: &str) -> Self {
        let (points, against) = (Points::ZERO, Points::ZERO);
        Self { code: code.to_owned(), winners: 0, losers: 0, unchanged: 0, points, against }
    }

    fn count(&mut self, points: Points, against: Points) -> Result<(), Overflow> {
        self.points = self.points.plus(points)?;
        self.against = self.against.plus(against)?;
        match points.cmp(&against) {
            Ordering::Greater => self.winners += 1,
            Ordering::Equal => self.unchanged += 1,
            Ordering::Less => self.losers += 1,
        }
        Ok(())
    }
}

/// The place of a difference in the distribution: 0 to 3 lose, 4 stays, 5 to 8 win.
fn band(difference: i64, against: i64) -> usize {
    let hundredfold = i128::from(difference) * 100;
    let beyond = |percent: &i64| i128::from(*percent) * i128::from(against.abs().max(1));
    match difference {
        0 => 4,
        1.. => 5 + WINNING.iter().filter(|edge| hundredfold > beyond(edge)).count(),
        _ => LOSING.iter().filter(|edge| hundredfold >= beyond(edge)).count(),
    }
}

/// Keeps an example where it is among the first, by difference and then by member.
fn keep(examples: &mut Vec<Example>, example: Example) {
    let key = |e: &Example| (std::cmp::Reverse(e.difference.count().unsigned_abs()), e.member);
    let place = examples.partition_point(|kept| key(kept) < key(&example));
    if place < NAMED {
        examples.insert(place, example);
        examples.truncate(NAMED);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn members_are_sorted_into_bands_and_the_furthest_are_named() {
        let mut spread = Spread::default();
        let table = [(0, 100), (49, 100), (50, 100), (80, 100), (95, 100), (99, 100), (100, 100), (0, 0)];
        let more = [(101, 100), (105, 100), (106, 100), (120, 100), (150, 100), (151, 100), (7, 0)];
        for (n, (points, against)) in (1_u128..).zip(table.into_iter().chain(more)) {
            let member = MemberId::from_uuid(Uuid::from_u128(n));
            let branch = BranchCode::parse(if n % 2 == 0 { "even" } else { "odd" }).unwrap();
            spread.count(member, Some(&branch), &[], [Points::new(points), Points::new(against)]).unwrap();
        }
        let comparison = spread.comparison();
        let bands: Vec<_> =
            comparison.distribution.iter().map(|b| (b.from_percent, b.to_percent, b.members)).collect();
        let expected = [
            (None, Some(-50), 2),
            (Some(-50), Some(-20), 1),
            (Some(-20), Some(-5), 1),
            (Some(-5), Some(0), 2),
            (Some(0), Some(0), 2),
            (Some(0), Some(5), 2),
            (Some(5), Some(20), 2),
            (Some(20), Some(50), 1),
            (Some(50), None, 2),
        ];
        assert_eq!(bands, expected);
        assert_eq!((comparison.winners, comparison.losers, comparison.unchanged), (7, 6, 2));
        let named = |examples: &[Example]| examples.iter().map(|e| e.difference.count()).collect::<Vec<_>>();
        assert_eq!(named(&comparison.most_lost), [-100, -51, -50, -20, -5, -1]);
        assert_eq!(named(&comparison.most_won), [51, 50, 20, 7, 6, 5, 1]);
        let branches =
            comparison.branches.iter().map(|b| (b.code.as_str(), b.winners, b.losers, b.unchanged));
        assert_eq!(branches.collect::<Vec<_>>(), [("even", 3, 3, 1), ("odd", 4, 3, 1)]);
        let sums = comparison.branches.iter().map(|b| b.points.count() - b.against.count()).sum::<i64>();
        assert_eq!(sums, 1_213 - 1_300);
    }

    #[test]
    fn no_more_than_ten_are_named_and_ties_go_by_member() {
        let mut spread = Spread::default();
        for n in (1..=30_u128).rev() {
            let branch = BranchCode::parse("vanak").unwrap();
            let points = [Points::new(2), Points::new(1)];
            spread.count(MemberId::from_uuid(Uuid::from_u128(n)), Some(&branch), &[], points).unwrap();
        }
        let named: Vec<u128> =
            spread.comparison().most_won.iter().map(|e| e.member.as_uuid().as_u128()).collect();
        assert_eq!(named, (1..=10).collect::<Vec<_>>());
    }
}
