//! Rewards through its HTTP face, on SQLite and on PostgreSQL.

mod best_offers;
mod called_off;
mod cancellations;
mod catalogue;
mod challenges;
mod code_batches;
mod contract;
mod deliveries;
mod draw_records;
mod draws;
mod events;
mod gifts;
mod house;
mod merging;
mod money;
mod personal_offers;
mod redelivery;
mod redemptions;
mod refusals;
mod reminders;
mod statements;
mod stock;
mod vouchers;
