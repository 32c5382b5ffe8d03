//! How rows of the past become purchases, returns and actions again.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use anyhow::Context as _;
use kernel::{BranchCode, Day, JournalId, MemberId, RegionCode, Timestamp};
use runtime::Chain;
use store::Tx;
use uuid::Uuid;

use crate::{
    commands::record_purchases::Recorder,
    domain::{
        Action, AskedOfMembers, Assured, History, Moment, PastAction, PastActivation, PastGrant, PastReturn,
        PastReversal, Purchase, Replay,
    },
    store::{
        actions::ActionRow,
        history, places,
        simulations::{PastDeed, PastPurchase, PastRow},
        tier_grants,
    },
};

/// What is known besides the rows.
pub(super) struct Past {
    places: HashMap<BranchCode, (RegionCode, Option<String>)>,
    chain: Arc<Chain>,
    /// What rules ask of members.
    asked: AskedOfMembers,
    /// What is told of the members of a page.
    known: HashMap<MemberId, History>,
}

impl Past {
    pub(super) async fn new(recorder: &Recorder, tx: &Tx, asked: AskedOfMembers) -> anyhow::Result<Self> {
        let places = places::map(tx.connection()).await?;
        Ok(Self { places, chain: Arc::clone(&recorder.chain), asked, known: HashMap::new() })
    }

    fn moment(&self, now: Timestamp) -> Moment {
        Moment { now, today: self.chain.local(now, None).day }
    }

    /// Which tiers people granted until then, and when they ended that.
    pub(super) async fn grants(&self, tx: &Tx, until: Timestamp) -> anyhow::Result<Vec<PastGrant>> {
        let granted = tier_grants::granted_until(tx, until).await?;
        let past = granted.into_iter().flat_map(|grant| {
            let member = grant.member;
            let assured = Assured { tier: grant.tier, until: grant.until };
            let begins = PastGrant { member, grant: Some(assured), at: self.moment(grant.granted_at) };
            let ends = grant.ended.map(|end| PastGrant { member, grant: None, at: self.moment(end.at) });
            std::iter::once(begins).chain(ends)
        });
        Ok(past.collect())
    }

    /// Learns what rules ask of the members of a page; occasions as they were, segments and households as they are.
    pub(super) async fn learn(&mut self, tx: &Tx, page: &[PastRow]) -> anyhow::Result<()> {
        if !history::asks_where_members_belong(&self.asked) {
            return Ok(());
        }
        let members: BTreeSet<Uuid> = page.iter().map(|row| row.member.as_uuid()).collect();
        let members: Vec<Uuid> = members.into_iter().collect();
        let day_of = |at| self.chain.local(at, None).day;
        self.known = history::where_members_belong(tx, &members, &self.asked, &day_of).await?;
        Ok(())
    }

    pub(super) fn replay(&self, replay: &mut Replay<'_>, row: PastRow) -> anyhow::Result<()> {
        let PastRow { member, id, recorded_at, followed, deed, .. } = row;
        let at = self.moment(recorded_at);
        let decided = match deed {
            PastDeed::Purchase(bought) => {
                let paid = bought.paid;
                replay.paid_purchase(self.purchase(*bought, id, member, at)?, paid, followed)
            }
            PastDeed::Return { original, amount, lines } => {
                replay.give_back(&PastReturn { member, original, amount, lines, at })
            }
            PastDeed::Action { said, branch } => {
                let action = self.action(*said, member, branch.as_deref())?;
                replay.act(PastAction { id, action, at, kept: followed })
            }
            PastDeed::Reversal { action, undone } => replay.undo(PastReversal { member, action, undone, at }),
            PastDeed::Activation { purchase } => replay.activate(PastActivation { member, purchase, at }),
        };
        decided.context("a sum")
    }

    fn action(&self, said: ActionRow, member: MemberId, branch: Option<&str>) -> anyhow::Result<Action> {
        let day: Day = self.chain.local(said.occurred_at, None).day;
        let branch = branch.map(BranchCode::parse).transpose()?;
        Ok(Action { member, action: said.action, day, branch, value: said.value, tier: None })
    }

    fn purchase(
        &self,
        bought: PastPurchase,
        journal_id: JournalId,
        member: MemberId,
        at: Moment,
    ) -> anyhow::Result<Purchase> {
        let place = self.places.get_key_value(bought.branch.as_str());
        let (branch, (region, zone)) =
            place.with_context(|| format!("branch {} is not known", bought.branch))?;
        let nothing: Arc<str> = Arc::from("");
        Ok(Purchase {
            journal_id,
            member,
            branch: branch.clone(),
            region: region.clone(),
            till: bought.till,
            receipt: Arc::clone(&nothing),
            operation: nothing,
            occurred_at: bought.occurred_at,
            local: self.chain.local(bought.occurred_at, zone.as_deref()),
            amount: bought.amount,
            currency: bought.currency,
            lines: bought.lines.into(),
            details: bought.details,
            history: History {
                joined: bought.joined_at.map(|at| self.chain.local(at, None).day),
                ..self.known.get(&member).cloned().unwrap_or_default()
            },
            tier: None,
            recorded_at: at.now,
            today: at.today,
        })
    }
}
