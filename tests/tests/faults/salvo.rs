//! Requests that arrive at one instant: all of them in one packet of one HTTP/2 connection.

use bytes::Bytes;
use http::{Request, Response};
use journeys::Http2;
use serde_json::Value;

use crate::rig::Rig;

/// An answer: its status and its body.
#[derive(Clone, Debug, PartialEq)]
pub struct Shot {
    pub status: u16,
    pub body: Value,
}

impl Shot {
    /// The problem's code; empty for a good answer.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl From<Response<Bytes>> for Shot {
    fn from(answer: Response<Bytes>) -> Self {
        let body = serde_json::from_slice(answer.body()).expect("answers are JSON");
        Self { status: answer.status().as_u16(), body }
    }
}

/// An open connection to the gateway.
pub struct Salvo(Http2);

impl Salvo {
    pub async fn of(rig: &Rig) -> Self {
        Self(Http2::open(&rig.base()).await.expect("the gateway speaks HTTP/2"))
    }

    /// Sends all of these in one packet.
    pub async fn fire(&mut self, requests: Vec<Request<Bytes>>) -> Vec<Shot> {
        let answers = self.0.at_once(requests).await.expect("an answer to each");
        answers.into_iter().map(Shot::from).collect()
    }
}
