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

    /// A short text for a stored row: numbers for what was given, letters for why not or not all, separated by commas.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.0.len() * 4);
        for (i, outcome) in self.0.iter().enumerate() {
            if i > 0 {
                text.push(',');
            }
            match outcome {
                Outcome::Gave(points) => text.push_str(&points.to_string()),
                Outcome::Part(points, skip) => {
                    text.push_str(&points.to_string());
                    text.push_str(skip.letters());
                }
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
    let (number, letters) = part.split_at(part.find(|c: char| c.is_ascii_lowercase()).unwrap_or(part.len()));
    let points = || number.parse().ok().map(Points::new);
    match (number, letters) {
        (_, "") => points().map(Outcome::Gave),
        ("", letters) => Skip::from_letters(letters).map(Outcome::Skipped),
        (_, letters) => {
            points().zip(Skip::from_letters(letters)).map(|(some, skip)| Outcome::Part(some, skip))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_survives_its_row() {
        let mut outcomes = vec![Outcome::Gave(Points::new(125)), Outcome::Gave(Points::ZERO)];
        outcomes.push(Outcome::Part(Points::new(7), Skip::CapReached));
        outcomes.extend(Skip::ALL.iter().copied().map(Outcome::Skipped));
        let trace = DecisionTrace(outcomes);
        assert!(trace.to_text().starts_with("125,0,7k,m,x,b,r,c,"), "{}", trace.to_text());
        assert_eq!(DecisionTrace::from_text(&trace.to_text()), Some(trace));
        assert_eq!(DecisionTrace::from_text("12,?"), None);
        assert_eq!(DecisionTrace::from_text("7zz"), None);
        assert_eq!(DecisionTrace::from_text(""), Some(DecisionTrace::default()));
    }
}
