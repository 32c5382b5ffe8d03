//! The rows, as `SeaORM` sees them.

pub mod activity;
pub mod branches;
pub mod card_batches;
pub mod card_stock;
pub mod card_tokens;
pub mod consent_texts;
pub mod consents;
pub mod household_invitations;
pub mod household_members;
pub mod households;
pub mod identifiers;
pub mod members;
pub mod refresh_tokens;
pub mod regions;
pub mod sessions;
pub mod sign_in_messages;
pub mod sign_ins;
pub mod signing_keys;
pub mod staff;
pub mod staff_grants;
pub mod till_enrolments;
pub mod till_keys;
pub mod tills;
