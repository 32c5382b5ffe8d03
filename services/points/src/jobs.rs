//! What is done now and then: find due work, call a command.

mod tell_live;

pub use tell_live::tell_live;
