//! The house rules that a machine keeps. `cargo test -p tidy` says where the workspace breaks one.
//!
//! Owns: the rules of `docs/style.md` and `docs/architecture.md` that can be read off the source: arrows
//! between crates, rooms of services, the purity of `domain`, sizes, disallowed calls, names, documentation.
//!
//! Promises: every rule carries planted violations that it must catch and clean twins that it must leave
//! alone, and its tests run both; a violation names file, line, rule and reason.
//!
//! Absent on purpose: what rustc, clippy and rustfmt say already.

mod rule;
mod rules;
mod source;
mod syntax;
mod tree;

pub use rule::{Plant, Rule, Violation};
pub use rules::RULES;
pub use tree::Tree;
