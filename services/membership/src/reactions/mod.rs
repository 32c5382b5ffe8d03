//! Facts of other services, each turned into a command.

pub mod member_forgotten;
pub mod points_earned;
pub mod purchases_of_friends;
