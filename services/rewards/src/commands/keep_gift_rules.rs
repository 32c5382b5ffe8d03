//! Writes down by which rules members are given something.

use kernel::GiftRuleCode;

use super::{Desk, persistence::persistently, promise_gifts::source_of};
use crate::{
    domain::{gift_rule::GiftRule, refusal::Refusal},
    error::{Error, Missing},
    store::{
        gift_rules::{self, KeptRule},
        gifts, offers,
    },
};

/// Random bytes that luck is drawn with.
const SALT: usize = 16;

/// Writes a rule down; of a known one what is given, how many, and until when.
///
/// # Errors
/// [`Missing::Reward`]; [`Refusal::RuleFixed`] for another occasion or beginning, [`Refusal::BudgetTooSmall`]; a fault of the database.
pub async fn put_gift_rule(desk: &Desk, code: &GiftRuleCode, rule: &GiftRule) -> Result<KeptRule, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        offers::load(&tx, &rule.reward).await?.ok_or(Missing::Reward)?;
        let now = desk.teller.clock.now();
        let known = gift_rules::hold(&tx, code).await?;
        if known.as_ref().is_some_and(|known| !known.rule.is_about_as(rule)) {
            return Err(Refusal::RuleFixed.into());
        }
        let kept = if let Some(known) = known {
            KeptRule { rule: rule.clone(), ..known }
        } else {
            let mut salt = [0; SALT];
            desk.teller.ids.secret(&mut salt);
            let seen_to = rule.lapsed(now).map_or(rule.live_from, |(from, _)| from);
            KeptRule { code: code.clone(), rule: rule.clone(), salt: salt.to_vec(), seen_to }
        };
        gift_rules::write(&tx, &kept, now).await?;
        let source = source_of(&kept);
        if !gifts::set_budget(&tx, &source, rule.budget).await? {
            let given = gifts::given(&tx, &source).await?;
            return Err(Refusal::BudgetTooSmall { given }.into());
        }
        tx.commit().await?;
        Ok(kept)
    })
    .await
}
