//! Journeys through the gateway, in both shapes.

mod bad_input;
mod demo;
mod documents;
mod import_rows;
mod joining;
mod keys;
mod languages;
mod once;
mod programme;
mod reading;
mod readme;
mod real_baskets;
mod secrecy;
mod stopping;
