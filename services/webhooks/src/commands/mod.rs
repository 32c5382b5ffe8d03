//! What can be done, one verb a file: load, decide, record, commit.

pub mod change_webhook;
pub mod forget_kept;
pub mod ping;
pub mod record_facts;
pub mod remove_webhook;
pub mod replay;
pub mod reseal_secrets;
pub mod rotate_secret;
pub mod serve;
mod signing;
pub mod subscribe;

use std::sync::Arc;

use kernel::{Clock, Ids};
use ring::aead::NONCE_LEN;
use store::Database;

use crate::{adapters::courier::Courier, settings::Settings, store::seal::Seal};

pub use signing::secret_text;

/// What commands are done with.
#[derive(Clone)]
pub struct Desk {
    /// The rows.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids and secrets.
    pub ids: Arc<dyn Ids>,
    /// The service's settings.
    pub settings: Arc<Settings>,
    /// Seals and opens secrets that sign.
    pub seal: Arc<Seal>,
    /// Calls receivers.
    pub courier: Courier,
}

impl Desk {
    fn nonce(&self) -> [u8; NONCE_LEN] {
        let mut nonce = [0; NONCE_LEN];
        self.ids.secret(&mut nonce);
        nonce
    }

    fn chance(&self) -> u16 {
        let mut bytes = [0; 2];
        self.ids.secret(&mut bytes);
        u16::from_be_bytes(bytes)
    }
}
