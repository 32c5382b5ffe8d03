//! Customers of a file become members: each gets a test phone, which reaches nobody, and a first name.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use kernel::Language;
use locale::phone::test_number;

/// So many test phones there are.
const RANGE: u64 = 10_000_000_000;

const NAMES: &[(&str, Language)] = &[
    ("زهرا", Language::Fa),
    ("Emma", Language::En),
    ("فاطمة", Language::Ar),
    ("علی", Language::Fa),
    ("James", Language::En),
    ("محمد", Language::Ar),
    ("مریم", Language::Fa),
    ("Olivia", Language::En),
    ("عائشة", Language::Ar),
    ("رضا", Language::Fa),
    ("William", Language::En),
    ("يوسف", Language::Ar),
    ("نرگس", Language::Fa),
    ("Sophia", Language::En),
    ("ليلى", Language::Ar),
    ("امیر", Language::Fa),
    ("Noah", Language::En),
    ("عمر", Language::Ar),
];

/// A customer of the file.
#[derive(Debug)]
pub struct Customer {
    /// Their place in the map: what orders their purchases.
    pub number: u64,
    /// Their test phone.
    pub phone: String,
    /// Their first name.
    pub name: &'static str,
    /// The language of the name.
    pub language: Language,
    joined: AtomicBool,
    counted: AtomicBool,
}

impl Customer {
    /// Whether the API said so in this run.
    pub fn has_joined(&self) -> bool {
        self.joined.load(Ordering::Relaxed)
    }

    /// Notes that the API knows them.
    pub fn note_joined(&self) {
        self.joined.store(true, Ordering::Relaxed);
    }

    /// Forgets what was noted.
    pub fn forget_joined(&self) {
        self.joined.store(false, Ordering::Relaxed);
    }

    /// True once.
    pub fn count(&self) -> bool {
        !self.counted.swap(true, Ordering::Relaxed)
    }
}

/// The customers seen so far, by their number in the file. The same file gives the same phones.
#[derive(Default)]
pub struct Customers {
    known: HashMap<String, Arc<Customer>>,
    taken: HashSet<u64>,
}

impl Customers {
    /// The customer with this number.
    pub fn of(&mut self, id: &str) -> Arc<Customer> {
        if let Some(known) = self.known.get(id) {
            return Arc::clone(known);
        }
        let hash = hash(id);
        // A number that fits is the phone itself, so that two files of one chain agree.
        let mut ordinal = id.parse::<u64>().ok().filter(|n| *n < RANGE).unwrap_or(hash % RANGE);
        while !self.taken.insert(ordinal) {
            ordinal = (ordinal + 1) % RANGE;
        }
        let names = u64::try_from(NAMES.len()).unwrap_or(1);
        let (name, language) = NAMES[usize::try_from(hash % names).unwrap_or_default()];
        let customer = Arc::new(Customer {
            number: u64::try_from(self.known.len()).unwrap_or(u64::MAX),
            phone: test_number(ordinal),
            name,
            language,
            joined: AtomicBool::new(false),
            counted: AtomicBool::new(false),
        });
        self.known.insert(id.to_owned(), Arc::clone(&customer));
        customer
    }
}

/// FNV-1a, mixed so that neighbours are far apart.
fn hash(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let mut mixed = text.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use locale::phone::is_test_number;

    use super::*;

    #[test]
    fn a_customer_has_one_test_phone_and_no_two_share_it() {
        let mut customers = Customers::default();
        assert_eq!(customers.of("906").phone, test_number(906));
        assert_eq!(customers.of("906").number, customers.of("906").number);
        // "0906" is another customer who would have the same number.
        assert_eq!(customers.of("0906").phone, test_number(907));
        let phones: HashSet<String> =
            (0..5_000).map(|n| customers.of(&format!("c-{n}")).phone.clone()).collect();
        assert_eq!(phones.len(), 5_000);
        assert!(phones.iter().all(|phone| is_test_number(phone)));
    }
}
