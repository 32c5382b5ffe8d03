//! Clearing between branches: points that one branch issued were redeemed at another one, which gave goods for them
//! (P14).
//!
//! **Net positions add up to nothing**: what one branch is to receive, others are to pay.

use std::collections::BTreeMap;

use kernel::{BranchCode, Overflow, Points};

use super::{Book, Cost, Template, money::Flow};

/// Where points were redeemed: at a branch, or in none.
pub type Counter = Option<BranchCode>;

/// Points that one funder issued and that were redeemed at one counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Who issued them, and pays.
    pub funder: BranchCode,
    /// Where they were redeemed.
    pub counter: Counter,
    /// How many, less those whose redemption was undone there.
    pub points: Points,
    /// What they cost the funder; `None` as long as no cost is stated.
    pub value: Option<i64>,
}

/// What a branch is to receive from the others, less what it is to pay them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Points that it issued.
    pub issued: Points,
    /// Its points that were redeemed anywhere.
    pub redeemed: Points,
    /// Points of others that were redeemed here, less its points that were redeemed elsewhere.
    pub net: Points,
    /// The same in money.
    pub net_value: Option<i64>,
}

/// Who issued, who redeemed, and who owes whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clearing {
    /// The matrix, cells with nothing left out.
    pub cells: Vec<Cell>,
    /// The positions; `None` for what was redeemed in no branch.
    pub positions: BTreeMap<Counter, Position>,
}

/// Clears the movements of a time; `cost_of` says what a funder's points cost.
///
/// # Errors
/// [`Overflow`] when a sum does not fit.
pub fn clear<'a>(
    flows: impl Iterator<Item = (&'a Flow, Points)>,
    cost_of: impl Fn(&BranchCode) -> Option<Cost>,
) -> Result<Clearing, Overflow> {
    let mut matrix: BTreeMap<(BranchCode, Counter), Points> = BTreeMap::new();
    let mut clearing = Clearing::default();
    for ((funder, counter, template), points) in flows {
        match redeems(*template) {
            Some(true) => add(matrix.entry((funder.clone(), counter.clone())).or_default(), points)?,
            Some(false) => {
                let less = Points::ZERO.minus(points)?;
                add(matrix.entry((funder.clone(), counter.clone())).or_default(), less)?;
            }
            None if template.books().0 == Book::Issuance => {
                add(&mut clearing.positions.entry(Some(funder.clone())).or_default().issued, points)?;
            }
            None => {}
        }
    }
    for ((funder, counter), points) in matrix.into_iter().filter(|(_, points)| !points.is_zero()) {
        let value = cost_of(&funder).map(|cost| cost.of(points)).transpose()?;
        let cell = Cell { funder, counter, points, value };
        settle(&mut clearing.positions, &cell)?;
        clearing.cells.push(cell);
    }
    Ok(clearing)
}

/// Whether a movement redeems points, or undoes that.
fn redeems(template: Template) -> Option<bool> {
    match template.books() {
        (_, Book::Redemption) => Some(true),
        (Book::Redemption, _) => Some(false),
        _ => None,
    }
}

fn settle(positions: &mut BTreeMap<Counter, Position>, cell: &Cell) -> Result<(), Overflow> {
    let pays = positions.entry(Some(cell.funder.clone())).or_default();
    add(&mut pays.redeemed, cell.points)?;
    pays.net = pays.net.minus(cell.points)?;
    pays.net_value = money(pays.net_value, cell.value.map(|value| -value))?;
    let gets = positions.entry(cell.counter.clone()).or_default();
    add(&mut gets.net, cell.points)?;
    gets.net_value = money(gets.net_value, cell.value)?;
    Ok(())
}

fn add(sum: &mut Points, points: Points) -> Result<(), Overflow> {
    *sum = sum.plus(points)?;
    Ok(())
}

fn money(sum: Option<i64>, more: Option<i64>) -> Result<Option<i64>, Overflow> {
    match (sum, more) {
        (Some(a), Some(b)) => a.checked_add(b).map(Some).ok_or(Overflow),
        (some, None) | (None, some) => Ok(some),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn branch(n: u8) -> BranchCode {
        BranchCode::parse(&format!("b{n}")).expect("a code")
    }

    proptest! {
        #[test]
        fn net_positions_add_up_to_nothing(
            moved in prop::collection::vec((0_u8..4, prop::option::of(0_u8..4), 0_usize..22, 1_i64..1_000_000), 0..60),
            amount in prop::option::of(0_i64..1_000),
        ) {
            let mut flows = BTreeMap::new();
            for (funder, counter, which, points) in moved {
                let flow = (branch(funder), counter.map(branch), Template::ALL[which]);
                *flows.entry(flow).or_insert(0) += points;
            }
            let flows = flows.iter().map(|(flow, points)| (flow, Points::new(*points)));
            let clearing = clear(flows, |_| amount.map(|amount| Cost { amount, points: 3 }))?;
            let nets = clearing.positions.values();
            prop_assert_eq!(Points::sum(nets.clone().map(|p| p.net))?, Points::ZERO);
            prop_assert_eq!(nets.filter_map(|p| p.net_value).sum::<i64>(), 0);
        }
    }

    #[test]
    fn whoever_gave_goods_for_others_points_is_to_receive() {
        let flows = [
            ((branch(1), Some(branch(1)), Template::PurchaseEarned), Points::new(100)),
            ((branch(1), Some(branch(1)), Template::Redeemed), Points::new(10)),
            ((branch(1), Some(branch(2)), Template::Captured), Points::new(40)),
            ((branch(1), Some(branch(2)), Template::RedemptionReversed), Points::new(5)),
        ];
        let clearing = clear(flows.iter().map(|(f, p)| (f, *p)), |_| Some(Cost { amount: 50, points: 1 }))
            .expect("fits");
        let own = clearing.positions[&Some(branch(1))];
        assert_eq!(
            (own.issued, own.redeemed, own.net),
            (Points::new(100), Points::new(45), Points::new(-35))
        );
        let other = clearing.positions[&Some(branch(2))];
        assert_eq!((other.net, other.net_value), (Points::new(35), Some(1_750)));
    }
}
