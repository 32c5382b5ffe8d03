//! Another phone for a member: asking, showing that it is at hand, and a second look.

use axum::{extract::State, http::StatusCode};
use kernel::{MemberId, PhoneChangeId, Pii, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, Origin, PathParams, Problem, RouteSpec};

use super::{Counter, Private, own_household::raised, private, reading, roles};
use crate::{
    commands::{
        approve_phone_change::{self, withdraw_phone_change},
        confirm_phone_change,
        request_phone_change::{self, AskedPhone},
    },
    domain::phone_change::{AskedBy, ChangeReason, PhoneChange, PhoneRefusal},
    error::{
        CODE_MALFORMED, CODE_SPENT, CODE_WRONG, CODES_EXHAUSTED, CODES_TOO_MANY, CONTENDED, DATABASE_BUSY,
        MEMBER_UNKNOWN, PHONE_CHANGE_OVER, PHONE_CHANGE_REASON, PHONE_CHANGE_UNKNOWN, PHONE_COUNTRY_CLOSED,
        PHONE_INVALID, PHONE_NOT_MOBILE, PHONE_OF_OTHER, PHONE_OWN, PHONE_RESTING, SECOND_PERSON_NEEDED,
        STEP_UP_NEEDED,
    },
    queries::phone_changes::changes_of_phone,
};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/phone-changes", "list_phone_changes", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::PHONE_READERS)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static REQUEST: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/phone-changes",
    "request_phone_change",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.with_origin()
.body_limit(1024)
.problems(&[
    &PHONE_INVALID,
    &PHONE_NOT_MOBILE,
    &PHONE_COUNTRY_CLOSED,
    &PHONE_CHANGE_REASON,
    &MEMBER_UNKNOWN,
    &STEP_UP_NEEDED,
    &PHONE_OWN,
    &CODES_TOO_MANY,
    &CODES_EXHAUSTED,
    &DATABASE_BUSY,
]);

pub(super) static CONFIRM: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/phone-changes/{change_id}/confirmation",
    "confirm_phone_change",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.body_limit(1024)
.problems(&[
    &MEMBER_UNKNOWN,
    &PHONE_CHANGE_UNKNOWN,
    &CODE_MALFORMED,
    &CODE_WRONG,
    &CODE_SPENT,
    &PHONE_OWN,
    &PHONE_OF_OTHER,
    &PHONE_RESTING,
    &CONTENDED,
    &DATABASE_BUSY,
]);

pub(super) static APPROVE: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/phone-changes/{change_id}/approval",
    "approve_phone_change",
    Access::Operator,
)
.staff(Bound::Chain, roles::SECOND_LOOK)
.problems(&[
    &MEMBER_UNKNOWN,
    &PHONE_CHANGE_UNKNOWN,
    &PHONE_CHANGE_OVER,
    &SECOND_PERSON_NEEDED,
    &PHONE_OWN,
    &PHONE_OF_OTHER,
    &PHONE_RESTING,
    &CONTENDED,
    &DATABASE_BUSY,
]);

pub(super) static WITHDRAW: RouteSpec = RouteSpec::delete(
    "/v1/members/{member_id}/phone-changes/{change_id}",
    "withdraw_phone_change",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::PHONE_HANDS)
.problems(&[&MEMBER_UNKNOWN, &PHONE_CHANGE_UNKNOWN, &PHONE_CHANGE_OVER, &DATABASE_BUSY]);

/// Why the back office changes a member's phone.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfficeChangeReason {
    /// The former phone is lost or broken.
    Lost,
    /// The former phone was stolen.
    Stolen,
    /// The former number is not theirs any more.
    NumberGone,
}

impl From<OfficeChangeReason> for ChangeReason {
    fn from(reason: OfficeChangeReason) -> Self {
        match reason {
            OfficeChangeReason::Lost => Self::Lost,
            OfficeChangeReason::Stolen => Self::Stolen,
            OfficeChangeReason::NumberGone => Self::NumberGone,
        }
    }
}

/// Another phone that is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneChangeBody {
    /// The new mobile number, in E.164 or as it is dialled in the chain's country; Persian and Arabic digits are read.
    #[schema(value_type = String, example = "۰۹۱۲۱۲۳۴۵۶۷")]
    pub phone: Pii<String>,
    /// Why: from the back office only, which must say it.
    #[serde(default)]
    pub reason: Option<OfficeChangeReason>,
}

/// The code that came to the new phone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationBody {
    /// The six digits; Persian and Arabic digits are read.
    #[schema(value_type = String, example = "۰۴۲۷۱۹")]
    pub code: Pii<String>,
}

/// A change of a member's phone.
#[derive(Serialize, ToSchema)]
pub struct PhoneChangeView {
    /// Its id.
    pub change_id: PhoneChangeId,
    /// Where it stands: `awaits_code`, `awaits_approval`, `done`, `recalled`, `withdrawn` or `of_other` (the code came back, and the
    /// number is another member's).
    #[schema(example = "awaits_code")]
    pub status: &'static str,
    /// The last digits of the new phone.
    #[schema(example = "••••4567")]
    pub phone: String,
    /// The last digits of the phone before, once it was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "••••9876")]
    pub former: Option<String>,
    /// Why: `own`, `lost`, `stolen` or `number_gone`.
    #[schema(example = "own")]
    pub reason: &'static str,
    /// The person of the back office who asked; absent for the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
    /// The second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Until when it waits; absent when it waits no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When the new phone came to lead to the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// Until when whoever has the former phone can call it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall_until: Option<Timestamp>,
    /// Until when the member passes no points on and spends few.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guarded_until: Option<Timestamp>,
    /// When it was called back or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// The changes of a member's phone, the latest first, 50 at most.
#[derive(Serialize, ToSchema)]
pub struct PhoneChangeList {
    /// They.
    pub changes: Vec<PhoneChangeView>,
}

fn view(change: &PhoneChange, now: Timestamp) -> PhoneChangeView {
    PhoneChangeView {
        change_id: change.id,
        status: change.status.word(),
        phone: change.phone.identifier.masked(),
        former: change.former.as_ref().map(|former| former.identifier.masked()),
        reason: change.reason.word(),
        asked_by: match &change.asked_by {
            AskedBy::Member(_) => None,
            AskedBy::Office(person) => Some(person.clone()),
        },
        approved_by: change.approved_by.clone(),
        asked_at: change.asked_at,
        expires_at: change.is_open(now).then_some(change.expires_at),
        changed_at: change.changed_at,
        recall_until: change.recall.map(|(_, until)| until),
        guarded_until: change.guarded_until,
        ended_at: change.ended_at,
    }
}

/// Who asks, as records name them: staff by their own id.
fn asking(caller: &Caller) -> AskedBy {
    match caller {
        Caller::Member { session, .. } => AskedBy::Member(*session),
        Caller::Staff { staff, .. } => AskedBy::Office(staff.to_string()),
        _ => AskedBy::Office(caller.word().to_owned()),
    }
}

/// Lists the changes of a member's phone. Numbers show their last digits.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/phone-changes", operation_id = "list_phone_changes", tag = "phone changes",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The changes.", body = PhoneChangeList))
)]
pub(super) async fn list_phone_changes(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<PhoneChangeList>, Problem> {
    let (desk, now) = (counter.desk(), counter.desk().clock.now());
    let changes = changes_of_phone(&desk.vault, member_id).await?;
    Ok(private(PhoneChangeList { changes: changes.iter().map(|change| view(change, now)).collect() }))
}

/// Asks for another phone of a member: a code goes to it.
///
/// The answer does not depend on whether a member has the number. Members need a session that a fresh code, to the present phone, has
/// raised; the back office says why that phone cannot be asked. What was asked for before and waits is given up.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/phone-changes", operation_id = "request_phone_change", tag = "phone changes",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    request_body = PhoneChangeBody,
    responses((status = 202, description = "A code is on its way to the new phone.", body = PhoneChangeView))
)]
pub(super) async fn request_phone_change(
    State(counter): State<Counter>,
    caller: Caller,
    Origin(from): Origin,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
    Body(body): Body<PhoneChangeBody>,
) -> Result<(StatusCode, Private<PhoneChangeView>), Problem> {
    let desk = counter.desk();
    raised(&caller, desk.clock.now())?;
    let phone = reading::phone(body.phone.expose(), counter.0.country, "/phone")?;
    reading::open_country(&phone, &desk.settings.codes.countries, "/phone")?;
    let asked_by = asking(&caller);
    let by_member = matches!(asked_by, AskedBy::Member(_));
    let reason = match body.reason {
        _ if by_member => ChangeReason::Own,
        Some(reason) => reason.into(),
        None => return Err(PhoneRefusal::ReasonMissing.into()),
    };
    deadline.check()?;
    let from = from.filter(|_| by_member);
    let asked = AskedPhone { member: member_id, asked_by, reason, phone, from };
    let change = request_phone_change::request_phone_change(desk, asked).await?;
    Ok((StatusCode::ACCEPTED, private(view(&change, change.asked_at))))
}

/// Shows, by the code that came to it, that the new phone is at hand.
///
/// A member's own change is done then: the former number leads to nobody, other sessions end, and the former phone is told how to call
/// the change back. One that the back office asked for waits up to three days for a second person.
///
/// A number that leads to another member is not taken over (`membership.phone_of_other`): whoever has both phones has two memberships,
/// which the back office makes one.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/phone-changes/{change_id}/confirmation", operation_id = "confirm_phone_change",
    tag = "phone changes",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("change_id" = PhoneChangeId, Path, description = "The change's id."),
    ),
    request_body = ConfirmationBody,
    responses((status = 200, description = "The change, done or waiting for a second person.", body = PhoneChangeView))
)]
pub(super) async fn confirm_phone_change(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, change_id)): PathParams<(MemberId, PhoneChangeId)>,
    deadline: DeadlineAt,
    Body(body): Body<ConfirmationBody>,
) -> Result<Private<PhoneChangeView>, Problem> {
    let code = reading::code(body.code.expose(), "/code")?;
    deadline.check()?;
    let desk = counter.desk();
    let named = (member_id, change_id);
    let change = confirm_phone_change::confirm_phone_change(desk, named, &asking(&caller), &code).await?;
    Ok(private(view(&change, desk.clock.now())))
}

/// Approves a change that another person of the back office asked for.
///
/// All sessions of the member end, the former phone is told, and until `guarded_until` the member passes no points on and spends few.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/phone-changes/{change_id}/approval", operation_id = "approve_phone_change",
    tag = "phone changes",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("change_id" = PhoneChangeId, Path, description = "The change's id."),
    ),
    responses((status = 200, description = "The new phone leads to the member.", body = PhoneChangeView))
)]
pub(super) async fn approve_phone_change(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, change_id)): PathParams<(MemberId, PhoneChangeId)>,
    deadline: DeadlineAt,
) -> Result<Private<PhoneChangeView>, Problem> {
    deadline.check()?;
    let desk = counter.desk();
    let by = match asking(&caller) {
        AskedBy::Office(person) => person,
        AskedBy::Member(_) => return Err(PhoneRefusal::SecondPersonNeeded.into()),
    };
    let change = approve_phone_change::approve_phone_change(desk, (member_id, change_id), by).await?;
    Ok(private(view(&change, desk.clock.now())))
}

/// Gives up a change that waits for its code or for a second person.
#[utoipa::path(
    delete, path = "/v1/members/{member_id}/phone-changes/{change_id}", operation_id = "withdraw_phone_change",
    tag = "phone changes",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("change_id" = PhoneChangeId, Path, description = "The change's id."),
    ),
    responses((status = 204, description = "It is given up."))
)]
pub(super) async fn end_phone_change(
    State(counter): State<Counter>,
    PathParams((member_id, change_id)): PathParams<(MemberId, PhoneChangeId)>,
) -> Result<StatusCode, Problem> {
    withdraw_phone_change(counter.desk(), (member_id, change_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
