//! Pure types and decisions: what a name, a phone, a card is; who joins; which facts follow.
//!
//! No async, SQL, HTTP, clock or randomness: the time, fresh ids and keyed hashes come in as arguments.

pub mod account;
pub mod activity;
pub mod answer;
pub mod archive;
pub mod attempts;
pub mod birthday;
pub mod card;
pub mod card_batch;
pub mod card_state;
pub mod checkout;
pub mod code;
pub mod code_window;
pub mod consent;
pub mod device;
pub mod enrolment;
pub mod household;
pub mod identifier;
pub mod invitation;
pub mod leaving;
mod line;
pub mod member;
pub mod merging;
pub mod message;
pub mod name;
pub mod newcomer;
pub mod occasion;
pub mod partner;
pub mod password;
pub mod payment;
pub mod phone;
pub mod phone_change;
pub mod place;
pub mod plan;
pub mod provider_sign_in;
pub mod question;
pub mod referral;
pub mod referral_code;
pub mod referral_terms;
pub mod rejection;
pub mod retention;
pub mod second_factor;
pub mod session;
pub mod sign_in;
pub mod signing_key;
pub mod staff;
pub mod stray;
pub mod subscription;
pub mod texted_name;
pub mod till;
pub mod vouching;

pub use line::LineFlaw;
