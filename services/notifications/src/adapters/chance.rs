//! The randomness that keys and signatures are made with: `ring` takes no other than its own. Nothing is decided by it.

use ring::rand::SystemRandom;

/// The system's randomness.
pub fn chance() -> SystemRandom {
    SystemRandom::new()
}
