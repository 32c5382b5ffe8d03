//! The border as a caller meets it: through a face's router, and over real connections.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected ends there")]

mod asking;
mod bodies;
mod callers;
mod descriptions;
mod frames;
mod looks;
mod parameters;
mod platform;
mod problems;
mod routes;
mod serving;
mod serving_http2;
mod serving_tls;
mod staff;
mod texts;
mod traces;
