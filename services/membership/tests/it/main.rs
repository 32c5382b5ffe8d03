//! Membership through its HTTP face, on SQLite and on PostgreSQL.

mod activity;
mod audit;
mod bad_input;
mod card_batches;
mod card_states;
mod cards;
mod club;
mod consents;
mod contract;
mod households;
mod inbound_texts;
mod joining;
mod key_rotation;
mod leaving;

mod occasions;
mod own_household;
mod partners;
mod phone_changes;
mod places;
mod plans;
mod profile;
mod referrals;
mod retention;
mod secrecy;
mod sessions;
mod sign_in;
mod staff;
mod staff_provider;
mod staff_sign_in;
mod till_enrolments;
mod tills;
mod virtual_cards;
