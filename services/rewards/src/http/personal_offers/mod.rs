//! Personal offers: kept by marketing, seen and taken up by members.

pub mod best;
pub mod keeping;
pub mod members;
