//! A member did something that may be worth points: joined, answered a question of the chain, brought a friend, or whatever a service
//! tells.
//!
//! What is heard is decided by the programme that was live when it was told, so that it makes no difference when it is
//! heard, or how often: a stream that is filled again gives nobody points under a rule that came later.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Reaction, ReactionError};
use contracts::{
    Fact, FactData,
    membership::{
        ActionDone, ActionUndone, ActionValue, MemberJoined, ProfileAnswered, ReferralQualified,
        ReferralUndone, SOURCE,
    },
    rewards::{ChallengeReached, SeatAttended},
};
use kernel::{ActionCode, BranchCode, MemberId};
use store::Tx;

use crate::{
    commands::{
        record_actions::{self, RecordAction, Refusal},
        record_purchases::{Identity, Recorder},
        reverse_action::{self, ReverseAction, recorded_as, reversal_id},
    },
    domain::Rejection,
    store::projections,
};

/// The name under which points hears of actions that membership tells.
pub const CONSUMER: &str = "points-actions";

/// The action that joining is.
const JOINED: &str = "joined";
/// The only reference of what a member does once: joining, answering a certain question for the first time.
const ONCE: &str = "once";
/// The action that the first answer to any question is; which one is its reference.
const ANSWERED: &str = "profile";
/// The action that answering the last of all questions is; which one that was is its reference.
const COMPLETED: &str = "profile-completed";
/// The action of whoever brought a friend; the friend is its reference.
const REFERRAL: &str = "referral";
/// The action of the friend.
const REFERRED: &str = "referred";
/// The action that coming to an event of the chain is; which one is its reference.
const ATTENDED: &str = "event-attended";
/// The action that reaching the goal of a challenge is; which one is its reference.
const REACHED: &str = "challenge-reached";
/// The only reversal of either.
const RETURNED: &str = "returned";
const LONGEST_REFERENCE: usize = 64;

/// Gives points for actions that are heard of.
#[derive(Clone)]
pub struct HearActions {
    recorder: Arc<Recorder>,
}

impl HearActions {
    /// Records them with this recorder.
    #[must_use]
    pub fn new(recorder: Arc<Recorder>) -> Self {
        Self { recorder }
    }
}

#[async_trait]
impl Reaction for HearActions {
    fn consumer(&self) -> &'static str {
        CONSUMER
    }

    fn stream(&self) -> &'static str {
        SOURCE
    }

    fn hears(&self) -> &'static [&'static str] {
        &[
            ActionDone::TYPE,
            ActionUndone::TYPE,
            MemberJoined::TYPE,
            ProfileAnswered::TYPE,
            ReferralQualified::TYPE,
            ReferralUndone::TYPE,
        ]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let undoes = |fact: &Fact| [ActionUndone::TYPE, ReferralUndone::TYPE].contains(&&*fact.kind);
        let (undone, done): (Vec<_>, Vec<_>) = facts.iter().cloned().partition(undoes);
        // What is undone was done before, in this stream's order.
        self.record(tx, &done).await?;
        for fact in &undone {
            for reversal in reversals(fact)? {
                self.reverse(tx, fact, reversal).await?;
            }
        }
        Ok(())
    }
}

impl HearActions {
    pub(super) async fn record(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let mut told = Vec::with_capacity(facts.len());
        for fact in facts {
            told.extend(commands(fact)?);
        }
        let commands = record_actions::with_rules(&self.recorder, tx, told).await?;
        if commands.is_empty() {
            return Ok(());
        }
        // Whom membership speaks of is a member, even where the fact of joining has not been applied yet.
        let members: Vec<_> = commands.iter().filter_map(|c| Some((member(c.identity)?, None))).collect();
        projections::insert_members(tx, &members).await?;
        for outcome in record_actions::within(&self.recorder, tx, &commands).await? {
            let Err(refusal) = outcome else { continue };
            judge(refusal)?;
        }
        Ok(())
    }

    /// What earned nothing, because no rule was about it, is not there to be undone.
    async fn reverse(&self, tx: &Tx, fact: &Fact, undone: ActionUndone) -> Result<(), ReactionError> {
        let action = recorded_as(tx, undone.member_id, &undone.action, &undone.reference).await?;
        let command = ReverseAction {
            journal_id: reversal_id(action, &undone.reversal),
            action,
            amount: undone.amount,
            request: None,
            actor: None,
            reason: None,
            traceparent: fact.traceparent.clone(),
        };
        match reverse_action::within(&self.recorder, tx, &command).await? {
            Err(reverse_action::Refusal::Rejected(rejection @ Rejection::ReturnTooLarge { .. })) => {
                Err(ReactionError::Poison(format!("a reversal: {rejection:?}")))
            }
            Err(reverse_action::Refusal::Fault(fault)) => Err(fault.into()),
            _ => Ok(()),
        }
    }
}

const fn member(identity: Identity) -> Option<MemberId> {
    match identity {
        Identity::Member(member) => Some(member),
        Identity::Digest(_) => None,
    }
}

/// What is no reason to stop: it earns nothing, now or later.
fn judge(refusal: Refusal) -> Result<(), ReactionError> {
    match refusal {
        Refusal::Rejected(rejection @ (Rejection::OtherCurrency { .. } | Rejection::TooManyPoints)) => {
            Err(ReactionError::Poison(format!("an action: {rejection:?}")))
        }
        Refusal::Taken => {
            Err(ReactionError::Poison("an action was told before with other contents".to_owned()))
        }
        Refusal::Fault(fault) => Err(fault.into()),
        _ => Ok(()),
    }
}

/// What a fact says that its member did, each under a name of its own.
fn commands(fact: &Fact) -> Result<Vec<RecordAction>, ReactionError> {
    let done = match &*fact.kind {
        ActionDone::TYPE => vec![fact.read::<ActionDone>()?],
        MemberJoined::TYPE => {
            let MemberJoined { member_id, branch, .. } = fact.read()?;
            vec![done(fact, member_id, JOINED, ONCE, branch)?]
        }
        ProfileAnswered::TYPE => answered(fact)?,
        ReferralQualified::TYPE => referred(fact)?,
        SeatAttended::TYPE => {
            let SeatAttended { member_id, event, branch, .. } = fact.read()?;
            vec![done(fact, member_id, ATTENDED, event.as_str(), Some(branch))?]
        }
        ChallengeReached::TYPE => {
            let ChallengeReached { member_id, challenge, branch, .. } = fact.read()?;
            vec![done(fact, member_id, REACHED, challenge.as_str(), Some(branch))?]
        }
        _ => Vec::new(),
    };
    done.into_iter().map(|done| command(fact, done)).collect()
}

/// A friend who bought is an action on both sides, each with rules of its own.
fn referred(fact: &Fact) -> Result<Vec<ActionDone>, ReactionError> {
    let ReferralQualified { referrer, friend, branch } = fact.read()?;
    let brought = done(fact, referrer, REFERRAL, &friend.to_string(), Some(branch.clone()))?;
    Ok(vec![brought, done(fact, friend, REFERRED, ONCE, Some(branch))?])
}

/// Which actions a fact undoes.
fn reversals(fact: &Fact) -> Result<Vec<ActionUndone>, ReactionError> {
    if fact.kind == ActionUndone::TYPE {
        return Ok(vec![fact.read()?]);
    }
    let ReferralUndone { referrer, friend } = fact.read()?;
    let undone = |member_id, action, reference| ActionUndone {
        member_id,
        action,
        reference,
        reversal: RETURNED.to_owned(),
        amount: None,
    };
    Ok(vec![
        undone(referrer, code(REFERRAL)?, friend.to_string()),
        undone(friend, code(REFERRED)?, ONCE.to_owned()),
    ])
}

fn code(action: &str) -> Result<ActionCode, ReactionError> {
    ActionCode::parse(action).map_err(|error| ReactionError::Poison(error.to_string()))
}

/// A first answer is three actions that rules may be about: answering at all, answering this question, having answered all.
fn answered(fact: &Fact) -> Result<Vec<ActionDone>, ReactionError> {
    let ProfileAnswered { member_id, question, first, completes, branch } = fact.read()?;
    if !first {
        return Ok(Vec::new());
    }
    let of_question = format!("{ANSWERED}.{question}");
    let mut all = vec![
        done(fact, member_id, ANSWERED, question.as_str(), branch.clone())?,
        done(fact, member_id, &of_question, ONCE, branch.clone())?,
    ];
    if completes {
        all.push(done(fact, member_id, COMPLETED, question.as_str(), branch)?);
    }
    Ok(all)
}

fn done(
    fact: &Fact,
    member_id: MemberId,
    action: &str,
    reference: &str,
    branch: Option<BranchCode>,
) -> Result<ActionDone, ReactionError> {
    let action = code(action)?;
    let (reference, occurred_at) = (reference.to_owned(), fact.time);
    Ok(ActionDone { member_id, action, reference, occurred_at, branch, value: None })
}

fn command(fact: &Fact, done: ActionDone) -> Result<RecordAction, ReactionError> {
    check(&done)?;
    Ok(RecordAction {
        identity: Identity::Member(done.member_id),
        action: done.action,
        reference: done.reference,
        occurred_at: done.occurred_at,
        branch: done.branch,
        value: done.value,
        idempotency_key: None,
        decided_as_of: fact.time,
        traceparent: fact.traceparent.clone(),
    })
}

fn check(done: &ActionDone) -> Result<(), ReactionError> {
    let much = match &done.value {
        None => 1,
        Some(ActionValue::Units(much) | ActionValue::Payment { amount: much, .. }) => *much,
    };
    let named = (1..=LONGEST_REFERENCE).contains(&done.reference.chars().count());
    if much > 0 && named {
        return Ok(());
    }
    Err(ReactionError::Poison("an action with a value or a reference that cannot be".to_owned()))
}
