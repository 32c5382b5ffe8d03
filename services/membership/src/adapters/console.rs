//! Messages on the console, for a person who tries the platform out.

use std::io::{IsTerminal as _, Write as _, stdout};

use async_trait::async_trait;
use kernel::Timestamp;

use super::{Carrier, Message};

/// Shows messages where somebody is looking: on a terminal. What a process without one writes goes into a log, so
/// nothing is shown there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Console;

#[async_trait]
impl Carrier for Console {
    async fn deliver(&self, message: &Message) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        if out.is_terminal() {
            writeln!(out, "to {}: {}", message.to.masked(), message.text.expose())?;
        }
        Ok(())
    }

    async fn forget(&self, _: Timestamp) -> anyhow::Result<()> {
        Ok(())
    }
}
