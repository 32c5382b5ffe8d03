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
        Field::withheld("call_key", Kind::Text, "by which nothing is done twice"),
    ],
);
