//! Typed ids: a UUID that knows what it names, so that one kind cannot be passed for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Names the thing with this UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID behind the name.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::try_parse(text).map(Self)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                crate::schema::format("uuid")
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

typed_id!(
    /// A member: an enrolled person, known on the bus and in the ledger by this id alone.
    MemberId
);
typed_id!(
    /// A household: members who belong together, by the id that the chain gave it.
    HouseholdId
);
typed_id!(
    /// A journal: one immutable business event of the ledger (a purchase, an expiry …).
    JournalId
);
typed_id!(
    /// A transfer of points from one member to another.
    TransferId
);
typed_id!(
    /// A fact that one service tells the others.
    FactId
);
typed_id!(
    /// A parcel: the facts of one transaction, travelling together.
    ParcelId
);
typed_id!(
    /// A payment of a member for a paid plan.
    PaymentId
);
typed_id!(
    /// A checkout: what a member pays for in the app, on its way.
    CheckoutId
);
typed_id!(
    /// A till's key, by which it can be revoked; not the secret itself.
    KeyId
);
typed_id!(
    /// One way in, begun with a one-time code; unguessable for everybody who did not begin it.
    SignInId
);
typed_id!(
    /// A change of a member's phone, from asking for it to the end of its history.
    PhoneChangeId
);
typed_id!(
    /// A merge of two memberships of one person, from asking for it to the end of its history.
    MergeId
);
typed_id!(
    /// An invitation into a household.
    InvitationId
);
typed_id!(
    /// A batch of cards that are printed together, by the id that the chain gave it.
    BatchId
);
typed_id!(
    /// A member's session: what one app of theirs may do, from signing in until it ends.
    SessionId
);
typed_id!(
    /// A role that a person of the staff was given somewhere, by which it is taken away.
    GrantId
);
typed_id!(
    /// A person of the chain's staff, known to services and in records by this id alone.
    StaffId
);
typed_id!(
    /// A webhook: an address outside of the platform that is told of facts.
    WebhookId
);
typed_id!(
    /// One message to a webhook; the same however often it is sent.
    DeliveryId
);
typed_id!(
    /// A redemption of a reward; the hold of its points has the same id.
    RedemptionId
);
typed_id!(
    /// A voucher: what a member got for a reward, and shows at the till.
    VoucherId
);
typed_id!(
    /// A batch of codes without members, made for a campaign.
    CodeBatchId
);
typed_id!(
    /// A gift: what a member gets without redeeming points for it.
    GiftId
);
typed_id!(
    /// A place at an event, or in its waiting list.
    SeatId
);
typed_id!(
    /// One use of a voucher at a till, or a reservation of one.
    VoucherUseId
);
