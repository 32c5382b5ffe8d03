//! The service through its own doors: facts in, messages out, answers over HTTP; on both databases.

mod calls;
mod campaigns;
mod contract;
mod house;
mod providers;
mod receipts;
mod recording;
mod sending;
mod templates;
mod texting;
mod urgent;
mod wishes;
mod words;
mod world;
