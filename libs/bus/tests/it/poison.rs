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
    Backend, Tx, dead_letters,
    outbox::{self, ParcelRow},
};

use crate::place::{AtWork, Dice, Keeper, Rig, clock, fact, heard, long, number, place, row, until_heard};

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

#[tokio::test]
async fn a_poison_fact_stops_nobody_and_is_set_aside_once() {
    let parcels: u64 = if long() { 10_000 } else { 400 };
    for (rig, backend) in [(Rig::embedded(), Backend::Sqlite), (Rig::nats(), Backend::Postgres)] {
        let (teller, hearer) = (place(backend).await, place(backend).await);
        let carrier = rig.open().await;
        let mut dice = Dice::seeded(13);
        let (mut good, mut unreadable, mut refused) = (0_i64, 0_i64, 0_i64);
        for n in 0..parcels {
            let mut facts: Vec<Fact> = (0..10).map(|at| fact("m", n * 10 + at)).collect();
            good += 10;
            // One parcel in ten carries a bad fact of one kind or another: one fact in a hundred.
            let staged = match dice.below(40) {
                0 => {
                    unreadable += 1;
                    spoiled(&facts)
                }
                1 | 2 => {
                    refused += 1;
                    facts[dice.place(10)].seq = POISON;
                    row(&facts)
                }
                3 => {
                    refused += 1;
                    facts[dice.place(10)].seq = FAULTY;
                    row(&facts)
                }
                4 => {
                    unreadable += 1;
                    good -= 10;
                    ParcelRow { payload: b"no parcel at all".to_vec(), ..row(&[]) }
                }
                _ => row(&facts),
            };
            let tx = teller.database.begin().await.expect("begins");
            outbox::stage(&tx, &staged).await.expect("stages");
            tx.commit().await.expect("commits");
        }
        let spoilt = number(&teller.database, "SELECT COUNT(*) FROM outbox").await;
        assert_eq!(spoilt, i64::try_from(parcels).expect("small"));
        let picky = Arc::new(Picky { keeper: Keeper::named("picky"), mended: AtomicBool::new(false) });
        let mut work = AtWork::default();
        work.relay(&teller.database, &carrier);
        let settings =
            ConsumerSettings { attempts: 3, retry_after: Duration::from_millis(50), ..Default::default() };
        work.consumer(&hearer.database, &carrier, Arc::clone(&picky) as Arc<dyn Reaction>, settings);

        let letters = unreadable + refused;
        for _ in 0..2_400 {
            if dead_letters::count(&hearer.database, "picky").await.expect("counts") == letters.unsigned_abs()
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        let alone = number(&hearer.database, "SELECT COUNT(*) FROM dead_letters WHERE kind IS NULL").await;
        let unreadable_facts = alone; // undecodable facts and parcels carry no type
        assert_eq!(unreadable_facts, unreadable);
        let spoiled_facts =
            number(&hearer.database, "SELECT COUNT(*) FROM dead_letters WHERE reason LIKE 'checksum%'").await;
        until_heard(&hearer.database, good - refused - spoiled_facts, Duration::from_mins(1)).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        work.stop().await;
        let dead = dead_letters::count(&hearer.database, "picky").await.expect("counts");
        assert_eq!(dead, letters.unsigned_abs(), "each bad fact once");
        assert_eq!(heard(&hearer.database).await, good - refused - spoiled_facts, "and all others applied");

        picky.mended.store(true, Ordering::Relaxed);
        let replayed = replay_dead_letters(&hearer.database, &*picky, &*clock()).await.expect("replays");
        assert_eq!(replayed.resolved, refused.unsigned_abs(), "what was mended is applied");
        assert_eq!(replayed.left, unreadable.unsigned_abs(), "what cannot be read stays for a person");
        assert_eq!(heard(&hearer.database).await, good - spoiled_facts);
    }
}
