//! Where the servers' programs are.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

/// The folder with `postgres` and `initdb` (and `psql`, `pgbench`).
pub fn postgres_folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = env::var_os("POSTGRES_BIN").map(PathBuf::from) {
        if is_postgres(&folder) {
            return Ok(folder);
        }
        bail!("POSTGRES_BIN is {}, where postgres and initdb are not", folder.display());
    }
    // A link on the path leads to the folder that has all the programs.
    let from_path =
        on_path("postgres").and_then(|found| found.canonicalize().ok()?.parent().map(Path::to_path_buf));
    if let Some(folder) = from_path.filter(|folder| is_postgres(folder)) {
        return Ok(folder);
    }
    match debian_versions().into_iter().find(|folder| is_postgres(folder)) {
        Some(folder) => Ok(folder),
        None => {
            bail!("PostgreSQL is not installed: run tests/provision.sh, or set POSTGRES_BIN to its folder")
        }
    }
}

/// The program `nats-server`, 2.12 or newer: older ones silently ignore settings that the bus relies on.
pub fn nats_server() -> anyhow::Result<PathBuf> {
    if let Some(file) = env::var_os("NATS_SERVER_BIN").map(PathBuf::from) {
        if is_recent_nats(&file) {
            return Ok(file);
        }
        bail!("NATS_SERVER_BIN is {}, which is no nats-server of 2.12 or newer", file.display());
    }
    let usable = |file: Option<PathBuf>| file.filter(|file| is_recent_nats(file));
    match usable(on_path("nats-server")).or_else(|| usable(provisioned("venv/bin/nats-server"))) {
        Some(file) => Ok(file),
        None => bail!("nats-server is not installed: run tests/provision.sh, or set NATS_SERVER_BIN to it"),
    }
}

/// The Python that has the `OpenID` Connect provider.
pub fn identity_provider() -> anyhow::Result<PathBuf> {
    let has = |python: &PathBuf| {
        let asked = Command::new(python).args(["-W", "ignore", "-c", "import oidc_provider_mock"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    provisioned("provider/bin/python")
        .filter(has)
        .context("the OpenID Connect provider is not installed: run tests/provision.sh")
}

/// The Python that has the SMTP server.
pub fn mail_server() -> anyhow::Result<PathBuf> {
    let has = |python: &PathBuf| {
        let asked = Command::new(python).args(["-W", "ignore", "-c", "import aiosmtpd"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    provisioned("mail/bin/python")
        .filter(has)
        .context("the SMTP server is not installed: run tests/provision.sh")
}

fn is_recent_nats(program: &Path) -> bool {
    let Ok(output) = Command::new(program).arg("--version").output() else { return false };
    nats_version(&String::from_utf8_lossy(&output.stdout)).is_some_and(|version| version >= (2, 12))
}

/// Reads `nats-server: v2.15.1`.
fn nats_version(printed: &str) -> Option<(u32, u32)> {
    let mut numbers = printed.split_once(": v")?.1.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Where `tests/provision.sh` puts a program, such as `described/bin/st`.
#[must_use]
pub fn provisioned(program: &str) -> Option<PathBuf> {
    target_folder().map(|target| target.join("tools").join(program))
}

/// Cargo's target folder that this program was built into, where there is one.
pub fn target_folder() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let built = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let here = env::current_dir().ok()?;
    let near = || here.ancestors().map(|folder| folder.join("target")).find(|folder| folder.is_dir());
    built.map(Path::to_path_buf).or_else(near)
}

fn is_postgres(folder: &Path) -> bool {
    folder.join("postgres").is_file() && folder.join("initdb").is_file()
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// `/usr/lib/postgresql/*/bin`, the newest first.
fn debian_versions() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir("/usr/lib/postgresql") else { return Vec::new() };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use super::nats_version;

    #[test]
    fn the_version_of_nats_is_read() {
        assert_eq!(nats_version("nats-server: v2.15.1\n"), Some((2, 15)));
        assert!(nats_version("nats-server: v2.9.10\n") < Some((2, 12)));
        assert_eq!(nats_version("something else"), None);
    }
}
