//! Journeys through the gateway, in both shapes.
#![expect(clippy::unwrap_used, reason = "a journey ends where its story does not go on")]
#![expect(clippy::print_stdout, reason = "figures for whoever runs the tests")]

// First, as it takes longest: what begins last is waited for alone.
mod a_year_of_baskets;
mod actions;
mod app_guide;
mod archives;
mod bad_input;
mod blind_keys;
mod cards;
mod consents;
mod contests;
mod demo;
mod described;
mod documents;
mod draws;
mod events;
mod households;
mod import_rows;
mod joining;
mod keys;
mod kinds;
mod languages;
mod leaving;
mod looks;
mod master_keys;
mod merging;
mod money_view;
mod offers;
mod once;
mod over_http2;
mod over_tls;
mod partners;
mod permissions;
mod phones;
mod plans;
mod pooling;
mod programme;
mod proving;
mod reading;
mod readme;
mod redemptions;
mod referrals;
mod returns;
mod rewards;
mod secrecy;
mod signed_tills;
mod signing_in;
mod spending;
mod staff;
mod staff_provider;
mod stopping;
mod till_guide;
mod transferring;
mod webhooks;
