//! Consents: what the chain asks for, and what members say.

use axum::{Json, extract::State, http::StatusCode};
use contracts::membership::ConsentChannel;
use kernel::{BranchCode, Language, MemberId, PurposeCode, TillCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, Lane, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, Private, pages, private, regions::PageParams, roles};
use crate::{
    commands::{
        Put,
        consent::{Agreed, give_consent, withdraw_consent},
        put_purpose,
    },
    domain::consent::{CONSENT_TEXT_LIMIT, ConsentTexts, Entry, Purpose, SaidAt},
    error::{
        CONSENT_PURPOSE_UNKNOWN, CONSENT_PURPOSES_TOO_MANY, CONSENT_TEXT_INVALID, CONSENT_TEXT_OUTDATED,
        CONTENDED, CURSOR_INVALID, DATABASE_BUSY, LIMIT_OUT_OF_RANGE, MEMBER_UNKNOWN,
    },
    queries::own_consents::{list_purposes, own_consents, purpose_text},
};

pub(super) static PUT_PURPOSE: RouteSpec =
    RouteSpec::put("/v1/consent-purposes/{purpose}", "put_consent_purpose", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .body_limit(32 * 1024)
        .problems(&[&CONSENT_TEXT_INVALID, &CONSENT_PURPOSES_TOO_MANY, &CONTENDED, &DATABASE_BUSY]);

pub(super) static LIST_PURPOSES: RouteSpec =
    RouteSpec::get("/v1/consent-purposes", "list_consent_purposes", Access::Anyone)
        .lane(Lane::Till)
        .problems(&[&DATABASE_BUSY]);

pub(super) static GET_TEXT: RouteSpec = RouteSpec::get(
    "/v1/consent-purposes/{purpose}/texts/{text_version}",
    "read_consent_text",
    Access::Anyone,
)
.problems(&[&CONSENT_PURPOSE_UNKNOWN, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/consents", "list_consents", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::COUNTER_READERS)
        .lane(Lane::Till)
        .problems(&[&MEMBER_UNKNOWN, &LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

pub(super) static PUT: RouteSpec = RouteSpec::put(
    "/v1/members/{member_id}/consents/{purpose}",
    "give_consent",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::COUNTER)
.lane(Lane::Till)
.body_limit(4 * 1024)
.problems(&[&MEMBER_UNKNOWN, &CONSENT_PURPOSE_UNKNOWN, &CONSENT_TEXT_OUTDATED, &DATABASE_BUSY]);

pub(super) static DELETE: RouteSpec = RouteSpec::delete(
    "/v1/members/{member_id}/consents/{purpose}",
    "withdraw_consent",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::COUNTER)
.lane(Lane::Till)
.problems(&[&MEMBER_UNKNOWN, &CONSENT_PURPOSE_UNKNOWN, &DATABASE_BUSY]);

/// The words that ask for a consent, in all three languages.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentWords {
    /// Persian, one line of up to 1,000 characters.
    #[schema(example = "پیشنهادها را با پیامک برایم بفرستید.")]
    pub fa: String,
    /// Arabic, one line of up to 1,000 characters.
    #[schema(example = "أرسلوا لي العروض برسالة قصيرة.")]
    pub ar: String,
    /// English, one line of up to 1,000 characters.
    #[schema(example = "Send me offers by text message.")]
    pub en: String,
}

impl ConsentWords {
    fn read(&self) -> Result<ConsentTexts, Problem> {
        ConsentTexts::parse([&self.fa, &self.ar, &self.en]).map_err(|(language, _)| {
            let problem = Problem::new(&CONSENT_TEXT_INVALID).arg("limit", CONSENT_TEXT_LIMIT);
            problem.extension("limit", CONSENT_TEXT_LIMIT).pointer(format!("/texts/{language}"))
        })
    }

    fn of(texts: &ConsentTexts) -> Self {
        let [fa, ar, en] = texts.all().clone();
        Self { fa, ar, en }
    }
}

/// In which words a purpose is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PurposeBody {
    /// The words.
    pub texts: ConsentWords,
}

/// A purpose that members may consent to.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurposeView {
    /// Its code.
    #[schema(example = "offers-by-sms")]
    pub purpose: PurposeCode,
    /// The version of its words: send it with a consent.
    #[schema(example = 1)]
    pub text_version: u32,
    /// The words.
    pub texts: ConsentWords,
    /// Since when they are shown.
    pub since: Timestamp,
}

impl From<&Purpose> for PurposeView {
    fn from(purpose: &Purpose) -> Self {
        Self {
            purpose: purpose.code.clone(),
            text_version: purpose.version,
            texts: ConsentWords::of(&purpose.texts),
            since: purpose.since,
        }
    }
}

/// All purposes of the chain, 50 at most.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurposesView {
    /// The purposes, by code.
    pub purposes: Vec<PurposeView>,
}

/// What a member was shown and agreed to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentBody {
    /// The version of the words that they were shown; it must be the newest one.
    #[schema(example = 1)]
    pub text_version: u32,
    /// The language of the words that they were shown.
    pub language: Language,
}

/// What a member said about a purpose.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentView {
    /// Its number in the member's ledger, from 1.
    #[schema(example = 1)]
    pub number: u64,
    /// About what.
    #[schema(example = "offers-by-sms")]
    pub purpose: PurposeCode,
    /// Whether they consent; `false` says that they withdrew.
    #[schema(example = true)]
    pub given: bool,
    /// The version of the words that they consent to, or consented to.
    #[schema(example = 1)]
    pub text_version: u32,
    /// The language in which they were shown.
    pub language: Language,
    /// Through what they said so.
    pub channel: ConsentChannel,
    /// The branch where they said so, at a till.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
    /// The till where they said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub till: Option<TillCode>,
    /// When.
    pub said_at: Timestamp,
}

impl From<&Entry> for ConsentView {
    fn from(entry: &Entry) -> Self {
        let said = &entry.said;
        let (branch, till) = match &said.at {
            SaidAt::Till(branch, till) => (Some(branch.clone()), Some(till.clone())),
            SaidAt::App | SaidAt::Office => (None, None),
        };
        Self {
            number: entry.number,
            purpose: said.purpose.clone(),
            given: said.given,
            text_version: said.version,
            language: said.language,
            channel: said.at.channel(),
            branch,
            till,
            said_at: said.time,
        }
    }
}

/// What a member consents to, and all that they said before.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentsView {
    /// The last word about each purpose, by purpose.
    pub consents: Vec<ConsentView>,
    /// A page of everything that was said, the newest first.
    pub history: Vec<ConsentView>,
    /// Whether more of it follows.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

fn said_at(caller: Caller) -> SaidAt {
    match caller {
        Caller::Till { branch, till, .. } => SaidAt::Till(branch, till),
        Caller::Member { .. } => SaidAt::App,
        _ => SaidAt::Office,
    }
}

/// Says what members may consent to, and in which words they are asked.
///
/// Other words than before are a new version; the older ones stay readable, and whoever consented to them consented to
/// them. The same words again change nothing.
#[utoipa::path(
    put, path = "/v1/consent-purposes/{purpose}", operation_id = "put_consent_purpose", tag = "consents",
    params(("purpose" = PurposeCode, Path, description = "The purpose's code, chosen by the chain.")),
    request_body(content = PurposeBody),
    responses(
        (status = 201, description = "The purpose is there, with its first words.", body = PurposeView),
        (status = 200, description = "The purpose was there; its words are now as sent.", body = PurposeView),
    )
)]
pub(super) async fn put_consent_purpose(
    State(counter): State<Counter>,
    PathParams(purpose): PathParams<PurposeCode>,
    Body(body): Body<PurposeBody>,
) -> Result<(StatusCode, Json<PurposeView>), Problem> {
    let texts = body.texts.read()?;
    Ok(match put_purpose::put_purpose(counter.desk(), purpose, texts).await? {
        Put::New(purpose) => (StatusCode::CREATED, Json((&purpose).into())),
        Put::Known(purpose) => (StatusCode::OK, Json((&purpose).into())),
    })
}

/// Lists what members may consent to, with the words that ask for it.
#[utoipa::path(
    get, path = "/v1/consent-purposes", operation_id = "list_consent_purposes", tag = "consents",
    responses((status = 200, description = "The purposes.", body = PurposesView))
)]
pub(super) async fn list_consent_purposes(
    State(counter): State<Counter>,
) -> Result<Json<PurposesView>, Problem> {
    let found = list_purposes(&counter.desk().vault).await?;
    Ok(Json(PurposesView { purposes: found.iter().map(PurposeView::from).collect() }))
}

/// Shows the words of any version, for whoever wants to know what somebody consented to.
#[utoipa::path(
    get, path = "/v1/consent-purposes/{purpose}/texts/{text_version}", operation_id = "read_consent_text", tag = "consents",
    params(
        ("purpose" = PurposeCode, Path, description = "The purpose's code."),
        ("text_version" = u32, Path, description = "The version of the words."),
    ),
    responses((status = 200, description = "The purpose in those words.", body = PurposeView))
)]
pub(super) async fn read_consent_text(
    State(counter): State<Counter>,
    PathParams((purpose, version)): PathParams<(PurposeCode, u32)>,
) -> Result<Json<PurposeView>, Problem> {
    let found = purpose_text(&counter.desk().vault, &purpose, version).await?;
    Ok(Json((&found).into()))
}

/// Shows what a member consents to, and all that they said before.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/consents", operation_id = "list_consents", tag = "consents",
    params(("member_id" = MemberId, Path, description = "The member's id."), PageParams),
    responses((status = 200, description = "The member's consents.", body = ConsentsView))
)]
pub(super) async fn list_consents(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Private<ConsentsView>, Problem> {
    let (limit, before) = (pages::limit(page.limit)?, pages::after(page.cursor.as_deref())?);
    let mut found = own_consents(&counter.desk().vault, member_id, before, limit).await?;
    let page_size = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = found.history.len() > page_size;
    found.history.truncate(page_size);
    let last = found.history.last().filter(|_| has_more);
    Ok(private(ConsentsView {
        next_cursor: last.map(|entry| pages::next(entry.number)),
        has_more,
        consents: found.standing.iter().map(ConsentView::from).collect(),
        history: found.history.iter().map(ConsentView::from).collect(),
    }))
}

/// Notes that a member consents to a purpose.
///
/// Each consent stands alone. It is to the words that the member was shown: `text_version` names them, and must be the
/// newest ones. A consent to the same words that stands already is answered as it is.
#[utoipa::path(
    put, path = "/v1/members/{member_id}/consents/{purpose}", operation_id = "give_consent", tag = "consents",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("purpose" = PurposeCode, Path, description = "The purpose's code."),
    ),
    request_body(content = ConsentBody, example = json!({"text_version": 1, "language": "fa"})),
    responses(
        (status = 201, description = "The consent is noted.", body = ConsentView),
        (status = 200, description = "The member consents to these words already.", body = ConsentView),
    )
)]
pub(super) async fn give_consent_of_member(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, purpose)): PathParams<(MemberId, PurposeCode)>,
    Body(body): Body<ConsentBody>,
) -> Result<(StatusCode, Private<ConsentView>), Problem> {
    let agreed = Agreed { purpose, version: body.text_version, language: body.language };
    Ok(match give_consent(counter.desk(), member_id, agreed, said_at(caller)).await? {
        Put::New(entry) => (StatusCode::CREATED, private((&entry).into())),
        Put::Known(entry) => (StatusCode::OK, private((&entry).into())),
    })
}

/// Notes that a member consents to a purpose no more.
///
/// As easy as giving it: where no consent stands, nothing happens.
#[utoipa::path(
    delete, path = "/v1/members/{member_id}/consents/{purpose}", operation_id = "withdraw_consent", tag = "consents",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("purpose" = PurposeCode, Path, description = "The purpose's code."),
    ),
    responses((status = 204, description = "The member consents to it no more."))
)]
pub(super) async fn withdraw_consent_of_member(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, purpose)): PathParams<(MemberId, PurposeCode)>,
) -> Result<StatusCode, Problem> {
    withdraw_consent(counter.desk(), member_id, &purpose, said_at(caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}
