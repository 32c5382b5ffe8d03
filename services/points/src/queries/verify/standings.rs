//! Does every standing count what purchases and returns add up to?

use std::collections::{HashMap, hash_map::Entry};

use anyhow::Context as _;
use kernel::MemberId;
use runtime::AuditRow;
use store::Tx;
use uuid::Uuid;

use super::PAGE;
use crate::{
    domain::{Credit, DecisionTrace, Line, Original, PaidSo, Programme, counted_lines},
    store::{
        actions,
        ledger::{self, PurchaseRow},
        merges, programmes,
        standings::{self, ByLines, Counted},
    },
};

pub(super) async fn equal_purchases(tx: &Tx) -> anyhow::Result<AuditRow> {
    let mut row = AuditRow::new("every standing counts what purchases, returns and actions add up to");
    let mut sums: HashMap<MemberId, Credit> = HashMap::new();
    let survivors = merges::all(tx).await?;
    let whose = |member: MemberId| survivors.get(&member).copied().unwrap_or(member);
    let (mut after, mut decided) = ((Uuid::nil(), -1), Decided::default());
    loop {
        let page = standings::counted(tx, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = (last.member.as_uuid(), last.version);
        for bought in page {
            let Some((trace, _, paid)) = PurchaseRow::read_decided(&bought.trace) else {
                row.differs(format!("{} {}: its trace cannot be read", bought.member, bought.version));
                continue;
            };
            let original = decided.original(tx, &bought, &trace, paid.unwrap_or_default().amount).await?;
            let sum = sums.entry(whose(bought.member)).or_default();
            *sum = sum.plus(original.counted).minus(original.credit_back()?);
        }
    }
    let mut after = (Uuid::nil(), -1);
    loop {
        let page = actions::counted(tx, after, PAGE).await?;
        let Some((member, version, _)) = page.last() else { break };
        after = (member.as_uuid(), *version);
        for (member, _, credit) in page.into_iter().filter(|(_, _, credit)| credit.points > 0) {
            let sum = sums.entry(whose(member)).or_default();
            *sum = sum.plus(credit);
        }
    }
    for (member, stored) in standings::all(tx).await? {
        row.examined += 1;
        let (stored, sum) = (stored.standing.all(), sums.remove(&member).unwrap_or_default());
        if stored != sum {
            row.differs(format!("{member}: stored {stored:?}, recomputed {sum:?}"));
        }
    }
    for (member, sum) in sums {
        row.differs(format!("{member}: recomputed {sum:?}, nothing stored"));
    }
    Ok(row)
}

/// The programme versions that decided.
#[derive(Default)]
struct Decided(HashMap<u32, Programme>);

impl Decided {
    /// A purchase with all that came back of it, as far as it counts for a tier.
    async fn original(
        &mut self,
        tx: &Tx,
        bought: &Counted,
        trace: &DecisionTrace,
        paid: i64,
    ) -> anyhow::Result<Original> {
        let programme = self.version(tx, bought.programme_version).await?;
        let mut original = Original {
            member: bought.member,
            amount: bought.amount,
            returned: bought.returned,
            earned: Vec::new(),
            counted: programme.document.credit(trace, bought.amount, paid)?,
            paid_so: PaidSo::default(),
            lines: Vec::new(),
        };
        if let Some(ByLines { purchase, lines }) = &bought.by_lines {
            let lines: Vec<Line> = serde_json::from_str(lines).context("the lines of a purchase")?;
            original.lines = counted_lines(&programme.document, &lines, trace)?;
            original.returned = 0;
            for (amount, lines) in ledger::came_back(tx, *purchase).await? {
                original.note(amount, &lines);
            }
        }
        Ok(original)
    }

    async fn version(&mut self, tx: &Tx, version: u32) -> anyhow::Result<&Programme> {
        Ok(match self.0.entry(version) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let stored = programmes::load(tx.connection(), version).await?;
                place.insert(stored.context("the programme version of a purchase")?.programme)
            }
        })
    }
}
