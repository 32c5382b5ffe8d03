//! Who is called outside the platform.

pub mod top_ups;
