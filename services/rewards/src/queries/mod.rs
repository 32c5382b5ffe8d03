//! Questions: they only read.

pub mod archive;
pub mod catalogue;
pub mod verify;
