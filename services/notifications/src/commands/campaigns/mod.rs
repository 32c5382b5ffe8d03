//! What is done with campaigns: written, staged, sent page by page, and measured.

pub mod keep;
pub mod measure;
pub mod said;
pub mod stage;
pub mod standing;
pub mod walk;
