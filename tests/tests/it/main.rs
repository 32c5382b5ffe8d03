//! Journeys through the gateway, in both shapes.

mod bad_input;
mod documents;
mod joining;
mod keys;
mod languages;
mod once;
mod reading;
