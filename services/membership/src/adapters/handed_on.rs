//! Messages handed to the service `notifications`, which sends them at once and keeps nothing of what they say.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use async_trait::async_trait;
use axum::http::Method;
use kernel::{Language, MemberId, SignInId, Timestamp};
use serde::{Deserialize, Serialize};
use web::Peer;

use super::{Carrier, Message};

const PATH: &str = "/internal/v1/urgent-texts";
/// How long an answer may take: less than the time after which another replica tries.
const WITHIN: Duration = Duration::from_secs(8);

/// Hands messages on to `notifications`. One that is not handed on stays in this service's own queue and comes again, under the same id,
/// so that nobody is sent it twice.
#[derive(Debug, Clone)]
pub struct HandedOn(Peer);

/// A text that somebody waits for.
#[derive(Serialize)]
struct UrgentText<'a> {
    message_id: SignInId,
    member_id: MemberId,
    to: &'a str,
    language: Language,
    text: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    handed: bool,
}

impl HandedOn {
    /// Messages go to this service `notifications`.
    #[must_use]
    pub const fn new(notifications: Peer) -> Self {
        Self(notifications)
    }
}

#[async_trait]
impl Carrier for HandedOn {
    async fn deliver(&self, message: &Message) -> anyhow::Result<()> {
        let text = UrgentText {
            message_id: message.id,
            member_id: message.member,
            to: message.to.e164(),
            language: message.language,
            text: message.text.expose(),
        };
        let answer: Answer =
            self.0.ask(Method::POST, PATH, &text, WITHIN).await.context("the service notifications")?;
        ensure!(answer.handed, "the service notifications did not hand the message over");
        Ok(())
    }

    async fn forget(&self, _: Timestamp) -> anyhow::Result<()> {
        Ok(())
    }
}
