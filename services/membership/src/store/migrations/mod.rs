//! The versions of this service's tables. Steps only go forward; a mistake is mended by the next one.

mod m0001_members;
mod m0002_households;
mod m0003_sign_in;
mod m0100_household_invitations;
mod m0101_cards;
mod m0102_card_tokens;
mod m0103_card_batches;
mod m0120_data_keys;
mod m0121_consents;
mod m0122_erasures;
mod m0140_staff;
mod m0141_staff_sign_in;
mod m0150_retention;
mod m0151_looks;
mod m0152_archives;
mod m0160_signing_tills;
mod m0161_profile;
mod m0162_occasions;
mod m0163_inbound_texts;
mod m0164_referrals;
mod m0165_plans;
mod m0166_checkouts;
mod m0167_phone_changes;
mod m0168_merges;
mod m0169_blind_index;
mod m0170_partners;
mod m0171_staff_subjects;
mod m0173_joinings;
mod m0174_vouchings;
mod m0175_erasures_of_rewards;

use store::sea_orm_migration::MigrationTrait;

/// The tables that every service has, then this service's own steps, oldest first.
#[must_use]
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    let mut steps = store::migrations();
    steps.push(m0001_members::step());
    steps.push(m0002_households::step());
    steps.push(m0003_sign_in::step());
    steps.push(m0100_household_invitations::step());
    steps.push(m0101_cards::step());
    steps.push(m0102_card_tokens::step());
    steps.push(m0103_card_batches::step());
    steps.push(m0140_staff::step());
    steps.push(m0120_data_keys::step());
    steps.push(m0121_consents::step());
    steps.push(m0141_staff_sign_in::step());
    steps.push(m0160_signing_tills::step());
    steps.push(m0122_erasures::step());
    steps.push(m0161_profile::step());
    steps.push(m0162_occasions::step());
    steps.push(m0163_inbound_texts::step());
    steps.push(m0170_partners::step());
    steps.push(m0171_staff_subjects::step());
    steps.push(m0150_retention::step());
    steps.push(m0164_referrals::step());
    steps.push(m0151_looks::step());
    steps.push(m0152_archives::step());
    steps.push(m0167_phone_changes::step());
    steps.push(m0165_plans::step());
    steps.push(m0169_blind_index::step());
    steps.push(m0173_joinings::step());
    steps.push(m0168_merges::step());
    steps.push(m0166_checkouts::step());
    steps.push(m0174_vouchings::step());
    steps.push(m0175_erasures_of_rewards::step());
    steps
}
