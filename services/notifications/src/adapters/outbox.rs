//! Messages as files, and on the console of a person who tries the platform out: where no providers are named.

use std::{
    io::{IsTerminal as _, Write as _, stdout},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use kernel::Timestamp;
use serde_json::json;
use tokio::{fs, io::AsyncWriteExt as _};

use super::Provider;
use crate::domain::sending::{Handed, Outgoing, Receipt};

/// The name under which it stands in the log.
pub const NAME: &str = "outbox";

/// A folder of messages: `<id>.json`, readable by its owner alone; and the console of a person.
pub struct Outbox {
    folder: Option<PathBuf>,
    console: bool,
}

impl Outbox {
    /// Messages go into this folder, which is made when the first one comes, and onto the console.
    #[must_use]
    pub const fn new(folder: Option<PathBuf>, console: bool) -> Self {
        Self { folder, console }
    }

    async fn write(folder: &Path, message: &Outgoing) -> anyhow::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await?;
        // The same id is the same file, however often it comes.
        let (unfinished, file) =
            (folder.join(format!(".{}", message.id)), folder.join(format!("{}.json", message.id)));
        let content = json!({
            "id": message.id,
            "channel": message.to.channel().word(),
            "to": message.to.text(),
            "language": message.language,
            "title": message.title.expose(),
            "text": message.text.expose(),
            "at": message.at,
        });
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut out = options.open(&unfinished).await?;
        out.write_all(content.to_string().as_bytes()).await?;
        out.flush().await?;
        // Whoever looks into the folder sees whole messages only.
        fs::rename(&unfinished, &file).await?;
        Ok(())
    }
}

#[async_trait]
impl Provider for Outbox {
    async fn hand(&self, message: &Outgoing) -> Handed {
        if let Some(folder) = &self.folder
            && let Err(fault) = Self::write(folder, message).await
        {
            tracing::warn!(target: "vafa::notifications", fault = format!("{fault:#}"), "a message could not be written into the outbox");
            return Handed::Failed { why: "not_written".to_owned(), wait_s: None };
        }
        let mut out = stdout().lock();
        if self.console && out.is_terminal() {
            // Whoever looks on is the one who tries it out; a pipe may be a log.
            let _ = writeln!(out, "{}: {}", message.to.channel().word(), message.text.expose());
        }
        Handed::Taken { reference: None, cost: None }
    }

    fn knows_repetitions(&self) -> bool {
        true
    }

    async fn status(&self, message: uuid::Uuid, _: Option<&str>) -> anyhow::Result<Option<Receipt>> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let there = fs::try_exists(folder.join(format!("{message}.json"))).await?;
        Ok(Some(if there { Receipt::Delivered } else { Receipt::Unknown }))
    }

    async fn forget(&self, before: Timestamp) -> anyhow::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let Ok(mut entries) = fs::read_dir(folder).await else { return Ok(()) };
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name();
            let id = name.to_str().map(|name| name.trim_start_matches('.').trim_end_matches(".json"));
            // An id says when it was given.
            let given = id.and_then(|id| id.parse::<uuid::Uuid>().ok()?.get_timestamp());
            let given_ms = given.map(|at| i128::from(at.to_unix().0) * 1_000);
            if given_ms.is_some_and(|ms| ms < i128::from(before.micros() / 1_000)) {
                fs::remove_file(entry.path()).await?;
            }
        }
        Ok(())
    }
}
