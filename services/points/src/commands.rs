//! What can be asked of points, one verb a file: load, decide, record, stage, commit.

pub mod announce_programme;
pub mod await_purchase;
mod changes;
pub mod close_days;
pub mod edit_drafts;
pub mod grant_tier;
pub mod keep_segments;
pub mod learn_member;
pub mod operate;
mod persistence;
mod programme_facts;
pub mod propose;
pub mod publish_programme;
pub mod record_purchases;
pub mod record_return;
pub mod request_transfer;
mod rewards;
pub mod settle_accounts;
pub mod settle_transfers;
pub mod simulate_programme;
pub mod state_rates;
pub mod step_transfer;
pub mod tell_programmes_live;
pub mod tell_tiers;
mod telling;
mod tiers;
mod transfer_books;
