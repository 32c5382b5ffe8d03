//! Promise 13: a poison fact stops nobody.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bus::{ConsumerSettings, Reaction, ReactionError, replay_dead_letters};
use contracts::{Fact, parcel};
use store::{
    Backend, Database, Tx, dead_letters,
    outbox::{self, ParcelRow},
};

use crate::place::{AtWork, Dice, Keeper, Rig, clock, fact, heard, long, place, row, until_heard};

/// Keeps facts, but cannot take some: by their number of sequence, and until it is mended.
struct Picky {
    keeper: Keeper,
    mended: AtomicBool,
}

const POISON: u64 = 1_000_000;
const FAULTY: u64 = 2_000_000;

#[async_trait::async_trait]
impl Reaction for Picky {
    fn consumer(&self) -> &'static str {
        "picky"
    }

    fn stream(&self) -> &'static str {
        "points"
    }

    fn hears(&self) -> &'static [&'static str] {
        self.keeper.hears()
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        // Writes before it fails, so that it shows whether a failure leaves anything behind.
        self.keeper.keep(tx, facts).await?;
        if self.mended.load(Ordering::Relaxed) {
            return Ok(());
        }
        if facts.iter().any(|fact| fact.seq == POISON) {
            return Err(ReactionError::Poison("a sequence number beyond belief".to_owned()));
        }
        if facts.iter().any(|fact| fact.seq == FAULTY) {
            return Err(ReactionError::Fault(anyhow::anyhow!("a part of ours is broken")));
        }
        Ok(())
    }
}

/// A parcel whose second fact says another checksum than its payload has.
fn spoiled(facts: &[Fact]) -> ParcelRow {
    let mut facts = facts.to_vec();
    facts[1].checksum ^= 1;
    ParcelRow { payload: parcel::encode(&facts), ..row(&[]) }
}

/// What was told, and what must become of it.
#[derive(Default)]
struct Told {
    /// Facts that can be applied at once.
    good: u64,
    /// Facts and parcels that cannot be read.
    unreadable: u64,
    /// Facts that are refused until the reaction is mended.
    refused: u64,
}

/// Stages parcels of ten facts; one parcel in eight carries something bad: about one fact in a hundred.
async fn tell(database: &Database, parcels: u64) -> Told {
    let mut dice = Dice::seeded(13);
    let mut told = Told::default();
    for n in 0..parcels {
        let mut facts: Vec<Fact> = (0..10).map(|at| fact("m", n * 10 + at)).collect();
        let staged = match dice.below(40) {
            0 => {
                told.unreadable += 1;
                told.good += 9;
                spoiled(&facts)
            }
            bad @ 1..=3 => {
                told.refused += 1;
                told.good += 9;
                facts[dice.place(10)].seq = if bad == 3 { FAULTY } else { POISON };
                row(&facts)
            }
            4 => {
                told.unreadable += 1;
                ParcelRow { payload: b"no parcel at all".to_vec(), ..row(&[]) }
            }
            _ => {
                told.good += 10;
                row(&facts)
            }
        };
        let tx = database.begin().await.expect("begins");
        outbox::stage(&tx, &staged).await.expect("stages");
        tx.commit().await.expect("commits");
    }
    told
}

#[tokio::test]
async fn a_poison_fact_stops_nobody_and_is_set_aside_once() {
    let parcels = if long() { 10_000 } else { 400 };
    for (rig, backend) in [(Rig::embedded(), Backend::Sqlite), (Rig::nats(), Backend::Postgres)] {
        let (teller, hearer) = (place(backend).await, place(backend).await);
        let carrier = rig.open().await;
        let told = tell(&teller.database, parcels).await;
        let picky = Arc::new(Picky { keeper: Keeper::named("picky"), mended: AtomicBool::new(false) });
        let mut work = AtWork::default();
        work.relay(&teller.database, &carrier);
        let settings =
            ConsumerSettings { attempts: 3, retry_after: Duration::from_millis(50), ..Default::default() };
        work.consumer(&hearer.database, &carrier, Arc::clone(&picky) as Arc<dyn Reaction>, settings);

        let good = i64::try_from(told.good).expect("small");
        until_heard(&hearer.database, good, Duration::from_mins(1)).await;
        let dead = async || dead_letters::count(&hearer.database, "picky").await.expect("counts");
        for _ in 0..400 {
            if dead().await >= told.unreadable + told.refused {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        work.stop().await;
        assert_eq!(dead().await, told.unreadable + told.refused, "each bad fact once");
        assert_eq!(heard(&hearer.database).await, good, "and all others applied");

        picky.mended.store(true, Ordering::Relaxed);
        let replayed = replay_dead_letters(&hearer.database, &*picky, &*clock()).await.expect("replays");
        assert_eq!(replayed.resolved, told.refused, "what was mended is applied");
        assert_eq!(replayed.left, told.unreadable, "what cannot be read stays for a person");
        assert_eq!(heard(&hearer.database).await, i64::try_from(told.good + told.refused).expect("small"));
    }
}
