//! Who is called outside this service.

pub mod proofs;
pub mod top_ups;
