//! Which purchases a return is of, where the file does not say.
//!
//! **The newest purchase before it that has so much left**: goods mostly come back soon, and the purchase that they were
//! bought with was at least as large. Where none has so much left, the return is of several: the newest first, each to its end. What is
//! still left over then was bought before anything is known of.

use kernel::Timestamp;

/// A purchase with what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// When.
    pub at: Timestamp,
    /// How much of its amount has not come back, in minor units.
    pub left: i64,
}

/// Which part of a return is of which purchase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// Places in the list of purchases, each with an amount.
    pub parts: Vec<(usize, i64)>,
    /// What is of none of them.
    pub over: i64,
    /// Whether there is any purchase before it.
    pub has_earlier: bool,
}

/// Finds the purchases of a return; of purchases of one moment the one that is earlier in the list comes first.
#[must_use]
pub fn matched(bought: &[Bought], at: Timestamp, amount: i64) -> Matched {
    let mut earlier: Vec<usize> = (0..bought.len()).filter(|place| bought[*place].at <= at).collect();
    earlier.sort_by_key(|place| std::cmp::Reverse(bought[*place].at));
    let has_earlier = !earlier.is_empty();
    if let Some(place) = earlier.iter().find(|place| amount > 0 && bought[**place].left >= amount) {
        return Matched { parts: vec![(*place, amount)], over: 0, has_earlier };
    }
    let (mut parts, mut over) = (Vec::new(), amount);
    for place in earlier {
        let some = bought[place].left.min(over);
        if some > 0 {
            parts.push((place, some));
            over -= some;
        }
    }
    Matched { parts, over, has_earlier }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bought(list: &[(i64, i64)]) -> Vec<Bought> {
        list.iter().map(|(at, left)| Bought { at: Timestamp::from_micros(*at), left: *left }).collect()
    }

    #[test]
    fn the_newest_purchase_that_is_large_enough_is_meant_else_several() {
        let table = [
            // The newest of two; not one that is too small, nor one that came later.
            (&[(1, 100), (2, 100), (9, 900)][..], 50, &[(1, 50)][..], 0),
            (&[(1, 100), (2, 30)], 50, &[(0, 50)], 0),
            (&[(5, 100)], 50, &[(0, 50)], 0),
            (&[(6, 100)], 50, &[], 50),
            // None has so much left: the newest first, each to its end.
            (&[(1, 40), (2, 0), (3, 30)], 50, &[(2, 30), (0, 20)], 0),
            (&[(1, 40), (3, 30)], 100, &[(1, 30), (0, 40)], 30),
            (&[], 7, &[], 7),
        ];
        for (list, amount, parts, over) in table {
            let found = matched(&bought(list), Timestamp::from_micros(5), amount);
            assert_eq!((found.parts.as_slice(), found.over), (parts, over), "{list:?} {amount}");
            assert_eq!(found.has_earlier, list.iter().any(|(at, _)| *at <= 5));
        }
    }
}
