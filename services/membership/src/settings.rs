//! The settings of section `membership`. Longer than 400 lines because it is one table, and what is read from it.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, anyhow, bail, ensure};
use kernel::Pii;
use locale::phone::Country;
use runtime::settings::{Allowed, Setting, Values};

use crate::{
    domain::{
        card::{CardFlaw, CardNumber},
        code_window::{DAY, HOUR, MINUTE},
        household::MEMBERS_PER_HOUSEHOLD,
        signing_key::Turns,
        staff::UserName,
    },
    error::Error,
};

const SECOND: i64 = 1_000_000;

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
];

const COUNT: Allowed = Allowed::Whole { min: 1, max: 1_000_000 };

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

/// The chain's identity provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// As it names itself.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    /// By what it knows us; `None` for a public client.
    pub client_secret: Option<Pii<String>>,
    /// Where it sends browsers back.
    pub redirect_uri: String,
    /// By how many seconds its clock may differ.
    pub leeway_s: i64,
}

impl ProviderSettings {
    fn from_values(values: &Values) -> anyhow::Result<Option<Self>> {
        let Some(issuer) = values.given("membership.provider_issuer") else { return Ok(None) };
        let needed = |name: &str| {
            values
                .given(name)
                .map(str::to_owned)
                .with_context(|| format!("membership.provider_issuer needs {name}"))
        };
        let secret = values.given("membership.provider_client_secret");
        let settings = Self {
            issuer: issuer.to_owned(),
            client_id: needed("membership.provider_client_id")?,
            client_secret: secret.map(|secret| Pii::new(secret.to_owned())),
            redirect_uri: needed("membership.provider_redirect_uri")?,
            leeway_s: values.whole("membership.provider_leeway_s"),
        };
        settings.check_address(&settings.issuer).context("membership.provider_issuer")?;
        Ok(Some(settings))
    }

    /// Lets an address pass that nobody on the way can read: by TLS, or on this machine.
    ///
    /// # Errors
    /// Any other address.
    pub fn check_address(&self, address: &str) -> anyhow::Result<()> {
        let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
        let here = local.iter().any(|host| {
            address.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
        ensure!(here || address.starts_with("https://"), "an address of the identity provider is not https");
        Ok(())
    }
}

/// The only user name that opens by a password, where passwords are closed to all others.
fn only_password(values: &Values, provider: Option<&ProviderSettings>) -> anyhow::Result<Option<String>> {
    if values.text("membership.password_sign_in") == "everybody" {
        return Ok(None);
    }
    ensure!(provider.is_some(), "membership.password_sign_in = break_glass needs membership.provider_issuer");
    let name = UserName::parse(values.text("membership.break_glass_user"));
    let name = name.map_err(|flaw| anyhow!("membership.break_glass_user: {flaw}"))?;
    Ok(Some(name.as_str().to_owned()))
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
    /// The only user name that opens by a password; `None` where everybody's does.
    pub only_password: Option<String>,
    /// Where messages are written; `None` where nobody said.
    pub outbox: Option<PathBuf>,
    /// How often occasions are looked for.
    pub occasions_every: Duration,
    /// Texts to the club's number.
    pub texts: TextRules,
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
            outbox: values.given("membership.outbox_dir").map(PathBuf::from),
            occasions_every: Duration::from_secs(values.whole("membership.occasions_every_s")),
            texts: TextRules {
                per_phone_day: values.whole("membership.texts_per_phone_day"),
                confirmed: values.truth("membership.texts_confirmed"),
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
