//! Text messages by SMPP 3.4, straight to an operator's centre.
//!
//! SMPP knows no repetitions: what was written and not answered is uncertain. Receipts come on the same line, whoever it is that reads it
//! ([`line`]).

mod alphabet;
mod line;
mod pdu;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use serde::Deserialize;
use tokio::{
    net::TcpStream,
    sync::{Mutex, Semaphore},
};
use uuid::Uuid;

use self::{
    line::{Fault, Line},
    pdu::{BIND_TRANSCEIVER, Bind, ENQUIRE, SUBMIT, Submit},
};
use super::{Provider, call::within};
use crate::domain::sending::{Address, Handed, Notice, Outgoing, Receipt, Refused};

/// After so much silence it is asked whether anybody is there.
const SILENCE: Duration = Duration::from_secs(30);
/// How long is listened to a line at a time.
const LISTEN: Duration = Duration::from_millis(20);
/// How long after a line could not be had it is tried again only to hear receipts.
const AGAIN: Duration = Duration::from_secs(15);

/// What the file says of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    host: String,
    #[serde(default = "usual_port")]
    port: u16,
    system_id: String,
    password: String,
    #[serde(default)]
    system_type: String,
    from: String,
    /// Messages that wait for an answer at a time.
    #[serde(default = "usual_window")]
    window: usize,
    /// Whether every text goes as UCS-2: for centres whose default alphabet is another one.
    #[serde(default)]
    only_ucs2: bool,
    #[serde(default = "patience_ms")]
    timeout_ms: u64,
}

const fn usual_port() -> u16 {
    2775
}

const fn usual_window() -> usize {
    10
}

const fn patience_ms() -> u64 {
    10_000
}

/// The line of now, and when none could be had.
#[derive(Default)]
struct Now {
    line: Option<Arc<Line>>,
    failed: Option<Instant>,
    /// What was heard on lines that went down since.
    rest: Vec<Notice>,
}

/// An account with an operator's centre.
pub struct Smpp {
    terms: Terms,
    patience: Duration,
    places: Semaphore,
    now: Mutex<Now>,
}

impl Smpp {
    /// The account of these terms; nobody is called yet.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(terms: Terms) -> anyhow::Result<Self> {
        let patience = within(terms.timeout_ms)?;
        let plain =
            |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_graphic());
        anyhow::ensure!(!terms.host.is_empty(), "host is missing");
        anyhow::ensure!(
            plain(&terms.system_id, 15) && !terms.system_id.is_empty(),
            "system_id is 1 to 15 characters"
        );
        anyhow::ensure!(plain(&terms.password, 8), "password is 8 characters at most");
        anyhow::ensure!(plain(&terms.system_type, 12), "system_type is 12 characters at most");
        anyhow::ensure!(
            plain(&terms.from, 20) && !terms.from.is_empty(),
            "from is a number or a name, without +"
        );
        anyhow::ensure!((1..=1_000).contains(&terms.window), "window is 1 to 1000");
        Ok(Self { patience, places: Semaphore::new(terms.window), now: Mutex::default(), terms })
    }

    /// The line of now, or a new one; all who want one wait for the same.
    async fn line(&self) -> Result<Arc<Line>, Handed> {
        let mut now = self.now.lock().await;
        if let Some(line) = now.line.as_ref().filter(|line| !line.is_down()) {
            return Ok(Arc::clone(line));
        }
        let rest = now.line.take().map(|line| line.heard()).unwrap_or_default();
        now.rest.extend(rest);
        match tokio::time::timeout(self.patience, self.bind()).await {
            Ok(Ok(line)) => {
                let line = Arc::new(line);
                now.line = Some(Arc::clone(&line));
                now.failed = None;
                Ok(line)
            }
            told => {
                now.failed = Some(Instant::now());
                Err(told.map_or_else(
                    |_| failed("no answer in time"),
                    |told| told.err().unwrap_or_else(|| failed("not reached")),
                ))
            }
        }
    }

    async fn bind(&self) -> Result<Line, Handed> {
        let stream = TcpStream::connect((&*self.terms.host, self.terms.port)).await;
        let stream = stream.map_err(|_| failed("not reached"))?;
        stream.set_nodelay(true).map_err(|_| failed("not reached"))?;
        let line = Line::over(stream);
        let Terms { system_id, password, system_type, .. } = &self.terms;
        let bind = Bind { system_id, password, system_type };
        let told = line.ask(BIND_TRANSCEIVER, bind.body()).await.map_err(|_| failed("it broke off"))?;
        match told.status {
            0 => Ok(line),
            // Name, password, rights, or bound as often as may be.
            0x05 | 0x0D..=0x0F => Err(Handed::Refused(Refused::Account)),
            status => Err(failed(&format!("{status:#x}"))),
        }
    }

    async fn submit(&self, line: &Line, to: &str, coding: u8, part: &[u8], headed: bool) -> Handed {
        let submit = Submit { from: &self.terms.from, to, coding, headed, text: part };
        match tokio::time::timeout(self.patience, line.ask(SUBMIT, submit.body())).await {
            Ok(Ok(told)) if told.status == 0 && told.id != pdu::NACK => {
                Handed::Taken { reference: pdu::submitted(&told.body), cost: None }
            }
            Ok(Ok(told)) => refused(told.status),
            Ok(Err(Fault::Down)) => failed("the line is down"),
            Ok(Err(Fault::Lost)) => Handed::Uncertain { why: "it broke off".to_owned() },
            Err(_) => Handed::Uncertain { why: "no answer in time".to_owned() },
        }
    }
}

fn failed(why: &str) -> Handed {
    Handed::Failed { why: why.to_owned(), wait_s: None }
}

/// What a status of a centre means.
fn refused(status: u32) -> Handed {
    match status {
        // The number, or its kind.
        0x0B | 0x33 | 0x34 | 0x50 | 0x51 => Handed::Refused(Refused::Address),
        // How long it is, how it is written.
        0x01 | 0x43 | 0xC0..=0xC4 | 0x104 => Handed::Refused(Refused::Content),
        // The sender, its kind, the service, the right to send.
        0x04 | 0x0A | 0x15 | 0x48 | 0x49 | 0x62 | 0x66 => Handed::Refused(Refused::Account),
        // Too much at once, a full queue, and whatever it did not take for reasons of its own.
        status => failed(&format!("{status:#x}")),
    }
}

#[async_trait]
impl Provider for Smpp {
    async fn hand(&self, message: &Outgoing) -> Handed {
        let to = message.to.text().trim_start_matches('+');
        // Parts of one message have one number, which others to the same phone hardly have.
        let number = message.id.as_bytes()[15];
        let cut = alphabet::cut(message.text.expose(), number, self.terms.only_ucs2);
        let Some(cut) = cut.filter(|_| to.len() <= 20) else { return Handed::Refused(Refused::Content) };
        let Ok(_place) = self.places.acquire().await else { return failed("it ends") };
        let line = match self.line().await {
            Ok(line) => line,
            Err(handed) => return handed,
        };
        let headed = cut.parts.len() > 1;
        let mut first = None;
        for part in &cut.parts {
            match (self.submit(&line, to, cut.coding, part, headed).await, &first) {
                (handed @ Handed::Taken { .. }, None) => first = Some(handed),
                (Handed::Taken { .. }, Some(_)) => {}
                (handed, None) => return handed,
                // Some of it went.
                (_, Some(_)) => return Handed::Uncertain { why: "a part was not taken".to_owned() },
            }
        }
        first.unwrap_or(Handed::Refused(Refused::Content))
    }

    fn knows_repetitions(&self) -> bool {
        false
    }

    async fn status(&self, _: Uuid, _: Option<&str>) -> anyhow::Result<Option<Receipt>> {
        Ok(None)
    }

    async fn heard(&self) -> Vec<Notice> {
        let (mut heard, wait) = {
            let mut now = self.now.lock().await;
            let rest = std::mem::take(&mut now.rest);
            let down = now.line.as_ref().is_none_or(|line| line.is_down());
            (rest, down && now.failed.is_some_and(|failed| failed.elapsed() < AGAIN))
        };
        if wait {
            return heard;
        }
        let Ok(line) = self.line().await else { return heard };
        line.listen(LISTEN).await;
        if line.silent_for() > SILENCE {
            let asked = tokio::time::timeout(self.patience, line.ask(ENQUIRE, Vec::new())).await;
            if !matches!(asked, Ok(Ok(_))) {
                line.end();
            }
        }
        heard.extend(line.heard());
        heard
    }

    fn reaches(&self, to: &Address) -> bool {
        matches!(to, Address::Phone(_))
    }
}
