//! The table of this service's settings.

use runtime::settings::{Allowed, Setting};

use crate::domain::household::MEMBERS_PER_HOUSEHOLD;

const COUNT: Allowed = Allowed::Whole { min: 1, max: 1_000_000 };

/// The table of this service's settings.
pub const SETTINGS: &[Setting] = &[
    Setting::new(
        "membership.card_prefix",
        "9970",
        Allowed::Text { max: 12 },
        "Digits that every card number made here begins with; the chain's own range.",
    ),
    Setting::new(
        "membership.card_digits",
        "16",
        Allowed::Whole { min: 12, max: 19 },
        "How many digits card numbers made here have, with the check digit.",
    ),
    Setting::new(
        "membership.code_life_s",
        "180",
        Allowed::Whole { min: 30, max: 900 },
        "How long a one-time code is good, in seconds.",
    ),
    Setting::new(
        "membership.code_tries",
        "5",
        Allowed::Whole { min: 1, max: 10 },
        "How many attempts a one-time code allows.",
    ),
    Setting::new(
        "membership.codes_per_phone_hour",
        "5",
        COUNT,
        "One-time codes that one phone gets within an hour (whole hours of UTC, as all such windows).",
    ),
    Setting::new(
        "membership.codes_per_phone_day",
        "15",
        COUNT,
        "One-time codes that one phone gets within a day.",
    ),
    Setting::new(
        "membership.codes_per_address_hour",
        "300",
        COUNT,
        "One-time codes asked for from one address (an IPv6 /64 counts as one) within an hour.",
    ),
    Setting::new(
        "membership.codes_per_prefix_hour",
        "600",
        COUNT,
        "One-time codes for phones that begin alike within an hour; against pumping through ranges of numbers.",
    ),
    Setting::new(
        "membership.code_prefix_digits",
        "8",
        Allowed::Whole { min: 3, max: 12 },
        "How many first digits, country code included, make phones begin alike.",
    ),
    Setting::new(
        "membership.code_countries",
        "",
        Allowed::Countries,
        "Countries whose phones get one-time codes. Empty: chain.country alone.",
    ),
    Setting::new(
        "membership.code_cost",
        "2500",
        Allowed::Whole { min: 0, max: 1_000_000_000 },
        "What one message with a code costs, in minor units of chain.currency.",
    ),
    Setting::new(
        "membership.code_daily_budget",
        "100000000",
        Allowed::Whole { min: 0, max: 1_000_000_000_000_000 },
        "The most that messages with codes cost within a day, in minor units; afterwards none is sent.",
    ),
    Setting::new(
        "membership.outbox_dir",
        "",
        Allowed::Path,
        "Folder into which messages to members are written, one file each, until a provider is set up. Empty: outbox in data.dir.",
    ),
    Setting::new(
        "membership.access_token_s",
        "900",
        Allowed::Whole { min: 60, max: 3_600 },
        "How long an access token is good, in seconds.",
    ),
    Setting::new(
        "membership.refresh_token_days",
        "30",
        Allowed::Whole { min: 1, max: 365 },
        "How long a session may rest before the member signs in again, in days.",
    ),
    Setting::new(
        "membership.session_days",
        "180",
        Allowed::Whole { min: 1, max: 730 },
        "How long a session lasts however much it is used, in days.",
    ),
    Setting::new(
        "membership.step_up_s",
        "300",
        Allowed::Whole { min: 30, max: 3_600 },
        "How long a fresh code vouches for a member in a session that goes on, in seconds.",
    ),
    Setting::new(
        "membership.signing_key_days",
        "30",
        Allowed::Whole { min: 1, max: 365 },
        "How long one key signs access tokens before the next one does, in days.",
    ),
    Setting::new(
        "membership.household_members",
        "10",
        Allowed::Whole { min: 2, max: MEMBERS_PER_HOUSEHOLD },
        "The most members of one household.",
    ),
    Setting::new(
        "membership.household_invitations_day",
        "10",
        Allowed::Whole { min: 1, max: 100 },
        "Invitations into a household that one member makes within 24 hours.",
    ),
    Setting::new(
        "membership.household_invitation_days",
        "14",
        Allowed::Whole { min: 1, max: 90 },
        "How long an invitation into a household may be accepted, in days.",
    ),
    Setting::new(
        "membership.card_token_prefix",
        "9971",
        Allowed::Text { max: 11 },
        "Digits that every number begins with that a member's app shows in place of a card; no card's may.",
    ),
    Setting::new(
        "membership.card_token_s",
        "60",
        Allowed::Whole { min: 20, max: 600 },
        "How long such a number is good, in seconds; the app shows the next one after half of it.",
    ),
    Setting::new(
        "membership.cards_only_made",
        "false",
        Allowed::Truth,
        "Whether a card in the chain's own range is linked only when its number was made here: printed in a batch, or issued.",
    ),
    Setting::new(
        "membership.staff_session_hours",
        "12",
        Allowed::Whole { min: 1, max: 168 },
        "How long a session of the staff lasts however much it is used, in hours: a working day.",
    ),
    Setting::new(
        "membership.staff_rest_minutes",
        "60",
        Allowed::Whole { min: 5, max: 1_440 },
        "How long a session of the staff may rest before they sign in again, in minutes.",
    ),
    Setting::new(
        "membership.password_memory_kib",
        "19456",
        Allowed::Whole { min: 1_024, max: 1_048_576 },
        "Memory that hashing one password of the staff takes, in KiB (Argon2id). Raising it makes new passwords harder to guess.",
    ),
    Setting::new(
        "membership.password_passes",
        "2",
        Allowed::Whole { min: 1, max: 16 },
        "How often hashing a password goes through that memory.",
    ),
    Setting::new(
        "membership.passwords_at_once",
        "2",
        Allowed::Whole { min: 1, max: 64 },
        "How many passwords one replica hashes at a time; others wait a little.",
    ),
    Setting::new(
        "membership.occasions_every_s",
        "60",
        Allowed::Whole { min: 1, max: 3_600 },
        "How often it is looked whose birthday or anniversary is today, in seconds.",
    ),
    Setting::new(
        "membership.texts_per_phone_day",
        "5",
        Allowed::Whole { min: 1, max: 1_000 },
        "Texts of one phone to the club's number that count within a day of UTC, names or not.",
    ),
    Setting::new(
        "membership.texts_confirmed",
        "false",
        Allowed::Truth,
        "Whether who texts a first name joins only after texting it again with the code that was sent back.",
    ),
    Setting::new(
        "membership.password_sign_in",
        "everybody",
        Allowed::OneOf(&["everybody", "break_glass"]),
        "Who of the staff may sign in with a password: everybody, or only membership.break_glass_user where there is an identity provider.",
    ),
    Setting::new(
        "membership.break_glass_user",
        "",
        Allowed::Path,
        "The user name that opens by a password when passwords are closed to everybody else.",
    ),
    Setting::new(
        "membership.provider_issuer",
        "",
        Allowed::Url(&["https", "http"]),
        "The identity provider by which the staff may sign in (OpenID Connect), exactly as it names itself; http only on this machine. Empty: there is none.",
    ),
    Setting::new(
        "membership.provider_client_id",
        "",
        Allowed::Path,
        "What the identity provider calls this platform.",
    ),
    Setting::secret(
        "membership.provider_client_secret",
        Allowed::Secret { min: 1 },
        "By what the identity provider knows this platform. Empty: a public client.",
    ),
    Setting::new(
        "membership.provider_redirect_uri",
        "",
        Allowed::Url(&["https", "http"]),
        "The address of the staff's app to which the identity provider sends browsers back.",
    ),
    Setting::new(
        "membership.provider_leeway_s",
        "60",
        Allowed::Whole { min: 0, max: 600 },
        "By how much the identity provider's clock may differ, in seconds.",
    ),
    Setting::new(
        "membership.keep_sign_ins_days",
        "1",
        Allowed::Whole { min: 1, max: 90 },
        "How long codes, attempts and invitations of the staff are kept after they are over, in days: long enough to look into an attack.",
    ),
    Setting::new(
        "membership.keep_sessions_days",
        "30",
        Allowed::Whole { min: 1, max: 365 },
        "How long sessions are kept after they are over, in days.",
    ),
    Setting::new(
        "membership.keep_consents_days",
        "1095",
        Allowed::Whole { min: 1, max: 3_650 },
        "How long the consents of members who left are kept, under an id that leads to nobody, in days.",
    ),
    Setting::new(
        "membership.plans_every_s",
        "60",
        Allowed::Whole { min: 1, max: 3_600 },
        "How often paid plans are looked for that are due, in their days of grace or over since, in seconds.",
    ),
    Setting::new(
        "membership.keep_referrals_days",
        "400",
        Allowed::Whole { min: 31, max: 3_650 },
        "How long it is kept who referred whom after the friend's time to buy is over, in days: as long as purchases may be returned.",
    ),
    Setting::new(
        "membership.phone_recall_days",
        "7",
        Allowed::Whole { min: 1, max: 30 },
        "For how many days whoever has a member's former phone can call a change of it back; for as long nobody else joins with that number.",
    ),
    Setting::new(
        "membership.phone_guard_days",
        "7",
        Allowed::Whole { min: 0, max: 30 },
        "For how many days members pass no points on and spend few after the back office changed their phone, or a change was called back.",
    ),
    Setting::new(
        "membership.keep_phone_changes_days",
        "365",
        Allowed::Whole { min: 30, max: 3_650 },
        "How long it is kept which phones led to a member before, in days.",
    ),
];
