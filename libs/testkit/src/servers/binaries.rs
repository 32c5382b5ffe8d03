//! Where the servers' programs are.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::bail;

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

/// The program `nats-server`.
pub fn nats_server() -> anyhow::Result<PathBuf> {
    if let Some(file) = env::var_os("NATS_SERVER_BIN").map(PathBuf::from) {
        if file.is_file() {
            return Ok(file);
        }
        bail!("NATS_SERVER_BIN is {}, which is not a file", file.display());
    }
    let provisioned = target_folder().map(|target| target.join("tools/venv/bin/nats-server"));
    match on_path("nats-server").or_else(|| provisioned.filter(|file| file.is_file())) {
        Some(file) => Ok(file),
        None => bail!("nats-server is not installed: run tests/provision.sh, or set NATS_SERVER_BIN to it"),
    }
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
