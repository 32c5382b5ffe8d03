//! What a route promises before any code of it runs.

use kernel::{Role, Scope};

use crate::{
    Bound, Caller, Deprecation, ErrorCode, Problem, RateClass, Shows, StaffPolicy, Verb, errors,
    staff::BRANCH,
};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, known or not.
    Anyone,
    /// Tills with a live key.
    Till,
    /// The back office: the chain's operator, and the staff that the route names.
    Operator,
    /// Tills and the back office.
    TillOrOperator,
    /// Members, about what is their own.
    Member,
    /// Members, about what is their own, and the back office.
    MemberOrOperator,
    /// Members, about what is their own, tills and the back office.
    MemberTillOrOperator,
    /// Other services of the platform only; never reachable through the gateway.
    Services,
}

impl Access {
    /// Lets the caller pass or says why not; staff pass by [`RouteSpec::check`] alone.
    fn check(self, caller: &Caller) -> Result<(), Problem> {
        let allowed = match (self, caller) {
            (Self::Anyone, _)
            | (Self::Till | Self::TillOrOperator | Self::MemberTillOrOperator, Caller::Till { .. })
            | (
                Self::Operator | Self::TillOrOperator | Self::MemberOrOperator | Self::MemberTillOrOperator,
                Caller::Operator,
            )
            | (Self::Member | Self::MemberOrOperator | Self::MemberTillOrOperator, Caller::Member { .. })
            | (Self::Services, Caller::Service(_)) => true,
            (_, Caller::Anonymous) => return Err(caller_required()),
            _ => false,
        };
        if allowed { Ok(()) } else { Err(denied()) }
    }

    /// Whether the back office may use the route.
    #[must_use]
    pub const fn admits_operator(self) -> bool {
        matches!(
            self,
            Self::Operator | Self::TillOrOperator | Self::MemberOrOperator | Self::MemberTillOrOperator
        )
    }

    /// Whether members may use the route, each for what is their own.
    #[must_use]
    pub const fn admits_members(self) -> bool {
        matches!(self, Self::Member | Self::MemberOrOperator | Self::MemberTillOrOperator)
    }
}

/// How a route that is open to members finds out what is a member's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// The member named by `{member_id}` in the path must be the caller; others are refused before the handler runs.
    Path,
    /// The path names no member: the handler compares, by [`Caller::owns`].
    Handler,
}

/// The parameter of a path that names whose thing it is about.
pub(crate) const OWNER: &str = "member_id";

fn denied() -> Problem {
    Problem::new(&errors::ACCESS_DENIED)
}

fn caller_required() -> Problem {
    let challenge = http::HeaderValue::from_static("Bearer");
    Problem::new(&errors::CALLER_REQUIRED).header(http::header::WWW_AUTHENTICATE, challenge)
}

/// Which queue a request stands in: a till has a customer waiting, the back office has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// At the till: short deadline, generous rate.
    Till,
    /// Staff, imports, reports: longer deadline.
    BackOffice,
}

/// A route: what is asked for, who may ask, how much may be sent and what may go wrong. One const each, listed in the
/// service's `ROUTES`.
#[derive(Clone, Copy, Debug)]
pub struct RouteSpec {
    /// The method.
    pub verb: Verb,
    /// The path template, `/v1/members/{member_id}`; `/internal/v1/…` for questions between services.
    pub path: &'static str,
    /// The operation's id, `verb_resource`, the same as the handler's name and the `OpenAPI` operation id.
    pub operation: &'static str,
    /// Who may use it.
    pub access: Access,
    /// How it finds out what is a member's own, where members may use it.
    pub ownership: Ownership,
    /// Which staff may use it, where the back office may.
    pub staff: Option<StaffPolicy>,
    /// What opens it to partners; nothing does where it is closed to them.
    pub scope: Option<Scope>,
    /// Whether it is told from which network address the request came.
    pub wants_origin: bool,
    /// The largest body taken, in bytes. Routes that read no body keep the default.
    pub body_limit: usize,
    /// The queue it stands in.
    pub lane: Lane,
    /// Whether it demands an `Idempotency-Key`: it writes money, and a repetition changes nothing.
    pub keyed: bool,
    /// Whether it reads or writes as much as hundreds of others.
    pub heavy: bool,
    /// Against which limit it counts, where that does not follow from the rest.
    pub counts: Option<RateClass>,
    /// Which members it shows the back office.
    pub shows: Shows,
    /// What its answers say when it should not be used any more.
    pub deprecation: Option<Deprecation>,
    /// The errors of its own; those that every route shares are added where they are documented.
    pub problems: &'static [&'static ErrorCode],
}

/// The largest body of a route that says nothing about it: 64 KiB.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

impl RouteSpec {
    /// A route with the default body limit (64 KiB) in the back office's lane.
    #[must_use]
    pub const fn new(verb: Verb, path: &'static str, operation: &'static str, access: Access) -> Self {
        Self {
            verb,
            path,
            operation,
            access,
            ownership: Ownership::Path,
            staff: None,
            scope: None,
            wants_origin: false,
            body_limit: BODY_LIMIT,
            lane: Lane::BackOffice,
            keyed: false,
            heavy: false,
            counts: None,
            shows: Shows::Named,
            deprecation: None,
            problems: &[],
        }
    }

    /// A `GET` route.
    #[must_use]
    pub const fn get(path: &'static str, operation: &'static str, access: Access) -> Self {
        Self::new(Verb::Get, path, operation, access)
    }

    /// A `POST` route.
    #[must_use]
    pub const fn post(path: &'static str, operation: &'static str, access: Access) -> Self {
        Self::new(Verb::Post, path, operation, access)
    }

    /// A `PUT` route.
    #[must_use]
    pub const fn put(path: &'static str, operation: &'static str, access: Access) -> Self {
        Self::new(Verb::Put, path, operation, access)
    }

    /// A `DELETE` route.
    #[must_use]
    pub const fn delete(path: &'static str, operation: &'static str, access: Access) -> Self {
        Self::new(Verb::Delete, path, operation, access)
    }

    /// Lets staff of these roles in, whose grants reach as far as `bound` says.
    #[must_use]
    pub const fn staff(mut self, bound: Bound, roles: &'static [Role]) -> Self {
        self.staff = Some(StaffPolicy { roles, bound, themselves: false });
        self
    }

    /// Lets everybody of the staff in about themselves: the person named by `{staff_id}` in the path.
    #[must_use]
    pub const fn or_themselves(mut self) -> Self {
        if let Some(policy) = &mut self.staff {
            policy.themselves = true;
        }
        self
    }

    /// Lets partners in whose keys have this scope.
    #[must_use]
    pub const fn partners(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Leaves it to the handler to find out what is a member's own, as the path names no member.
    #[must_use]
    pub const fn owned_by_handler(mut self) -> Self {
        self.ownership = Ownership::Handler;
        self
    }

    /// Is told from which network address a request came.
    #[must_use]
    pub const fn with_origin(mut self) -> Self {
        self.wants_origin = true;
        self
    }

    /// Takes bodies up to so many bytes.
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Stands in this lane.
    #[must_use]
    pub const fn lane(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }

    /// Demands an `Idempotency-Key`, before anything else of the request is looked at. What is keyed is safe to repeat.
    #[must_use]
    pub const fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }

    /// Shows members, though its path names none: looks of the back office are noted, and the handler says by [`crate::Shown`] at
    /// whom.
    #[must_use]
    pub const fn showing_members(mut self) -> Self {
        self.shows = Shows::Told;
        self
    }

    /// Says in every answer that it should not be used any more.
    #[must_use]
    pub const fn deprecated(mut self, deprecation: Deprecation) -> Self {
        self.deprecation = Some(deprecation);
        self
    }

    /// Whether the same request may be sent twice: it only reads, or the service knows its repetitions by their key.
    #[must_use]
    pub const fn is_repeatable(&self) -> bool {
        self.keyed || matches!(self.verb, Verb::Get)
    }

    /// Names the errors of its own.
    #[must_use]
    pub const fn problems(mut self, problems: &'static [&'static ErrorCode]) -> Self {
        self.problems = problems;
        self
    }

    /// What is missing in the policy; nothing for a route that says whom it lets in and to whose things.
    #[must_use]
    pub fn policy_flaw(&self) -> Option<&'static str> {
        self.flaw_for_members().or_else(|| self.flaw_for_staff()).or_else(|| self.flaw_for_partners())
    }

    fn flaw_for_partners(&self) -> Option<&'static str> {
        let idle = self.scope.is_some() && matches!(self.access, Access::Anyone | Access::Services);
        idle.then_some("a scope opens it, and everybody may use it already or nobody from outside")
    }

    fn flaw_for_members(&self) -> Option<&'static str> {
        let named = self.path.contains("{member_id}");
        match (self.access.admits_members(), self.ownership) {
            (true, Ownership::Path) if !named => {
                Some("members may use it, and nothing says what is their own")
            }
            (true, Ownership::Handler) if named => Some("the path names the member, so the path must decide"),
            (false, Ownership::Handler) => Some("it leaves members to its handler and lets none in"),
            _ => None,
        }
    }

    fn flaw_for_staff(&self) -> Option<&'static str> {
        match (self.access.admits_operator(), self.staff) {
            (true, None) => Some("the back office may use it, and nothing says which staff may"),
            (false, Some(_)) => Some("it names staff and does not let the back office in"),
            (true, Some(StaffPolicy { bound: Bound::Branch, .. })) if !self.path.contains("{branch}") => {
                Some("staff are bound by a branch that the path does not name")
            }
            (true, Some(StaffPolicy { themselves: true, .. })) if !self.path.contains("{staff_id}") => {
                Some("everybody may use it about themselves, and the path names nobody")
            }
            _ => None,
        }
    }

    /// Lets the caller pass or says why not. Staff pass when one of their grants could let them in; how far it must
    /// reach is for the service to compare.
    ///
    /// # Errors
    /// `web.caller_required` for an anonymous caller, `web.scope_missing` for a partner whose key lacks what the route
    /// names, `web.access_denied` for any other known caller without the right.
    pub fn check(&self, caller: &Caller) -> Result<(), Problem> {
        match (caller, self.staff) {
            (Caller::Staff { grants, .. }, Some(policy)) if policy.admits(grants) => Ok(()),
            (Caller::Partner { scopes, .. }, _) => self.check_scopes(scopes, caller),
            _ => self.access.check(caller),
        }
    }

    /// Partners pass by the scope that the route names, and by nothing else where it is not open to everybody.
    fn check_scopes(&self, scopes: &[Scope], caller: &Caller) -> Result<(), Problem> {
        match self.scope {
            Some(scope) if scopes.contains(&scope) => Ok(()),
            Some(scope) => {
                let word = scope.word();
                Err(Problem::new(&errors::SCOPE_MISSING).arg("scope", word).extension("scope", word))
            }
            None => self.access.check(caller),
        }
    }

    /// The branch that staff must reach, as the path names it.
    pub(crate) fn branch_of<'p>(&self, params: &'p [(&'static str, String)]) -> Option<&'p str> {
        let by_path = self.staff.is_some_and(|policy| policy.bound == Bound::Branch);
        let named = params.iter().find(|(name, _)| by_path && *name == BRANCH);
        named.map(|(_, branch)| branch.as_str())
    }

    /// Refuses a member who asks about another one's things, where the path says whose they are.
    pub(crate) fn check_owner(
        &self,
        caller: &Caller,
        params: &[(&'static str, String)],
    ) -> Result<(), Problem> {
        if self.ownership == Ownership::Handler {
            return Ok(());
        }
        let named = params.iter().find(|(name, _)| *name == OWNER);
        match (caller, named) {
            (Caller::Member { .. }, Some((_, owner))) => {
                owner.parse().map_err(|_| denied()).and_then(|owner| caller.owns(owner))
            }
            _ => Ok(()),
        }
    }

    /// Whether the gateway shows this route to the outside.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.path.starts_with("/v1/") && self.access != Access::Services
    }
}
