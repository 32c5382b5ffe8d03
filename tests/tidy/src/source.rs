//! One file, and what its path says about it.

use std::sync::OnceLock;

use crate::syntax::Syntax;

/// A file of the tree.
#[derive(Debug)]
pub struct Source {
    path: String,
    text: String,
    syntax: OnceLock<Result<Syntax, String>>,
}

impl Source {
    /// A file with this path (from the root, with `/`) and text.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), syntax: OnceLock::new() }
    }

    /// The path from the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What follows the last dot of the name.
    pub fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The name without folders and extension.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.split('.').next().unwrap_or_default()
    }

    /// Its Rust syntax; the message of the parser when it is not Rust.
    pub fn syntax(&self) -> Result<&Syntax, &str> {
        let parse = || Syntax::parse(&self.text, self.is_test_file());
        self.syntax.get_or_init(parse).as_ref().map_err(String::as_str)
    }

    /// Its Rust syntax, nothing when it is not Rust (which a rule of its own reports).
    pub fn code(&self) -> &Syntax {
        static NOTHING: Syntax = Syntax::NOTHING;
        self.syntax().unwrap_or(&NOTHING)
    }

    /// Whether the whole file exists for tests only.
    pub fn is_test_file(&self) -> bool {
        let inside =
            |folder: &str| self.path.starts_with(folder) || self.path.contains(&format!("/{folder}"));
        inside("tests/")
            || inside("benches/")
            || self.path.starts_with("libs/testkit/")
            || self.stem() == "tests"
    }

    /// Which service it belongs to, and its path below that service's folder.
    pub fn in_service(&self) -> Option<(&str, &str)> {
        self.path.strip_prefix("services/")?.split_once('/')
    }

    /// Which service it belongs to, when it lies in this room (`domain`, `http`, …) of it.
    pub fn in_room(&self, room: &str) -> Option<&str> {
        let (service, rest) = self.in_service()?;
        let inside = rest.strip_prefix("src/")?.strip_prefix(room)?;
        (inside.starts_with('/') || inside == ".rs").then_some(service)
    }

    /// The first line that contains the needle, from 1; 1 when none does.
    pub fn line_with(&self, needle: &str) -> usize {
        self.text.lines().position(|line| line.contains(needle)).map_or(1, |index| index + 1)
    }
}
