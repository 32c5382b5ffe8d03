//! The way out: which addresses may be called, how their hosts are found, and one call.

pub mod address;
pub mod courier;
pub mod lookup;
