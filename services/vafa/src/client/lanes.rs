//! Many jobs at once, in order where it matters: jobs of one lane run one after the other, lanes run side by side, and
//! outcomes come back in the order in which the jobs were given.
//!
//! Nothing grows with the number of jobs: at most `window` of them are between being read and being folded.

use std::{
    collections::{BTreeMap, VecDeque},
    future::Future,
    sync::Arc,
};

use tokio::{sync::mpsc, task::JoinSet};

/// What comes next after an outcome was folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The next one.
    On,
    /// Nothing more: what is under way is dropped.
    Stop,
}

/// Runs all `jobs` through `work`, each in the lane that its number chooses, and hands the outcomes to `fold` in the
/// order of the jobs. Ends when all are folded or `fold` says stop.
///
/// # Panics
/// When `work` panics: its job would otherwise be lost in silence.
pub async fn in_lanes<J, R, W, F>(
    lanes: usize,
    window: usize,
    jobs: impl IntoIterator<Item = (u64, J)>,
    work: W,
    mut fold: impl FnMut(R) -> Flow,
) where
    J: Send + 'static,
    R: Send + 'static,
    W: Fn(J) -> F + Send + Sync + 'static,
    F: Future<Output = R> + Send + 'static,
{
    let (mut workers, queues, mut outcomes) = start(lanes.max(1), window, &Arc::new(work));
    let count = u64::try_from(queues.len()).unwrap_or(u64::MAX);
    let mut jobs = jobs.into_iter();
    let (mut given, mut folded, mut exhausted) = (0_usize, 0_usize, false);
    let mut early: BTreeMap<usize, R> = BTreeMap::new();
    loop {
        while !exhausted && given - folded < window {
            let Some((lane, job)) = jobs.next() else {
                exhausted = true;
                break;
            };
            let queue = usize::try_from(lane % count).unwrap_or_default();
            // A queue holds a whole window, so it has room; a lane ends before only by a panic.
            queues[queue].try_send((given, job)).expect("a lane lives until all are told to end");
            given += 1;
        }
        if folded == given {
            return;
        }
        let mut came: VecDeque<(usize, R)> = VecDeque::new();
        tokio::select! {
            biased;
            Some(outcome) = outcomes.recv() => came.push_back(outcome),
            Some(Err(failed)) = workers.join_next() => std::panic::resume_unwind(failed.into_panic()),
        }
        while let Ok(outcome) = outcomes.try_recv() {
            came.push_back(outcome);
        }
        early.extend(came);
        while let Some(outcome) = early.remove(&folded) {
            folded += 1;
            if fold(outcome) == Flow::Stop {
                return;
            }
        }
    }
}

type Queues<J> = Vec<mpsc::Sender<(usize, J)>>;

/// Lanes end when their queues are dropped, or with the set.
fn start<J, R, W, F>(
    lanes: usize,
    window: usize,
    work: &Arc<W>,
) -> (JoinSet<()>, Queues<J>, mpsc::UnboundedReceiver<(usize, R)>)
where
    J: Send + 'static,
    R: Send + 'static,
    W: Fn(J) -> F + Send + Sync + 'static,
    F: Future<Output = R> + Send + 'static,
{
    // Unbounded, yet never more than a window of them: a lane must not wait for the one who fills the lanes.
    let (told, outcomes) = mpsc::unbounded_channel();
    let mut workers = JoinSet::new();
    let queues = (0..lanes).map(|_| {
        let (queue, mut jobs) = mpsc::channel::<(usize, J)>(window.max(1));
        let (told, work) = (told.clone(), Arc::clone(work));
        workers.spawn(async move {
            while let Some((number, job)) = jobs.recv().await {
                if told.send((number, work(job).await)).is_err() {
                    return;
                }
            }
        });
        queue
    });
    let queues = queues.collect();
    (workers, queues, outcomes)
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, time::Duration};

    use super::*;

    #[tokio::test]
    async fn jobs_of_one_lane_keep_their_order_and_outcomes_come_in_the_order_of_the_jobs() {
        let begun: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
        let seen = Arc::clone(&begun);
        let jobs = (0..200_u64).map(|n| (n % 7, (n % 7, n)));
        let work = move |(lane, n): (u64, u64)| {
            let seen = Arc::clone(&seen);
            async move {
                tokio::time::sleep(Duration::from_micros((n * 37) % 500)).await;
                seen.lock().unwrap().push((lane, n));
                n
            }
        };
        let mut folded = Vec::new();
        in_lanes(3, 50, jobs, work, |n| {
            folded.push(n);
            Flow::On
        })
        .await;
        assert_eq!(folded, (0..200).collect::<Vec<_>>());
        let begun = begun.lock().unwrap();
        for lane in 0..7 {
            let of_lane: Vec<u64> = begun.iter().filter(|(l, _)| *l == lane).map(|(_, n)| *n).collect();
            assert!(of_lane.is_sorted(), "lane {lane}: {of_lane:?}");
        }
    }

    #[tokio::test]
    async fn stop_ends_the_work_at_once() {
        let mut folded = 0;
        in_lanes(
            4,
            8,
            (0..).map(|n| (n, n)),
            |n: u64| async move { n },
            |n| {
                folded += 1;
                if n == 10 { Flow::Stop } else { Flow::On }
            },
        )
        .await;
        assert_eq!(folded, 11);
    }

    #[tokio::test]
    #[should_panic(expected = "a job that breaks")]
    async fn a_panic_in_a_job_is_not_lost() {
        in_lanes(
            2,
            4,
            (0..3_u64).map(|n| (n, n)),
            |n| async move { assert_ne!(n, 1, "a job that breaks") },
            |()| Flow::On,
        )
        .await;
    }
}
