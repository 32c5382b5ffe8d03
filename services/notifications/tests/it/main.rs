//! The service through its own doors: facts in, messages out, answers over HTTP; on both databases.

mod contract;
mod house;
mod providers;
mod receipts;
mod recording;
mod sending;
mod urgent;
mod world;
