//! The gateway as tills and staff meet it, before services that are played by a test.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected ends there")]

mod bodies;
mod browsers;
mod chain;
mod documents;
mod headers;
mod keys;
mod limits;
mod members;
mod outages;
mod overload;
mod partners;
mod refusals;
mod signatures;
mod staff;
mod texts;
mod traces;
