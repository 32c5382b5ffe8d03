//! What the operations on an account have in common: how they are run, and what is answered.

use http::StatusCode;
use kernel::{BranchCode, Digest16, Digests, JournalId, MemberId, Points, Timestamp};
use serde::Serialize;
use tracing::Span;
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Caller, DeadlineAt, Problem, ProofPlace, Response, TraceParent};

use super::{
    Counter,
    checks::text,
    hands::{check_person, hand_digest},
    proof::ask_what_was_shown,
    purchase_request::Named,
    purchases::{ask_membership, respond},
};
use crate::{
    commands::{
        operate::{Deed, Operate, Operated, Refusal, operate},
        record_purchases::{Identity, fingerprint, idempotency_digest},
    },
    domain::JournalKind,
    error,
    store::{
        ledger::{JournalRow, OperationRow},
        places,
    },
};

/// Most points of one operation.
pub(super) const MOST_POINTS: i64 = 1_000_000_000;
const LONGEST_REASON: usize = 500;

/// An operation as it was recorded.
#[derive(Serialize, ToSchema)]
pub struct OperationAnswer {
    /// The operation's id; a hold's or a redemption's own.
    pub id: JournalId,
    /// What happened.
    pub kind: JournalKind,
    /// Whose account.
    pub member_id: MemberId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What it did to the points that can be spent; negative when they became fewer.
    pub change: Points,
    /// Points that can be spent afterwards.
    pub balance: Points,
    /// The account's version with it.
    pub account_version: u64,
    /// The hold or redemption that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Uuid>,
    /// Until when points are held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl From<&JournalRow> for OperationAnswer {
    fn from(row: &JournalRow) -> Self {
        let operation = row.operation();
        let until = match row.kind() {
            JournalKind::Hold => operation.and_then(OperationRow::held_until),
            _ => None,
        };
        Self {
            id: row.id,
            kind: row.kind(),
            member_id: row.member,
            recorded_at: row.recorded_at,
            change: row.points,
            balance: row.balance,
            account_version: row.version,
            about: operation.and_then(|o| o.about),
            until,
        }
    }
}

/// A person who does something by hand, and why.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hand {
    /// The person, as the chain's staff list names them; no name that customers would know: 1 to 64 characters. Staff who
    /// are signed in name their own id.
    #[schema(example = "staff-17", min_length = 1, max_length = 64)]
    pub actor: String,
    /// Why: 1 to 500 characters. Members read it in their history.
    #[schema(example = "Points of a receipt that the till had lost", min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Hand {
    pub(super) fn check(&self, caller: &Caller) -> Result<(), Problem> {
        check_person(caller, &self.actor, "/actor")?;
        text(&self.reason, LONGEST_REASON, "/reason")
    }
}

/// A number of points in range.
pub(super) fn check_points(points: i64, pointer: &str) -> Result<Points, Problem> {
    if (1..=MOST_POINTS).contains(&points) {
        return Ok(Points::new(points));
    }
    Err(Problem::new(&error::POINTS_OUT_OF_RANGE).pointer(pointer).arg("most", MOST_POINTS))
}

/// A branch that can pay for points.
pub(super) async fn check_funder(counter: &Counter, code: &str) -> Result<BranchCode, Problem> {
    let unknown = || Problem::new(&error::FUNDER_UNKNOWN).pointer("/funder").arg("branch", code);
    let branch = BranchCode::parse(code).map_err(|_| unknown())?;
    let known = places::is_known(&counter.database, &branch).await? || counter.membership_has(&branch).await;
    if known { Ok(branch) } else { Err(unknown()) }
}

/// Who asks for an operation, under which key.
pub(super) struct Asking {
    branch: Option<BranchCode>,
    key: Digest16,
}

impl Asking {
    pub(super) fn of(caller: &Caller, key: &str) -> Self {
        match caller {
            Caller::Till { branch, till, .. } => {
                Self { branch: Some(branch.clone()), key: idempotency_digest(branch, till, key) }
            }
            _ => Self { branch: None, key: hand_digest(caller, key) },
        }
    }

    /// The command for something that is asked about a customer; `asked` makes all of its parts with the customer's name.
    pub(super) fn command_about<const N: usize>(
        self,
        named: Named,
        deed: Deed,
        asked: impl Fn(&str) -> [String; N],
    ) -> Operate {
        let fingerprint = named.fingerprints(|who| {
            let asked = asked(who);
            // Nobody's hand is in it: neither an actor nor a reason.
            let parts: Vec<&str> = asked.iter().map(String::as_str).chain(["", ""]).collect();
            fingerprint(&parts)
        });
        Operate { fingerprint, ..self.command(Some(named.identity()), deed, None, &[]) }
    }

    /// The command for something that is asked; `asked` are all of its parts.
    pub(super) fn command(
        self,
        identity: Option<Identity>,
        deed: Deed,
        hand: Option<Hand>,
        asked: &[&str],
    ) -> Operate {
        let (actor, reason) = hand.map(|hand| (hand.actor, hand.reason)).unzip();
        let by_hand = [actor.as_deref().unwrap_or_default(), reason.as_deref().unwrap_or_default()];
        Operate {
            identity,
            deed,
            idempotency_key: self.key,
            fingerprint: Digests::one(fingerprint(&[asked, &by_hand].concat())),
            shown: None,
            branch: self.branch,
            actor,
            reason,
            traceparent: TraceParent::of_span(&Span::current()).map(|parent| parent.to_text()),
        }
    }
}

/// Runs an operation on the account of a customer, whom membership is asked about when points has not heard of them.
pub(super) async fn run_for(
    counter: &Counter,
    mut command: Operate,
    named: Named,
    deadline: DeadlineAt,
) -> Result<Operated, Problem> {
    run_named(counter, &mut command, named, deadline).await?.map_err(error::operation_refused)
}

/// The same where points are spent: membership is asked what the customer has shown, when what points knows is not enough.
pub(super) async fn run_spending(
    counter: &Counter,
    caller: &Caller,
    mut command: Operate,
    named: Named,
    deadline: DeadlineAt,
) -> Result<Operated, Problem> {
    let mut outcome = run_named(counter, &mut command, named, deadline).await?;
    if let Err(Refusal::Unproved(member, _)) = outcome {
        command.shown = Some(ask_what_was_shown(counter, member, &ProofPlace::of(caller)).await?);
        outcome = run(counter, command, deadline).await?;
    }
    outcome.map_err(error::operation_refused)
}

async fn run_named(
    counter: &Counter,
    command: &mut Operate,
    named: Named,
    deadline: DeadlineAt,
) -> Result<Result<Operated, Refusal>, Problem> {
    match run(counter, command.clone(), deadline).await? {
        Err(Refusal::UnknownIdentifier | Refusal::UnknownMember) => {
            command.identity = Some(Identity::Member(ask_membership(counter, named, "/member").await?));
            run(counter, command.clone(), deadline).await
        }
        outcome => Ok(outcome),
    }
}

/// Runs an operation that says itself whose account it is.
pub(super) async fn run_about(
    counter: &Counter,
    command: Operate,
    deadline: DeadlineAt,
) -> Result<Operated, Problem> {
    run(counter, command, deadline).await?.map_err(error::operation_refused)
}

async fn run(
    counter: &Counter,
    command: Operate,
    deadline: DeadlineAt,
) -> Result<Result<Operated, Refusal>, Problem> {
    deadline.check()?;
    let recorder = std::sync::Arc::clone(&counter.recorder);
    // A caller that hangs up cannot cut it in half.
    let running = store::shielded(async move { operate(&recorder, &command).await });
    let outcome = tokio::time::timeout_at(deadline.0.into(), running).await;
    outcome.map_err(|_| error::come_back(&error::STILL_RUNNING))
}

/// Answers an operation.
pub(super) fn answered(operated: &Operated) -> Result<Response, Problem> {
    let status = if operated.replayed { StatusCode::OK } else { StatusCode::CREATED };
    respond(&OperationAnswer::from(&*operated.row), status, operated.replayed)
}
