//! Looks of the back office at the data of members: who looks, at whom, and why.
//!
//! **What a route shows of a member is answered only once the look is noted**; whoever of the staff says no reason sees
//! nothing. Members who read what is their own, tills, partners and services are no lookers.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, HeaderValue, header::RETRY_AFTER, request::Parts};
use kernel::{MemberId, StaffId};

use crate::{Caller, Problem, RouteSpec, Verb, errors, face::Arrival, route::OWNER};

/// The header that says why somebody looks.
pub(crate) const REASON: HeaderName = HeaderName::from_static("look-reason");
/// The header that says what the reason is about: a ticket, a case.
pub(crate) const REFERENCE: HeaderName = HeaderName::from_static("look-reference");
/// Characters of a reference.
pub(crate) const LONGEST_REFERENCE: usize = 40;
/// Digits of a reference: fewer than any phone has.
const MOST_DIGITS: usize = 7;

/// Why somebody of the staff looks at a member's data. A word, and no text, in which there would be names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookReason {
    /// The member asked for something, at the counter or from afar.
    MemberAsked,
    /// A complaint is looked into.
    Complaint,
    /// Something is put right.
    Correction,
    /// A suspicion is looked into.
    Suspicion,
    /// The books, or somebody's work, are looked through.
    Audit,
    /// The law or a court wants it.
    Duty,
}

impl LookReason {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::MemberAsked, Self::Complaint, Self::Correction, Self::Suspicion, Self::Audit, Self::Duty];

    /// The word in the header and in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::MemberAsked => "member_asked",
            Self::Complaint => "complaint",
            Self::Correction => "correction",
            Self::Suspicion => "suspicion",
            Self::Audit => "audit",
            Self::Duty => "duty",
        }
    }
}

/// Which members a route shows the back office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// The one whom the path of a `GET` names, or none.
    Named,
    /// Others too: the handler says whom, by [`Shown`].
    Told,
}

/// Somebody looked at members' data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Who of the staff; absent for the operator's key.
    pub staff: Option<StaffId>,
    /// What they called: the operation's id.
    pub operation: &'static str,
    /// Whom it showed.
    pub members: Vec<MemberId>,
    /// Why; the operator's key may leave it out.
    pub reason: Option<LookReason>,
    /// What the reason is about.
    pub reference: Option<String>,
}

/// Notes looks, for good, before the answer goes out.
pub type Looks = Arc<dyn Fn(Look) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>> + Send + Sync>;

/// What a request has shown so far.
type Sight = Arc<Mutex<Option<Vec<MemberId>>>>;

/// A look that is under way.
#[derive(Clone, Debug)]
pub(crate) struct Looking {
    look: Look,
    sight: Sight,
}

/// For handlers of routes that show members whom the path does not name: they say whom. A handler that answers the back office
/// well and has not said it is a fault.
#[derive(Clone, Debug)]
pub struct Shown(Option<Sight>);

impl Shown {
    /// The answer shows this member.
    pub fn member(&self, member: MemberId) {
        self.members([member]);
    }

    /// The answer shows these members; none where what it shows is nobody's.
    pub fn members(&self, members: impl IntoIterator<Item = MemberId>) {
        if let Some(sight) = &self.0 {
            let mut seen = sight.lock().unwrap_or_else(PoisonError::into_inner);
            seen.get_or_insert_default().extend(members);
        }
    }

    /// The answer shows nobody.
    pub fn nobody(&self) {
        self.members([]);
    }
}

impl<S: Sync> FromRequestParts<S> for Shown {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(Arrival::of(parts)?.looking.as_ref().map(|looking| Arc::clone(&looking.sight))))
    }
}

impl RouteSpec {
    /// Whether the back office sees a member's data by it, so that each of its looks is noted: a `GET` whose path names a member,
    /// and what says so itself.
    #[must_use]
    pub fn shows_members(&self) -> bool {
        let names_one = matches!(self.verb, Verb::Get) && self.path.contains("{member_id}");
        self.access.admits_operator() && (self.shows == Shows::Told || names_one)
    }
}

impl Looking {
    /// The look that a request is, if it is one.
    ///
    /// # Errors
    /// `web.look_reason_missing`, `web.look_reason_invalid`.
    pub(crate) fn of(
        spec: &RouteSpec,
        caller: &Caller,
        params: &[(&'static str, String)],
        headers: &HeaderMap,
    ) -> Result<Option<Self>, Problem> {
        if !spec.shows_members() {
            return Ok(None);
        }
        // What is said must be good, whoever says it.
        let (reason, reference) = (reason(headers)?, reference(headers)?);
        let staff = match caller {
            Caller::Staff { staff, .. } => Some(*staff),
            Caller::Operator => None,
            _ => return Ok(None),
        };
        if staff.is_some() && reason.is_none() {
            return Err(Problem::new(&errors::LOOK_REASON_MISSING));
        }
        let look = Look { staff, operation: spec.operation, members: Vec::new(), reason, reference };
        // A path that names nobody readable is answered by the handler's own refusal.
        let named = params.iter().find(|(name, _)| *name == OWNER);
        let seen = named.and_then(|(_, member)| member.parse().ok()).map(|member| vec![member]);
        Ok(Some(Self { look, sight: Arc::new(Mutex::new(seen)) }))
    }

    /// What it has shown; nothing while nobody said whom.
    pub(crate) fn seen(self) -> Option<Look> {
        let mut members = self.sight.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        members.sort_unstable();
        members.dedup();
        Some(Look { members, ..self.look })
    }
}

/// Nothing is shown when it cannot be noted who looked.
pub(crate) fn unrecorded(fault: anyhow::Error) -> Problem {
    Problem::fault_as(&errors::LOOK_UNRECORDED, fault).header(RETRY_AFTER, HeaderValue::from_static("1"))
}

fn invalid() -> Problem {
    Problem::new(&errors::LOOK_REASON_INVALID).arg("longest", LONGEST_REFERENCE).arg("digits", MOST_DIGITS)
}

fn reason(headers: &HeaderMap) -> Result<Option<LookReason>, Problem> {
    let Some(value) = headers.get(&REASON) else { return Ok(None) };
    let known = LookReason::ALL.into_iter().find(|reason| value.as_bytes() == reason.word().as_bytes());
    known.map(Some).ok_or_else(invalid)
}

/// Letters, digits and few signs, with a digit at least and not many: no room for a name alone, nor for a phone.
fn reference(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(&REFERENCE) else { return Ok(None) };
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./#".contains(byte);
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if bytes.len() > LONGEST_REFERENCE || !(1..=MOST_DIGITS).contains(&digits) || !bytes.iter().all(fits) {
        return Err(invalid());
    }
    Ok(Some(String::from_utf8_lossy(bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_of_the_words_and_a_reference_has_no_room_for_names_and_phones() {
        let with = |name: HeaderName, value: &'static str| {
            HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
        };
        for known in LookReason::ALL {
            assert_eq!(reason(&with(REASON, known.word())).ok(), Some(Some(known)));
        }
        assert!(reason(&with(REASON, "curious")).is_err());
        assert_eq!(reason(&HeaderMap::new()).ok(), Some(None));
        for good in ["T-4711/2", "INC0012345", "7"] {
            assert_eq!(reference(&with(REFERENCE, good)).ok(), Some(Some(good.to_owned())));
        }
        let long = "T-4711-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        for bad in ["", "Zahra", "Zahra Karimi 1", "09121234567", "+98912", "9-12-12-34-567", long] {
            assert!(reference(&with(REFERENCE, bad)).is_err(), "{bad}");
        }
    }
}
