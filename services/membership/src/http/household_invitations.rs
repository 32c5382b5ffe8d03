//! Invitations into a household: making, listing, accepting, declining, withdrawing. Members do it for themselves, with a
//! confirmed phone; the back office may do it for them.

use axum::{extract::State, http::StatusCode};
use contracts::membership::HouseholdRole;
use kernel::{InvitationId, MemberId, Pii, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, PathParams, Problem, RouteSpec};

use super::{
    Counter, Private,
    own_household::{OwnHouseholdView, confirmed, shown},
    private, reading, roles,
};
use crate::{
    commands::{
        Put,
        accept_invitation::accept_invitation,
        end_invitation::end_invitation,
        invite_to_household::{Guest, invite_to_household},
    },
    domain::{
        identifier::Identifier,
        invitation::{Address, Invitation},
        name::FirstName,
    },
    error::{
        CARD_CHECK_DIGIT, CARD_MALFORMED, DATABASE_BUSY, HOUSEHOLD_FULL, HOUSEHOLD_HEAD_ONLY, HOUSEHOLD_NONE,
        HOUSEHOLD_OTHER, INVITATION_NEEDS_ONE, INVITATION_OVER, INVITATION_SELF, INVITATION_UNKNOWN,
        INVITATIONS_TOO_MANY, MEMBER_UNKNOWN, PHONE_INVALID, PHONE_NOT_CONFIRMED, PHONE_NOT_MOBILE,
    },
    queries::own_household::own_invitations,
};

pub(super) static LIST: RouteSpec = RouteSpec::get(
    "/v1/members/{member_id}/household/invitations",
    "list_household_invitations",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT_READERS)
.problems(&[&PHONE_NOT_CONFIRMED, &MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static INVITE: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/household/invitations",
    "invite_to_household",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.body_limit(1024)
.problems(&[
    &PHONE_NOT_CONFIRMED,
    &INVITATION_NEEDS_ONE,
    &PHONE_INVALID,
    &PHONE_NOT_MOBILE,
    &CARD_MALFORMED,
    &CARD_CHECK_DIGIT,
    &MEMBER_UNKNOWN,
    &HOUSEHOLD_HEAD_ONLY,
    &INVITATION_SELF,
    &HOUSEHOLD_FULL,
    &INVITATIONS_TOO_MANY,
    &DATABASE_BUSY,
]);

pub(super) static ACCEPT: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/household/invitations/{invitation_id}/acceptance",
    "accept_household_invitation",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.problems(&[
    &PHONE_NOT_CONFIRMED,
    &MEMBER_UNKNOWN,
    &INVITATION_UNKNOWN,
    &INVITATION_OVER,
    &HOUSEHOLD_OTHER,
    &HOUSEHOLD_FULL,
    &HOUSEHOLD_NONE,
    &DATABASE_BUSY,
]);

pub(super) static END: RouteSpec = RouteSpec::delete(
    "/v1/members/{member_id}/household/invitations/{invitation_id}",
    "end_household_invitation",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.problems(&[&PHONE_NOT_CONFIRMED, &INVITATION_UNKNOWN, &INVITATION_OVER, &DATABASE_BUSY]);

/// As what a guest comes.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuestRole {
    /// Belongs to it.
    #[default]
    Member,
    /// Belongs to it, and neither speaks for it nor comes to.
    Child,
}

/// Whom a member invites: exactly one of phone, card and member id.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationBody {
    /// The guest's mobile number; Persian and Arabic digits are read.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "۰۹۱۲۱۲۳۴۵۶۸")]
    pub phone: Option<Pii<String>>,
    /// The number of a card of theirs.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub card: Option<Pii<String>>,
    /// Their member id.
    #[serde(default)]
    pub member_id: Option<MemberId>,
    /// As what they come.
    #[serde(default)]
    pub role: GuestRole,
}

/// An invitation, as who made it sees it. It waits until the guest comes, it lapses, or it is withdrawn.
#[derive(Serialize, ToSchema)]
pub struct MadeInvitationView {
    /// By which it is withdrawn.
    pub invitation_id: InvitationId,
    /// The last digits of whom it is to.
    #[schema(example = "••••4568")]
    pub to: String,
    /// As what the guest comes.
    pub role: HouseholdRole,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it may be accepted.
    pub expires_at: Timestamp,
}

/// An invitation, as the guest sees it.
#[derive(Serialize, ToSchema)]
pub struct ReceivedInvitationView {
    /// By which it is accepted or declined.
    pub invitation_id: InvitationId,
    /// The first name of who made it.
    #[schema(example = "زهرا")]
    pub from: String,
    /// As what the guest would come.
    pub role: HouseholdRole,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it may be accepted.
    pub expires_at: Timestamp,
}

/// Invitations that wait.
#[derive(Serialize, ToSchema)]
pub struct InvitationsView {
    /// To the member, those made last first, 50 at most.
    pub received: Vec<ReceivedInvitationView>,
    /// By the member, earliest first.
    pub made: Vec<MadeInvitationView>,
}

fn made_view(invitation: &Invitation) -> MadeInvitationView {
    MadeInvitationView {
        invitation_id: invitation.id,
        to: invitation.shown.expose().clone(),
        role: invitation.role,
        made_at: invitation.made_at,
        expires_at: invitation.expires_at,
    }
}

fn received_view((invitation, from): &(Invitation, FirstName)) -> ReceivedInvitationView {
    ReceivedInvitationView {
        invitation_id: invitation.id,
        from: from.text().to_owned(),
        role: invitation.role,
        made_at: invitation.made_at,
        expires_at: invitation.expires_at,
    }
}

impl Counter {
    fn guest(&self, body: &InvitationBody) -> Result<Guest, Problem> {
        let role = match body.role {
            GuestRole::Member => HouseholdRole::Member,
            GuestRole::Child => HouseholdRole::Child,
        };
        let identifier = match (&body.phone, &body.card, body.member_id) {
            (Some(phone), None, None) => {
                Identifier::Phone(reading::phone(phone.expose(), self.0.country, "/phone")?)
            }
            (None, Some(card), None) => Identifier::Card(reading::card(card.expose(), "/card")?),
            (None, None, Some(id)) => {
                return Ok(Guest { to: Address::of_member(id), shown: Pii::new(id.to_string()), role });
            }
            _ => return Err(Problem::new(&INVITATION_NEEDS_ONE)),
        };
        let shown = Pii::new(identifier.masked());
        Ok(Guest { to: Address::of(&self.desk().vault.index(identifier)), shown, role })
    }
}

/// Lists invitations that wait: to the member, and by the member.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/household/invitations", operation_id = "list_household_invitations", tag = "households",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The invitations.", body = InvitationsView))
)]
pub(super) async fn list_invitations(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<InvitationsView>, Problem> {
    confirmed(&caller)?;
    let desk = counter.desk();
    let found = own_invitations(&desk.vault, member_id, desk.clock.now()).await?;
    Ok(private(InvitationsView {
        received: found.received.iter().map(received_view).collect(),
        made: found.made.iter().map(made_view).collect(),
    }))
}

/// Invites somebody into the household.
///
/// Whoever heads a household may, and whoever belongs to none: then it comes about, headed by them, with the first guest who
/// accepts. The answer is the same whether a member has the phone or the card or not; whoever comes to have it sees the
/// invitation. Inviting the same again changes nothing.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/household/invitations", operation_id = "invite_to_household", tag = "households",
    params(("member_id" = MemberId, Path, description = "Who invites.")),
    request_body(content = InvitationBody, example = json!({"phone": "09121234568"})),
    responses(
        (status = 201, description = "The invitation waits.", body = MadeInvitationView),
        (status = 200, description = "It waited already.", body = MadeInvitationView),
    )
)]
pub(super) async fn invite_guest(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
    Body(body): Body<InvitationBody>,
) -> Result<(StatusCode, Private<MadeInvitationView>), Problem> {
    confirmed(&caller)?;
    let guest = counter.guest(&body)?;
    Ok(match invite_to_household(counter.desk(), member_id, guest).await? {
        Put::New(invitation) => (StatusCode::CREATED, private(made_view(&invitation))),
        Put::Known(invitation) => (StatusCode::OK, private(made_view(&invitation))),
    })
}

/// Accepts an invitation: the member belongs to the household from now on.
///
/// Where the programme pools, the household may spend the member's points from now on, and the member theirs: say so before
/// they accept.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/household/invitations/{invitation_id}/acceptance",
    operation_id = "accept_household_invitation", tag = "households",
    params(
        ("member_id" = MemberId, Path, description = "The guest's id."),
        ("invitation_id" = InvitationId, Path, description = "The invitation's id."),
    ),
    responses((status = 200, description = "The household, to which the member belongs now.", body = OwnHouseholdView))
)]
pub(super) async fn accept_guest(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, invitation_id)): PathParams<(MemberId, InvitationId)>,
) -> Result<Private<OwnHouseholdView>, Problem> {
    confirmed(&caller)?;
    accept_invitation(counter.desk(), member_id, invitation_id).await?;
    shown(&counter, member_id).await
}

/// Declines an invitation, or withdraws one's own. Whoever made it does not learn that it was declined.
#[utoipa::path(
    delete, path = "/v1/members/{member_id}/household/invitations/{invitation_id}",
    operation_id = "end_household_invitation", tag = "households",
    params(
        ("member_id" = MemberId, Path, description = "The id of the guest, or of who made it."),
        ("invitation_id" = InvitationId, Path, description = "The invitation's id."),
    ),
    responses((status = 204, description = "Nobody comes by it any more."))
)]
pub(super) async fn end_guest_invitation(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, invitation_id)): PathParams<(MemberId, InvitationId)>,
) -> Result<StatusCode, Problem> {
    confirmed(&caller)?;
    end_invitation(counter.desk(), member_id, invitation_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
