//! What membership keeps of a member, for the archive that members may have: every table, and every column of it.

mod merges;
mod phones;
mod plans;
mod referrals;
mod signing_in;

use anyhow::{Context as _, anyhow};
use kernel::MemberId;
use runtime::archive::{Field, Kept, Kind, LOOKS, SealedCell, Sheet, WHOSE, sheet};

use super::{
    Vault,
    cipher::SealedColumn,
    member_seal::{MemberSeal, load_seal},
};
use crate::error::Error;

/// All of it, as people read it.
pub const KEPT: Kept = Kept {
    sheets: &[
        &PROFILE,
        &IDENTIFIERS,
        &ACTIVITY,
        &ANSWERS,
        &CONSENTS,
        &HOUSEHOLD,
        &INVITATIONS_MADE,
        &INVITATIONS_CAME,
        &signing_in::SESSIONS,
        &signing_in::REFRESH_TOKENS,
        &signing_in::CODES,
        &signing_in::MESSAGES,
        &CARD_TOKENS,
        &signing_in::VOUCHINGS,
        &PRINTED_CARDS,
        &OCCASIONS,
        &referrals::CODE,
        &referrals::REFERRED,
        &referrals::FRIENDS,
        &referrals::RETURNS,
        &plans::SUBSCRIPTION,
        &plans::PAYMENTS,
        &plans::CHECKOUTS,
        &plans::STRAYS,
        &phones::CHANGES,
        &merges::MERGES,
        &merges::OTHER_IDS,
        &LOOKS,
        &ARCHIVES,
    ],
    apart: &[
        ("regions", "places"),
        ("branches", "places"),
        ("tills", "places"),
        ("till_keys", "keys of tills"),
        ("till_enrolments", "codes for tills"),
        ("partners", "the chain's partners"),
        ("partner_keys", "keys of partners"),
        ("staff", "about the staff"),
        ("staff_grants", "about the staff"),
        ("staff_invitations", "about the staff"),
        ("staff_accounts", "about the staff"),
        ("staff_recovery_codes", "about the staff"),
        ("staff_attempts", "about the staff"),
        ("staff_sessions", "about the staff"),
        ("staff_tokens", "about the staff"),
        ("staff_subjects", "about the staff"),
        ("signing_keys", "the platform's own keys"),
        ("blind_index", "which of the platform's keys is in use"),
        ("card_batches", "orders for the printer"),
        ("households", "how many belong to each; whose they are stands in household_members"),
        ("consent_texts", "the chain's words, which are public"),
        ("plan_terms", "the chain's terms, which are public"),
        ("referral_terms", "the chain's terms, which are public"),
        ("questions", "what the chain asks everybody"),
        (
            "code_windows",
            "how often codes were asked for, under keyed hashes of phones and addresses, for a day",
        ),
        (
            "joinings",
            "a phone and a first name on their way into the profile, and whose they became, for as long as their code is kept",
        ),
        ("inbound_texts", "keyed hashes of texts, by which none counts twice, for a week"),
        ("text_askings", "a keyed hash of the phone that was sent a code, for as long as the code is good"),
        ("occasion_progress", "how far a job has come"),
        ("look_chain", "where the record of looks begins and ends"),
        ("erasures", "the ids of those who left, of whom nothing else is kept"),
        ("retention", "how many rows were deleted"),
    ],
};

const HASH: &str = "a keyed hash of what stands beside it, or a secret";
const KEY: &str = "a key to what is sealed";

const PROFILE: Sheet = Sheet {
    whose: "id = $1",
    wide: true,
    ..sheet(
        "profile",
        "members",
        &["id"],
        &[
            Field::shown("first_name", Kind::Sealed),
            Field::shown("language", Kind::Word),
            Field::shown("status", Kind::Word),
            Field::shown("joined_at", Kind::Time),
            Field::shown("branch", Kind::Text),
            Field::filed("till", Kind::Text),
            Field::shown("joined_through", Kind::Word),
            Field::shown("confirmed_at", Kind::Time),
            Field::filed("id", Kind::Id),
            Field::filed("version", Kind::Whole),
            Field::withheld("data_key", Kind::Bytes, KEY),
            Field::withheld("master_key", Kind::Whole, KEY),
        ],
    )
};

const IDENTIFIERS: Sheet = sheet(
    "identifiers",
    "identifiers",
    &["digest"],
    &[
        WHOSE,
        Field::shown("kind", Kind::Word),
        Field::shown("value", Kind::Sealed),
        Field::shown("active", Kind::Truth),
        Field::shown("linked_at", Kind::Time),
        Field::shown("blocked_at", Kind::Time),
        Field::shown("blocked_why", Kind::Word),
        Field::withheld("digest", Kind::Bytes, HASH),
        Field::withheld("blind_key", Kind::Whole, KEY),
        Field::withheld("replaced_by", Kind::Bytes, "the keyed hash of another of these cards"),
    ],
);

const ACTIVITY: Sheet = Sheet {
    wide: true,
    ..sheet(
        "activity",
        "activity",
        &["member_id"],
        &[
            WHOSE,
            Field::shown("purchases", Kind::Whole),
            Field::shown("first_at", Kind::Time),
            Field::shown("last_at", Kind::Time),
            Field::shown("last_branch", Kind::Text),
            Field::filed("seen", Kind::Whole),
            Field::filed("gaps", Kind::Text),
            Field::filed("revision", Kind::Whole),
        ],
    )
};

const ANSWERS: Sheet = sheet(
    "answers",
    "profile_answers",
    &["question"],
    &[
        WHOSE,
        Field::shown("question", Kind::Text),
        Field::shown("answer", Kind::SealedDocument),
        Field::shown("answered_at", Kind::Time),
        Field::shown("changed_at", Kind::Time),
        Field::shown("declined_at", Kind::Time),
    ],
);

const CONSENTS: Sheet = sheet(
    "consents",
    "consents",
    &["number"],
    &[
        WHOSE,
        Field::shown("said_at", Kind::Time),
        Field::shown("purpose", Kind::Text),
        Field::shown("given", Kind::Truth),
        Field::shown("channel", Kind::Word),
        Field::shown("branch", Kind::Text),
        Field::filed("till", Kind::Text),
        Field::filed("number", Kind::Whole),
        Field::filed("version", Kind::Whole),
        Field::filed("language", Kind::Word),
    ],
);

const HOUSEHOLD: Sheet = Sheet {
    wide: true,
    ..sheet(
        "household",
        "household_members",
        &["member_id"],
        &[
            WHOSE,
            Field::shown("role", Kind::Word),
            Field::shown("since", Kind::Time),
            Field::filed("household", Kind::Id),
        ],
    )
};

const INVITATIONS_MADE: Sheet = Sheet {
    whose: "inviter = $1",
    ..sheet(
        "invitations_made",
        "household_invitations",
        &["id"],
        &[
            Field::shown("made_at", Kind::Time),
            Field::shown("shown", Kind::Sealed),
            Field::shown("role", Kind::Word),
            Field::shown("expires_at", Kind::Time),
            Field::shown("ended", Kind::Word),
            Field::filed("id", Kind::Id),
            Field::filed("household", Kind::Id),
            Field::withheld("inviter", Kind::Id, "the member's own id"),
            Field::withheld("address", Kind::Bytes, "a keyed hash of somebody else's phone or card"),
            Field::withheld(
                "declined_at",
                Kind::Time,
                "whether the other one declined, which is not told to who invites",
            ),
        ],
    )
};

/// Invitations are to a keyed hash: of a phone, of a card, or, in its place, to a member's id as it is.
const INVITATIONS_CAME: Sheet = Sheet {
    whose: "address = {bytes} OR address IN (SELECT digest FROM identifiers WHERE member_id = $1)",
    ..sheet(
        "invitations_came",
        "household_invitations",
        &["id"],
        &[
            Field::shown("made_at", Kind::Time),
            Field::shown("role", Kind::Word),
            Field::shown("expires_at", Kind::Time),
            Field::shown("declined_at", Kind::Time),
            Field::filed("ended", Kind::Word),
            Field::filed("id", Kind::Id),
            Field::filed("household", Kind::Id),
            Field::withheld("inviter", Kind::Id, "somebody else's id"),
            Field::withheld("address", Kind::Bytes, HASH),
            Field::withheld(
                "shown",
                Kind::Bytes,
                "the last digits of the member's own phone or card, for who invited",
            ),
        ],
    )
};

const CARD_TOKENS: Sheet = sheet(
    "card_tokens",
    "card_tokens",
    &["digest"],
    &[
        WHOSE,
        Field::filed("made_at", Kind::Time),
        Field::filed("expires_at", Kind::Time),
        Field::withheld("digest", Kind::Bytes, HASH),
    ],
);

const PRINTED_CARDS: Sheet = Sheet {
    whose: "digest IN (SELECT digest FROM identifiers WHERE member_id = $1)",
    ..sheet(
        "printed_cards",
        "card_stock",
        &["digest"],
        &[
            Field::filed("batch", Kind::Id),
            Field::filed("place", Kind::Whole),
            Field::filed("linked_at", Kind::Time),
            Field::withheld("digest", Kind::Bytes, HASH),
            Field::withheld("blind_key", Kind::Whole, KEY),
            Field::withheld("value", Kind::Bytes, "the card's number, which stands among the identifiers"),
        ],
    )
};

const OCCASIONS: Sheet = sheet(
    "occasions",
    "occasions",
    &["member_id"],
    &[
        WHOSE,
        Field::filed("birthday_told_for", Kind::Whole),
        Field::filed("anniversary_told_for", Kind::Whole),
        Field::filed("told", Kind::Whole),
        Field::withheld(
            "birthday",
            Kind::Bytes,
            "a keyed hash of the birthday, which stands among the answers",
        ),
        Field::withheld("birthday_key", Kind::Whole, KEY),
    ],
);

const ARCHIVES: Sheet = Sheet {
    newest_first: true,
    ..sheet(
        "archives",
        "archives",
        &["made_at", "id"],
        &[
            WHOSE,
            Field::shown("made_at", Kind::Time),
            Field::shown("maker", Kind::Word),
            Field::filed("id", Kind::Id),
            Field::withheld("staff_id", Kind::Id, "who of the staff it was is about them"),
        ],
    )
};

/// Opens what is sealed of one member.
pub struct Opener<'v>(MemberSeal<'v>);

/// What opens a member's values, when there is such a member.
///
/// # Errors
/// A fault of the database, or a data key that does not unwrap.
pub async fn opener(vault: &Vault, member: MemberId) -> Result<Option<Opener<'_>>, Error> {
    Ok(load_seal(vault.database.connection(), vault, member).await?.map(Opener))
}

impl Opener<'_> {
    /// The value behind a seal.
    ///
    /// # Errors
    /// A fault when it does not open.
    pub fn open(&self, cell: SealedCell<'_>) -> anyhow::Result<String> {
        let SealedCell { table, column, row, sealed } = cell;
        // A member has one row there, which needs nothing to tell it from others.
        let row = if table == PROFILE.table { &[] } else { row };
        let opened = self.0.open(SealedColumn { table, column }, row, sealed);
        let broken = || anyhow!("{table}.{column} of member {}", self.0.member());
        Ok(opened.with_context(|| broken().to_string())?.expose().clone())
    }
}
