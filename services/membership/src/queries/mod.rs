//! What can be asked, one question a file; nothing here writes.

pub mod branch_of_key;
pub mod card_batches;
pub mod check_member;
pub mod check_session;
pub mod find_member;
pub mod household_members;
pub mod leaving;
pub mod list_places;
pub mod list_projected;
pub mod list_staff;
pub mod member_profile;
pub mod own_cards;
pub mod own_consents;
pub mod own_household;
pub mod own_profile;
pub mod own_sessions;
pub mod partners;
pub mod plans;
pub mod public_keys;
pub mod referrals;
pub mod resolve_identifier;
pub mod resolve_till_key;
pub mod retention;
pub mod staff_sessions;
pub mod tills_of_branch;
pub mod verify;
