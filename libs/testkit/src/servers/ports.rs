//! Ports for servers that must come back on the same port after a kill.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::bail;

const FIRST: u16 = 12_000;
const COUNT: u16 = 18_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port of 127.0.0.1 that nobody listens on now, between 12,000 and 29,999.
///
/// It lies below the range from which the system takes ports of outgoing connections: otherwise a client
/// that reconnects to a killed server could be given that very port, and the server could not come back.
///
/// # Errors
/// When no port of the range is free.
pub fn free_port() -> anyhow::Result<u16> {
    let spread = u16::try_from(std::process::id().wrapping_mul(37) % u32::from(COUNT)).unwrap_or(0);
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let offset = (u32::from(spread) + u32::from(step)) % u32::from(COUNT);
        let port = FIRST + u16::try_from(offset).unwrap_or(0);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port of 127.0.0.1 between {FIRST} and {}", FIRST + COUNT - 1)
}
