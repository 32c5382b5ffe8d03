//! From outbox rows to parcels that every carrier takes: one a row, or several when a row is too long for one.

use kernel::ParcelId;
use serde_json::value::RawValue;
use store::outbox::ParcelRow;
use uuid::Uuid;

use crate::{LONGEST_PARCEL, Parcel};

/// The parcels that carry a row. Their names follow from the row's, so that publishing it again makes the same ones; the
/// first one bears the row's own.
pub(crate) fn parcels(row: ParcelRow) -> Vec<Parcel> {
    if row.payload.len() <= LONGEST_PARCEL {
        return vec![Parcel { id: row.parcel_id, payload: row.payload.into() }];
    }
    split(&row, LONGEST_PARCEL)
}

fn split(row: &ParcelRow, longest: usize) -> Vec<Parcel> {
    let Ok(facts) = serde_json::from_slice::<Vec<&RawValue>>(&row.payload) else {
        // No parcel at all: the carrier refuses it and the relay says so.
        return vec![Parcel { id: row.parcel_id, payload: row.payload.clone().into() }];
    };
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for fact in facts {
        let fact = fact.get().as_bytes();
        match parts.last_mut() {
            Some(part) if part.len() + fact.len() + 2 <= longest => {
                part.push(b',');
                part.extend_from_slice(fact);
            }
            _ => parts.push([b"[", fact].concat()),
        }
    }
    let close = |mut part: Vec<u8>| {
        part.push(b']');
        part.into()
    };
    (0..)
        .zip(parts)
        .map(|(place, part)| Parcel { id: name_of(row.parcel_id, place), payload: close(part) })
        .collect()
}

/// The name of the part at `place`: the row's own for the first, and for the others that of version 8 (made by a rule of
/// ours) with the place mixed in.
fn name_of(row: ParcelId, place: u16) -> ParcelId {
    if place == 0 {
        return row;
    }
    let mut bytes = *row.as_uuid().as_bytes();
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    for (byte, mixed) in bytes[14..].iter_mut().zip(place.to_be_bytes()) {
        *byte ^= mixed;
    }
    ParcelId::from_uuid(Uuid::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use kernel::Timestamp;

    use super::*;

    fn row(payload: &[u8]) -> ParcelRow {
        let parcel_id = ParcelId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0001));
        ParcelRow { parcel_id, created_at: Timestamp::from_micros(0), payload: payload.to_vec() }
    }

    #[test]
    fn a_row_that_fits_travels_as_it_is() {
        let parcels = parcels(row(b"[1,2]"));
        assert_eq!(parcels.len(), 1);
        assert_eq!((parcels[0].id, &*parcels[0].payload), (row(b"").parcel_id, &b"[1,2]"[..]));
    }

    #[test]
    fn a_row_too_long_travels_in_parts_with_all_its_facts_in_order_and_the_same_names_each_time() {
        let facts: Vec<String> = (100..400).map(|n| format!("{{\"n\":{n}}}")).collect();
        let row = row(format!("[{}]", facts.join(",")).as_bytes());
        let parts = split(&row, 64);
        assert_eq!(parts, split(&row, 64));
        assert!(parts.iter().all(|part| part.payload.len() <= 64));
        let names: HashSet<ParcelId> = parts.iter().map(|part| part.id).collect();
        assert_eq!((names.len(), parts[0].id), (parts.len(), row.parcel_id));
        let all = parts.iter().flat_map(|part| {
            let some: Vec<&RawValue> = serde_json::from_slice(&part.payload).unwrap();
            some.into_iter().map(|fact| fact.get().to_owned()).collect::<Vec<_>>()
        });
        assert_eq!(all.collect::<Vec<_>>(), facts);
    }
}
