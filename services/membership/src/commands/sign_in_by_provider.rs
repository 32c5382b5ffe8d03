//! Signs a person of the staff in by the chain's identity provider: sends them there, and takes what they bring back.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{StaffId, Timestamp};
use ring::digest::{SHA256, digest};
use store::Tx;
use subtle::ConstantTimeEq as _;

use super::{Desk, digest_of, exchange_code::after, sign_in_staff::StaffTokens};
use crate::{
    adapters::provider::{ProviderFault, Returned},
    domain::{
        provider_sign_in::{PROVIDER_SIGN_IN_LIFE, ProviderRefusal, Subject, read_login},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{staff, staff_accounts, staff_subjects},
};

impl From<ProviderRefusal> for Error {
    fn from(refusal: ProviderRefusal) -> Self {
        Self::Rejected(refusal.into())
    }
}

/// What every login begins with, so that a leaked one is recognised.
const LOGIN_PREFIX: &str = "vl_";

/// A sign-in on its way. It has no `Debug`: the login is for the person's own app alone.
pub struct Begun {
    /// What the app keeps, and sends with what comes back.
    pub login: String,
    /// Where the person goes.
    pub address: String,
    /// Until when they can come back.
    pub expires_at: Timestamp,
}

/// What comes back from the provider, with what the app kept.
pub struct Back<'b> {
    /// What the app kept.
    pub login: &'b str,
    /// What the address said.
    pub state: &'b str,
    /// The code.
    pub code: &'b str,
    /// An invitation, to be known by the subject from now on.
    pub invitation: Option<&'b str>,
}

/// What is made from a login for one purpose: nothing of it tells the login, or what is for another purpose.
fn made(login: &str, purpose: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{purpose}:{login}").as_bytes()))
}

/// Begins a sign-in.
///
/// # Errors
/// [`Missing::Provider`], [`Error::ProviderSilent`].
pub async fn begin_provider_sign_in(desk: &Desk) -> Result<Begun, Error> {
    let provider = desk.provider.as_ref().ok_or(Missing::Provider)?;
    let expires_at = after(desk.clock.now(), PROVIDER_SIGN_IN_LIFE);
    let mut random = [0; 32];
    desk.ids.secret(&mut random);
    let sealed = format!("{LOGIN_PREFIX}{}.{}", expires_at.micros(), URL_SAFE_NO_PAD.encode(random));
    let login = format!("{sealed}.{}", URL_SAFE_NO_PAD.encode(desk.vault.login_seal(&sealed)));
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, made(&login, "verifier").as_bytes()));
    let address = provider.address(&made(&login, "state"), &made(&login, "nonce"), &challenge).await?;
    Ok(Begun { login, address, expires_at })
}

/// Opens a session for the person whom the provider vouches for.
///
/// # Errors
/// [`Missing::Provider`], [`ProviderRefusal::LoginInvalid`], [`ProviderRefusal::ProviderRefused`], [`Error::ProviderSilent`],
/// [`ProviderRefusal::SubjectUnknown`], [`Rejection::InvitationRefused`], [`ProviderRefusal::SubjectTaken`], or a fault of the database.
pub async fn finish_provider_sign_in(desk: &Desk, back: &Back<'_>) -> Result<StaffTokens, Error> {
    let provider = desk.provider.as_ref().ok_or(Missing::Provider)?;
    let (now, vault) = (desk.clock.now(), &desk.vault);
    check_login(desk, back, now)?;
    let (verifier, nonce) = (made(back.login, "verifier"), made(back.login, "nonce"));
    let returned = Returned { code: back.code, verifier: &verifier, nonce: &nonce };
    let subject = provider.subject(&returned, now).await?;
    let subject = Subject::parse(&subject).ok_or(ProviderRefusal::ProviderRefused)?;
    let digest = vault.subject_digest(provider.issuer(), &subject);
    let tx = vault.database.begin().await?;
    let staff = match back.invitation {
        Some(invitation) => follow(desk, &tx, invitation, &digest, now).await?,
        None => staff_subjects::find(&tx, &digest).await?.ok_or(ProviderRefusal::SubjectUnknown)?,
    };
    let person = staff::load(&tx, vault, staff).await?;
    if person.is_none_or(|person| person.disabled_at.is_some()) {
        return Err(ProviderRefusal::SubjectUnknown.into());
    }
    let tokens = desk.open_staff_session(&tx, staff, now).await?;
    tx.commit().await?;
    Ok(tokens)
}

/// The login is ours, its time is not over, and what came back was asked for with it.
fn check_login(desk: &Desk, back: &Back<'_>, now: Timestamp) -> Result<(), ProviderRefusal> {
    let parts = read_login(back.login, LOGIN_PREFIX).ok_or(ProviderRefusal::LoginInvalid)?;
    let seal = URL_SAFE_NO_PAD.decode(parts.seal).map_err(|_| ProviderRefusal::LoginInvalid)?;
    let ours = desk.vault.login_fits(parts.sealed, &seal);
    let same = made(back.login, "state").as_bytes().ct_eq(back.state.as_bytes());
    if ours && now < parts.expires_at && bool::from(same) {
        Ok(())
    } else {
        Err(ProviderRefusal::LoginInvalid)
    }
}

/// Lets the subject lead to whoever has this invitation, which is used up.
async fn follow(
    desk: &Desk,
    tx: &Tx,
    invitation: &str,
    subject: &staff_subjects::SubjectDigest,
    now: Timestamp,
) -> Result<StaffId, Error> {
    let held = staff_accounts::hold_invitation(tx, &desk.vault, &digest_of(invitation)).await?;
    let invited = held.ok_or(Rejection::InvitationRefused)?;
    invited.check(now)?;
    let person = staff::hold(tx, &desk.vault, invited.staff).await?;
    if person.is_none_or(|person| person.disabled_at.is_some()) {
        return Err(Rejection::InvitationRefused.into());
    }
    if !staff_subjects::link(tx, subject, invited.staff, now).await? {
        return Err(ProviderRefusal::SubjectTaken.into());
    }
    staff_accounts::forget_invitations(tx, invited.staff).await?;
    Ok(invited.staff)
}

impl From<ProviderFault> for Error {
    fn from(fault: ProviderFault) -> Self {
        match fault {
            ProviderFault::Silent(fault) => Self::ProviderSilent(fault),
            ProviderFault::Refused(why) => {
                tracing::warn!(target: "vafa::membership", %why, "the identity provider does not vouch");
                ProviderRefusal::ProviderRefused.into()
            }
        }
    }
}
