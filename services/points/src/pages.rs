//! What people read, made from values of the domain: sentences about the programme, pages, charts.
//!
//! Sentences are found by the names that the document itself uses, so a new part of it needs its words in `locales/programme`
//! and nothing here.

mod chart;
mod codes;
mod differences;
mod html;
mod programme;
mod report;
mod words;

use kernel::Language;
use web::Catalog;

pub use codes::Codes;
pub use differences::{Difference, differences};
pub use html::page as html_page;
pub use programme::{Page, page};
pub use report::{report as simulation_report, report_simulation};
pub use words::Words;

/// The words of pages.
pub const LOCALES: &Catalog = &[
    (Language::En, include_str!("../locales/programme/en.ftl")),
    (Language::Fa, include_str!("../locales/programme/fa.ftl")),
    (Language::Ar, include_str!("../locales/programme/ar.ftl")),
];

#[cfg(test)]
mod tests;
