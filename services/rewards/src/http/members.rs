//! Whom a request names, and what other services say of them.

use axum::http::Method;
use contracts::rewards::MemberShown;
use kernel::{Digest16, IdentifierKind, MemberId, Pii};
use locale::{digits, phone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Caller, Problem, ProofPlace, ProofQuestion};

use super::Counter;
use crate::{
    domain::offer::Standing,
    error::{self, silent},
};

/// A member: one of three ways to say who.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MemberNamed)]
pub enum Who {
    /// A phone number: E.164, or national of the chain's country; Persian and Arabic digits are fine.
    #[schema(value_type = String, example = "+989121234567")]
    Phone(Pii<String>),
    /// A loyalty card's number.
    #[schema(value_type = String, example = "6274000000000007")]
    Card(Pii<String>),
    /// The member's id, where the caller knows it.
    Id(MemberId),
}

#[derive(Serialize)]
struct IdentifierQuestion {
    digest: Digest16,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<Digest16>,
    kind: IdentifierKind,
}

#[derive(Deserialize)]
struct MemberFound {
    member_id: MemberId,
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

impl Who {
    fn identifier(&self, counter: &Counter) -> Option<(String, IdentifierKind)> {
        match self {
            Self::Id(_) => None,
            Self::Phone(text) => {
                let text = text.expose();
                let e164 = if phone::is_e164(text) {
                    text.clone()
                } else {
                    phone::normalise(text, counter.country).ok()?
                };
                Some((e164, IdentifierKind::Phone))
            }
            Self::Card(text) => {
                let latin = digits::to_latin(text.expose());
                let number: String = latin.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
                let fits = (12..=19).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
                fits.then_some((number, IdentifierKind::Card))
            }
        }
    }

    /// The member, as membership knows them.
    pub(super) async fn find(&self, counter: &Counter) -> Result<MemberId, Problem> {
        let within = counter.desk.settings.ask;
        let found: Result<MemberFound, _> = if let Self::Id(member) = self {
            let path = format!("/internal/v1/members/{member}");
            counter.membership.ask(Method::GET, &path, &(), within).await
        } else {
            let invalid = || Problem::new(&error::IDENTIFIER_INVALID).pointer("/member");
            let (text, kind) = self.identifier(counter).ok_or_else(invalid)?;
            let digests = counter.blind_keys.digests(kind, &text);
            let also = digests.sought().iter().skip(1).copied().collect();
            let question = IdentifierQuestion { digest: digests.first(), also, kind };
            let path = "/internal/v1/identifiers/resolve";
            counter.membership.ask(Method::POST, path, &question, within).await
        };
        let unknown = || Problem::new(&error::MEMBER_UNKNOWN).pointer("/member");
        match found {
            Ok(found) if found.active => Ok(found.member_id),
            Ok(_) => Err(unknown()),
            Err(error) if error.is_missing() => Err(unknown()),
            Err(error) => {
                tracing::warn!(%error, "membership does not say whom somebody names");
                Err(silent(&error::MEMBERSHIP_SILENT))
            }
        }
    }
}

/// The member whom a request is about: the caller, or whom a till or the back office names. Of an id it is not asked whether there is
/// such a member: whoever asks next what they have [`shown`] learns it.
pub(super) async fn meant(
    counter: &Counter,
    caller: &Caller,
    named: Option<&Who>,
) -> Result<MemberId, Problem> {
    match (caller, named) {
        (Caller::Member { member, .. }, None) => Ok(*member),
        (Caller::Member { .. }, Some(_)) | (_, None) => {
            Err(Problem::new(&error::MEMBER_MISNAMED).pointer("/member"))
        }
        (_, Some(Who::Id(member))) => Ok(*member),
        (_, Some(who)) => who.find(counter).await,
    }
}

/// What the member has shown of themselves where they ask: by signing in, or by a code that they told the till or a person.
pub(super) async fn shown(
    counter: &Counter,
    caller: &Caller,
    member: MemberId,
) -> Result<MemberShown, Problem> {
    let now = counter.now();
    if let Caller::Member { confirmed, stepped_up_until, .. } = caller {
        let vouched = stepped_up_until.is_some_and(|until| now < until);
        return Ok(MemberShown { phone_confirmed: *confirmed, vouched });
    }
    let found = counter.proofs.of(ProofQuestion { member_id: member, place: ProofPlace::of(caller) }).await;
    let found = found.map_err(|error| {
        tracing::warn!(%error, "membership does not say what a member has shown");
        silent(&error::MEMBERSHIP_SILENT)
    })?;
    let found = found.ok_or_else(|| Problem::new(&error::MEMBER_UNKNOWN).pointer("/member"))?;
    Ok(MemberShown { phone_confirmed: found.phone_confirmed, vouched: found.vouches(now) })
}

/// Where a member stands; nothing where points does not say so in time.
pub(super) async fn standing(counter: &Counter, member: MemberId) -> Option<Standing> {
    let path = format!("/internal/v1/members/{member}/standing");
    let asked = counter.points.ask(Method::GET, &path, &(), counter.desk.settings.ask).await;
    asked.inspect_err(|error| tracing::warn!(%error, "points does not say where a member stands")).ok()
}
