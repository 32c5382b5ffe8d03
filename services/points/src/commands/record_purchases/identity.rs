//! What makes a purchase the same purchase: its id, its idempotency key, its fingerprint.

use kernel::{BranchCode, Digest16, JournalId, MemberId, PartnerCode, StaffId, TillCode};
use ring::digest::{Context, SHA256};
use uuid::{Builder, Uuid};

/// The id of a purchase, made from its business key, so that the key is unique for as long as the row exists.
///
/// A UUID of version 8 (RFC 9562) whose beginning is the till and the receipt's number and whose end is a digest of all parts.
#[must_use]
pub fn journal_id(branch: &BranchCode, till: &TillCode, receipt: &str, operation: &str) -> JournalId {
    let till = [branch.as_str(), till.as_str()];
    let digest = digest_of("purchase", &[till[0], till[1], receipt, operation]);
    JournalId::from_uuid(Builder::from_custom_bytes(neighbours(digest, &till, receipt).0).into_uuid())
}

/// The digest of an idempotency key in the scope of the till that sent it.
#[must_use]
pub fn idempotency_digest(branch: &BranchCode, till: &TillCode, key: &str) -> Digest16 {
    let till = [branch.as_str(), till.as_str()];
    neighbours(digest_of("key", &[till[0], till[1], key]), &till, key)
}

/// The digest of an idempotency key that the operator sent.
#[must_use]
pub fn operator_digest(key: &str) -> Digest16 {
    neighbours(digest_of("operator's key", &[key]), &[], key)
}

/// The digest of an idempotency key in the scope of the person of the staff who sent it.
#[must_use]
pub fn staff_digest(staff: StaffId, key: &str) -> Digest16 {
    let staff = staff.to_string();
    neighbours(digest_of("staff's key", &[&staff, key]), &[&staff], key)
}

/// The digest of an idempotency key in the scope of the partner that sent it.
#[must_use]
pub fn partner_digest(partner: &PartnerCode, key: &str) -> Digest16 {
    let partner = partner.as_str();
    neighbours(digest_of("partner's key", &[partner, key]), &[partner], key)
}

/// The digest of an idempotency key of a member's own.
#[must_use]
pub fn member_digest(member: MemberId, key: &str) -> Digest16 {
    let member = member.to_string();
    neighbours(digest_of("member's key", &[&member, key]), &[&member], key)
}

/// A digest that lies beside those of the same sender's last requests.
///
/// An index in which each new row lies anywhere costs a page read and a page logged for every row, once there are too many
/// to keep in memory. So the first 4 bytes are the sender's, then come 28 bits that grow from one request to the next
/// wherever the sender counts (see [`turn`]), and the last 8 bytes tell apart what is left. The bits by which a UUID tells its version
/// are left out of the count.
fn neighbours(digest: Digest16, sender: &[&str], counted: &str) -> Digest16 {
    let Digest16(mut bytes) = digest;
    let Digest16(place) = digest_of("sender", sender);
    bytes[..4].copy_from_slice(&place[..4]);
    let [high, b, c, low] = turn(counted).to_be_bytes();
    bytes[4] = (high << 4) | (b >> 4);
    bytes[5] = (b << 4) | (c >> 4);
    bytes[6] = c & 0x0F;
    bytes[7] = low;
    Digest16(bytes)
}

/// Below 2^28, and growing with the time of a UUID of version 7 or with the number at a text's end; wherever it begins anew, or where
/// there is nothing that grows, places are as good as any.
fn turn(text: &str) -> u32 {
    const BITS: u64 = (1 << 28) - 1;
    let time = Uuid::try_parse(text).ok().filter(|id| id.get_version_num() == 7);
    let count = time.map_or_else(
        || last_number(text),
        // Milliseconds since 1970 are the first 48 bits; in quarters of a second.
        |id| id.as_u64_pair().0 >> 24,
    );
    u32::try_from(count & BITS).unwrap_or_default()
}

/// The number at a text's end, as far as it fits; none is 0.
fn last_number(text: &str) -> u64 {
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let digits = text.as_bytes()[text.len() - digits..].iter().map(|digit| u64::from(digit - b'0'));
    digits.fold(0, |number: u64, digit| number.wrapping_mul(10).wrapping_add(digit))
}

/// The digest of everything that a request says; two requests with one fingerprint ask for the same.
#[must_use]
pub fn fingerprint(parts: &[&str]) -> Digest16 {
    digest_of("asked", parts)
}

fn digest_of(purpose: &str, parts: &[&str]) -> Digest16 {
    let mut context = Context::new(&SHA256);
    for part in std::iter::once(&purpose).chain(parts) {
        // The length first, so that parts cannot run into each other.
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part.as_bytes());
    }
    Digest16::first_of(context.finish().as_ref()).expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let branch = |text| BranchCode::parse(text).unwrap();
        let till = TillCode::parse("1").unwrap();
        let id = |b, receipt, operation| journal_id(&branch(b), &till, receipt, operation);
        assert_eq!(id("a", "12", "sale"), id("a", "12", "sale"));
        assert_ne!(id("a", "12", "sale"), id("a", "1", "2sale"));
        assert_ne!(id("a", "12", "sale"), id("b", "12", "sale"));
    }
    #[test]
    fn what_a_till_sends_one_after_the_other_lies_side_by_side() {
        let (branch, till) = (BranchCode::parse("vanak").unwrap(), TillCode::parse("1").unwrap());
        let id = |receipt: &str| journal_id(&branch, &till, receipt, "sale").as_uuid();
        let receipts = ["R-0009", "R-0010", "R-0011", "R-5000", "R-70000", "R-268435455"];
        assert!(receipts.map(id).is_sorted(), "{:?}", receipts.map(id));
        assert!(receipts.map(id).iter().all(|id| id.get_version_num() == 8));
        let key = |text: &str| idempotency_digest(&branch, &till, text).0;
        let keys = ["01990000-0000-7fff-bfff-ffffffffffff", "01990000-0400-7000-8000-000000000000"];
        assert!(keys.map(key).is_sorted(), "{:?}", keys.map(key));
        let other = idempotency_digest(&branch, &TillCode::parse("2").unwrap(), keys[0]).0;
        assert_ne!(other[..4], key(keys[0])[..4], "each till has a place of its own");
        assert_eq!(other[4..6], key(keys[0])[4..6]);
    }

    proptest::proptest! {
        #[test]
        fn different_receipts_have_different_ids(receipts in proptest::collection::hash_set("[a-zA-Z0-9۰-۹ /-]{0,24}", 2..50)) {
            let (branch, till) = (BranchCode::parse("vanak").unwrap(), TillCode::parse("1").unwrap());
            let ids = receipts.iter().flat_map(|receipt| ["sale", "2"].map(|op| journal_id(&branch, &till, receipt, op)));
            let different: std::collections::HashSet<_> = ids.collect();
            proptest::prop_assert_eq!(different.len(), receipts.len() * 2);
        }
    }
}
