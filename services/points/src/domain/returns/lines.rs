//! A receipt's lines as returns see them: what each earned, and how much of it has come back.
//!
//! **Lines earn what was given, to the point.** The points of each rule, with what a tier added, are divided over the lines that
//! counted for it, by amount or by quantity as the rule counts: running sums from the first line on, rounded down, so that
//! the lines' points add up to the rule's. Caps and groups need no second look: what is divided is what was given.

use contracts::points::ReturnedLine;
use kernel::{Day, Overflow, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EarnedLot, Original};
use crate::domain::{Credit, DecisionTrace, Give, Line, ProgrammeDocument, Rejection};

/// What is brought back of a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// All that is left of it.
    Rest,
    /// So much of its amount, in minor units, whatever lines it was paid for.
    Amount(i64),
    /// These of its lines.
    Lines(Vec<LineBack>),
}

/// A line that is brought back, or a part of it. It names the line by its place, its article or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineBack {
    /// The line's place on the purchase's receipt: 1 is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, example = 1)]
    pub line: Option<u32>,
    /// The article, 1 to 64 characters; enough where one line of the receipt has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64)]
    pub sku: Option<String>,
    /// How many thousandths of its unit. Left out beside an amount: none, money alone came back; left out with it: all that
    /// is left of the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub quantity_milli: Option<i64>,
    /// How much of the line's amount, in minor units. Left out: the quantity's share of it, and all that is left of it with
    /// the last of the quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    pub amount: Option<i64>,
}

/// A line of a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoldLine {
    /// The article.
    pub sku: String,
    /// How many thousandths of its unit were bought.
    pub quantity_milli: i64,
    /// Paid for it, in minor units.
    pub amount: i64,
    /// What it earned of each of the purchase's movements, in their order.
    pub earned: Vec<Points>,
    /// What it earned that counts for a tier.
    pub counted: Points,
    /// How much of the quantity has come back.
    pub returned_milli: i64,
    /// How much of the amount has come back for this very line.
    pub returned: i64,
}

impl SoldLine {
    /// What it has given back of points that it earned: its share by the amount that came back, or by the quantity where it
    /// cost nothing, rounded down.
    fn due(&self, points: Points) -> Result<Points, Overflow> {
        let (part, whole) = match self.amount {
            0 => (self.returned_milli, self.quantity_milli),
            amount => (self.returned, amount),
        };
        share(points, part.into(), whole.into())
    }

    fn left(&self) -> (i64, i64) {
        (self.amount - self.returned, self.quantity_milli - self.returned_milli)
    }

    /// How much of it is meant.
    fn part(&self, asked: &LineBack) -> (i64, i64) {
        let (amount_left, quantity_left) = self.left();
        match (asked.amount, asked.quantity_milli) {
            (Some(amount), quantity) => (amount, quantity.unwrap_or_default()),
            (None, None) => (amount_left, quantity_left),
            (None, Some(quantity)) if quantity >= quantity_left => (amount_left, quantity),
            (None, Some(quantity)) => {
                let part = i128::from(self.amount) * i128::from(quantity) / i128::from(self.quantity_milli);
                (i64::try_from(part).map_or(amount_left, |part| part.min(amount_left)), quantity)
            }
        }
    }
}

impl Original {
    /// What is brought back, in numbers: the amount, and the lines where they were named.
    ///
    /// # Errors
    /// A [`Rejection`] for more than is left, or nothing, and for lines that are not there or not told apart.
    pub(super) fn resolve(&self, back: &Back) -> Result<(i64, Vec<ReturnedLine>), Rejection> {
        let left = self.amount - self.returned;
        let asked = match back {
            Back::Lines(asked) => asked,
            Back::Rest if left > 0 => return Ok((left, Vec::new())),
            Back::Amount(amount) if (1..=left).contains(amount) => return Ok((*amount, Vec::new())),
            Back::Rest | Back::Amount(_) => return Err(Rejection::ReturnTooLarge { left }),
        };
        // The same line may be named twice: what comes later sees what came before.
        let (mut after, mut lines, mut sum) = (self.lines.clone(), Vec::with_capacity(asked.len()), 0_i64);
        for (at, asked) in asked.iter().enumerate() {
            let place = find(&after, asked, at)?;
            let sold = &mut after[place];
            let ((amount, quantity_milli), (amount_left, quantity_left)) = (sold.part(asked), sold.left());
            let some = amount > 0 || (sold.amount == 0 && quantity_milli > 0);
            let fits = (0..=amount_left).contains(&amount) && (0..=quantity_left).contains(&quantity_milli);
            if !some || !fits {
                return Err(Rejection::ReturnLineTooLarge { at, amount_left, quantity_left });
            }
            sold.returned += amount;
            sold.returned_milli += quantity_milli;
            sum += amount;
            let line = u32::try_from(place + 1).map_err(|_| Overflow)?;
            lines.push(ReturnedLine { line, sku: sold.sku.clone(), quantity_milli, amount });
        }
        if lines.is_empty() || sum > left {
            return Err(Rejection::ReturnLinesTooLarge { left });
        }
        Ok((sum, lines))
    }

    /// Notes a return of it that was recorded.
    pub fn note(&mut self, amount: i64, lines: &[ReturnedLine]) {
        self.returned += amount;
        for back in lines {
            let place = usize::try_from(back.line).unwrap_or_default().wrapping_sub(1);
            if let Some(sold) = self.lines.get_mut(place) {
                sold.returned += back.amount;
                sold.returned_milli += back.quantity_milli;
            }
        }
    }

    /// How many points of a movement are due back by now.
    ///
    /// The lines that came back gave back what they had earned. What the others earned is due in proportion to what came
    /// back without a line, of the amount of what is left of all lines; the member keeps no more than the rest, rounded up.
    pub(super) fn due(&self, movement: usize) -> Result<Points, Overflow> {
        let of_line = |_, line: &SoldLine| line.earned.get(movement).copied().unwrap_or_default();
        self.due_of(self.earned[movement].lot.points, of_line)
    }

    /// What was counted for a tier and is taken back by now: points as those that can be spent, of the money its share of
    /// what came back, rounded down, the visit with the last of it.
    ///
    /// # Errors
    /// [`Overflow`], which a purchase that was decided cannot cause.
    pub fn credit_back(&self) -> Result<Credit, Overflow> {
        let points = self.due_of(Points::new(self.counted.points), |_, line| line.counted)?.count();
        let spend =
            i128::from(self.counted.spend) * i128::from(self.returned) / i128::from(self.amount.max(1));
        let spend = i64::try_from(spend).map_err(|_| Overflow)?;
        let whole = self.amount > 0 && self.returned == self.amount;
        Ok(Credit { points, spend, visits: if whole { self.counted.visits } else { 0 } })
    }

    /// How many of so many tickets are due back by now, which the lines brought by these weights.
    ///
    /// # Errors
    /// [`Overflow`], which a purchase that was decided cannot cause.
    pub fn tickets_due(&self, tickets: i64, weights: &[i64]) -> Result<i64, Overflow> {
        let tickets = Points::new(tickets);
        let of_lines = spread(tickets, weights)?;
        let of_line = |place: usize, _: &SoldLine| of_lines.get(place).copied().unwrap_or_default();
        Ok(self.due_of(tickets, of_line)?.count())
    }

    /// Whether all that weighs anything came back, each line by name; not where nothing does.
    #[must_use]
    pub fn all_came_back(&self, weights: &[i64]) -> bool {
        let mut weighty = self.lines.iter().zip(weights).filter(|(_, weight)| **weight > 0).peekable();
        let back = |line: &SoldLine| match line.left() {
            (amount_left, quantity_left) if line.amount == 0 => amount_left == 0 && quantity_left == 0,
            (amount_left, _) => amount_left == 0,
        };
        weighty.peek().is_some() && weighty.all(|(line, _)| back(line))
    }

    fn due_of(
        &self,
        points: Points,
        of_line: impl Fn(usize, &SoldLine) -> Points,
    ) -> Result<Points, Overflow> {
        let mut kept = points;
        let mut of_lines = 0;
        for (place, line) in self.lines.iter().enumerate() {
            kept = kept.minus(line.due(of_line(place, line))?)?;
            of_lines += line.returned;
        }
        let others = i128::from(self.amount - of_lines);
        if others > 0 {
            let there = i128::from(self.amount - self.returned);
            let rest = (i128::from(kept.count()) * there + others - 1) / others;
            kept = i64::try_from(rest).map(Points::new).map_err(|_| Overflow)?;
        }
        points.minus(kept)
    }
}

/// The line that is meant: the only one that has all that was said.
fn find(lines: &[SoldLine], asked: &LineBack, at: usize) -> Result<usize, Rejection> {
    let mut meant = lines.iter().enumerate().filter(|(place, line)| {
        let here = asked.line.is_none_or(|number| usize::try_from(number) == Ok(place + 1));
        here && asked.sku.as_ref().is_none_or(|sku| *sku == line.sku)
    });
    match (meant.next(), meant.next()) {
        (Some((place, _)), None) => Ok(place),
        (Some(_), Some(_)) => Err(Rejection::ReturnLineAmbiguous { at }),
        (None, _) => Err(Rejection::ReturnLineUnknown { at }),
    }
}

/// The lines of a purchase with what each earned, by the programme version and the trace that decided it on `today`.
///
/// A movement that these do not explain, since the chain's wall clock was another one then, is divided by the lines' amounts.
///
/// # Errors
/// [`Overflow`], which a purchase that was decided cannot cause.
pub fn sold_lines(
    document: &ProgrammeDocument,
    lines: &[Line],
    trace: &DecisionTrace,
    today: Day,
    earned: &[EarnedLot],
) -> Result<Vec<SoldLine>, Overflow> {
    let explained = shares(document, lines, trace, today)?;
    let mut sold = counted_lines(document, lines, trace)?;
    for (place, EarnedLot { lot, pending }) in earned.iter().enumerate() {
        let found = explained.get(place).filter(|share| {
            let same = share.expires_on == lot.expires_on && share.from.is_some() == *pending;
            same && Points::sum(share.points.iter().copied()) == Ok(lot.points)
        });
        let points = match found {
            Some(share) => share.points.clone(),
            None => spread(lot.points, &lines.iter().map(|line| line.amount).collect::<Vec<_>>())?,
        };
        for (line, points) in sold.iter_mut().zip(points) {
            line.earned.push(points);
        }
    }
    Ok(sold)
}

/// The lines of a purchase with what each earned that counts for a tier, and nothing of its movements.
///
/// # Errors
/// As [`sold_lines`].
pub fn counted_lines(
    document: &ProgrammeDocument,
    lines: &[Line],
    trace: &DecisionTrace,
) -> Result<Vec<SoldLine>, Overflow> {
    let new = |line: &Line| SoldLine {
        sku: line.sku.clone(),
        quantity_milli: line.quantity_milli,
        amount: line.amount,
        earned: Vec::new(),
        counted: Points::ZERO,
        returned_milli: 0,
        returned: 0,
    };
    let mut sold: Vec<SoldLine> = lines.iter().map(new).collect();
    for (outcome, weights) in trace.0.iter().zip(weights(document, lines, trace)?) {
        for (line, points) in sold.iter_mut().zip(spread(outcome.points(), &weights)?) {
            line.counted = line.counted.plus(points)?;
        }
    }
    Ok(sold)
}

/// What the lines earned of one movement.
struct Share {
    expires_on: Day,
    from: Option<Day>,
    points: Vec<Points>,
}

/// What the lines earned of each movement, in the order in which the purchase made them.
fn shares(
    document: &ProgrammeDocument,
    lines: &[Line],
    trace: &DecisionTrace,
    today: Day,
) -> Result<Vec<Share>, Overflow> {
    let weights = weights(document, lines, trace)?;
    let tier = trace.1.map(|bonus| bonus.level);
    let mut shares: Vec<Share> = Vec::with_capacity(1);
    for ((rule, outcome), weights) in document.rules.iter().zip(&trace.0).zip(&weights) {
        let points = outcome.points().plus(document.tier_bonus(tier, outcome.points())?)?;
        if !points.is_positive() {
            continue;
        }
        let from = rule.pending.map(|pending| today.plus_days(pending.days));
        let expires_on = document.last_day(rule.expiry, from.unwrap_or(today));
        let points = spread(points, weights)?;
        match shares.iter_mut().find(|share| share.expires_on == expires_on && share.from == from) {
            Some(share) => {
                for (sum, more) in share.points.iter_mut().zip(points) {
                    *sum = sum.plus(more)?;
                }
            }
            None => shares.push(Share { expires_on, from, points }),
        }
    }
    Ok(shares)
}

/// How much each line had to do with each rule; with a multiplier as much as with the points that it multiplied.
fn weights(
    document: &ProgrammeDocument,
    lines: &[Line],
    trace: &DecisionTrace,
) -> Result<Vec<Vec<i64>>, Overflow> {
    let mut weights: Vec<Vec<i64>> = document.rules.iter().map(|rule| rule.weights(lines)).collect();
    for (place, rule) in document.rules.iter().enumerate() {
        let Give::Multiplier(multiplier) = &rule.give else { continue };
        let mut sums = vec![0_i64; lines.len()];
        for (other, outcome) in trace.0.iter().enumerate() {
            if document.rules.get(other).is_some_and(|rule| multiplier.is_for(rule)) {
                for (sum, points) in sums.iter_mut().zip(spread(outcome.points(), &weights[other])?) {
                    *sum = sum.checked_add(points.count()).ok_or(Overflow)?;
                }
            }
        }
        weights[place] = sums;
    }
    Ok(weights)
}

/// Divides points by weights, exactly: running sums are rounded down.
fn spread(points: Points, weights: &[i64]) -> Result<Vec<Points>, Overflow> {
    let equal = weights.iter().all(|weight| *weight == 0);
    let weight = |weight: &i64| if equal { 1 } else { i128::from(*weight) };
    let whole: i128 = weights.iter().map(weight).sum();
    let (mut sum, mut before) = (0, Points::ZERO);
    weights
        .iter()
        .map(|of_line| {
            sum += weight(of_line);
            let upto = share(points, sum, whole)?;
            let part = upto.minus(before)?;
            before = upto;
            Ok(part)
        })
        .collect()
}

/// So large a part of points, rounded down.
fn share(points: Points, part: i128, whole: i128) -> Result<Points, Overflow> {
    let share = i128::from(points.count()) * part / whole.max(1);
    i64::try_from(share).map(Points::new).map_err(|_| Overflow)
}
