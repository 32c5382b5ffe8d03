//! What can be done, one verb a file: load, decide, record, stage, commit.

pub mod accept_invitation;
pub mod admit_staff;
pub mod answer_question;
pub mod approve_phone_change;
pub mod block_card;
pub mod checkouts;
pub mod close_card_batch;
pub mod confirm_code;
pub mod confirm_erasure;
pub mod confirm_phone_change;
pub mod consent;
pub mod deliver_messages;
pub mod end_invitation;
pub mod end_plan;
pub mod end_sessions;
pub mod end_staff_sessions;
pub mod enrol_staff;
pub mod enrol_till;
pub mod exchange_code;
pub mod follow_referrals;
pub mod forget_kept;
pub mod give_household_role;
pub mod grant_role;
pub mod hand_out_archive;
pub mod hand_over_card;
mod household_changes;
pub mod invite_staff;
pub mod invite_to_household;
pub mod issue_partner_key;
pub mod issue_till_key;
pub mod join;
pub mod join_by_text;
pub mod leave;
pub mod leave_household;
pub mod link_card;
pub mod link_subject;
pub mod make_account;
pub mod make_cards;
pub mod make_referral_code;
pub mod mark_occasions;
mod member_changes;
pub mod merge_members;
pub mod move_blind_index;
pub mod note_purchases;
pub mod open_branch;
pub mod open_enrolment;
pub mod open_region;
pub mod order_card_batch;
pub mod pay_plan;
pub mod propose_merge;
pub mod put_into_household;
pub mod put_partner;
pub mod put_plan;
pub mod put_purpose;
pub mod put_question;
pub mod put_referral_terms;
pub mod recall_phone_change;
pub mod refer_friend;
pub mod refresh_session;
pub mod refresh_staff;
pub mod register_till_key;
pub mod remove_from_household;
pub mod replace_card;
pub mod replay_erasures;
pub mod request_code;
pub mod request_phone_change;
pub mod revoke_partner_keys;
pub mod revoke_till_key;
pub mod rotate_keys;
pub mod rotate_signing_keys;
pub mod settle_joining;
pub mod settle_stray;
pub mod show_virtual_card;
pub mod sign_in_by_provider;
pub mod sign_in_staff;
pub mod step_up;
mod switch_phone;
pub mod vouch;

use std::sync::Arc;

use bus::Waker;
use kernel::{Clock, Ids};
use ring::digest::{SHA256, digest};
use store::Tx;
use tokio::sync::Notify;
use web::Peer;

use crate::{
    adapters::{payments::Payments, provider::Provider},
    error::Error,
    settings::Settings,
    store::{Vault, passwords::Passwords, signing_keys::KeyRing, telling::Telling},
};

/// What commands are done with.
#[derive(Clone)]
pub struct Desk {
    /// The rows.
    pub vault: Vault,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids and secrets.
    pub ids: Arc<dyn Ids>,
    /// Is told when facts lie in the outbox.
    pub relay: Waker,
    /// The service's settings.
    pub settings: Arc<Settings>,
    /// The keys that sign access tokens.
    pub keys: KeyRing,
    /// Hashes passwords of the staff.
    pub passwords: Passwords,
    /// The chain's identity provider, by which its staff may sign in; `None` where it has none.
    pub provider: Option<Arc<Provider>>,
    /// The chain's payment provider, where members pay in the app; `None` where it has none.
    pub payments: Option<Arc<Payments>>,
    /// Is told when a message waits to be delivered.
    pub messages: Arc<Notify>,
    /// The service `points`, to ask; absent where nobody said where it is.
    pub points: Option<Peer>,
    /// The service `rewards`, the same.
    pub rewards: Option<Peer>,
    /// The service `notifications`, the same.
    pub notifications: Option<Peer>,
}

/// How often a command starts again when another writer was faster, before it gives up.
const ATTEMPTS: usize = 5;

/// What a put command found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put<T> {
    /// It was not there before.
    New(T),
    /// It was there; it is now as asked.
    Known(T),
}

impl Desk {
    /// A fresh secret for somebody to keep, and the digest under which we keep it: `prefix` and 256 random bits as 64
    /// hexadecimal characters.
    fn fresh_secret(&self, prefix: &str) -> (String, [u8; 32]) {
        let mut secret = [0; 32];
        self.ids.secret(&mut secret);
        let text = format!("{prefix}{}", hex(&secret));
        let digest = digest_of(&text);
        (text, digest)
    }

    /// Stages what is told, when anything is, commits, and wakes the relay.
    async fn conclude(&self, tx: Tx, telling: Telling<'_>) -> Result<(), Error> {
        if telling.is_empty() {
            return Ok(tx.commit().await?);
        }
        telling.stage(&tx).await?;
        tx.commit().await?;
        self.relay.wake();
        Ok(())
    }
}

/// The digest under which a secret is kept: SHA-256 of its text.
fn digest_of(text: &str) -> [u8; 32] {
    digest(&SHA256, text.as_bytes()).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}
