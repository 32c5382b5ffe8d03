//! How a club's service begins, and begins again: at another time, with other settings, keys or neighbours.

use std::{path::PathBuf, sync::Arc};

use axum::{Json, Router};
use kernel::Timestamp;
use membership::{adapters::payments::Payments, settings::Settings};
use runtime::{BlindKeys, Peers};
use serde_json::Value;
use store::Database;
use tempfile::TempDir;
use web::Upstream;

use crate::club::{Club, MASTER_KEYS, START};

/// What a service begins with.
pub struct Beginning {
    pub start: Timestamp,
    pub folder: TempDir,
    pub outbox: TempDir,
    pub database: Database,
    pub master_keys: Vec<(u8, [u8; 32])>,
    pub blind_keys: BlindKeys,
    pub settings: Vec<(String, String)>,
    pub points: Option<Router>,
}

/// A service `rewards` that keeps nothing of anybody.
fn no_rewards() -> Router {
    Router::new().fallback(|| async { Json(serde_json::json!({"title": "Rewards", "pieces": []})) })
}

/// The other services, where somebody plays one.
pub fn peers(points: Option<&Router>) -> Peers {
    let Some(points) = points else { return Peers::default() };
    let played = [("points", points.clone()), ("rewards", no_rewards()), ("notifications", points.clone())];
    Peers::new(played.map(|(name, router)| (name, Upstream::in_process(Arc::new(router.into())))).into())
}

/// The payment provider of these settings.
pub fn payments(settings: &Settings) -> Option<Arc<Payments>> {
    settings.payments.clone().map(|settings| Arc::new(Payments::new(settings).expect("good secrets")))
}

impl Club {
    /// The messages to this phone so far, oldest first.
    pub fn messages_to(&self, phone: &str) -> Vec<Value> {
        let entries = std::fs::read_dir(self.outbox.path()).expect("the outbox").flatten();
        let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let read =
            |path: &PathBuf| serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
        files.iter().map(read).filter(|message: &Value| message["to"] == phone).collect()
    }

    fn again(self) -> Beginning {
        let Self { database, folder, outbox, settings, points, secrets, .. } = self;
        let blind_keys = secrets.blind_keys.clone();
        let (start, master_keys) = (Timestamp::parse(START).expect("a time"), MASTER_KEYS.to_vec());
        Beginning { start, folder, outbox, database, master_keys, blind_keys, settings, points }
    }

    /// The same database under a service with other master keys.
    pub async fn restarted(self, master_keys: Vec<(u8, [u8; 32])>) -> Self {
        Self::begin(Beginning { master_keys, ..self.again() }).await
    }

    /// The same database under a service with other keys of the blind index.
    pub async fn hashing(self, blind_keys: BlindKeys) -> Self {
        let (start, master_keys) = (self.now(), self.secrets.master_keys.clone());
        Self::begin(Beginning { start, master_keys, blind_keys, ..self.again() }).await
    }

    /// Another service on the same database, with other keys of the blind index.
    pub async fn beside(&self, blind_keys: BlindKeys) -> Self {
        let folder = || tempfile::tempdir().expect("a folder");
        Self::begin(Beginning {
            start: self.now(),
            folder: folder(),
            outbox: folder(),
            database: self.database.clone(),
            master_keys: self.secrets.master_keys.clone(),
            blind_keys,
            settings: self.settings.clone(),
            points: None,
        })
        .await
    }

    /// The same with these settings of section `membership`.
    pub async fn with(self, settings: &[(&str, &str)]) -> Self {
        let named = |(name, value): &(&str, &str)| {
            (format!("VAFA_MEMBERSHIP__{}", name.to_uppercase()), (*value).to_owned())
        };
        let settings = settings.iter().map(named).collect();
        Self::begin(Beginning { settings, ..self.again() }).await
    }

    /// The same, where this plays the service `points`.
    pub async fn asking(self, points: Router) -> Self {
        Self::begin(Beginning { points: Some(points), ..self.again() }).await
    }

    /// A service on the same database, started so many seconds after [`START`].
    pub async fn later(self, seconds: i64) -> Self {
        let start = Timestamp::parse(START).expect("a time").plus_millis(seconds * 1_000);
        Self::begin(Beginning { start, ..self.again() }).await
    }
}
