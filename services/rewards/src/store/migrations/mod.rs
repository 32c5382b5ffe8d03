//! The versions of this service's tables. Steps only go forward; a mistake is mended by the next one.

mod m0001_rewards;
mod m0003_merges;
mod m0010_draws;
mod m0020_gifts;
mod m0021_events;
mod m0030_cancellations;
mod m0031_reminders;
mod m0032_code_batches;
mod m0033_fulfilments;
mod m0040_challenges;
mod m0050_personal_offers;
mod m0051_tastes;
mod m0052_old_tastes;
mod m0060_money;
mod m0061_statements;
mod m0070_called_off;
mod m0071_cancelled_draws;
mod m0072_draw_returns;
mod m0080_in_place;

use store::{SqlMigration, looks, sea_orm_migration::MigrationTrait};

/// The tables that every service has, then this service's own steps, oldest first.
#[must_use]
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    let mut steps = store::migrations();
    steps.push(m0001_rewards::step());
    steps.push(SqlMigration::new("m0002_looks", looks::POSTGRES, looks::SQLITE).boxed());
    steps.push(m0003_merges::step());
    steps.push(m0010_draws::step());
    steps.push(m0020_gifts::step());
    steps.push(m0021_events::step());
    steps.push(m0030_cancellations::step());
    steps.push(m0031_reminders::step());
    steps.push(m0032_code_batches::step());
    steps.push(m0033_fulfilments::step());
    steps.push(m0040_challenges::step());
    steps.push(m0050_personal_offers::step());
    steps.push(m0051_tastes::step());
    steps.push(m0052_old_tastes::step());
    steps.push(m0060_money::step());
    steps.push(m0061_statements::step());
    steps.push(m0070_called_off::step());
    steps.push(m0071_cancelled_draws::step());
    steps.push(m0072_draw_returns::step());
    steps.push(m0080_in_place::step());
    steps
}
