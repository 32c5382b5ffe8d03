//! The decision trace: what each rule made of a purchase, kept with the purchase (field's complaint "why did I not
//! get points?").

use std::fmt::Write as _;

use kernel::{Overflow, Points};

use super::{Outcome, Skip};

/// What a member's tier added to what the rules gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierBonus {
    /// The tier, as the place of a level of the programme version that decided, from 0.
    pub level: usize,
    /// How many points; perhaps none.
    pub points: Points,
}

/// The outcome of every rule, in the order of the programme version that decided, and what the tier added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionTrace(pub Vec<Outcome>, pub Option<TierBonus>);

impl DecisionTrace {
    /// What all rules gave together, and the tier.
    ///
    /// # Errors
    /// [`Overflow`], which a trace that was decided cannot cause.
    pub fn total(&self) -> Result<Points, Overflow> {
        self.of_rules()?.plus(self.1.map_or(Points::ZERO, |bonus| bonus.points))
    }

    /// Whether any rule granted a reward or tickets.
    #[must_use]
    pub fn grants(&self) -> bool {
        self.0.iter().any(|outcome| outcome.units() > 0)
    }

    /// What all rules gave together.
    ///
    /// # Errors
    /// As [`DecisionTrace::total`].
    pub fn of_rules(&self) -> Result<Points, Overflow> {
        Points::sum(self.0.iter().map(|outcome| outcome.points()))
    }

    /// A short text for a stored row: numbers for what was given, letters for why not or not all, separated by commas; a star
    /// for what is no points.
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
                Outcome::Granted(units, short) => {
                    // Writing to a text cannot fail.
                    let _ = write!(text, "*{units}{}", short.map_or("", Skip::letters));
                }
                Outcome::Skipped(skip) => text.push_str(skip.letters()),
            }
        }
        if let Some(TierBonus { level, points }) = self.1 {
            // Writing to a text cannot fail.
            let _ = write!(text, ",t{level}:{points}");
        }
        text
    }

    /// Reads the stored text; `None` when it is no trace.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        let (rules, bonus) = match text.rsplit_once(",t") {
            Some((rules, bonus)) if bonus.contains(':') => (rules, Some(bonus)),
            _ => (text, None),
        };
        let bonus = match bonus {
            Some(bonus) => {
                let (level, points) = bonus.split_once(':')?;
                Some(TierBonus { level: level.parse().ok()?, points: Points::new(points.parse().ok()?) })
            }
            None => None,
        };
        let outcomes = rules.split(',').map(outcome).collect::<Option<Vec<_>>>()?;
        Some(Self(outcomes, bonus))
    }
}

fn outcome(part: &str) -> Option<Outcome> {
    if let Some(granted) = part.strip_prefix('*') {
        return match outcome(granted)? {
            Outcome::Gave(units) => Some(Outcome::Granted(units.count(), None)),
            Outcome::Part(units, skip) => Some(Outcome::Granted(units.count(), Some(skip))),
            _ => None,
        };
    }
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
        outcomes.extend([Outcome::Granted(3, None), Outcome::Granted(2, Some(Skip::QuotaReached))]);
        outcomes.extend(Skip::ALL.iter().copied().map(Outcome::Skipped));
        let trace = DecisionTrace(outcomes.clone(), None);
        assert!(trace.to_text().starts_with("125,0,7k,*3,*2e,m,x,b,r,c,"), "{}", trace.to_text());
        assert_eq!(DecisionTrace::from_text(&trace.to_text()), Some(trace));
        let lifted = DecisionTrace(outcomes, Some(TierBonus { level: 2, points: Points::new(31) }));
        assert!(lifted.to_text().ends_with(",t2:31"));
        assert_eq!(DecisionTrace::from_text(&lifted.to_text()), Some(lifted));
        assert_eq!(DecisionTrace::from_text("12,t2:"), None);
        assert_eq!(DecisionTrace::from_text("12,?"), None);
        assert_eq!(DecisionTrace::from_text("7zz"), None);
        assert_eq!(DecisionTrace::from_text("*m"), None);
        assert_eq!(DecisionTrace::from_text(""), Some(DecisionTrace::default()));
    }
}
