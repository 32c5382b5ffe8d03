//! What can be asked of points, one verb a file: load, decide, record, stage, commit.

pub mod learn_member;
pub mod publish_programme;
pub mod record_purchases;
