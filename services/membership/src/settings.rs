//! The settings of section `membership`.

mod payments;
mod provider;
mod table;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use locale::phone::Country;
use runtime::settings::Values;

use crate::{
    domain::{
        card::{CardFlaw, CardNumber},
        code_window::{DAY, HOUR, MINUTE},
        retention::Retention,
        signing_key::Turns,
    },
    error::Error,
};

pub use payments::PaymentSettings;
pub use provider::ProviderSettings;
use provider::only_password;
pub use table::SETTINGS;

const SECOND: i64 = 1_000_000;

/// How one-time codes are made and how many of them.
#[derive(Debug, Clone)]
pub struct CodeRules {
    /// How long a code is good, in microseconds.
    pub life: i64,
    /// How many attempts it allows.
    pub tries: u32,
    /// Codes for one phone in an hour.
    pub per_phone_hour: u64,
    /// Codes for one phone in a day.
    pub per_phone_day: u64,
    /// Codes asked for by one address in an hour.
    pub per_address_hour: u64,
    /// Codes for phones of one beginning in an hour.
    pub per_prefix_hour: u64,
    /// Digits of such a beginning.
    pub prefix_digits: usize,
    /// Countries whose phones get codes.
    pub countries: Vec<Country>,
    /// What a message costs.
    pub cost: u64,
    /// What messages may cost in a day.
    pub daily_budget: u64,
}

/// Numbers that members' apps show in place of a card.
#[derive(Debug, Clone)]
pub struct TokenRules {
    prefix: String,
    /// How long one is good, in microseconds.
    pub life: i64,
}

/// Digits of such a number, with the check digit; even, so that Code 128 says them in pairs.
const TOKEN_DIGITS: usize = 18;

/// Limits of households and of inviting into them.
#[derive(Debug, Clone, Copy)]
pub struct HouseholdRules {
    /// The most members.
    pub members: u32,
    /// Invitations that a member makes within a day.
    pub invitations_a_day: u64,
    /// How long an invitation may be accepted, in microseconds.
    pub invitation_life: i64,
}

/// How people join by text.
#[derive(Debug, Clone, Copy)]
pub struct TextRules {
    /// Texts of one phone in a day.
    pub per_phone_day: u64,
    /// Whether they show first that the phone is theirs.
    pub confirmed: bool,
}

/// Archives of everything that is kept of a member.
#[derive(Debug, Clone, Copy)]
pub struct ArchiveRules {
    /// How many of one member are handed out within a day.
    pub per_day: u64,
    /// How many bytes one has at most.
    pub bytes: u64,
}

/// How long a change of a phone has an after, in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct PhoneRules {
    /// For how long whoever has the former phone can call it back, and the former number rests.
    pub recall: i64,
    /// For how long an account is guarded that somebody else may have taken over.
    pub guard: i64,
}

/// How long what a member signs in with is good, in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Lives {
    /// An access token.
    pub access: i64,
    /// A refresh token that rests.
    pub refresh: i64,
    /// A session, however much it is used.
    pub session: i64,
    /// What a fresh code adds.
    pub step_up: i64,
    /// What a code that was told at a till vouches for.
    pub vouching: i64,
}

/// How long what staff sign in with is good, in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct StaffLives {
    /// A session, however much it is used.
    pub session: i64,
    /// A session that rests.
    pub rest: i64,
}

/// How passwords are hashed.
#[derive(Debug, Clone, Copy)]
pub struct PasswordRules {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes through it.
    pub passes: u32,
    /// Hashes at a time.
    pub at_once: usize,
}

impl CodeRules {
    fn from_values(values: &Values) -> anyhow::Result<Self> {
        let given = values.given("membership.code_countries").unwrap_or_else(|| values.text("chain.country"));
        let read = |code: &str| {
            Country::parse(code.trim())
                .with_context(|| format!("membership.code_countries: {code} is no country"))
        };
        Ok(Self {
            life: micros(values, "membership.code_life_s", SECOND),
            tries: values.whole("membership.code_tries"),
            per_phone_hour: values.whole("membership.codes_per_phone_hour"),
            per_phone_day: values.whole("membership.codes_per_phone_day"),
            per_address_hour: values.whole("membership.codes_per_address_hour"),
            per_prefix_hour: values.whole("membership.codes_per_prefix_hour"),
            prefix_digits: values.whole("membership.code_prefix_digits"),
            countries: given.split(',').map(read).collect::<anyhow::Result<_>>()?,
            cost: values.whole("membership.code_cost"),
            daily_budget: values.whole("membership.code_daily_budget"),
        })
    }
}

impl TokenRules {
    fn from_values(values: &Values) -> anyhow::Result<Self> {
        let prefix = values.text("membership.card_token_prefix").to_owned();
        let rules = Self { prefix, life: micros(values, "membership.card_token_s", SECOND) };
        let cards = values.text("membership.card_prefix");
        let mixed = rules.prefix.starts_with(cards) || cards.starts_with(&rules.prefix);
        let prefix = &rules.prefix;
        if mixed || CardNumber::compose(prefix, 0, TOKEN_DIGITS).is_err() {
            bail!(
                "membership.card_token_prefix = {prefix:?}: allowed are up to 11 digits that do not begin like \
                 membership.card_prefix"
            );
        }
        Ok(rules)
    }

    /// The number with this serial.
    ///
    /// # Errors
    /// A fault when the prefix leaves no room, which is refused at start.
    pub fn compose(&self, serial: u64) -> Result<CardNumber, Error> {
        compose(&self.prefix, serial, TOKEN_DIGITS)
    }

    /// Whether the number is one of these, and no card's.
    #[must_use]
    pub fn is_one(&self, number: &CardNumber) -> bool {
        number.digits().len() == TOKEN_DIGITS && number.digits().starts_with(&self.prefix)
    }
}

fn compose(prefix: &str, serial: u64, digits: usize) -> Result<CardNumber, Error> {
    CardNumber::compose(prefix, serial, digits)
        .map_err(|flaw: CardFlaw| Error::Fault(anyhow!("cannot make a card number: {flaw}")))
}

impl HouseholdRules {
    fn from_values(values: &Values) -> Self {
        Self {
            members: values.whole("membership.household_members"),
            invitations_a_day: values.whole("membership.household_invitations_day"),
            invitation_life: micros(values, "membership.household_invitation_days", DAY),
        }
    }
}

impl Lives {
    fn from_values(values: &Values) -> Self {
        Self {
            access: micros(values, "membership.access_token_s", SECOND),
            refresh: micros(values, "membership.refresh_token_days", DAY),
            session: micros(values, "membership.session_days", DAY),
            step_up: micros(values, "membership.step_up_s", SECOND),
            vouching: micros(values, "membership.vouching_s", SECOND),
        }
    }
}

/// A key is shown an hour before it signs, longer than any replica keeps what it read, and after it signed for as long as
/// its last token lives and an hour.
fn turns(values: &Values) -> Turns {
    Turns {
        every: micros(values, "membership.signing_key_days", DAY),
        shown_before: HOUR,
        shown_after: micros(values, "membership.access_token_s", SECOND) + HOUR,
    }
}

fn micros(values: &Values, name: &str, unit: i64) -> i64 {
    values.whole::<i64>(name).saturating_mul(unit)
}

/// The settings, read once at start.
#[derive(Debug, Clone)]
pub struct Settings {
    card_prefix: String,
    card_digits: usize,
    /// One-time codes.
    pub codes: CodeRules,
    /// Tokens and sessions.
    pub lives: Lives,
    /// Households.
    pub households: HouseholdRules,
    /// Numbers in place of cards.
    pub tokens: TokenRules,
    /// Whether cards in the chain's own range are linked only when they were made here.
    pub cards_only_made: bool,
    /// Sessions of the staff.
    pub staff: StaffLives,
    /// Passwords of the staff.
    pub passwords: PasswordRules,
    /// What apps that show codes call the chain.
    pub issuer: String,
    /// The keys that sign access tokens.
    pub turns: Turns,
    /// The chain's identity provider; `None` where it has none.
    pub provider: Option<ProviderSettings>,
    /// The chain's payment provider; `None` where it has none.
    pub payments: Option<PaymentSettings>,
    /// The only user name that opens by a password; `None` where everybody's does.
    pub only_password: Option<String>,
    /// How long what is kept after it is over.
    pub retention: Retention,
    /// Whether the service `notifications` carries messages.
    pub handed_on: bool,
    /// Where messages are written; `None` where nobody said.
    pub outbox: Option<PathBuf>,
    /// How often occasions are looked for.
    pub occasions_every: Duration,
    /// How often plans are looked for that time has passed over.
    pub plans_every: Duration,
    /// Texts to the club's number.
    pub texts: TextRules,
    /// Archives of everything that is kept of a member.
    pub archives: ArchiveRules,
    /// Changes of phones.
    pub phones: PhoneRules,
}

impl Settings {
    /// Reads section `membership`.
    ///
    /// # Errors
    /// A card prefix that is not digits or leaves fewer than six digits for the card itself.
    pub fn from_values(values: &Values) -> anyhow::Result<Self> {
        let provider = ProviderSettings::from_values(values)?;
        let settings = Self {
            only_password: only_password(values, provider.as_ref())?,
            provider,
            payments: PaymentSettings::from_values(values)?,
            card_prefix: values.text("membership.card_prefix").to_owned(),
            card_digits: values.whole("membership.card_digits"),
            codes: CodeRules::from_values(values)?,
            lives: Lives::from_values(values),
            households: HouseholdRules::from_values(values),
            tokens: TokenRules::from_values(values)?,
            cards_only_made: values.truth("membership.cards_only_made"),
            staff: StaffLives {
                session: micros(values, "membership.staff_session_hours", HOUR),
                rest: micros(values, "membership.staff_rest_minutes", MINUTE),
            },
            passwords: PasswordRules {
                memory_kib: values.whole("membership.password_memory_kib"),
                passes: values.whole("membership.password_passes"),
                at_once: values.whole("membership.passwords_at_once"),
            },
            issuer: values.text("chain.name").to_owned(),
            turns: turns(values),
            retention: Retention {
                sign_ins: micros(values, "membership.keep_sign_ins_days", DAY),
                sessions: micros(values, "membership.keep_sessions_days", DAY),
                consents: micros(values, "membership.keep_consents_days", DAY),
                referrals: micros(values, "membership.keep_referrals_days", DAY),
                looks: micros(values, "membership.keep_looks_days", DAY),
                given_up_phones: micros(values, "membership.phone_recall_days", DAY),
                phone_changes: micros(values, "membership.keep_phone_changes_days", DAY),
            },
            phones: PhoneRules {
                recall: micros(values, "membership.phone_recall_days", DAY),
                guard: micros(values, "membership.phone_guard_days", DAY),
            },
            handed_on: values.text("membership.carrier") == "notifications",
            outbox: values.given("membership.outbox_dir").map(PathBuf::from),
            occasions_every: Duration::from_secs(values.whole("membership.occasions_every_s")),
            plans_every: Duration::from_secs(values.whole("membership.plans_every_s")),
            texts: TextRules {
                per_phone_day: values.whole("membership.texts_per_phone_day"),
                confirmed: values.truth("membership.texts_confirmed"),
            },
            archives: ArchiveRules {
                per_day: values.whole("membership.archives_day"),
                bytes: values.whole::<u64>("membership.archive_mib") << 20,
            },
        };
        let trial = CardNumber::compose(&settings.card_prefix, 0, settings.card_digits);
        trial.map(|_| settings).map_err(|_| {
            let prefix = values.text("membership.card_prefix");
            anyhow!(
                "membership.card_prefix = {prefix:?}: allowed are digits, at least seven fewer than \
                 membership.card_digits"
            )
        })
    }

    /// Whether the number lies in the chain's own range.
    #[must_use]
    pub fn is_own_range(&self, number: &CardNumber) -> bool {
        number.digits().len() == self.card_digits && number.digits().starts_with(&self.card_prefix)
    }

    /// The card with this serial in the chain's range.
    ///
    /// # Errors
    /// A fault when the settings leave no room, which [`Settings::from_values`] refuses.
    pub fn compose_card(&self, serial: u64) -> Result<CardNumber, Error> {
        compose(&self.card_prefix, serial, self.card_digits)
    }
}
