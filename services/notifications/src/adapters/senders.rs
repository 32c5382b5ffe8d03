//! Who sent a text, and what they have: asked of membership and points at the moment of answering, and kept nowhere.

use std::time::Duration;

use axum::http::Method;
use kernel::{Language, MemberId, Pii, Timestamp};
use serde::{Deserialize, Serialize};
use web::{AskError, Peer};

/// Who sent a text.
#[derive(Debug, Clone, Deserialize)]
pub struct Sender {
    /// The number in E.164.
    pub phone: Pii<String>,
    /// Whose it is; nothing for a stranger.
    #[serde(default)]
    pub member_id: Option<MemberId>,
    /// The language in which they read.
    pub language: Language,
    /// What became of a stranger's text.
    #[serde(default)]
    pub joining: Option<Joining>,
    /// The code to send back, where one is asked for.
    #[serde(default)]
    pub code: Option<String>,
}

/// What became of a text by which somebody may have wanted to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Joining {
    /// They are a member now, and are told so like everybody who joins.
    Welcome,
    /// They are one when they send a code back.
    Confirm,
    /// It was no first name.
    NoName,
    /// They sent as many as count in a day.
    TooMany,
    /// They cannot join: a number that rests, for example.
    Refused,
}

/// What a member has, and what they bought last.
#[derive(Debug, Clone, Deserialize)]
pub struct LastPurchases {
    /// Points that can be spent.
    pub balance: i64,
    /// The purchases, the newest first.
    pub purchases: Vec<LastPurchase>,
}

/// A purchase.
#[derive(Debug, Clone, Deserialize)]
pub struct LastPurchase {
    /// When.
    pub occurred_at: Timestamp,
    /// Paid, in minor units.
    pub amount: i64,
    /// Points that came.
    pub points: i64,
}

#[derive(Serialize)]
struct Question<'a> {
    phone: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    joins_by: Option<JoinsBy<'a>>,
}

#[derive(Serialize)]
struct JoinsBy<'a> {
    text: &'a str,
    message_id: &'a str,
}

/// Asks membership and points. Cheap to clone.
#[derive(Clone)]
pub struct Senders {
    membership: Peer,
    points: Peer,
    within: Duration,
}

impl Senders {
    /// Asks these, which have so long for an answer.
    #[must_use]
    pub const fn new(membership: Peer, points: Peer, within: Duration) -> Self {
        Self { membership, points, within }
    }

    /// Who has this number; a stranger joins by `text` where one is given, with the id that makes it one.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn of(
        &self,
        phone: &Pii<String>,
        text: Option<(&Pii<String>, &str)>,
    ) -> Result<Sender, AskError> {
        let joins_by = text.map(|(text, message_id)| JoinsBy { text: text.expose(), message_id });
        let question = Question { phone: phone.expose(), joins_by };
        self.membership.ask(Method::POST, "/internal/v1/senders", &question, self.within).await
    }

    /// What a member has, and what they bought last.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn purchases(&self, member: MemberId) -> Result<LastPurchases, AskError> {
        let path = format!("/internal/v1/members/{member}/last-purchases");
        self.points.ask(Method::GET, &path, &(), self.within).await
    }
}
