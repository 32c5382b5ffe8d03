//! What can be asked of points, one verb a file: load, decide, record, stage, commit.

mod changes;
pub mod learn_member;
mod persistence;
pub mod publish_programme;
pub mod record_purchases;
pub mod record_return;
