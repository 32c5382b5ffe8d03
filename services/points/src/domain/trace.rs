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
        Points::sum(self.0.iter().map(|outcome| outcome.points()))
    }

    /// A short text for a stored row: numbers for what was given, letters for why not, separated by commas.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.0.len() * 4);
        for (i, outcome) in self.0.iter().enumerate() {
            if i > 0 {
                text.push(',');
            }
            match outcome {
                Outcome::Gave(points) => text.push_str(&points.to_string()),
                Outcome::Skipped(skip) => text.push_str(skip.letters()),
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

fn outcome(part: &str) -> Option<Outcome> {
    match Skip::from_letters(part) {
        Some(skip) => Some(Outcome::Skipped(skip)),
        None => part.parse().ok().map(|n| Outcome::Gave(Points::new(n))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_survives_its_row() {
        let mut outcomes = vec![Outcome::Gave(Points::new(125)), Outcome::Gave(Points::ZERO)];
        outcomes.extend(Skip::ALL.iter().copied().map(Outcome::Skipped));
        let trace = DecisionTrace(outcomes);
        assert!(trace.to_text().starts_with("125,0,m,x,b,r,c,"), "{}", trace.to_text());
        assert_eq!(DecisionTrace::from_text(&trace.to_text()), Some(trace));
        assert_eq!(DecisionTrace::from_text("12,?"), None);
        assert_eq!(DecisionTrace::from_text(""), Some(DecisionTrace::default()));
    }
}
