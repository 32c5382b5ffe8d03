//! Actions: what members do that no till sells becomes points.

use axum::extract::State;
use contracts::membership::ActionValue;
use http::StatusCode;
use kernel::{ActionCode, BranchCode, Digest16, JournalId, Language, MemberId, Points, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use tracing::Span;
use utoipa::ToSchema;
use web::{
    Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, Lang, PathParams, Problem, Response, RouteSpec,
    Shown, TraceParent,
};

use super::{
    Counter, Shared, action_refusals,
    checks::{check_clock, text},
    hands::hand_digest,
    purchase_answer::{BalanceAfter, RuleAnswer},
    purchase_request::Buyer,
    purchases::{ask_membership, respond},
    reasons::Reasons,
    roles,
};
use crate::{
    commands::{
        record_actions::{RecordAction, RecordedAction, Refusal, record_action as record},
        record_purchases::Identity,
    },
    error, queries,
    store::places,
};

pub(super) static RECORD: RouteSpec = RouteSpec::post("/v1/actions", "record_action", Access::Operator)
    .staff(Bound::Chain, roles::MARKETING)
    .partners(Scope::ActionsRecord)
    .body_limit(16 * 1024)
    .keyed()
    .problems(action_refusals::OF_ACTIONS);
pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/actions/{action_id}", "read_action", Access::TillOrOperator)
        .staff(Bound::Anywhere, roles::ACTION_READERS)
        .showing_members()
        .problems(&[&error::ACTION_UNKNOWN]);

const LONGEST_REFERENCE: usize = 64;

/// An action, as whoever knows of it sends it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionRequest {
    /// Who did it.
    pub member: Buyer,
    /// What, as the programme's rules name it.
    #[schema(example = "survey")]
    pub action: ActionCode,
    /// Which one of its kind: with member and action it names the action for ever. 1 to 64 characters, no personal data.
    #[schema(example = "autumn-2026", min_length = 1, max_length = 64)]
    pub reference: String,
    /// When it was done.
    pub occurred_at: Timestamp,
    /// The branch, when it was done at one.
    #[serde(default)]
    #[schema(example = "tehran-vanak")]
    pub branch: Option<String>,
    /// How much of it, where rules ask: so many units, or a payment.
    #[serde(default)]
    pub value: Option<ActionValue>,
}

/// An action as it was recorded.
#[derive(Serialize, ToSchema)]
pub struct ActionAnswer<'a> {
    /// The action's id: the same for the same member, action and reference, for ever.
    pub action_id: JournalId,
    /// Whose it is.
    pub member_id: MemberId,
    /// What was done.
    pub action: &'a ActionCode,
    /// Which one of its kind.
    pub reference: &'a str,
    /// When.
    pub occurred_at: Timestamp,
    /// How much of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<&'a ActionValue>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What it earned.
    pub points: Points,
    /// How many of them are pending, and can be spent later; absent when none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points_pending: Option<Points>,
    /// How many of them paid what the member owed; absent when none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_recovered: Option<Points>,
    /// What each rule about it made of it: which gave what, and why others did not.
    pub rules: Vec<RuleAnswer<'a>>,
    /// The account afterwards.
    pub balance: BalanceAfter,
    /// The programme version that decided.
    pub programme_version: u32,
}

impl<'a> ActionAnswer<'a> {
    fn of(recorded: &'a RecordedAction, reasons: &'a Reasons, language: Language) -> Self {
        let RecordedAction { row, action: said, programme, .. } = recorded;
        let some = |points: &Points| points.is_positive();
        let free = said.granted.minus(said.pending);
        let recovered = free.and_then(|free| free.minus(row.points)).ok().filter(some);
        let judged = programme.document.rules_about(&said.action).zip(&said.trace.0);
        let rules = judged.map(|(rule, outcome)| {
            let skipped = outcome.skipped();
            let reason = skipped.map(|skip| reasons.text(language, skip));
            let (code, name) = (rule.code.as_str(), rule.name.text(language));
            RuleAnswer { rule: code, name, points: outcome.points(), skipped, reason }
        });
        Self {
            action_id: row.id,
            member_id: row.member,
            action: &said.action,
            reference: &said.reference,
            occurred_at: said.occurred_at,
            value: said.value.as_ref(),
            recorded_at: row.recorded_at,
            points: said.granted,
            points_pending: Some(said.pending).filter(some),
            debt_recovered: recovered,
            rules: rules.collect(),
            balance: BalanceAfter { points: row.balance, account_version: row.version, expires_next: None },
            programme_version: said.programme_version,
        }
    }
}

impl ActionRequest {
    async fn command(
        &self,
        shared: &Shared,
        key: Digest16,
        identity: Identity,
    ) -> Result<RecordAction, Problem> {
        text(&self.reference, LONGEST_REFERENCE, "/reference")?;
        check_clock(shared, self.occurred_at)?;
        self.check_value(shared)?;
        Ok(RecordAction {
            identity,
            action: self.action.clone(),
            reference: self.reference.clone(),
            occurred_at: self.occurred_at,
            branch: self.check_branch(shared).await?,
            value: self.value.clone(),
            idempotency_key: Some(key),
            decided_as_of: shared.clock.now(),
            traceparent: TraceParent::of_span(&Span::current()).map(|parent| parent.to_text()),
        })
    }

    async fn check_branch(&self, shared: &Shared) -> Result<Option<BranchCode>, Problem> {
        let Some(code) = self.branch.as_deref() else { return Ok(None) };
        let unknown = || Problem::new(&error::BRANCH_UNKNOWN).pointer("/branch").arg("branch", code);
        let branch = BranchCode::parse(code).map_err(|_| unknown())?;
        let known =
            places::is_known(&shared.database, &branch).await? || shared.membership_has(&branch).await;
        if known { Ok(Some(branch)) } else { Err(unknown()) }
    }

    fn check_value(&self, shared: &Shared) -> Result<(), Problem> {
        let most = shared.settings.largest_amount;
        let (much, at) = match &self.value {
            None => return Ok(()),
            Some(ActionValue::Units(units)) => (*units, "/value/units"),
            Some(ActionValue::Payment { amount, currency, .. }) => {
                if *currency != shared.chain.currency {
                    let problem = Problem::new(&error::CURRENCY_OTHER).pointer("/value/payment/currency");
                    return Err(problem.arg("expected", shared.chain.currency.code()));
                }
                (*amount, "/value/payment/amount")
            }
        };
        if (1..=most).contains(&much) {
            return Ok(());
        }
        Err(Problem::new(&error::VALUE_OUT_OF_RANGE).pointer(at).arg("most", most))
    }
}

/// Record an action
///
/// What a member did that no till sells: a survey, a review, a referral, an event, a payment through a partner. The rules
/// of the live programme about this action decide what it earns. Send the same request again whenever no answer came: the same
/// key, or the same member, action and reference, gets the first answer again, for ever.
#[utoipa::path(
    post, path = "/v1/actions", operation_id = "record_action", tag = "actions",
    params(("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters.")),
    request_body = ActionRequest,
    responses(
        (status = 201, description = "Recorded now.", body = ActionAnswer),
        (status = 200, description = "Recorded before (header `Idempotency-Replayed: true`).", body = ActionAnswer),
    )
)]
pub(super) async fn record_action(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    Lang(language): Lang,
    Body(request): Body<ActionRequest>,
) -> Result<Response, Problem> {
    let named = request.member.named(&counter, "/member")?;
    let mut command = request.command(&counter, hand_digest(&caller, key.as_str()), named.identity()).await?;
    let outcome = match run(&counter, command.clone(), deadline).await? {
        Err(Refusal::UnknownIdentifier | Refusal::UnknownMember) => {
            command.identity = Identity::Member(ask_membership(&counter, named, "/member").await?);
            run(&counter, command, deadline).await?
        }
        outcome => outcome,
    };
    let recorded = outcome.map_err(action_refusals::action_refused)?;
    let status = if recorded.replayed { StatusCode::OK } else { StatusCode::CREATED };
    let answer = ActionAnswer::of(&recorded, &counter.reasons, language);
    respond(&answer, status, recorded.replayed)
}

/// Read an action
///
/// With its decision trace: what each rule about it gave, and why the others did not.
#[utoipa::path(
    get, path = "/v1/actions/{action_id}", operation_id = "read_action", tag = "actions",
    params(("action_id" = JournalId, Path, description = "As it was answered when the action was recorded, or as the history says.")),
    responses((status = 200, description = "The action.", body = ActionAnswer))
)]
pub(super) async fn read_action(
    State(counter): State<Counter>,
    shown: Shown,
    Lang(language): Lang,
    PathParams(id): PathParams<JournalId>,
) -> Result<Response, Problem> {
    let found = queries::action::read(&counter.database, &counter.recorder.programmes, id).await?;
    let recorded = found.ok_or_else(|| Problem::new(&error::ACTION_UNKNOWN))?;
    shown.member(recorded.row.member);
    respond(&ActionAnswer::of(&recorded, &counter.reasons, language), StatusCode::OK, false)
}

async fn run(
    counter: &Counter,
    command: RecordAction,
    deadline: DeadlineAt,
) -> Result<Result<RecordedAction, Refusal>, Problem> {
    deadline.check()?;
    let recorder = std::sync::Arc::clone(&counter.recorder);
    // A caller that hangs up cannot cut it in half.
    let running = store::shielded(async move { record(&recorder, &command).await });
    let outcome = tokio::time::timeout_at(deadline.0.into(), running).await;
    outcome.map_err(|_| error::come_back(&error::STILL_RUNNING))
}
