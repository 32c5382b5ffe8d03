//! The source tree: files by path, from the disk or made up for a test.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::source::Source;

const READ: [&str; 6] = ["rs", "toml", "md", "ftl", "sh", "yaml"];
const SKIPPED: [&str; 3] = ["target", "data", "node_modules"];

/// The files of a workspace that rules look at, sorted by path.
#[derive(Debug)]
pub struct Tree {
    files: Vec<Source>,
}

impl Tree {
    /// Reads the workspace below a folder: sources, manifests, documents, catalogs.
    ///
    /// # Errors
    /// When a file or folder cannot be read.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        Ok(Self::sorted(files))
    }

    /// A tree of made-up files.
    #[must_use]
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self::sorted(files.iter().map(|(path, text)| Source::new(path, text)).collect())
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = &Source> {
        self.files.iter()
    }

    /// All Rust files.
    pub fn rust(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(|file| file.extension() == "rs")
    }

    /// All `Cargo.toml`.
    pub fn manifests(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(|file| file.path().ends_with("Cargo.toml"))
    }

    /// The file at exactly this path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&Source> {
        self.files.iter().find(|file| file.path() == path)
    }

    /// The names of all services, that is of the folders below `services`.
    #[must_use]
    pub fn services(&self) -> Vec<&str> {
        let below = self.files.iter().filter_map(|file| file.path().strip_prefix("services/"));
        let mut names: Vec<&str> =
            below.filter_map(|rest| rest.split_once('/')).map(|(name, _)| name).collect();
        names.dedup();
        names
    }

    fn sorted(mut files: Vec<Source>) -> Self {
        files.sort_by(|one, other| one.path().cmp(other.path()));
        Self { files }
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<Source>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && !SKIPPED.contains(&name) {
                collect(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if name.rsplit_once('.').is_some_and(|(_, extension)| READ.contains(&extension)) {
            let text = fs::read_to_string(entry.path()).with_context(|| format!("reading {path}"))?;
            files.push(Source::new(&path, &text));
        }
    }
    Ok(())
}
