//! The schema, oldest step first; a step that was released never changes.

mod m0001_points;
mod m0002_operations;
mod m0010_rules;
mod m0011_tallies;
mod m0012_joined;
mod m0020_transfers;
mod m0030_versions;
mod m0031_simulations;
mod m0040_money;
mod m0041_tiers;
mod m0047_bound;
mod m0049_idle;
mod m0050_core;
mod m0051_waiting_returns;
mod m0062_belonging;
mod m0064_households;
mod m0070_pooling;
mod m0071_tier_grants;
mod m0120_erasures;
mod m0121_looks;
mod m0123_plans;
mod m0124_guards;
mod m0125_merges;
mod m0126_gone_hashes;
mod m0127_ended_redemptions;
mod m0128_phones;

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

/// The tables that every service has, then those of points.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let steps = [
        ("m0001_points", m0001_points::POSTGRES, m0001_points::SQLITE),
        ("m0002_operations", m0002_operations::BOTH, m0002_operations::BOTH),
        ("m0010_rules", m0010_rules::BOTH, m0010_rules::BOTH),
        ("m0011_tallies", m0011_tallies::POSTGRES, m0011_tallies::SQLITE),
        ("m0012_joined", m0012_joined::BOTH, m0012_joined::BOTH),
        ("m0030_versions", m0030_versions::BOTH, m0030_versions::BOTH),
        ("m0040_money", m0040_money::POSTGRES, m0040_money::SQLITE),
        ("m0050_core", m0050_core::POSTGRES, m0050_core::SQLITE),
        ("m0051_waiting_returns", m0051_waiting_returns::POSTGRES, m0051_waiting_returns::SQLITE),
        ("m0041_tiers", m0041_tiers::POSTGRES, m0041_tiers::SQLITE),
        ("m0031_simulations", m0031_simulations::POSTGRES, m0031_simulations::SQLITE),
        ("m0020_transfers", m0020_transfers::POSTGRES, m0020_transfers::SQLITE),
        ("m0062_belonging", m0062_belonging::POSTGRES, m0062_belonging::SQLITE),
        ("m0064_households", m0064_households::BOTH, m0064_households::BOTH),
        ("m0047_bound", m0047_bound::POSTGRES, m0047_bound::SQLITE),
        ("m0070_pooling", m0070_pooling::BOTH, m0070_pooling::BOTH),
        ("m0049_idle", m0049_idle::BOTH, m0049_idle::BOTH),
        ("m0071_tier_grants", m0071_tier_grants::BOTH, m0071_tier_grants::BOTH),
        ("m0120_erasures", m0120_erasures::POSTGRES, m0120_erasures::SQLITE),
        ("m0121_looks", m0121_looks::POSTGRES, m0121_looks::SQLITE),
        ("m0124_guards", m0124_guards::POSTGRES, m0124_guards::SQLITE),
        ("m0123_plans", m0123_plans::POSTGRES, m0123_plans::SQLITE),
        ("m0126_gone_hashes", m0126_gone_hashes::POSTGRES, m0126_gone_hashes::SQLITE),
        ("m0125_merges", m0125_merges::POSTGRES, m0125_merges::SQLITE),
        ("m0127_ended_redemptions", m0127_ended_redemptions::POSTGRES, m0127_ended_redemptions::SQLITE),
        ("m0128_phones", m0128_phones::BOTH, m0128_phones::BOTH),
    ];
    let steps = steps.map(|(name, postgres, sqlite)| SqlMigration::new(name, postgres, sqlite).boxed());
    store::migrations().into_iter().chain(steps).collect()
}
