//! The programme: one versioned document that says what earns how much (P11).

use std::collections::BTreeSet;

use kernel::{BranchCode, Currency, Day, Language, MemberId, Overflow, Points, RegionCode, SegmentCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ActionRule, AskedOfMembers, CodeNames, Credit, DecisionTrace, EarnsOn, Expiry, Inactivity, Ladder, Limit,
    NEVER, Per, PoolingTerms, ProofTerms, Purchase, Rule, SpendingTerms, TallyKey, TransferTerms, action,
    rule,
};

/// A short text in every language of Vafa, 1 to 80 characters each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalText {
    /// Persian.
    pub fa: String,
    /// Arabic.
    pub ar: String,
    /// English.
    pub en: String,
}

impl LocalText {
    /// The text in one language.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Fa => &self.fa,
            Language::Ar => &self.ar,
            Language::En => &self.en,
        }
    }
}

/// How long points are pending: earned, and not to be spent yet, as long as what earned them may be returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// So many days from the day on which they are recorded, 1 to 366. Their own time to expiry begins after it.
    #[schema(minimum = 1, maximum = 366)]
    pub days: u16,
}

/// The programme as the chain writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeDocument {
    /// The club's name.
    pub name: LocalText,
    /// The currency that amounts are in.
    pub currency: Currency,
    /// How long points last; left out, they do not lapse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Expiry>,
    /// Whether everything lapses when nothing happens for long; left out, it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inactivity: Option<Inactivity>,
    /// How debts are recovered; left out, all that is earned pays them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debt: Option<DebtTerms>,
    /// How members transfer points to each other; left out, they cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfers: Option<TransferTerms>,
    /// At what price points pay for purchases; left out, they pay for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spending: Option<SpendingTerms>,
    /// How the members of a household spend their points together; left out, each spends their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pooling: Option<PoolingTerms>,
    /// What members show before they spend points; left out, nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<ProofTerms>,
    /// The earning rules, 1 to 100; all that apply give their points, unless a group says
    /// otherwise.
    pub rules: Vec<Rule>,
    /// What earns points besides purchases, up to 100 rules: surveys, reviews, payments through a partner. All that
    /// apply give their points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub actions: Vec<ActionRule>,
    /// The most points for each member, till, cashier or branch in a period, up to 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub caps: Vec<Limit>,
    /// The most points for everybody together, or at each branch, in a period, up to 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub budgets: Vec<Limit>,
    /// The ladder of tiers; left out, there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiers: Option<Ladder>,
    /// What members read in place of codes of segments, rewards and draws; left out, they read the codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<CodeNames>,
}

/// How debts are recovered: points that were taken back after they had been spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DebtTerms {
    /// How much of each earning pays a debt, in per cent of it, rounded down: 1 to 100.
    #[schema(minimum = 1, maximum = 100)]
    pub recovered_percent: u8,
}

/// A version of the programme that is or was live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programme {
    /// Counted from 1.
    pub version: u32,
    /// What it says.
    pub document: ProgrammeDocument,
}

/// A mistake in a document: where, and what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mistake {
    /// JSON pointer into the document.
    pub pointer: String,
    /// What is wrong, as a stable word.
    pub reason: &'static str,
}

/// What the chain has, to check the document's conditions against.
pub struct Places<'a> {
    /// Its branches.
    pub branches: &'a BTreeSet<BranchCode>,
    /// Its regions.
    pub regions: &'a BTreeSet<RegionCode>,
    /// Its segments.
    pub segments: &'a BTreeSet<SegmentCode>,
}

const MOST_RULES: usize = 100;
/// The most points that one effect of a rule names.
pub(super) const MOST_POINTS: i64 = 1_000_000_000;
/// The largest amount that a rule names, in minor units.
pub(super) const MOST_AMOUNT: i64 = 1_000_000_000_000;

impl ProgrammeDocument {
    /// Every mistake at once; none when the document can go live.
    #[must_use]
    pub fn mistakes(&self, currency: Currency, places: &Places<'_>) -> Vec<Mistake> {
        let mut found = Found::default();
        found.check(self.currency == currency, "/currency", "other_currency");
        found.local_text(&self.name, "/name");
        found.expiry(self.expiry, "/expiry");
        if let Some(terms) = self.inactivity {
            terms.check(&mut found);
        }
        let share = self.debt.map_or(100, |terms| terms.recovered_percent);
        found.check((1..=100).contains(&share), "/debt/recovered_percent", "one_to_hundred_percent");
        for (at, reason) in self.transfers.iter().flat_map(TransferTerms::mistakes) {
            found.check(false, &format!("/transfers{at}"), reason);
        }
        if let Some(terms) = self.spending {
            terms.check(&mut found);
        }
        if let Some(terms) = self.pooling {
            terms.check(&mut found);
        }
        if let Some(terms) = self.proof {
            terms.check(&mut found);
        }
        found.check((1..=MOST_RULES).contains(&self.rules.len()), "/rules", "one_to_hundred_rules");
        rule::check(&mut found, self, places);
        action::check(&mut found, self, places);
        if let Some(ladder) = &self.tiers {
            ladder.check(&mut found);
        }
        if let Some(names) = &self.names {
            names.check(&mut found);
        }
        found.into_mistakes()
    }

    /// What a member's tier adds to points that a rule gave, rounded down.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn tier_bonus(&self, tier: Option<usize>, points: Points) -> Result<Points, Overflow> {
        match (&self.tiers, tier) {
            (Some(ladder), Some(level)) => ladder.bonus(level, points),
            _ => Ok(Points::ZERO),
        }
    }

    /// What a purchase counts for a tier: what its rules gave, and so much money as the ladder says, where points paid a part.
    ///
    /// # Errors
    /// [`Overflow`], which a purchase that was decided cannot cause.
    pub fn credit(&self, trace: &DecisionTrace, amount: i64, paid: i64) -> Result<Credit, Overflow> {
        let counts_on = self.tiers.as_ref().map_or(EarnsOn::Whole, |ladder| ladder.counts_on);
        let spend = if counts_on == EarnsOn::Rest { amount - paid } else { amount };
        Ok(Credit::of_purchase(trace.of_rules()?, spend))
    }

    /// The code of a tier by its place on the ladder.
    #[must_use]
    pub fn tier_code(&self, place: Option<usize>) -> Option<&str> {
        Some(&self.tiers.as_ref()?.levels.get(place?)?.code)
    }

    /// What its rules ask of members on this day.
    #[must_use]
    pub fn asked(&self, today: Day) -> AskedOfMembers {
        let conditions = || self.rules.iter().filter_map(|rule| rule.when.member.as_ref());
        AskedOfMembers {
            joined: conditions().any(|of| of.joined.is_some() || of.anniversary.is_some()),
            purchases: conditions().any(|of| of.purchase.is_some()),
            visits_since: conditions().filter_map(|of| of.visit).map(|visit| visit.begins(today)).min(),
            segments: conditions().flat_map(|of| &of.segments).cloned().collect(),
            household: conditions().any(|of| of.household.is_some()),
            occasions: conditions().any(|of| of.occasion.is_some()),
        }
    }

    /// The tallies that a purchase may count towards.
    pub fn tally_keys(&self, purchase: &Purchase) -> impl Iterator<Item = TallyKey> {
        let limits = self.caps.iter().chain(&self.budgets).map(|limit| limit.key(purchase));
        limits.chain(self.rules.iter().flat_map(Rule::quotas).map(|quota| quota.key(purchase)))
    }

    /// The tallies that count a member alone, of purchases and of actions, always in the same order.
    #[must_use]
    pub fn member_keys(&self, member: MemberId) -> Vec<TallyKey> {
        let limits = self.caps.iter().chain(&self.budgets).cloned();
        let limits = limits.chain(self.rules.iter().flat_map(Rule::quotas));
        let of_purchases = limits.filter_map(|limit| limit.member_key(member));
        of_purchases.chain(self.actions.iter().flat_map(|rule| rule.member_keys(member))).collect()
    }

    /// Whom each of its limits counts, points and rewards alike.
    pub fn limited_per(&self) -> impl Iterator<Item = Option<Per>> {
        let limits = self.caps.iter().chain(&self.budgets).map(|limit| limit.per);
        limits.chain(self.rules.iter().flat_map(|rule| rule.give.at_most()).map(|quota| quota.per))
    }

    /// The last day of points that can be spent from a day on, where a rule says so or nothing.
    #[must_use]
    pub fn last_day(&self, of_rule: Option<Expiry>, from: Day) -> Day {
        of_rule.or(self.expiry).map_or(NEVER, |expiry| expiry.last_day(from))
    }
}

/// How much of an earning pays a debt at most.
///
/// # Errors
/// [`Overflow`], which no share of a number of points causes.
pub(super) fn recovered(debt: Option<DebtTerms>, earned: Points) -> Result<Points, Overflow> {
    let share = i128::from(debt.map_or(100, |terms| terms.recovered_percent));
    i64::try_from(i128::from(earned.count()) * share / 100).map(Points::new).map_err(|_| Overflow)
}

/// The mistakes that were found so far.
#[derive(Default)]
pub(super) struct Found(Vec<Mistake>);

impl Found {
    /// All of them.
    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        self.0
    }

    pub(super) fn check(&mut self, fine: bool, pointer: &str, reason: &'static str) {
        if !fine {
            self.0.push(Mistake { pointer: pointer.to_owned(), reason });
        }
    }

    pub(super) fn local_text(&mut self, text: &LocalText, at: &str) {
        for language in Language::ALL {
            let length = text.text(language).trim().chars().count();
            self.check((1..=80).contains(&length), &format!("{at}/{language}"), "one_to_eighty_characters");
        }
    }

    pub(super) fn expiry(&mut self, expiry: Option<Expiry>, at: &str) {
        if let Some(expiry) = expiry {
            expiry.check(self, at);
        }
    }

    pub(super) fn pending(&mut self, pending: Option<Pending>, at: &str) {
        let fine = pending.is_none_or(|pending| (1..=366).contains(&pending.days));
        self.check(fine, &format!("{at}/days"), "one_to_366_days");
    }
}
