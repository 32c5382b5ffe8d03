//! What is decided about messages, without a clock and without the world.

pub mod attempt;
pub mod breaker;
pub mod call;
pub mod campaign;
pub mod channel;
pub mod heard;
pub mod limits;
pub mod message;
pub mod policy;
pub mod quiet;
pub mod routing;
pub mod sample;
pub mod sending;
pub mod sms;
pub mod template;
pub mod trigger;
pub mod value;
pub mod way;
pub mod wish;
pub mod words;
