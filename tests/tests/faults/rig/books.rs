//! What the services have in their databases, and whether it is whole.

use std::time::{Duration, Instant};

use journeys::{Finished, Vafa};

use super::Rig;

/// Who tells, who hears, and under which name: each consumer takes every parcel once.
const HEARING: [(&str, &str, &str); 20] = [
    ("points", "membership", "membership-activity"),
    ("points", "membership", "membership-erasures"),
    ("points", "membership", "membership-referrals"),
    ("membership", "points", "points-membership"),
    ("membership", "points", "points-actions"),
    ("membership", "points", "points-hand-overs"),
    ("membership", "webhooks", "webhooks-membership"),
    ("points", "webhooks", "webhooks-points"),
    ("rewards", "webhooks", "webhooks-rewards"),
    ("membership", "notifications", "notifications-membership"),
    ("points", "notifications", "notifications-points"),
    ("rewards", "notifications", "notifications-rewards"),
    ("rewards", "points", "points-rewards"),
    ("rewards", "points", "points-attendance"),
    ("points", "rewards", "rewards-points"),
    ("points", "rewards", "rewards-draws"),
    ("points", "rewards", "rewards-offers"),
    ("points", "rewards", "rewards-challenges"),
    ("points", "rewards", "rewards-purchases"),
    ("membership", "rewards", "rewards-membership"),
];

/// How many consumers hear what this service tells.
pub fn hearers_of(service: &str) -> i64 {
    HEARING.iter().map(|(teller, ..)| i64::from(*teller == service)).sum()
}

impl Rig {
    /// Rows of a service's database, of one moment: `|` between columns.
    pub async fn rows(&self, service: &str, sql: &str) -> Vec<String> {
        self.ask(service, sql).await.expect("the SQL runs")
    }

    /// The same while the server may be away.
    pub async fn ask(&self, service: &str, sql: &str) -> anyhow::Result<Vec<String>> {
        let (server, database, sql) = (self.server.clone(), self.databases[service].clone(), sql.to_owned());
        let query = move || server.sql(&database, &sql);
        let text = tokio::task::spawn_blocking(query).await.expect("psql does not panic")?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Ends PostgreSQL without warning, all its processes at once, and starts it again.
    pub async fn kill_postgres(&self) {
        let server = self.server.clone();
        let kill = move || server.kill().and_then(|()| server.restart());
        tokio::task::spawn_blocking(kill).await.expect("no panic").expect("PostgreSQL comes back");
    }

    /// One number of a service's database.
    pub async fn number(&self, service: &str, sql: &str) -> i64 {
        let rows = self.rows(service, sql).await;
        rows.first().and_then(|row| row.parse().ok()).unwrap_or_else(|| panic!("no number: {rows:?}"))
    }

    /// Waits until every fact was published and heard; answers the parcels that were not within `limit`:
    /// unpublished ones and unheard ones.
    pub async fn unheard_after(&self, limit: Duration) -> (i64, i64) {
        let begun = Instant::now();
        loop {
            let (mut unpublished, mut unheard) = (0, 0);
            for teller in ["points", "membership", "rewards"] {
                let waiting = "SELECT COUNT(*) FROM outbox WHERE published_at IS NULL";
                unpublished += self.number(teller, waiting).await;
            }
            for (teller, hearer, consumer) in HEARING {
                unheard += self.number(teller, "SELECT COUNT(*) FROM outbox").await;
                let heard = format!("SELECT COUNT(*) FROM inbox WHERE consumer = '{consumer}'");
                unheard -= self.number(hearer, &heard).await;
            }
            if (unpublished, unheard) == (0, 0) || begun.elapsed() > limit {
                return (unpublished, unheard);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until every relay has done what it can and nobody hears anything any more; answers the unheard parcels.
    pub async fn unheard_at_rest(&self) -> i64 {
        let mut before = None;
        loop {
            let now = self.unheard_after(Duration::ZERO).await;
            if now.0 == 0 && before == Some(now) {
                return now.1;
            }
            before = Some(now);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Asserts that everything was published and heard in time, and that `vafa verify` finds nothing.
    pub async fn is_whole(&self) {
        assert_eq!(self.unheard_after(Duration::from_secs(30)).await, (0, 0), "unpublished, unheard");
        let _ = self.verify().await.ended_with(0);
    }

    /// Runs `vafa verify` over both databases.
    pub async fn verify(&self) -> Finished {
        let (program, folder) = (Vafa::with(&self.settings), self.folder.path().to_path_buf());
        let run = move || program.run(&folder, &["verify"]);
        tokio::task::spawn_blocking(run).await.expect("running a program does not panic")
    }
}
