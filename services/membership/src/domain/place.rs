//! The chain's places: regions, and the branches that belong to them.
//!
//! A place is opened and changed by the same command, so that a chain's own list can be sent again and again:
//! what is already so changes nothing and tells nothing.

use contracts::membership::{BranchOpened, RegionOpened};
use kernel::{BranchCode, RegionCode, Timestamp};

use super::name::PlaceNames;

/// A region: the branches of one part of the land.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its code, chosen by the chain.
    pub code: RegionCode,
    /// What it is called.
    pub names: PlaceNames,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The number of facts told about it.
    pub version: u64,
}

/// A branch: one shop of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Its code, chosen by the chain.
    pub code: BranchCode,
    /// The region it belongs to.
    pub region: RegionCode,
    /// What it is called.
    pub names: PlaceNames,
    /// IANA time zone of its wall clock, when it differs from the chain's.
    pub time_zone: Option<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The number of facts told about it.
    pub version: u64,
}

/// What a command makes of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<Place, Fact> {
    /// It is already so.
    None(Place),
    /// It is stored for the first time, and told.
    Opened(Place, Fact),
    /// It is stored anew, and told.
    Changed(Place, Fact),
}

/// Opens a region, or gives it other names.
#[must_use]
pub fn open_region(
    known: Option<Region>,
    code: RegionCode,
    names: PlaceNames,
    now: Timestamp,
) -> Change<Region, RegionOpened> {
    let fact = RegionOpened { region: code.clone() };
    match known {
        None => Change::Opened(Region { code, names, opened_at: now, version: 1 }, fact),
        Some(region) if region.names == names => Change::None(region),
        Some(region) => Change::Changed(Region { names, version: region.version + 1, ..region }, fact),
    }
}

/// What a branch shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchPlan {
    /// Its code.
    pub code: BranchCode,
    /// The region it belongs to, which exists.
    pub region: RegionCode,
    /// What it is called.
    pub names: PlaceNames,
    /// IANA time zone, when it differs from the chain's.
    pub time_zone: Option<String>,
}

/// Opens a branch, moves it to another region, or gives it other names or another time zone.
#[must_use]
pub fn open_branch(known: Option<Branch>, plan: BranchPlan, now: Timestamp) -> Change<Branch, BranchOpened> {
    let fact = BranchOpened {
        branch: plan.code.clone(),
        region: plan.region.clone(),
        time_zone: plan.time_zone.clone(),
    };
    let (opened_at, version) = known.as_ref().map_or((now, 1), |b| (b.opened_at, b.version + 1));
    let BranchPlan { code, region, names, time_zone } = plan;
    let next = Branch { code, region, names, time_zone, opened_at, version };
    match known {
        None => Change::Opened(next, fact),
        Some(branch) if (Branch { version, ..branch.clone() }) == next => Change::None(branch),
        Some(_) => Change::Changed(next, fact),
    }
}

#[cfg(test)]
mod tests {
    use kernel::Language;

    use super::*;

    fn names(text: &str) -> PlaceNames {
        PlaceNames::parse([(Language::En, text)]).expect("a name")
    }

    fn plan(region: &str, name: &str) -> BranchPlan {
        BranchPlan {
            code: BranchCode::parse("b1").expect("a code"),
            region: RegionCode::parse(region).expect("a code"),
            names: names(name),
            time_zone: None,
        }
    }

    #[test]
    fn the_same_again_changes_and_tells_nothing() {
        let now = Timestamp::from_micros(1);
        let Change::Opened(branch, _) = open_branch(None, plan("r1", "One"), now) else {
            panic!("a new branch is opened")
        };
        let later = Timestamp::from_micros(9);
        let again = open_branch(Some(branch.clone()), plan("r1", "One"), later);
        assert_eq!(again, Change::None(branch.clone()));
        let Change::Changed(moved, fact) = open_branch(Some(branch), plan("r2", "One"), later) else {
            panic!("a branch that moves changes")
        };
        assert_eq!((moved.version, moved.opened_at, fact.region.as_str()), (2, now, "r2"));
    }

    #[test]
    fn a_region_is_opened_once_and_renamed_with_the_next_number() {
        let code = RegionCode::parse("r1").expect("a code");
        let now = Timestamp::from_micros(1);
        let Change::Opened(region, _) = open_region(None, code.clone(), names("North"), now) else {
            panic!("a new region is opened")
        };
        assert_eq!(
            open_region(Some(region.clone()), code.clone(), names("North"), now),
            Change::None(region.clone())
        );
        assert!(
            matches!(open_region(Some(region), code, names("South"), now), Change::Changed(r, _) if r.version == 2)
        );
    }
}
