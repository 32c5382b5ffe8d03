//! A line to an SMPP centre: many questions under way at once, answered in any order.
//!
//! Whoever waits for an answer reads for all others who wait; nobody reads in the background. What comes by itself (receipts, questions
//! whether we are there) is answered by whoever reads it.

use std::{
    collections::HashMap,
    sync::{
        Mutex as Lock, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Mutex, oneshot},
};

use super::pdu::{ANSWER, DELIVER, Delivered, ENQUIRE, NACK, Pdu, UNBIND, delivered};
use crate::domain::sending::Notice;

/// We do not take what people write here: refused for good, so that the centre does not repeat it.
const NOT_TAKEN: u32 = 0x65;
/// A command that we do not know.
const UNKNOWN: u32 = 0x03;
/// Receipts that wait to be noted.
const MOST: usize = 10_000;
/// No answer has a larger number.
const LAST: u32 = 0x7FFF_FFFF;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The line was down before anything went.
    Down,
    /// It may have been heard.
    Lost,
}

struct Writer {
    half: OwnedWriteHalf,
    /// Whether all that was begun was written to its end.
    whole: bool,
}

struct Reader {
    half: OwnedReadHalf,
    read: Vec<u8>,
}

/// A line.
pub struct Line {
    writer: Mutex<Writer>,
    reader: Mutex<Reader>,
    waiting: Lock<HashMap<u32, oneshot::Sender<Pdu>>>,
    heard: Lock<Vec<Notice>>,
    last: Lock<Instant>,
    number: AtomicU32,
    down: AtomicBool,
}

/// Whoever does not wait any more is not waited for.
struct Waiter<'a>(&'a Line, u32);

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        locked(&self.0.waiting).remove(&self.1);
    }
}

fn locked<T>(lock: &Lock<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    pub fn over(stream: TcpStream) -> Self {
        let (read, write) = stream.into_split();
        Self {
            writer: Mutex::new(Writer { half: write, whole: true }),
            reader: Mutex::new(Reader { half: read, read: Vec::new() }),
            waiting: Lock::default(),
            heard: Lock::default(),
            last: Lock::new(Instant::now()),
            number: AtomicU32::new(0),
            down: AtomicBool::new(false),
        }
    }

    pub fn is_down(&self) -> bool {
        self.down.load(Ordering::Relaxed)
    }

    /// It is not used any more: whoever waits is told.
    pub fn end(&self) {
        self.down.store(true, Ordering::Relaxed);
        locked(&self.waiting).clear();
    }

    /// Receipts that came since.
    pub fn heard(&self) -> Vec<Notice> {
        std::mem::take(&mut locked(&self.heard))
    }

    /// Since when nothing came.
    pub fn silent_for(&self) -> Duration {
        locked(&self.last).elapsed()
    }

    /// Sends a command and waits for its answer, for which the caller sets the time.
    pub async fn ask(&self, id: u32, body: Vec<u8>) -> Result<Pdu, Fault> {
        if self.is_down() {
            return Err(Fault::Down);
        }
        let number = 1 + self.number.fetch_add(1, Ordering::Relaxed) % LAST;
        let (tell, mut answer) = oneshot::channel();
        locked(&self.waiting).insert(number, tell);
        let _waiter = Waiter(self, number);
        self.write(&Pdu { id, status: 0, sequence: number, body }).await?;
        loop {
            tokio::select! {
                biased;
                told = &mut answer => return told.map_err(|_| Fault::Lost),
                mut reader = self.reader.lock() => {
                    let pdu = tokio::select! {
                        biased;
                        told = &mut answer => return told.map_err(|_| Fault::Lost),
                        pdu = self.next(&mut reader) => pdu?,
                    };
                    self.take(pdu).await?;
                }
            }
        }
    }

    /// Takes what comes by itself, for so long at most; where somebody waits for an answer it is read anyway.
    pub async fn listen(&self, within: Duration) {
        let Ok(mut reader) = self.reader.try_lock() else { return };
        let until = tokio::time::Instant::now() + within;
        while let Ok(Ok(pdu)) = tokio::time::timeout_at(until, self.next(&mut reader)).await {
            if self.take(pdu).await.is_err() {
                return;
            }
        }
    }

    /// The next packet. Whoever stops waiting for it loses none of it.
    async fn next(&self, reader: &mut Reader) -> Result<Pdu, Fault> {
        loop {
            match Pdu::take(&mut reader.read) {
                Ok(Some(pdu)) => {
                    *locked(&self.last) = Instant::now();
                    return Ok(pdu);
                }
                Ok(None) => {}
                Err(_) => return Err(self.lost()),
            }
            match reader.half.read_buf(&mut reader.read).await {
                Ok(count) if count > 0 => {}
                _ => return Err(self.lost()),
            }
        }
    }

    fn lost(&self) -> Fault {
        self.end();
        Fault::Lost
    }

    async fn take(&self, pdu: Pdu) -> Result<(), Fault> {
        let Pdu { id, sequence, .. } = pdu;
        let say =
            |id: u32, status, body: &[u8]| Pdu { id: id | ANSWER, status, sequence, body: body.to_vec() };
        let answer = match id {
            id if id & ANSWER != 0 => {
                let waiting = locked(&self.waiting).remove(&sequence);
                // Whoever asked may have gone.
                waiting.map(|tell| tell.send(pdu));
                return Ok(());
            }
            DELIVER => match delivered(&pdu.body) {
                Some(Delivered::Receipt(notice)) => {
                    let mut heard = locked(&self.heard);
                    heard.extend(notice);
                    // The oldest go where nobody notes them.
                    let over = heard.len().saturating_sub(MOST);
                    heard.drain(..over);
                    say(DELIVER, 0, &[0])
                }
                Some(Delivered::Text) | None => say(DELIVER, NOT_TAKEN, &[0]),
            },
            ENQUIRE => say(ENQUIRE, 0, &[]),
            UNBIND => {
                let _ = self.write(&say(UNBIND, 0, &[])).await;
                return Err(self.lost());
            }
            _ => say(NACK, UNKNOWN, &[]),
        };
        self.write(&answer).await
    }

    async fn write(&self, pdu: &Pdu) -> Result<(), Fault> {
        let mut writer = self.writer.lock().await;
        if !writer.whole {
            self.end();
            return Err(Fault::Down);
        }
        // Whoever is broken off here leaves half a packet behind, and nothing can follow it.
        writer.whole = false;
        let written = writer.half.write_all(&pdu.bytes()).await;
        if written.is_err() {
            return Err(self.lost());
        }
        writer.whole = true;
        Ok(())
    }
}
