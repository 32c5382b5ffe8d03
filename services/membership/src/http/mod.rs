//! The HTTP face: the route table, and one file a resource with its bodies beside their handlers.

mod api_doc;
mod archive_file;
mod archive_page;
pub mod archives;
pub mod branches;
pub mod card_batches;
pub mod cards;
pub mod checkouts;
pub mod consents;
mod contacts;
pub mod household_invitations;
pub mod households;
pub mod inbound_texts;
mod internal;
pub mod leaving;
pub mod looks;
pub mod members;
mod merge_views;
pub mod merges;
mod missing;
mod names;
pub mod own_household;
pub mod own_plan;
mod pages;
pub mod partner_keys;
pub mod partners;
pub mod payment_events;
pub mod phone_changes;
pub mod phone_recalls;
pub mod plans;
mod problems;
pub mod profile;
pub mod questions;
mod reading;
pub mod referral_terms;
pub mod referrals;
pub mod regions;
pub mod retention;
mod roles;
mod routes;
mod senders;
pub mod sessions;
pub mod sign_in;
pub mod staff;
pub mod staff_accounts;
pub mod staff_provider;
pub mod staff_sign_in;
pub mod strays;
pub mod till_enrolments;
pub mod tills;
pub mod virtual_card;
pub mod vouchings;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::{HeaderName, header::CACHE_CONTROL},
};
use kernel::{Day, Language};
use locale::phone::Country;
use runtime::Chain;
use tokio::sync::Semaphore;
use web::{CallerKey, Catalog, Face, Texts, Whereabouts};

pub use api_doc::ApiDoc;
pub use routes::ROUTES;

use crate::{commands::Desk, queries, store::Vault};

/// The texts of this service's problems.
pub const LOCALES: &Catalog = &[
    (Language::En, include_str!("../../locales/en.ftl")),
    (Language::Fa, include_str!("../../locales/fa.ftl")),
    (Language::Ar, include_str!("../../locales/ar.ftl")),
];

/// An answer that no cache may keep.
type Private<T> = ([(HeaderName, &'static str); 1], Json<T>);

fn private<T>(view: T) -> Private<T> {
    ([(CACHE_CONTROL, "no-store")], Json(view))
}

/// What handlers are given.
#[derive(Clone)]
pub struct Counter(Arc<Shared>);

struct Shared {
    desk: Desk,
    country: Country,
    language: Language,
    chain: Arc<Chain>,
    archive_words: Texts,
    archive_turns: Semaphore,
}

impl Counter {
    /// Hands requests to `desk`; phones without a country code are of `country`, members who name no language are
    /// spoken to in the chain's, and days are those of the chain's wall clock.
    #[must_use]
    pub fn new(desk: Desk, country: Country, chain: Arc<Chain>) -> Self {
        Self(Arc::new(Shared {
            desk,
            country,
            language: chain.language,
            chain,
            archive_words: Texts::new(&[archive_page::ARCHIVE_WORDS]),
            archive_turns: Semaphore::new(archives::AT_ONCE),
        }))
    }

    /// The day on the chain's wall clock.
    fn today(&self) -> Day {
        self.0.chain.local(self.0.desk.clock.now(), None).day
    }

    fn desk(&self) -> &Desk {
        &self.0.desk
    }
}

/// To which regions branches belong.
fn whereabouts(vault: Vault) -> Whereabouts {
    Arc::new(move |branch| {
        let vault = vault.clone();
        Box::pin(async move { Ok(queries::list_places::region_of(&vault, &branch).await?) })
    })
}

/// The routes by which members see to their household.
fn households_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&own_household::GET, own_household::read_own_household)
        .route(&own_household::LEAVE, own_household::leave_own_household)
        .route(&own_household::PUT_ROLE, own_household::give_fellow_role)
        .route(&own_household::REMOVE, own_household::remove_fellow)
        .route(&household_invitations::LIST, household_invitations::list_invitations)
        .route(&household_invitations::INVITE, household_invitations::invite_guest)
        .route(&household_invitations::ACCEPT, household_invitations::accept_guest)
        .route(&household_invitations::END, household_invitations::end_guest_invitation)
}

/// The routes of cards.
fn cards_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&cards::LIST, cards::list_cards)
        .route(&cards::BLOCK, cards::block_own_card)
        .route(&cards::UNBLOCK, cards::unblock_own_card)
        .route(&cards::REPLACE, cards::replace_own_card)
        .route(&cards::HAND_OVER, cards::hand_card_over)
        .route(&virtual_card::POST, virtual_card::show_own_virtual_card)
        .route(&virtual_card::GET_PICTURE, virtual_card::read_card_picture)
        .route(&card_batches::PUT, card_batches::order_batch)
        .route(&card_batches::GET, card_batches::read_batch)
        .route(&card_batches::LIST, card_batches::list_batches)
        .route(&card_batches::DELETE, card_batches::close_batch)
        .route(&card_batches::EXPORT, card_batches::export_batch)
}

/// The routes about what the platform knows of a member.
fn privacy_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&leaving::GET, leaving::read_leaving)
        .route(&leaving::POST, leaving::leave_club)
        .route(&leaving::LIST, leaving::list_erasures)
        .route(&retention::GET, retention::read_retention)
        .route(&looks::LIST, looks::list_looks)
        .route(&archives::MAKE, archives::make_archive)
        .route(&archives::LIST, archives::read_archives)
}

/// The routes of the staff.
fn staff_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&staff::POST, staff::enrol)
        .route(&staff::LIST, staff::list)
        .route(&staff::GET, staff::read)
        .route(&staff::DISABLE, staff::disable)
        .route(&staff::ENABLE, staff::enable)
        .route(&staff::GRANT, staff::grant)
        .route(&staff::REVOKE, staff::revoke)
        .route(&staff_accounts::INVITE, staff_accounts::invite)
        .route(&staff_accounts::BEGIN, staff_accounts::begin)
        .route(&staff_accounts::CONFIRM, staff_accounts::confirm)
        .route(&staff_sign_in::SIGN_IN, staff_sign_in::sign_in)
        .route(&staff_sign_in::REFRESH, staff_sign_in::refresh)
        .route(&staff_sign_in::LIST, staff_sign_in::list)
        .route(&staff_sign_in::END, staff_sign_in::end)
        .route(&staff_sign_in::END_ALL, staff_sign_in::end_all)
        .route(&staff_provider::BEGIN, staff_provider::begin)
        .route(&staff_provider::FINISH, staff_provider::finish)
        .route(&staff_provider::LINK, staff_provider::link)
        .route(&staff_provider::UNLINK, staff_provider::unlink)
        .route(&internal::RESOLVE_STAFF_TOKEN, internal::resolve_staff_token)
}

/// The routes of what members are asked, answer, and text.
fn profile_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&questions::PUT, questions::put_question)
        .route(&questions::LIST, questions::list_questions)
        .route(&profile::NEXT, profile::read_next_question)
        .route(&profile::LIST, profile::list_answers)
        .route(&profile::ANSWER, profile::answer_question)
        .route(&profile::DELETE, profile::take_answer_back)
        .route(&profile::DECLINE, profile::decline_question)
        .route(&inbound_texts::POST, inbound_texts::receive_text)
}

/// The routes of referrals.
fn referrals_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&referral_terms::PUT, referral_terms::put_terms)
        .route(&referral_terms::GET, referral_terms::read_terms)
        .route(&referrals::GET, referrals::read_own)
        .route(&referrals::PUT_CODE, referrals::make_code)
        .route(&referrals::PUT, referrals::give_code)
        .route(&referrals::LIST, referrals::list_friends)
}

/// The routes of paid plans.
fn plans_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&plans::PUT, plans::put)
        .route(&plans::LIST, plans::list)
        .route(&own_plan::GET, own_plan::read)
        .route(&own_plan::CANCEL, own_plan::cancel)
        .route(&own_plan::KEEP, own_plan::keep)
        .route(&own_plan::PAY, own_plan::pay)
        .route(&own_plan::LIST, own_plan::list)
        .route(&checkouts::BEGIN, checkouts::begin)
        .route(&checkouts::GET, checkouts::read)
        .route(&payment_events::POST, payment_events::receive)
        .route(&strays::LIST, strays::list)
        .route(&strays::SETTLE, strays::settle)
}

/// The routes of partners.
fn partners_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&partners::PUT, partners::put)
        .route(&partners::GET, partners::read)
        .route(&partners::LIST, partners::list)
        .route(&partner_keys::ISSUE, partner_keys::issue)
        .route(&partner_keys::ROTATE, partner_keys::rotate)
        .route(&partner_keys::REVOKE, partner_keys::revoke)
        .route(&partner_keys::REVOKE_ALL, partner_keys::revoke_all)
        .route(&partner_keys::RESOLVE, partner_keys::resolve)
}

/// The routes by which another phone comes to lead to a member, or by which they show that it is theirs.
fn phones_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&phone_changes::LIST, phone_changes::list_phone_changes)
        .route(&phone_changes::REQUEST, phone_changes::request_phone_change)
        .route(&phone_changes::CONFIRM, phone_changes::confirm_phone_change)
        .route(&phone_changes::APPROVE, phone_changes::approve_phone_change)
        .route(&phone_changes::WITHDRAW, phone_changes::end_phone_change)
        .route(&phone_recalls::POST, phone_recalls::call_phone_back)
        .route(&vouchings::POST, vouchings::vouch_for_member)
        .route(&vouchings::ASK, vouchings::check_proofs)
        .route(&merges::PREVIEW, merges::preview_merge)
        .route(&merges::LIST, merges::list_merges)
        .route(&merges::REQUEST, merges::request_merge)
        .route(&merges::CONFIRM, merges::confirm_merge)
        .route(&merges::APPROVE, merges::second_look_merge)
        .route(&merges::WITHDRAW, merges::end_merge)
}

/// The router of all routes.
pub fn router(counter: Counter, caller_key: CallerKey) -> Router {
    let face = Face::new("membership", caller_key, Texts::new(&[LOCALES]));
    let face = face.looks(counter.desk().vault.look_book().noting(&counter.desk().clock));
    let face = plans_on(phones_on(referrals_on(partners_on(face))));
    let face = staff_on(face.whereabouts(whereabouts(counter.desk().vault.clone())));
    profile_on(privacy_on(cards_on(households_on(face))))
        .route(&regions::PUT, regions::put_region)
        .route(&regions::LIST, regions::list_regions)
        .route(&branches::PUT, branches::put_branch)
        .route(&branches::GET, branches::read_branch)
        .route(&branches::LIST, branches::list_branches)
        .route(&tills::PUT, tills::put_till)
        .route(&tills::LIST, tills::list_tills)
        .route(&tills::POST_KEY, tills::issue_till_key)
        .route(&tills::DELETE_KEY, tills::revoke_till_key)
        .route(&till_enrolments::OPEN, till_enrolments::open_till_enrolment)
        .route(&till_enrolments::ENROL, till_enrolments::enrol_till_key)
        .route(&till_enrolments::SUCCEED, till_enrolments::succeed_till_key)
        .route(&members::POST, members::join_member)
        .route(&members::LOOKUP, members::look_up_member)
        .route(&members::GET, members::read_member)
        .route(&members::POST_CARD, members::link_card)
        .route(&households::PUT, households::put_household_member)
        .route(&households::DELETE, households::remove_household_member)
        .route(&households::GET, households::read_household)
        .route(&sign_in::POST_CODE, sign_in::request)
        .route(&sign_in::POST_TOKENS, sign_in::exchange)
        .route(&sign_in::POST_REFRESH, sign_in::refresh)
        .route(&sign_in::GET_KEYS, sign_in::list_public_keys)
        .route(&sessions::LIST, sessions::list_sessions)
        .route(&sessions::DELETE, sessions::end_session)
        .route(&sessions::DELETE_ALL, sessions::end_all_sessions)
        .route(&sessions::STEP_UP, sessions::raise_session)
        .route(&consents::PUT_PURPOSE, consents::put_consent_purpose)
        .route(&consents::LIST_PURPOSES, consents::list_consent_purposes)
        .route(&consents::GET_TEXT, consents::read_consent_text)
        .route(&consents::LIST, consents::list_consents)
        .route(&consents::PUT, consents::give_consent_of_member)
        .route(&consents::DELETE, consents::withdraw_consent_of_member)
        .route(&internal::RESOLVE_SESSION, internal::resolve_session)
        .route(&internal::RESOLVE_TILL_KEY, internal::resolve_till_key)
        .route(&internal::RESOLVE_IDENTIFIER, internal::resolve_identifier)
        .route(&internal::GET_MEMBER, internal::check_member)
        .route(&internal::GET_PHONE, internal::tell_phone)
        .route(&names::LIST, names::tell_plan_names)
        .route(&contacts::LIST, contacts::tell_contacts)
        .route(&senders::ASK, senders::ask_sender)
        .route(&internal::GET_BRANCH, internal::check_branch)
        .finish(counter)
}
