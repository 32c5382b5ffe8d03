//! How Vafa speaks and listens in Persian, Arabic and English.
//!
//! Owns: choosing a language ([`negotiate`]), message catalogs ([`Messages`]), digits and numbers
//! ([`digits`], [`number`]), dates of three calendars ([`calendar`]), phone numbers ([`phone`]), texts that the chain writes itself
//! ([`pattern`]).
//!
//! Promises: whatever a person can type on a Persian, Arabic or Latin keyboard is understood; a text
//! that is missing in one language is said in English, and never left out.
//!
//! Absent on purpose: the texts themselves (each crate keeps its own catalogs), time zones (days come in
//! as days), and any state but the catalogs.

pub mod calendar;
pub mod digits;
mod messages;
mod months;
mod negotiation;
pub mod pattern;
pub mod phone;

pub use digits::number;
pub use kernel::{Day, Language};
pub use messages::{Arg, CatalogError, Messages};
pub use negotiation::{negotiate, negotiate_or};
