//! The decision trace: what each rule made of a purchase, kept with the purchase (field's complaint "why did I not
//! get points?").

use kernel::{Overflow, Points};

use super::{Outcome, Skip};

/// The outcome of every rule, in the order of the programme version that decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionTrace(pub Vec<Outcome>);

impl DecisionTrace {
    /// What all rules gave together.
    ///
    /// # Errors
    /// [`Overflow`], which a trace that was decided cannot cause.
    pub fn total(&self) -> Result<Points, Overflow> {
        Points::sum(self.0.iter().map(|outcome| match outcome {
            Outcome::Gave(points) => *points,
            Outcome::Skipped(_) => Points::ZERO,
        }))
    }

    /// A short text for a stored row: numbers for what was given, a letter for why not, separated by commas.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.0.len() * 4);
        for (i, outcome) in self.0.iter().enumerate() {
            if i > 0 {
                text.push(',');
            }
            match outcome {
                Outcome::Gave(points) => text.push_str(&points.to_string()),
                Outcome::Skipped(skip) => text.push(letter(*skip)),
            }
        }
        text
    }

    /// Reads the stored text; `None` when it is no trace.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        text.split(',').map(outcome).collect::<Option<Vec<_>>>().map(Self)
    }
}

const fn letter(skip: Skip) -> char {
    match skip {
        Skip::BasketTooSmall => 'm',
        Skip::OtherBranch => 'b',
        Skip::OtherRegion => 'r',
        Skip::OtherWeekday => 'w',
        Skip::OtherHours => 'h',
    }
}

fn outcome(part: &str) -> Option<Outcome> {
    let skip = match part {
        "m" => Skip::BasketTooSmall,
        "b" => Skip::OtherBranch,
        "r" => Skip::OtherRegion,
        "w" => Skip::OtherWeekday,
        "h" => Skip::OtherHours,
        number => return number.parse().ok().map(|n| Outcome::Gave(Points::new(n))),
    };
    Some(Outcome::Skipped(skip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_survives_its_row() {
        let skips = [
            Skip::BasketTooSmall,
            Skip::OtherBranch,
            Skip::OtherRegion,
            Skip::OtherWeekday,
            Skip::OtherHours,
        ];
        let mut outcomes = vec![Outcome::Gave(Points::new(125)), Outcome::Gave(Points::ZERO)];
        outcomes.extend(skips.map(Outcome::Skipped));
        let trace = DecisionTrace(outcomes);
        assert_eq!(trace.to_text(), "125,0,m,b,r,w,h");
        assert_eq!(DecisionTrace::from_text(&trace.to_text()), Some(trace));
        assert_eq!(DecisionTrace::from_text("12,x"), None);
        assert_eq!(DecisionTrace::from_text(""), Some(DecisionTrace::default()));
    }
}
