//! Which staff may use a route, and how far their grants must reach.
//!
//! **A grant counts where it reaches and nowhere else; what cannot be found out is not reached.** Where the path names the
//! branch, it is compared before the handler runs. Where only the handler can know it, the handler compares by
//! [`StaffReach`], and a handler that answers staff well without having compared is a fault.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::extract::FromRequestParts;
use http::request::Parts;
use kernel::{BranchCode, Grant, Reach, RegionCode, Role};

use crate::{Caller, Problem, errors, face::Arrival};

/// The parameter of a path that names a person of the staff.
const PERSON: &str = "staff_id";
/// The parameter of a path that names a branch.
pub(crate) const BRANCH: &str = "branch";

/// How far a grant must reach for a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The whole chain: what the route does concerns all of it.
    Chain,
    /// Anywhere: members, and what is theirs, belong to no branch.
    Anywhere,
    /// The branch named by `{branch}` in the path.
    Branch,
    /// The branch of the thing that the path names: the handler finds it out, and compares by [`StaffReach`].
    Handler,
}

impl Bound {
    /// The word in the API's description: `chain`, `anywhere`, `branch`, `thing`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Anywhere => "anywhere",
            Self::Branch => "branch",
            Self::Handler => "thing",
        }
    }
}

/// Which roles may use a route, and how far their grants must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffPolicy {
    /// The roles; none where the back office alone may use it.
    pub roles: &'static [Role],
    /// How far a grant of one of them must reach.
    pub bound: Bound,
    /// Whether everybody may use it about themselves, the person named by `{staff_id}` in the path.
    pub themselves: bool,
}

impl StaffPolicy {
    /// Where grants of these roles reach that let somebody in; nowhere when there are none.
    fn reaches<'g>(&self, grants: &'g [Grant]) -> impl Iterator<Item = &'g Reach> + use<'g> {
        let (roles, whole) = (self.roles, self.bound == Bound::Chain);
        let counts =
            move |grant: &&Grant| roles.contains(&grant.role) && (!whole || grant.reach == Reach::Chain);
        grants.iter().filter(counts).map(|grant| &grant.reach)
    }

    /// Whether somebody with these grants could be let in.
    pub(crate) fn admits(&self, grants: &[Grant]) -> bool {
        self.themselves || self.reaches(grants).next().is_some()
    }

    /// Refuses somebody whom only the thing's being their own could let in, when it is not.
    pub(crate) fn check_person(
        &self,
        caller: &Caller,
        params: &[(&'static str, String)],
    ) -> Result<(), Problem> {
        let Caller::Staff { staff, grants, .. } = caller else { return Ok(()) };
        let named = params.iter().find(|(name, _)| *name == PERSON);
        let own = named.is_some_and(|(_, person)| *person == staff.to_string());
        if own || self.reaches(grants).next().is_some() {
            return Ok(());
        }
        Err(Problem::new(&errors::ACCESS_DENIED))
    }
}

type Finding = Pin<Box<dyn Future<Output = Result<Option<RegionCode>, Problem>> + Send>>;

/// Finds out to which region a branch belongs; nothing for a branch that is not known.
pub type Whereabouts = Arc<dyn Fn(BranchCode) -> Finding + Send + Sync>;

/// Where a person's grants reach, as far as the route's roles go.
pub(crate) struct Standing {
    reaches: Vec<Reach>,
    whereabouts: Option<Whereabouts>,
    compared: AtomicBool,
}

impl Standing {
    /// That of the caller; nothing for callers who are no staff.
    pub(crate) fn of(
        caller: &Caller,
        policy: Option<StaffPolicy>,
        whereabouts: Option<&Whereabouts>,
    ) -> Option<Arc<Self>> {
        let (Caller::Staff { grants, .. }, Some(policy)) = (caller, policy) else { return None };
        let reaches = policy.reaches(grants).cloned().collect();
        let compared = AtomicBool::new(policy.bound != Bound::Handler);
        Some(Arc::new(Self { reaches, whereabouts: whereabouts.cloned(), compared }))
    }

    /// Refuses when no grant reaches this branch.
    pub(crate) async fn check(&self, branch: &BranchCode) -> Result<(), Problem> {
        self.compared.store(true, Ordering::Relaxed);
        let covered = |region: Option<&RegionCode>| {
            self.reaches.iter().any(|reach| reach.covers_branch(branch, region))
        };
        if covered(None) {
            return Ok(());
        }
        let by_region = self.reaches.iter().any(|reach| matches!(reach, Reach::Region(_)));
        if let (true, Some(whereabouts)) = (by_region, &self.whereabouts)
            && covered(whereabouts(branch.clone()).await?.as_ref())
        {
            return Ok(());
        }
        Err(Problem::new(&errors::ACCESS_DENIED))
    }

    fn check_chain(&self) -> Result<(), Problem> {
        self.compared.store(true, Ordering::Relaxed);
        if self.reaches.contains(&Reach::Chain) { Ok(()) } else { Err(Problem::new(&errors::ACCESS_DENIED)) }
    }

    /// Whether a handler that had to compare has done so.
    pub(crate) fn has_compared(&self) -> bool {
        self.compared.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Standing").field("reaches", &self.reaches).finish_non_exhaustive()
    }
}

/// How far the caller's grants reach, for handlers of routes bound by [`Bound::Handler`]. Callers who are no staff have
/// no such bounds.
#[derive(Clone, Debug)]
pub struct StaffReach(Option<Arc<Standing>>);

impl StaffReach {
    /// Refuses staff whose grants do not reach this branch.
    ///
    /// # Errors
    /// `web.access_denied`, or why the branch's region could not be found out.
    pub async fn branch(&self, branch: &BranchCode) -> Result<(), Problem> {
        match &self.0 {
            Some(standing) => standing.check(branch).await,
            None => Ok(()),
        }
    }

    /// Refuses staff whose grants do not reach this branch; a thing of no branch is the whole chain's.
    ///
    /// # Errors
    /// `web.access_denied`, or why the branch's region could not be found out.
    pub async fn place(&self, branch: Option<&BranchCode>) -> Result<(), Problem> {
        match (&self.0, branch) {
            (_, Some(branch)) => self.branch(branch).await,
            (Some(standing), None) => standing.check_chain(),
            (None, None) => Ok(()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for StaffReach {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(Arrival::of(parts)?.standing.clone()))
    }
}
