//! What do members have?
//!
//! Questions that arrive while one is being answered are asked together: one alone costs one round trip, a hundred at
//! once share it. No question waits for a timer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use kernel::MemberId;
use runtime::Tasks;
use store::Database;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;
use web::Problem;

use crate::{
    domain::Account,
    error::{self, come_back},
    store::reading,
};

/// Questions in one statement at most.
const MOST: usize = 256;
/// Questions that wait, per desk; more are told to come back.
const QUEUE: usize = 4_096;
/// Statements in flight.
const DESKS: usize = 2;

/// What a question finds.
#[derive(Debug)]
pub struct Found {
    /// The account with its lots; `None` before the first journal.
    pub account: Option<Account>,
    /// The latest announcement of a programme, as far as it was seen along the way.
    pub announcement: Option<u32>,
}

type Answer = Result<Found, Arc<anyhow::Error>>;

struct Question {
    member: MemberId,
    reply: oneshot::Sender<Answer>,
}

/// Answers what members have.
#[derive(Clone)]
pub struct Balances {
    desks: Arc<[mpsc::Sender<Question>]>,
    next: Arc<AtomicUsize>,
}

impl Balances {
    /// Opens the desks.
    #[must_use]
    pub fn start(database: &Database, tasks: &Tasks) -> Self {
        let desks = (0..DESKS).map(|_| {
            let (sender, questions) = mpsc::channel(QUEUE);
            tasks.spawn("points balances", serve(database.clone(), questions, tasks.clone()));
            sender
        });
        Self { desks: desks.collect(), next: Arc::default() }
    }

    /// The account with its lots, of one moment not before the question.
    ///
    /// # Errors
    /// A fault, or that too many ask.
    pub async fn read(&self, member: MemberId) -> Result<Found, Problem> {
        let desk = self.next.fetch_add(1, Ordering::Relaxed) % self.desks.len();
        let (reply, answer) = oneshot::channel();
        match self.desks[desk].try_send(Question { member, reply }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(come_back(&error::TOO_BUSY)),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(come_back(&error::STOPPING)),
        }
        match answer.await {
            Ok(answer) => answer.map_err(error::shared_fault),
            Err(_) => Err(come_back(&error::STOPPING)),
        }
    }
}

/// Runs until the service stops, and then until nobody waits.
async fn serve(database: Database, mut questions: mpsc::Receiver<Question>, tasks: Tasks) {
    let stop = tasks.stopping();
    let mut waiting = Vec::with_capacity(MOST);
    let mut stopping = false;
    loop {
        let taken = tokio::select! {
            biased;
            taken = questions.recv_many(&mut waiting, MOST) => taken,
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                questions.close();
                continue;
            }
        };
        if taken == 0 {
            return;
        }
        answer(&database, waiting.drain(..)).await;
    }
}

async fn answer(database: &Database, questions: impl Iterator<Item = Question>) {
    let questions: Vec<Question> = questions.collect();
    let mut members: Vec<Uuid> = questions.iter().map(|question| question.member.as_uuid()).collect();
    members.sort_unstable();
    members.dedup();
    let found = reading::accounts(database, &members).await.map_err(Arc::new);
    for Question { member, reply } in questions {
        let answer = match &found {
            Ok(read) => {
                Ok(Found { account: read.accounts.get(&member).cloned(), announcement: read.announcement })
            }
            Err(fault) => Err(Arc::clone(fault)),
        };
        // Whoever no longer waits asks again.
        let _ = reply.send(answer);
    }
}
