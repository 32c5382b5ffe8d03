//! Who of the back office looked at whose points.

pub(super) use store::looks::{POSTGRES, SQLITE};
