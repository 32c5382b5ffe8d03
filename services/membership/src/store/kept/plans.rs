//! Paid plans: where the member stands, and what was paid.

use runtime::archive::{Field, Kind, Sheet, WHOSE, sheet};

pub(super) const SUBSCRIPTION: Sheet = Sheet {
    wide: true,
    ..sheet(
        "subscription",
        "subscriptions",
        &["member_id"],
        &[
            WHOSE,
            Field::shown("plan", Kind::Text),
            Field::shown("months", Kind::Whole),
            Field::shown("cancelled_at", Kind::Time),
            Field::filed("version", Kind::Whole),
            Field::filed("anchor", Kind::Day),
            Field::filed("renew_days", Kind::Whole),
            Field::filed("grace_days", Kind::Whole),
            Field::filed("standing", Kind::Word),
            Field::filed("told", Kind::Whole),
            Field::filed("next_on", Kind::Day),
        ],
    )
};

pub(super) const PAYMENTS: Sheet = sheet(
    "plan_payments",
    "plan_payments",
    &["first_day", "id"],
    &[
        WHOSE,
        Field::shown("paid_at", Kind::Time),
        Field::shown("plan", Kind::Text),
        Field::shown("amount", Kind::Money),
        Field::shown("first_day", Kind::Day),
        Field::shown("last_day", Kind::Day),
        Field::shown("branch", Kind::Text),
        Field::shown("receipt", Kind::Text),
        Field::filed("till", Kind::Text),
        Field::filed("currency", Kind::Text),
        Field::filed("version", Kind::Whole),
        Field::filed("id", Kind::Id),
        Field::filed("checkout_id", Kind::Id),
        Field::filed("provider_payment", Kind::Text),
        Field::withheld("call_key", Kind::Text, "by which nothing is done twice"),
    ],
);

pub(super) const CHECKOUTS: Sheet = sheet(
    "plan_checkouts",
    "plan_checkouts",
    &["begun_at", "id"],
    &[
        WHOSE,
        Field::shown("begun_at", Kind::Time),
        Field::shown("plan", Kind::Text),
        Field::shown("amount", Kind::Money),
        Field::shown("ended_at", Kind::Time),
        Field::filed("state", Kind::Word),
        Field::filed("currency", Kind::Text),
        Field::filed("version", Kind::Whole),
        Field::filed("expires_at", Kind::Time),
        Field::filed("payment", Kind::Text),
        Field::filed("asked", Kind::Whole),
        Field::filed("next_at", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::withheld("page", Kind::Text, "the provider's page, which opens a payment"),
        Field::withheld("call_key", Kind::Text, "by which nothing is done twice"),
    ],
);

pub(super) const STRAYS: Sheet = sheet(
    "stray_payments",
    "stray_payments",
    &["noted_at", "id"],
    &[
        WHOSE,
        Field::shown("noted_at", Kind::Time),
        Field::shown("amount", Kind::Money),
        Field::shown("settled_at", Kind::Time),
        Field::filed("payment", Kind::Text),
        Field::filed("currency", Kind::Text),
        Field::filed("reason", Kind::Word),
        Field::filed("outcome", Kind::Word),
        Field::filed("checkout_id", Kind::Id),
        Field::filed("id", Kind::Id),
        Field::withheld("settled_by", Kind::Id, "who of the staff it was is about them"),
    ],
);
