//! How rows of a file become purchases of members.

use std::{collections::HashMap, sync::Arc};

use kernel::{BranchCode, Currency, JournalId, MemberId, RegionCode, TillCode, Timestamp};
use points::domain::{Details, History, Line, Moment, Purchase};
use runtime::Chain;
use uuid::Uuid;

use crate::commands::import::rows::Row;

/// How rows of a file become purchases.
pub(super) struct File<'a> {
    chain: &'a Chain,
    region: RegionCode,
    currency: Currency,
    till: TillCode,
    nothing: Arc<str>,
    lines: Arc<[Line]>,
    branches: HashMap<String, Option<BranchCode>>,
    customers: HashMap<String, u32>,
    names: Vec<String>,
    purchases: u128,
    last: Timestamp,
}

impl<'a> File<'a> {
    pub(super) fn new(chain: &'a Chain, region: RegionCode, currency: Currency) -> anyhow::Result<Self> {
        Ok(Self {
            chain,
            region,
            currency,
            till: TillCode::parse("import")?,
            nothing: "".into(),
            lines: [].into(),
            branches: HashMap::new(),
            customers: HashMap::new(),
            names: Vec::new(),
            purchases: 0,
            last: Timestamp::from_micros(0),
        })
    }

    /// The purchase of a row; `None` where its store makes no branch or its time is none.
    pub(super) fn purchase(&mut self, row: &Row) -> Option<Purchase> {
        let branch = self.branch(&row.store)?;
        let occurred_at = Timestamp::parse(&row.occurred_at).ok()?;
        let local = self.chain.local(occurred_at, None);
        self.last = self.last.max(occurred_at);
        self.purchases += 1;
        Some(Purchase {
            journal_id: JournalId::from_uuid(Uuid::from_u128(self.purchases)),
            member: self.member(&row.customer)?,
            branch,
            region: self.region.clone(),
            till: self.till.clone(),
            receipt: self.nothing.clone(),
            operation: self.nothing.clone(),
            occurred_at,
            local,
            amount: row.amount,
            currency: self.currency,
            lines: self.lines.clone(),
            details: Details::default(),
            history: History::default(),
            tier: None,
            recorded_at: occurred_at,
            today: local.day,
        })
    }

    fn branch(&mut self, store: &str) -> Option<BranchCode> {
        if let Some(known) = self.branches.get(store) {
            return known.clone();
        }
        let code = BranchCode::parse(&format!("store-{}", store.to_lowercase())).ok();
        self.branches.insert(store.to_owned(), code.clone());
        code
    }

    pub(super) fn member(&mut self, customer: &str) -> Option<MemberId> {
        let number = if let Some(known) = self.customers.get(customer) {
            *known
        } else {
            let next = u32::try_from(self.names.len()).ok()?;
            self.customers.insert(customer.to_owned(), next);
            self.names.push(customer.to_owned());
            next
        };
        Some(MemberId::from_uuid(Uuid::from_u128(number.into())))
    }

    /// The moment of an instant, which may be the last one.
    pub(super) fn moment(&mut self, now: Timestamp) -> Moment {
        self.last = self.last.max(now);
        Moment { now, today: self.chain.local(now, None).day }
    }

    /// The last moment of the file.
    pub(super) fn end(&self) -> Moment {
        Moment { now: self.last, today: self.chain.local(self.last, None).day }
    }

    /// The customer behind a member, by the file's own number.
    pub(super) fn customer(&self, member: MemberId) -> &str {
        let place = usize::try_from(member.as_uuid().as_u128()).ok();
        place.and_then(|place| self.names.get(place)).map_or("", String::as_str)
    }
}
