//! By which keys are access tokens verified?

use kernel::Timestamp;
use web::KeySet;

use crate::{
    domain::signing_key::{Turn, Turns},
    store::signing_keys::KeyRing,
};

/// The public keys that are shown now, as this replica read them last.
#[must_use]
pub fn public_keys(ring: &KeyRing, rules: &Turns, now: Timestamp) -> KeySet {
    let keys = ring.keys();
    let turns: Vec<Turn> = keys.iter().map(|key| key.turn).collect();
    let shown = keys.iter().filter(|key| rules.shows(key.turn, &turns, now));
    KeySet { keys: shown.map(|key| key.key.public().clone()).collect() }
}
