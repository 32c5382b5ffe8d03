//! Messages as files, one each: for trying out, for tests, and for whoever picks them up and sends them.

use std::path::PathBuf;

use anyhow::Context as _;
use async_trait::async_trait;
use kernel::Timestamp;
use serde_json::json;
use tokio::{fs, io::AsyncWriteExt as _};

use super::{Carrier, Message};

/// A folder of messages: `<microseconds>-<id>.json`, readable by its owner alone, kept for a day.
#[derive(Debug, Clone)]
pub struct OutboxFolder(PathBuf);

impl OutboxFolder {
    /// Messages go into this folder, which is made when the first one comes.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self(folder)
    }
}

#[async_trait]
impl Carrier for OutboxFolder {
    async fn deliver(&self, message: &Message) -> anyhow::Result<()> {
        let shown = || format!("the outbox {}", self.0.display());
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0).await.with_context(shown)?;
        let name = format!("{}-{}", message.at.micros(), message.id);
        let (unfinished, file) = (self.0.join(format!(".{name}")), self.0.join(format!("{name}.json")));
        let content = json!({
            "to": message.to.e164(),
            "language": message.language,
            "text": message.text.expose(),
            "at": message.at,
        });
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut out = options.open(&unfinished).await.with_context(shown)?;
        out.write_all(content.to_string().as_bytes()).await.with_context(shown)?;
        out.flush().await.with_context(shown)?;
        // Whoever looks into the folder sees whole messages only.
        fs::rename(&unfinished, &file).await.with_context(shown)
    }

    async fn forget(&self, before: Timestamp) -> anyhow::Result<()> {
        let Ok(mut entries) = fs::read_dir(&self.0).await else { return Ok(()) };
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name();
            let begins = name.to_str().and_then(|name| name.trim_start_matches('.').split('-').next());
            let at = begins.and_then(|micros| micros.parse::<i64>().ok());
            if at.is_some_and(|at| at < before.micros()) {
                fs::remove_file(entry.path()).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Language, MemberId, Pii, SignInId};
    use uuid::Uuid;

    use super::*;
    use crate::domain::phone::Phone;

    fn message(number: u128, at: i64) -> Message {
        Message {
            id: SignInId::from_uuid(Uuid::from_u128(number)),
            member: MemberId::from_uuid(Uuid::from_u128(1)),
            to: Phone::parse("+989121234567").expect("a phone"),
            language: Language::Fa,
            text: Pii::new("012345".to_owned()),
            at: Timestamp::from_micros(at),
        }
    }

    #[tokio::test]
    async fn a_message_is_one_file_for_its_owner_alone_until_it_is_forgotten() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = OutboxFolder::new(folder.path().join("outbox"));
        for message in [message(1, 5), message(1, 5), message(2, 9)] {
            outbox.deliver(&message).await.expect("delivered");
        }
        let files = || {
            let entries = std::fs::read_dir(folder.path().join("outbox")).expect("a folder");
            entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
        };
        assert_eq!(files().len(), 2);
        let content = std::fs::read_to_string(&files()[0]).expect("a file");
        assert!(content.contains("+989121234567") && content.contains("012345"), "{content}");
        let mode = std::fs::metadata(&files()[0]).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        outbox.forget(Timestamp::from_micros(6)).await.expect("forgotten");
        assert_eq!(files().len(), 1);
    }
}
