//! Challenges and contests: kept by marketing, followed by members.

pub mod keeping;
pub mod members;
