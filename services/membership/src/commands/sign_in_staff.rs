//! Signs a person of the staff in: user name, password and a code of the second factor together.
//!
//! **A wrong user name, a wrong password and a wrong code get the same answer after the same work**, and each of them makes
//! the next attempt under that name wait longer. Attempts are judged one after the other under a lock: of many that come at
//! once, those behind the third failure are not heard at all.

use kernel::{SessionId, StaffId, Timestamp};
use store::Tx;

use super::{Desk, exchange_code::after, make_account::fits};
use crate::{
    domain::{
        account::{Account, StaffSession, StaffToken, TokenKind},
        password::Password,
        provider_sign_in::ProviderRefusal,
        rejection::Rejection,
        second_factor::{AppCode, good_steps},
        staff::UserName,
    },
    error::Error,
    store::{staff, staff_accounts, staff_sessions},
};

/// What every access token of the staff begins with, so that a leaked one is recognised.
pub const ACCESS_PREFIX: &str = "vs_";
/// What every refresh token of the staff begins with.
pub const STAFF_REFRESH_PREFIX: &str = "vsr_";

/// By what a person shows the second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Factor {
    /// A code that the app shows.
    App(AppCode),
    /// One of the recovery codes, without its dashes.
    Recovery(String),
}

/// What a person of the staff calls with from now on. It has no `Debug`: the texts are for their own app alone.
pub struct StaffTokens {
    /// The session.
    pub session: StaffSession,
    /// The access token.
    pub access: String,
    /// In how many seconds it lapses.
    pub access_seconds: i64,
    /// The refresh token.
    pub refresh: String,
    /// When it lapses, if it is not used.
    pub refresh_until: Timestamp,
}

/// Opens a session for the person whose user name, password and second factor these are.
///
/// # Errors
/// [`ProviderRefusal::PasswordSignInClosed`], [`Rejection::SignInDelayed`], [`Rejection::SignInRefused`], [`Rejection::SignInsBusy`], or a fault of the database.
pub async fn sign_in_staff(
    desk: &Desk,
    user_name: &UserName,
    password: Password,
    factor: &Factor,
) -> Result<StaffTokens, Error> {
    desk.check_passwords(user_name)?;
    let (now, vault) = (desk.clock.now(), &desk.vault);
    let (on, subject) = (vault.database.connection(), vault.attempts_digest(user_name));
    staff_accounts::attempts(on, subject).await?.hear(now)?;
    let person = staff::find(on, vault, user_name).await?.filter(|person| person.disabled_at.is_none());
    let hash = match &person {
        Some(person) => staff_accounts::password_of(on, person.id).await?,
        None => None,
    };
    let fits = desk.passwords.fits(password, hash.clone()).await?;
    let tx = vault.database.begin().await?;
    let attempts = staff_accounts::hold_attempts(&tx, subject).await?;
    attempts.hear(now)?;
    let mut account = match person.filter(|_| fits) {
        Some(person) => staff_accounts::hold_account(&tx, vault, person.id).await?,
        None => None,
    };
    // It may have been made anew since the password was compared.
    account = account.filter(|account| Some(&account.password) == hash.as_ref());
    let proven = match account {
        Some(account) if show(desk, &tx, &account, factor, now).await? => Some(account.staff),
        _ => None,
    };
    let Some(staff) = proven else {
        staff_accounts::update_attempts(&tx, &attempts.failed(now)).await?;
        tx.commit().await?;
        return Err(Rejection::SignInRefused.into());
    };
    staff_accounts::update_attempts(&tx, &attempts.cleared()).await?;
    let tokens = desk.open_staff_session(&tx, staff, now).await?;
    tx.commit().await?;
    Ok(tokens)
}

/// Whether the second factor is there; a code that is shown is used up.
async fn show(
    desk: &Desk,
    tx: &Tx,
    account: &Account,
    factor: &Factor,
    now: Timestamp,
) -> Result<bool, Error> {
    match factor {
        Factor::App(code) => {
            let steps = good_steps(now, account.used_step);
            let Some(step) = steps.into_iter().find(|step| fits(&account.secret, *step, *code)) else {
                return Ok(false);
            };
            staff_accounts::use_step(tx, account.staff, step).await?;
            Ok(true)
        }
        Factor::Recovery(code) => {
            let digest = desk.vault.recovery_digest(account.staff, code);
            staff_accounts::use_recovery_code(tx, &digest, now).await
        }
    }
}

impl Desk {
    /// A fresh session of a person, with its first tokens, which are stored.
    ///
    /// # Errors
    /// A fault of the database.
    pub(super) async fn open_staff_session(
        &self,
        tx: &Tx,
        staff: StaffId,
        now: Timestamp,
    ) -> Result<StaffTokens, Error> {
        let session = StaffSession {
            id: SessionId::from_uuid(self.ids.uuid()),
            staff,
            started_at: now,
            last_used_at: now,
            expires_at: after(now, self.settings.staff.session),
            ended: None,
        };
        staff_sessions::insert(tx, &session).await?;
        self.staff_tokens(tx, session, now).await
    }

    /// Refuses a user name to which passwords are closed.
    ///
    /// # Errors
    /// [`ProviderRefusal::PasswordSignInClosed`].
    pub(super) fn check_passwords(&self, user_name: &UserName) -> Result<(), ProviderRefusal> {
        match &self.settings.only_password {
            Some(only) if only != user_name.as_str() => Err(ProviderRefusal::PasswordSignInClosed),
            _ => Ok(()),
        }
    }

    /// The next tokens of a session, which are stored.
    ///
    /// # Errors
    /// A fault of the database.
    pub(super) async fn staff_tokens(
        &self,
        tx: &Tx,
        session: StaffSession,
        now: Timestamp,
    ) -> Result<StaffTokens, Error> {
        let access_until = after(now, self.settings.lives.access).min(session.expires_at);
        let refresh_until = after(now, self.settings.staff.rest).min(session.expires_at);
        let token = |prefix, kind, expires_at| {
            let (text, digest) = self.fresh_secret(prefix);
            (text, StaffToken { digest, session: session.id, kind, expires_at, used_at: None })
        };
        let (access, access_token) = token(ACCESS_PREFIX, TokenKind::Access, access_until);
        let (refresh, refresh_token) = token(STAFF_REFRESH_PREFIX, TokenKind::Refresh, refresh_until);
        for token in [&access_token, &refresh_token] {
            staff_sessions::insert_token(tx, token).await?;
        }
        let access_seconds = (access_until.micros() - now.micros()).div_euclid(1_000_000);
        Ok(StaffTokens { session, access, access_seconds, refresh, refresh_until })
    }
}
