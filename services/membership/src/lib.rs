//! Membership: the chain's places and tills, its members, and how they are recognised.

pub mod domain;
