//! Follows an invitation: chooses a password, learns the second factor's secret, and shows by a code that it is there.

use kernel::StaffId;
use subtle::ConstantTimeEq as _;

use super::{Desk, digest_of};
use crate::{
    domain::{
        account::Account,
        attempts::Attempts,
        password::{Password, PasswordFlaw},
        rejection::Rejection,
        second_factor::{
            AppCode, RECOVERY_CODES, SECRET_BYTES, good_steps, read_recovery_code, recovery_code,
        },
        session::Ending,
        staff::Person,
    },
    error::Error,
    store::{Vault, staff, staff_accounts, staff_sessions},
};

/// What was begun. It has no `Debug`: the secret is for the person's app alone.
pub struct Begun {
    /// Who.
    pub person: Person,
    /// The second factor's secret.
    pub secret: [u8; SECRET_BYTES],
}

/// Keeps a password and a fresh secret with the invitation until the first code comes; begun again, both are new.
///
/// # Errors
/// [`Rejection::InvitationRefused`], [`crate::domain::provider_sign_in::ProviderRefusal::PasswordSignInClosed`], [`Rejection::PasswordLength`], [`Rejection::PasswordGuessable`],
/// [`Rejection::SignInsBusy`], or a fault of the database.
pub async fn begin_account(desk: &Desk, invitation: &str, password: &str) -> Result<Begun, Error> {
    let (now, digest, vault) = (desk.clock.now(), digest_of(invitation), &desk.vault);
    let on = vault.database.connection();
    let found = staff_accounts::find_invitation(on, vault, &digest).await?;
    let invited = found.ok_or(Rejection::InvitationRefused)?;
    invited.check(now)?;
    let person = staff::load(on, vault, invited.staff).await?.filter(|person| person.disabled_at.is_none());
    let person = person.ok_or(Rejection::InvitationRefused)?;
    desk.check_passwords(&person.user_name)?;
    let chosen = Password::chosen(password, person.user_name.as_str()).map_err(|flaw| match flaw {
        PasswordFlaw::Length => Rejection::PasswordLength,
        PasswordFlaw::Guessable => Rejection::PasswordGuessable,
    })?;
    let (mut salt, mut secret) = ([0; 16], [0; SECRET_BYTES]);
    desk.ids.secret(&mut salt);
    desk.ids.secret(&mut secret);
    let hash = desk.passwords.hash(chosen, salt).await?;
    let tx = vault.database.begin().await?;
    let held = staff_accounts::hold_invitation(&tx, vault, &digest).await?;
    let held = held.ok_or(Rejection::InvitationRefused)?;
    staff_accounts::begin(&tx, vault, &held, (&hash, &secret)).await?;
    tx.commit().await?;
    Ok(Begun { person, secret })
}

/// Makes the account, in place of the one before, whose sessions end. Answers the recovery codes, shown this once.
///
/// # Errors
/// [`Rejection::InvitationRefused`], [`Rejection::FactorWrong`], or a fault of the database.
pub async fn confirm_account(desk: &Desk, invitation: &str, code: AppCode) -> Result<Vec<String>, Error> {
    let (now, digest, vault) = (desk.clock.now(), digest_of(invitation), &desk.vault);
    let tx = vault.database.begin().await?;
    let held = staff_accounts::hold_invitation(&tx, vault, &digest).await?;
    let invited = held.ok_or(Rejection::InvitationRefused)?;
    invited.check(now)?;
    let person = staff::hold(&tx, vault, invited.staff).await?.filter(|person| person.disabled_at.is_none());
    let (Some(person), Some((password, secret))) = (person, invited.begun) else {
        return Err(Rejection::InvitationRefused.into());
    };
    let step = good_steps(now, None).find(|step| fits(&secret, *step, code)).ok_or(Rejection::FactorWrong)?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| fresh_recovery_code(desk)).collect();
    let digests: Vec<[u8; 32]> =
        codes.iter().filter_map(|code| recovery_digest(desk, person.id, code)).collect();
    let account = Account { staff: person.id, password, secret, used_step: Some(step), made_at: now };
    staff_accounts::put_account(&tx, vault, &account, &digests).await?;
    staff_accounts::forget_invitations(&tx, person.id).await?;
    staff_sessions::end_all(&tx, person.id, now, Ending::Operator).await?;
    let subject = vault.attempts_digest(&person.user_name);
    staff_accounts::hold_attempts(&tx, subject).await?;
    staff_accounts::update_attempts(&tx, &Attempts::none(subject)).await?;
    tx.commit().await?;
    Ok(codes)
}

fn fresh_recovery_code(desk: &Desk) -> String {
    let mut random = [0; 10];
    desk.ids.secret(&mut random);
    recovery_code(random)
}

fn recovery_digest(desk: &Desk, staff: StaffId, code: &str) -> Option<[u8; 32]> {
    read_recovery_code(code).map(|plain| desk.vault.recovery_digest(staff, &plain))
}

/// Whether a code is the one of a step; takes as long for a wrong one as for the right one.
pub(super) fn fits(secret: &[u8], step: i64, code: AppCode) -> bool {
    Vault::app_code(secret, step).number().ct_eq(&code.number()).into()
}
