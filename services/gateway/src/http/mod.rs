//! The HTTP face: the entrance that every request passes, and the documents about the API.

mod address;
mod digest;
mod documents;
mod dressing;
mod entrance;
mod passage;

pub(crate) use documents::Documents;
pub(crate) use entrance::Entrance;
