//! The rules, one a file.

mod arrows;
mod attributes;
mod calls;
mod documents;
mod domain;
mod http;
mod manifests;
mod marks;
mod names;
mod parses;
mod queries;
mod rooms;
mod sea_orm;
mod sizes;
mod texts;

use crate::Rule;

/// Every rule.
pub const RULES: &[Rule] = &[
    parses::RULE,
    arrows::RULE,
    manifests::RULE,
    rooms::RULE,
    domain::RULE,
    http::RULE,
    queries::RULE,
    sea_orm::RULE,
    sizes::FILES,
    sizes::FUNCTIONS,
    calls::RULE,
    attributes::RULE,
    names::MODULES,
    names::TESTS,
    marks::RULE,
    documents::RULE,
    texts::RULE,
];
