//! For whom and where a reward is.

use contracts::membership::Occasion;
use kernel::{BranchCode, RegionCode, SegmentCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::offer::{Place, Standing};

/// The longest time after an occasion in which something is for members because of it, in days: points tells of no older ones.
const LONGEST_AFTER: u16 = 60;

/// A day of the year of the member's, and days after it.
///
/// Nobody here knows the day itself: it is the one on which membership marks the occasion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RewardOccasion)]
pub struct Near {
    /// Which day.
    pub kind: Occasion,
    /// On that day, and for so many days after it: 0 to 60.
    #[serde(default)]
    #[schema(maximum = 60)]
    pub after_days: u16,
}

/// An occasion of a member's that was marked lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// Which.
    pub kind: Occasion,
    /// Days ago, on the chain's wall clock: 0 for today.
    pub days_ago: u16,
}

/// For whom and where it is. An empty list leaves nobody out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RewardAudience)]
pub struct Audience {
    /// Members of these tiers.
    pub tiers: Vec<String>,
    /// Members of any of these segments.
    pub segments: Vec<SegmentCode>,
    /// At these branches.
    pub branches: Vec<BranchCode>,
    /// At branches of these regions.
    pub regions: Vec<RegionCode>,
    /// Members whose birthday, or day of joining, it is or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occasion: Option<Near>,
}

impl Audience {
    /// Whether it asks who the member is.
    #[must_use]
    pub const fn asks_standing(&self) -> bool {
        !self.tiers.is_empty() || !self.segments.is_empty() || self.occasion.is_some()
    }

    /// Whether its occasion is one that can be known.
    #[must_use]
    pub fn is_near_enough(&self) -> bool {
        self.occasion.is_none_or(|near| near.after_days <= LONGEST_AFTER)
    }

    /// Whether it is for a member who stands so; of one of whom nothing is known it is only what is for everybody.
    #[must_use]
    pub fn is_for(&self, standing: Option<&Standing>) -> bool {
        let tier = standing.and_then(|standing| standing.tier.as_ref());
        let segments = standing.map_or(&[][..], |standing| &standing.segments);
        let marked = standing.map_or(&[][..], |standing| &standing.occasions);
        let of_tier = self.tiers.is_empty() || tier.is_some_and(|tier| self.tiers.contains(tier));
        let of_segment = self.segments.is_empty() || self.segments.iter().any(|own| segments.contains(own));
        of_tier && of_segment && self.occasion.is_none_or(|near| near.includes(marked))
    }

    /// Whether it is there; where no branch is named, whether it is anywhere.
    #[must_use]
    pub fn is_at(&self, place: Option<&Place>) -> bool {
        let Some(Place { branch, region }) = place else { return true };
        let anywhere = self.branches.is_empty() && self.regions.is_empty();
        let of_region = region.as_ref().is_some_and(|region| self.regions.contains(region));
        anywhere || self.branches.contains(branch) || of_region
    }
}

impl Near {
    fn includes(self, marked: &[Marked]) -> bool {
        marked.iter().any(|one| one.kind == self.kind && one.days_ago <= self.after_days)
    }
}

#[cfg(test)]
mod tests {
    use kernel::Points;

    use super::*;

    #[test]
    fn nobody_gets_what_is_for_others() {
        let gold = Audience { tiers: vec!["gold".to_owned()], ..Audience::default() };
        let standing = |tier: &str| Standing {
            points: Points::ZERO,
            tier: Some(tier.to_owned()),
            segments: Vec::new(),
            occasions: Vec::new(),
        };
        assert!(gold.is_for(Some(&standing("gold"))) && !gold.is_for(Some(&standing("silver"))));
        assert!(!gold.is_for(None) && Audience::default().is_for(None));
        let segment = SegmentCode::parse("vip").expect("a code");
        let chosen = Audience { segments: vec![segment.clone()], ..gold.clone() };
        assert!(!chosen.is_for(Some(&standing("gold"))));
        assert!(chosen.is_for(Some(&Standing { segments: vec![segment], ..standing("gold") })));
        let place = |branch: &str, region: &str| Place {
            branch: BranchCode::parse(branch).expect("a code"),
            region: RegionCode::parse(region).ok(),
        };
        let fars = Audience {
            regions: vec![RegionCode::parse("fars").expect("a code")],
            branches: vec![BranchCode::parse("vanak").expect("a code")],
            ..Audience::default()
        };
        assert!(fars.is_at(Some(&place("zand", "fars"))) && fars.is_at(Some(&place("vanak", "tehran"))));
        assert!(!fars.is_at(Some(&place("tajrish", "tehran"))) && fars.is_at(None));
    }

    #[test]
    fn a_birthday_opens_what_is_for_it_and_for_so_many_days() {
        let near = Near { kind: Occasion::Birthday, after_days: 7 };
        let cake = Audience { occasion: Some(near), ..Audience::default() };
        let standing = |kind, days_ago| Standing {
            points: Points::ZERO,
            tier: None,
            segments: Vec::new(),
            occasions: vec![Marked { kind, days_ago }],
        };
        assert!(cake.asks_standing() && !cake.is_for(None));
        for (kind, days_ago, opens) in [
            (Occasion::Birthday, 0, true),
            (Occasion::Birthday, 7, true),
            (Occasion::Birthday, 8, false),
            (Occasion::JoinAnniversary, 0, false),
        ] {
            assert_eq!(cake.is_for(Some(&standing(kind, days_ago))), opens, "{kind:?} {days_ago}");
        }
        let late = Audience { occasion: Some(Near { after_days: 61, ..near }), ..Audience::default() };
        assert!(cake.is_near_enough() && !late.is_near_enough());
    }
}
