//! Questions: they only read.

pub mod archive;
pub mod best_offers;
pub mod catalogue;
pub mod challenges;
pub mod draw_record;
pub mod draws;
pub mod money;
pub mod personal_offers;
pub mod verify;
