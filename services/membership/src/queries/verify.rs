//! Is everything as it is promised? Recomputed from the rows, for `vafa verify`.
//!
//! What needs no keys is in [`verify_rows`]; what opens sealed values is in [`verify_sealed`]. Examples name ids and
//! keyed hashes, never a person.

use std::collections::HashMap;

use contracts::parcel;
use kernel::{Digest16, HouseholdId, MemberId};
use runtime::AuditRow;
use store::{Database, outbox};

use crate::{
    domain::{activity::Activity, identifier::Identifier},
    error::Error,
    store::{
        Vault, activity, households, member_seal,
        members::{self, SealedIdentifier},
        places, tills,
    },
};

const PAGE: u64 = 1_000;

/// The promises that can be checked without keys.
///
/// # Errors
/// A fault of the database.
pub async fn verify_rows(database: &Database) -> Result<Vec<AuditRow>, Error> {
    let told = told_facts(database).await?;
    let numbers = numbers_told(database, &told.last).await?;
    Ok(vec![told.row, numbers, activities(database).await?, households_count_members(database).await?])
}

/// The promises about what is sealed: names and identifiers open, and each identifier is found by its own hash.
///
/// # Errors
/// A fault of the database.
pub async fn verify_sealed(vault: &Vault) -> Result<Vec<AuditRow>, Error> {
    Ok(vec![names(vault).await?, identifiers(vault).await?])
}

struct Told {
    row: AuditRow,
    /// The highest number told about each subject.
    last: HashMap<String, u64>,
}

/// Facts in the outbox, in its order: readable, and numbered without a gap for each subject.
async fn told_facts(database: &Database) -> Result<Told, Error> {
    let mut row = AuditRow::new("every fact in the outbox is readable and continues its subject's numbers");
    let mut last: HashMap<String, u64> = HashMap::new();
    let mut after = 0;
    loop {
        let page = outbox::page(database, after, 500).await?;
        let Some(end) = page.last() else { break };
        after = end.id;
        for staged in &page {
            let facts = match parcel::decode(&staged.parcel.payload) {
                Ok(facts) => facts,
                Err(flaw) => {
                    row.examined += 1;
                    row.differs(format!("parcel {}: {flaw}", staged.parcel.parcel_id));
                    continue;
                }
            };
            for fact in facts {
                row.examined += 1;
                match fact {
                    Err(bad) => row.differs(format!("parcel {}: {}", staged.parcel.parcel_id, bad.error)),
                    Ok(fact) => {
                        let before = last.insert(fact.subject.clone(), fact.seq).unwrap_or(0);
                        if fact.seq != before + 1 {
                            row.differs(format!("{} goes from {before} to {}", fact.subject, fact.seq));
                        }
                    }
                }
            }
        }
    }
    Ok(Told { row, last })
}

/// Members, places and tills: their version is the number of facts told about them.
async fn numbers_told(database: &Database, told: &HashMap<String, u64>) -> Result<AuditRow, Error> {
    let mut row =
        AuditRow::new("every version of a member, place or till is the number of facts told about it");
    let on = database.connection();
    let mut compare = |subject: String, version: u64| {
        row.examined += 1;
        let last = told.get(&subject).copied().unwrap_or(0);
        if last != version {
            row.differs(format!("{subject} has version {version}, told were {last}"));
        }
    };
    let mut after = None;
    loop {
        let page = members::list_versions(on, after, PAGE).await?;
        let Some((end, _)) = page.last() else { break };
        after = Some(*end);
        for (id, version) in &page {
            compare(id.to_string(), *version);
        }
    }
    for region in places::list_regions(on, None, u64::from(u32::MAX)).await? {
        compare(region.code.to_string(), region.version);
    }
    for branch in places::list_branches(on, None, None, u64::from(u32::MAX)).await? {
        for till in tills::list_tills(on, &branch.code).await? {
            compare(till.subject(), till.version);
        }
        compare(branch.code.to_string(), branch.version);
    }
    Ok(row)
}

/// Activity: of a member who exists, at least one purchase, and consistent with itself.
async fn activities(database: &Database) -> Result<AuditRow, Error> {
    let mut row = AuditRow::new("every activity is of a member and consistent with itself");
    let on = database.connection();
    let mut after = None;
    loop {
        let page = activity::list(on, after, PAGE).await?;
        let Some((end, _)) = page.last() else { break };
        after = Some(*end);
        let ids: Vec<MemberId> = page.iter().map(|(id, _)| *id).collect();
        for stranger in members::strangers(on, &ids).await? {
            row.differs(format!("activity of {stranger}, who is no member"));
        }
        for (id, known) in &page {
            row.examined += 1;
            if !is_consistent(known) {
                row.differs(format!("activity of {id} contradicts itself"));
            }
        }
    }
    Ok(row)
}

/// Households: each says how many belong to it, and whoever belongs to one is a member.
async fn households_count_members(database: &Database) -> Result<AuditRow, Error> {
    let mut row = AuditRow::new("every household counts its members");
    let on = database.connection();
    let mut counted: HashMap<HouseholdId, i32> = HashMap::new();
    for (_, household) in households::all(on).await? {
        *counted.entry(household).or_default() += 1;
    }
    for (household, members) in households::counts(on).await? {
        row.examined += 1;
        let there = counted.remove(&household).unwrap_or_default();
        if there != members {
            row.differs(format!("household {household} says {members}, and has {there}"));
        }
    }
    Ok(row)
}

fn is_consistent(known: &Activity) -> bool {
    let seen = &known.seen;
    let apart = seen.gaps.is_sorted_by(|a, b| a.last < b.first);
    let ordered = apart && seen.gaps.iter().all(|gap| gap.last < seen.through);
    let gaps: u64 = seen.gaps.iter().map(|gap| gap.count()).sum();
    let counted = known.purchases >= 1 && known.purchases.saturating_add(gaps) <= seen.through;
    known.first_at <= known.last_at && ordered && counted
}

async fn names(vault: &Vault) -> Result<AuditRow, Error> {
    let mut row = AuditRow::new("every member's name opens, and a phone leads to the member");
    let on = vault.database.connection();
    let mut after = None;
    loop {
        let page = members::list_members(on, vault, after, PAGE).await?;
        let Some((end, _)) = page.last() else { break };
        after = Some(*end);
        let ids: Vec<MemberId> = page.iter().map(|(id, _)| *id).collect();
        for unreachable in members::without_phone(on, &ids).await? {
            row.differs(format!("no phone leads to member {unreachable}"));
        }
        for (_, member) in page {
            row.examined += 1;
            if let Err(fault) = member {
                row.differs(format!("{:#}", anyhow::Error::from(fault)));
            }
        }
    }
    Ok(row)
}

async fn identifiers(vault: &Vault) -> Result<AuditRow, Error> {
    let mut row =
        AuditRow::new("every identifier opens, is found by its own keyed hash and leads to a member");
    let on = vault.database.connection();
    let mut after: Option<Digest16> = None;
    loop {
        let page = members::list_identifiers(on, after, PAGE).await?;
        let Some(end) = page.last() else { break };
        after = Some(end.digest);
        let mut ids: Vec<MemberId> = page.iter().map(|sealed| sealed.member).collect();
        ids.sort_unstable();
        ids.dedup();
        let seals: HashMap<MemberId, _> =
            member_seal::load_seals(on, vault, &ids).await?.into_iter().collect();
        for id in &ids {
            match seals.get(id) {
                None => row.differs(format!("an identifier leads to {id}, who is no member")),
                Some(Err(fault)) => row.differs(format!("{fault:?}")),
                Some(Ok(_)) => {}
            }
        }
        for sealed in &page {
            row.examined += 1;
            let Some(Ok(seal)) = seals.get(&sealed.member) else { continue };
            match seal.open_identifier(sealed) {
                Err(fault) => row.differs(format!("{:#}", anyhow::Error::from(fault))),
                Ok(identifier) => {
                    if let Some(flaw) = hash_flaw(vault, &identifier, sealed) {
                        row.differs(flaw);
                    }
                }
            }
        }
    }
    Ok(row)
}

/// What is wrong with the keyed hash under which an identifier is kept.
fn hash_flaw(vault: &Vault, identifier: &Identifier, sealed: &SealedIdentifier) -> Option<String> {
    let keys = vault.blind.keys();
    match keys.sought().iter().find(|key| i16::from(key.id()) == sealed.key) {
        None => Some(format!(
            "identifier {} hangs on key {} of the blind index, which secrets.blind_index_key does not have",
            sealed.digest, sealed.key
        )),
        Some(key) if key.digest(identifier.kind(), identifier.normal()) != sealed.digest => {
            Some(format!("identifier {} has another keyed hash", sealed.digest))
        }
        Some(_) => None,
    }
}
