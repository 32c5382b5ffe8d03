//! What a rule is, and what it says.

use std::fmt;

use crate::Tree;

/// One house rule.
pub struct Rule {
    /// Its name, one word or two with a dash.
    pub name: &'static str,
    /// Finds what breaks it.
    pub check: fn(&Tree) -> Vec<Violation>,
    /// Trees that break it, each with a twin that does not.
    pub plants: &'static [Plant],
}

/// A planted violation and its clean twin, each a list of paths and texts.
pub struct Plant {
    /// Must be caught. Where a text marks lines with a comment `caught`, exactly those lines.
    pub bad: &'static [(&'static str, &'static str)],
    /// Must be left alone.
    pub clean: &'static [(&'static str, &'static str)],
}

/// A place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The file, seen from the workspace's root.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// Why it is not welcome, and what to do instead.
    pub reason: String,
}

impl Violation {
    /// A violation at a line of a file.
    pub fn new(path: &str, line: usize, reason: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, reason: reason.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.reason)
    }
}
