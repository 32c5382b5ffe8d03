//! The account that servers run under: PostgreSQL refuses root.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

/// The account to run a server under; none means that of the test process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    other: Option<(u32, u32)>,
    uid: u32,
}

impl Account {
    /// Chooses `postgres`, else `nobody`, when this process is root; itself otherwise.
    pub fn choose() -> anyhow::Result<Self> {
        let uid = std::fs::metadata("/proc/self").context("/proc is needed")?.uid();
        if uid != 0 {
            return Ok(Self { other: None, uid });
        }
        let accounts = std::fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
        match find(&accounts, "postgres").or_else(|| find(&accounts, "nobody")) {
            Some((uid, gid)) => Ok(Self { other: Some((uid, gid)), uid }),
            None => bail!("PostgreSQL refuses root, and there is neither an account `postgres` nor `nobody`"),
        }
    }

    /// The number of the account, for the names of folders that belong to it.
    pub fn uid(self) -> u32 {
        self.uid
    }

    /// Makes the command run under the account.
    pub fn run_as(self, command: &mut Command) {
        if let Some((uid, gid)) = self.other {
            command.uid(uid).gid(gid);
        }
    }

    /// Gives a folder to the account.
    pub fn own(self, folder: &Path) -> anyhow::Result<()> {
        if let Some((uid, gid)) = self.other {
            chown(folder, Some(uid), Some(gid)).with_context(|| format!("chown {}", folder.display()))?;
        }
        Ok(())
    }
}

fn find(accounts: &str, name: &str) -> Option<(u32, u32)> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some((uid, gid))
    })
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn an_account_is_found_by_its_name() {
        let accounts =
            "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:admin,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(find(accounts, "postgres"), Some((101, 104)));
        assert_eq!(find(accounts, "post"), None);
    }
}
