//! What rewards keeps of a member, for the archive that members may have: every table, and every column of it.

use runtime::archive::{Field, Kept, Kind, Sheet};

use super::{
    kept_challenges::{CHALLENGE_ENTRIES, CHALLENGE_MARKS},
    kept_draws::{DRAW_ENTRANTS, DRAW_ENTRIES, DRAW_WINS},
    kept_offers::{OFFER_HEARINGS, OFFER_MEMBERS, OFFER_TAKINGS, TASTES},
};

/// All of it, as people read it.
pub const KEPT: Kept = Kept {
    sheets: &[
        &REDEMPTIONS,
        &FULFILMENTS,
        &VOUCHERS,
        &USES,
        &GIFTS,
        &SEATS,
        &SHOPPERS,
        &TALLIES,
        &DRAW_ENTRANTS,
        &DRAW_ENTRIES,
        &DRAW_WINS,
        &OFFER_MEMBERS,
        &OFFER_TAKINGS,
        &OFFER_HEARINGS,
        &TASTES,
        &CHALLENGE_ENTRIES,
        &CHALLENGE_MARKS,
        &LOOKS,
    ],
    apart: &[
        ("branches", "places"),
        ("rewards", "what the chain offers, which members see"),
        ("reward_versions", "what the chain offered"),
        ("stock", "how many of a reward there are"),
        ("code_batches", "codes without members, which are made for campaigns"),
        ("bearer_codes", "codes without members; whoever has one uses it"),
        ("coupons", "codes of partners; the one of a voucher is shown with it"),
        ("events", "what the chain invites members to"),
        ("personal_offers", "what the chain offers to members, and how much of it is taken"),
        ("challenges", "what the chain challenges members to"),
        ("gift_rules", "on which occasions the chain gives what"),
        ("gift_budgets", "how many gifts there are"),
        ("guesses", "how often tills were wrong about codes"),
        ("erased_members", "the ids of those who left, of whom nothing else leads to anybody"),
        ("merged_members", "ids of members who turned out to be somebody else"),
        ("draws", "what the chain draws, which everybody sees"),
        ("draw_prizes", "how many of a prize there are"),
        ("draw_returns", "by which no return takes tickets back twice"),
        ("draw_deeds", "who of the chain did what with a draw; members stand in it under numbers"),
        ("version_costs", "what the chain's rewards cost, and who pays"),
        ("cost_days", "which days are summed"),
        ("cost_sums", "how much of each reward was given on a day, and what it cost; nobody stands in it"),
        ("statements", "what rewards cost their sponsors"),
        ("statement_lines", "what rewards cost their sponsors; nobody stands in it"),
        ("code_use_backs", "uses of codes without members that tills took back"),
        ("look_chain", "where the record of looks begins and ends"),
    ],
};

pub(super) const OWN: &str = "member_id = $1";
pub(super) const WHOSE: Field =
    Field::withheld("member_id", Kind::Id, "the member's own id, which the file names once");
pub(super) const MACHINERY: &str = "by which nothing is done twice, and no fact is left out";
const CODE: &str = "the code is money: it is shown with the voucher itself, and not in a file";

pub(super) const fn sheet(
    name: &'static str,
    table: &'static str,
    whose: &'static str,
    key: &'static [&'static str],
    fields: &'static [Field],
) -> Sheet {
    Sheet { name, table, whose, key, newest_first: true, wide: false, fields }
}

const REDEMPTIONS: Sheet = sheet(
    "redemptions",
    "redemptions",
    OWN,
    &["id"],
    &[
        WHOSE,
        Field::shown("requested_at", Kind::Time),
        Field::shown("reward", Kind::Text),
        Field::shown("points", Kind::Whole),
        Field::shown("state", Kind::Word),
        Field::shown("reason", Kind::Word),
        Field::shown("branch", Kind::Text),
        Field::filed("money", Kind::Whole),
        Field::filed("missing", Kind::Whole),
        Field::filed("version", Kind::Whole),
        Field::filed("due_at", Kind::Time),
        Field::withheld("give_up_at", Kind::Time, MACHINERY),
        Field::filed("ended_at", Kind::Time),
        Field::filed("cancel_by", Kind::Time),
        Field::filed("cancelled_at", Kind::Time),
        Field::filed("refunded_at", Kind::Time),
        Field::filed("cancelled_for", Kind::Text),
        Field::withheld(
            "cancelled_by",
            Kind::Text,
            "who of the staff did it is about them, and not about the member",
        ),
        Field::filed("id", Kind::Id),
        Field::filed("counted", Kind::Text),
        Field::withheld("chain_stock", Kind::Whole, "which stock it was taken from"),
        Field::withheld("branch_stock", Kind::Whole, "which stock it was taken from"),
        Field::withheld("told", Kind::Whole, MACHINERY),
        Field::withheld("request_key", Kind::Id, MACHINERY),
        Field::withheld("fingerprint", Kind::Id, MACHINERY),
    ],
);

const FULFILMENTS: Sheet = sheet(
    "fulfilments",
    "fulfilments",
    OWN,
    &["redemption_id"],
    &[
        WHOSE,
        Field::shown("begun_at", Kind::Time),
        Field::shown("reward", Kind::Text),
        Field::shown("amount", Kind::Whole),
        Field::shown("state", Kind::Word),
        Field::filed("done_by", Kind::Text),
        Field::filed("people_since", Kind::Time),
        Field::filed("trouble", Kind::Text),
        Field::filed("outcome_for", Kind::Text),
        Field::filed("ended_at", Kind::Time),
        Field::filed("redemption_id", Kind::Id),
        Field::withheld(
            "outcome_by",
            Kind::Text,
            "who of the staff did it is about them, and not about the member",
        ),
        Field::withheld("tries", Kind::Whole, MACHINERY),
        Field::withheld("next_at", Kind::Time, MACHINERY),
    ],
);

const VOUCHERS: Sheet = sheet(
    "vouchers",
    "vouchers",
    OWN,
    &["id"],
    &[
        WHOSE,
        Field::shown("issued_at", Kind::Time),
        Field::shown("reward", Kind::Text),
        Field::shown("state", Kind::Word),
        Field::shown("worth", Kind::Whole),
        Field::shown("valid_until", Kind::Time),
        Field::filed("money", Kind::Whole),
        Field::filed("places", Kind::Text),
        Field::filed("version", Kind::Whole),
        Field::filed("created_at", Kind::Time),
        Field::filed("ended_at", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::filed("redemption_id", Kind::Id),
        Field::filed("gift", Kind::Truth),
        Field::withheld("reminded_at", Kind::Time, MACHINERY),
        Field::withheld("remind_at", Kind::Time, MACHINERY),
        Field::withheld("expires_at", Kind::Time, MACHINERY),
        Field::withheld("code_hash", Kind::Id, CODE),
        Field::withheld("code_sealed", Kind::Bytes, CODE),
        Field::withheld("sealed_by", Kind::Whole, CODE),
        Field::withheld("coupon_id", Kind::Id, CODE),
        Field::withheld("told", Kind::Whole, MACHINERY),
    ],
);

const USES: Sheet = sheet(
    "voucher_uses",
    "voucher_uses",
    "voucher_id IN (SELECT id FROM vouchers WHERE member_id = $1)",
    &["id"],
    &[
        Field::shown("made_at", Kind::Time),
        Field::shown("branch", Kind::Text),
        Field::shown("receipt", Kind::Text),
        Field::shown("amount", Kind::Whole),
        Field::shown("state", Kind::Word),
        Field::filed("till", Kind::Text),
        Field::filed("until", Kind::Time),
        Field::filed("used_at", Kind::Time),
        Field::filed("ended_at", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::filed("voucher_id", Kind::Id),
        Field::withheld("request_key", Kind::Id, MACHINERY),
        Field::withheld("fingerprint", Kind::Id, MACHINERY),
    ],
);

const GIFTS: Sheet = sheet(
    "gifts",
    "gifts",
    OWN,
    &["id"],
    &[
        WHOSE,
        Field::shown("caused_at", Kind::Time),
        Field::shown("reward", Kind::Text),
        Field::shown("why", Kind::Word),
        Field::shown("state", Kind::Word),
        Field::shown("reason", Kind::Word),
        Field::shown("branch", Kind::Text),
        Field::filed("source", Kind::Text),
        Field::filed("cause", Kind::Text),
        Field::filed("purchase_id", Kind::Id),
        Field::filed("voucher_id", Kind::Id),
        Field::filed("undone_by", Kind::Id),
        Field::filed("version", Kind::Whole),
        Field::filed("ended_at", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::withheld("budgeted", Kind::Whole, "which budget it was taken from"),
        Field::withheld("chain_stock", Kind::Whole, "which stock it was taken from"),
        Field::withheld("branch_stock", Kind::Whole, "which stock it was taken from"),
        Field::withheld("told", Kind::Whole, MACHINERY),
    ],
);

const SEATS: Sheet = sheet(
    "seats",
    "seats",
    OWN,
    &["id"],
    &[
        WHOSE,
        Field::shown("asked_at", Kind::Time),
        Field::shown("event", Kind::Text),
        Field::shown("points", Kind::Whole),
        Field::shown("state", Kind::Word),
        Field::shown("reason", Kind::Word),
        Field::filed("position", Kind::Whole),
        Field::filed("cancel_until", Kind::Time),
        Field::filed("ended_at", Kind::Time),
        Field::filed("id", Kind::Id),
        Field::filed("brought_by", Kind::Id),
        Field::filed("counted", Kind::Text),
        Field::withheld("told", Kind::Whole, MACHINERY),
        Field::withheld("request_key", Kind::Id, MACHINERY),
        Field::withheld("fingerprint", Kind::Id, MACHINERY),
    ],
);

const SHOPPERS: Sheet = sheet(
    "shoppers",
    "shoppers",
    OWN,
    &["member_id"],
    &[
        WHOSE,
        Field::shown("last_at", Kind::Time),
        Field::shown("purchases", Kind::Whole),
        Field::filed("last_purchase", Kind::Id),
        Field::withheld("seq", Kind::Whole, MACHINERY),
    ],
);

const TALLIES: Sheet = sheet(
    "tallies",
    "tallies",
    OWN,
    &["reward", "period"],
    &[
        WHOSE,
        Field::shown("reward", Kind::Text),
        Field::shown("used", Kind::Whole),
        Field::filed("period", Kind::Text),
    ],
);

const LOOKS: Sheet = sheet(
    "looks",
    "looks",
    OWN,
    &["number"],
    &[
        WHOSE,
        Field::shown("looked_at", Kind::Time),
        Field::shown("reason", Kind::Word),
        Field::filed("operation", Kind::Text),
        Field::filed("reference", Kind::Text),
        Field::filed("number", Kind::Whole),
        Field::withheld(
            "staff_id",
            Kind::Id,
            "who of the staff did it is about them, and not about the member",
        ),
        Field::withheld("seal", Kind::Bytes, "a seal over the whole record"),
    ],
);
