//! The rows, as `SeaORM` sees them.

pub mod attempts;
pub mod deliveries;
pub mod webhooks;
