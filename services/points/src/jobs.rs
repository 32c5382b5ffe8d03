//! What is done now and then: find due work, call a command.

mod close_days;
mod forget_hashes;
mod forget_looks;
mod match_returns;
mod run_simulations;
mod settle;
pub mod settle_transfers;
mod tell_live;
mod tell_tiers;

pub use close_days::close_days;
pub use forget_hashes::forget_hashes;
pub use forget_looks::forget_looks;
pub use match_returns::match_returns;
pub use run_simulations::run_simulations;
pub use settle::settle;
pub use tell_live::tell_live;
pub use tell_tiers::tell_tiers;
