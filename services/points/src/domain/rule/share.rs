//! Which lines of a receipt earned what a rule gave.

use super::{Give, Multiplier, Over, Rule};
use crate::domain::Line;

impl Rule {
    /// How much each line had to do with what the rule gave: its quantity where points go by the piece, else its amount;
    /// nothing for a line that did not count. Where all that counted was free, each of them counts the same.
    #[must_use]
    pub fn weights(&self, lines: &[Line]) -> Vec<i64> {
        let counted: Vec<bool> = lines.iter().map(|line| self.counts(line)).collect();
        let size = |line: &Line| match self.give {
            Give::PerItem(_) => line.quantity_milli,
            _ => line.amount,
        };
        let weight = |(line, counts): (&Line, &bool)| if *counts { size(line) } else { 0 };
        let weights: Vec<i64> = lines.iter().zip(&counted).map(weight).collect();
        if weights.iter().any(|weight| *weight > 0) {
            return weights;
        }
        counted.into_iter().map(i64::from).collect()
    }

    /// What is given for the articles of a condition is earned by these, all else by all that was bought.
    fn counts(&self, line: &Line) -> bool {
        let as_such = match &self.give {
            Give::Fixed { .. } | Give::InstantReward(_) => true,
            Give::DrawTickets(tickets) => tickets.amount.is_none(),
            _ => false,
        };
        let of_items = as_such || self.give.over() == Over::Items;
        self.when.items.as_ref().filter(|_| of_items).is_none_or(|items| items.include(line))
    }
}

impl Multiplier {
    /// Whether it multiplies what this rule gave.
    #[must_use]
    pub fn is_for(&self, rule: &Rule) -> bool {
        !rule.give.is_multiplier() && (self.of.is_empty() || self.of.contains(&rule.code))
    }
}
