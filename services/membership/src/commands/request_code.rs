//! Asks for a one-time code (J8), perhaps to join (J1). What happens does not depend on whether a member has the phone.
//!
//! **The same statements run for a phone that a member has and for one that nobody has**: a look-up, the same windows, a
//! sign-in and a message. Whether there is something to send shows itself only when the message is delivered, after the
//! answer.

use std::net::{IpAddr, Ipv6Addr};

use kernel::{SignInId, Timestamp};

use super::Desk;
use crate::{
    domain::{
        code::OneTimeCode,
        code_window::{CodeWindow, Counted},
        identifier::Identifier,
        newcomer::Newcomer,
        phone::Phone,
        rejection::Rejection,
        sign_in::SignIn,
    },
    error::Error,
    store::{joinings, members, sign_ins},
};

/// A code that is on its way, or seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requested {
    /// By which it is exchanged.
    pub id: SignInId,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Who asks for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asking {
    /// Somebody who says that a member has this phone.
    Member(Phone),
    /// Somebody who joins, unless a member has the phone: then they sign in.
    Newcomer(Newcomer),
}

/// Sends a code to the phone, when a member has it or somebody joins with it.
///
/// # Errors
/// [`Rejection::CodesTooMany`], [`Rejection::CodesExhausted`], or a fault of the database.
pub async fn request_code(desk: &Desk, asking: &Asking, from: Option<IpAddr>) -> Result<Requested, Error> {
    let (phone, newcomer) = match asking {
        Asking::Member(phone) => (phone, None),
        Asking::Newcomer(newcomer) => (&newcomer.phone, Some(newcomer)),
    };
    let (now, rules) = (desk.clock.now(), &desk.settings.codes);
    let indexed = desk.vault.index(Identifier::Phone(phone.clone()));
    let known = members::find_identifier(desk.vault.database.connection(), indexed.every()).await?;
    // By the hash under which it is kept, so that it is found again by this hash alone.
    let phone_digest = known.as_ref().map_or(indexed.digest, |known| known.digest);
    // Whose sign-in a newcomer's is shows itself when it is settled, be they known or not.
    let member = known.filter(|known| known.active && newcomer.is_none()).map(|known| known.member);
    let sent = member.is_some() || newcomer.is_some();
    let (mut id, mut number, mut noise) = ([0; 16], [0; 8], [0; 32]);
    for secret in [id.as_mut_slice(), &mut number, &mut noise] {
        desk.ids.secret(secret);
    }
    let id = SignInId::from_uuid(uuid::Builder::from_random_bytes(id).into_uuid());
    let code = OneTimeCode::drawn(u64::from_be_bytes(number));
    let digest = desk.vault.code_digest(id, &code);
    let sign_in = SignIn {
        id,
        phone: phone_digest,
        member,
        // No code fits randomness that is no code's hash.
        code: if sent { digest } else { noise },
        made_at: now,
        expires_at: Timestamp::from_micros(now.micros().saturating_add(rules.life)),
        tries_left: rules.tries,
        used_at: None,
    };
    let tx = desk.vault.database.begin().await?;
    for window in windows(desk, phone, from, now, sent) {
        if !sign_ins::count(&tx, &window).await? {
            return Err(refusal(&window, now).into());
        }
    }
    sign_ins::insert(&tx, &sign_in).await?;
    sign_ins::send(&tx, &desk.vault, &sign_in, phone, sent.then_some(&code)).await?;
    if let Some(newcomer) = newcomer {
        joinings::insert(&tx, &desk.vault, id, newcomer).await?;
    }
    tx.commit().await?;
    desk.messages.notify_one();
    Ok(Requested { id, expires_at: sign_in.expires_at })
}

/// What is counted, in the order in which everybody takes the rows.
pub(super) fn windows(
    desk: &Desk,
    phone: &Phone,
    from: Option<IpAddr>,
    now: Timestamp,
    known: bool,
) -> Vec<CodeWindow> {
    let rules = &desk.settings.codes;
    let window = |counted, subject: &str, most| {
        CodeWindow::around(counted, desk.vault.counted_digest(counted, subject), now, most)
    };
    let number = phone.e164();
    let beginning = number.get(..=rules.prefix_digits).unwrap_or(number);
    let mut windows = vec![
        window(Counted::PhoneHour, number, rules.per_phone_hour),
        window(Counted::PhoneDay, number, rules.per_phone_day),
    ];
    if let Some(address) = from {
        windows.push(window(Counted::AddressHour, &network(address).to_string(), rules.per_address_hour));
    }
    windows.push(window(Counted::PrefixHour, beginning, rules.per_prefix_hour));
    windows.push(window(Counted::MoneyDay, "", rules.daily_budget).spending(rules.cost, known));
    windows
}

/// Why a window takes no more.
pub(super) fn refusal(window: &CodeWindow, now: Timestamp) -> Rejection {
    let seconds = window.seconds_left(now);
    if window.counted != Counted::MoneyDay {
        return Rejection::CodesTooMany { seconds };
    }
    tracing::warn!(target: "vafa::membership", "what messages with codes may cost today is spent; nobody gets one");
    Rejection::CodesExhausted { seconds }
}

/// One subscriber has a whole IPv6 /64, so that is what counts.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}
