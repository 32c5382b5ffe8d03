//! What things are called: whoever owns them is asked, and the answer is good for some minutes.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::http::Method;
use runtime::names::{NAMES_MOST, NAMES_PATH, NamesAnswer, NamesQuestion};
use web::{AskError, Peer};

use crate::domain::{
    value::{ThingKind, Values},
    words::Names,
};

/// How long an answer is good.
const FRESH: Duration = Duration::from_mins(5);
/// Names that are kept at most; there are as many as the chain has things.
const MOST: usize = 10_000;

type Known = BTreeMap<kernel::Language, String>;
/// What is known of each thing, and since when.
type Memory = HashMap<(ThingKind, String), (Instant, Known)>;

/// Asks the services that own things. Cheap to clone.
#[derive(Clone)]
pub struct ThingNames {
    owners: Arc<HashMap<&'static str, Peer>>,
    within: Duration,
    known: Arc<Mutex<Memory>>,
}

/// The service that owns things of a kind, and the word by which it knows the kind.
const fn owner(kind: ThingKind) -> (&'static str, &'static str) {
    match kind {
        ThingKind::Reward => (contracts::rewards::SOURCE, "reward"),
        ThingKind::Event => (contracts::rewards::SOURCE, "event"),
        ThingKind::Draw => (contracts::rewards::SOURCE, "draw"),
        ThingKind::Challenge => (contracts::rewards::SOURCE, "challenge"),
        ThingKind::Tier => (contracts::points::SOURCE, "tier"),
        ThingKind::Plan => (contracts::membership::SOURCE, "plan"),
    }
}

impl ThingNames {
    /// Asks these services, which have so long for an answer.
    #[must_use]
    pub fn new(owners: HashMap<&'static str, Peer>, within: Duration) -> Self {
        Self { owners: Arc::new(owners), within, known: Arc::default() }
    }

    /// The names of all things that these messages name.
    ///
    /// # Errors
    /// [`AskError`] of the first service that does not answer.
    pub async fn of(&self, messages: impl Iterator<Item = &Values>) -> Result<Names, AskError> {
        let mut wanted = BTreeMap::<ThingKind, BTreeSet<String>>::new();
        for values in messages {
            for (kind, code) in values.things().filter(|(_, code)| !code.is_empty()) {
                wanted.entry(kind).or_default().insert(code.to_owned());
            }
        }
        let mut names = Names::default();
        for (kind, codes) in wanted {
            let missing = self.known(kind, codes, &mut names);
            for some in missing.chunks(NAMES_MOST) {
                self.ask(kind, some, &mut names).await?;
            }
        }
        Ok(names)
    }

    /// Adds what is known; answers what is not.
    fn known(&self, kind: ThingKind, codes: BTreeSet<String>, names: &mut Names) -> Vec<String> {
        let Ok(known) = self.known.lock() else { return codes.into_iter().collect() };
        let mut missing = Vec::new();
        for code in codes {
            match known.get(&(kind, code.clone())) {
                Some((since, words)) if since.elapsed() < FRESH => add(names, kind, &code, words),
                _ => missing.push(code),
            }
        }
        missing
    }

    async fn ask(&self, kind: ThingKind, codes: &[String], names: &mut Names) -> Result<(), AskError> {
        let (service, word) = owner(kind);
        let Some(peer) = self.owners.get(service) else { return Ok(()) };
        let question = NamesQuestion { kind: word.to_owned(), codes: codes.to_vec() };
        let mut answer: NamesAnswer = peer.ask(Method::POST, NAMES_PATH, &question, self.within).await?;
        for code in codes {
            // What is unknown there goes by its code, and is not asked again at once.
            let words = answer.names.remove(code).unwrap_or_default();
            add(names, kind, code, &words);
            if let Ok(mut known) = self.known.lock() {
                if known.len() >= MOST {
                    known.clear();
                }
                known.insert((kind, code.clone()), (Instant::now(), words));
            }
        }
        Ok(())
    }
}

fn add(names: &mut Names, kind: ThingKind, code: &str, words: &Known) {
    for (language, name) in words {
        names.add(kind, code, *language, name.clone());
    }
}
