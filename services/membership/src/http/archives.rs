//! Archives of everything that is kept of a member, here and in the other services: made, and who had them.

use std::time::Duration;

use axum::{
    extract::State,
    http::{
        HeaderName, HeaderValue,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, RETRY_AFTER},
    },
};
use kernel::{Language, MemberId, StaffId, Timestamp};
use runtime::archive::{Part, PartQuestion, Place};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Bound, Caller, DeadlineAt, PathParams, Peer, Problem, RouteSpec};

use super::{
    Counter, Private,
    archive_file::{ArchiveFile, Unmade},
    archive_page::Reader,
    own_household::raised,
    private, roles,
};
use crate::{
    commands::hand_out_archive::{hand_out_archive, may_have_archive},
    domain::archive::{Archive, ArchiveRefusal, Maker},
    error::{
        ARCHIVE_TOO_LARGE, ARCHIVE_UNREADY, ARCHIVES_TOO_MANY, DATABASE_BUSY, MEMBER_UNKNOWN, STEP_UP_NEEDED,
        limited,
    },
    queries::archive::{list_archives, others, others_part, own_part, subject},
};

pub(super) static MAKE: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/archives", "make_archive", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(&[
            &MEMBER_UNKNOWN,
            &STEP_UP_NEEDED,
            &ARCHIVES_TOO_MANY,
            &ARCHIVE_UNREADY,
            &ARCHIVE_TOO_LARGE,
            &DATABASE_BUSY,
        ]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/archives", "list_archives", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

/// How many archives are made at a time, each in memory.
pub(super) const AT_ONCE: usize = 2;

/// How long a service has for a page of its part.
const WITHIN: Duration = Duration::from_secs(5);

/// How long an archive waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// An archive that was handed out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArchiveView {
    /// When.
    pub made_at: Timestamp,
    /// To whom: `member`, `staff` for a member who asked, or `operator`.
    #[schema(example = "member")]
    pub maker: &'static str,
    /// Who of the staff it was; not shown to members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<StaffId>,
}

/// The archives of a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArchiveListView {
    /// The latest first: those of a year, a hundred at most.
    pub archives: Vec<ArchiveView>,
}

/// A file that is handed out.
type Download = ([(HeaderName, HeaderValue); 3], Vec<u8>);

impl From<ArchiveRefusal> for Problem {
    fn from(refusal: ArchiveRefusal) -> Self {
        match refusal {
            ArchiveRefusal::TooMany { limit, seconds } => {
                limited(&ARCHIVES_TOO_MANY, limit).arg("seconds", seconds).header(RETRY_AFTER, seconds.into())
            }
        }
    }
}

fn unready(service: Option<&'static str>) -> Problem {
    let problem = Problem::new(&ARCHIVE_UNREADY).header(RETRY_AFTER, HeaderValue::from_static("5"));
    match service {
        Some(service) => problem.extension("service", service),
        None => problem,
    }
}

/// Where a part comes from.
enum Source<'d> {
    Own,
    Other(&'static str, Option<&'d Peer>),
}

impl Source<'_> {
    const fn name(&self) -> &'static str {
        match self {
            Self::Own => contracts::membership::SOURCE,
            Self::Other(name, _) => name,
        }
    }

    async fn part(
        &self,
        counter: &Counter,
        member: MemberId,
        (language, from): (Language, Option<Place>),
        deadline: DeadlineAt,
    ) -> Result<Part, Problem> {
        match self {
            Self::Own => {
                let read = own_part(&counter.desk().vault, member, from.as_ref()).await?;
                Ok(read.told(&counter.0.archive_words, language))
            }
            Self::Other(name, peer) => {
                let (question, within) = (PartQuestion { language, from }, deadline.left().min(WITHIN));
                let part = others_part(name, *peer, member, &question, within).await;
                part.ok_or_else(|| unready(Some(name)))
            }
        }
    }
}

/// Everything, page by page: each page is written away before the next one is asked for.
async fn gather(
    counter: &Counter,
    member: MemberId,
    now: Timestamp,
    deadline: DeadlineAt,
) -> Result<Vec<u8>, Problem> {
    let desk = counter.desk();
    let subject = subject(&desk.vault, member).await?;
    let (language, limit) = (subject.language, desk.settings.archives.bytes);
    let reader = Reader { texts: &counter.0.archive_words, chain: &counter.0.chain, language };
    let named = (member, subject.first_name.text());
    let unmade = |unmade| match unmade {
        Unmade::TooLarge => limited(&ARCHIVE_TOO_LARGE, limit / 1_048_576),
        Unmade::Fault(fault) => Problem::fault(fault),
    };
    let mut file = ArchiveFile::begin(reader, named, now, limit).map_err(unmade)?;
    let others = others(desk).map(|(name, peer)| Source::Other(name, peer));
    for source in std::iter::once(Source::Own).chain(others) {
        file.begin_service(source.name()).map_err(unmade)?;
        let (mut from, mut is_first) = (None, true);
        loop {
            if deadline.left().is_zero() {
                return Err(unready(Some(source.name())));
            }
            let part = source.part(counter, member, (language, from), deadline).await?;
            file.add(&part, is_first).map_err(unmade)?;
            is_first = false;
            from = part.next;
            if from.is_none() {
                break;
            }
        }
        file.end_service().map_err(unmade)?;
    }
    file.finish().map_err(unmade)
}

/// Makes an archive of everything that is kept of a member, in every service, and hands it out.
///
/// A zip: `index.html`, a page in the member's language that needs nothing else, and a JSON file for each service. It is whole, or there is
/// none: where a service does not answer in time, nothing is handed out, and nothing counts. Members need a session that a fresh code
/// has raised. A few archives of a member are handed out within a day, whoever asks; each is noted.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/archives", operation_id = "make_archive", tag = "leaving",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The archive.", body = String, content_type = "application/zip"))
)]
pub(super) async fn make_archive(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
) -> Result<Download, Problem> {
    let desk = counter.desk();
    let now = desk.clock.now();
    raised(&caller, now)?;
    may_have_archive(desk, member_id, now).await?;
    let turn = tokio::time::timeout(deadline.left().min(PATIENCE), counter.0.archive_turns.acquire()).await;
    let turn = turn.ok().and_then(Result::ok).ok_or_else(|| unready(None))?;
    let bytes = Box::pin(gather(&counter, member_id, now, deadline)).await?;
    let maker = match caller {
        Caller::Member { .. } => Maker::Member,
        Caller::Staff { staff, .. } => Maker::Staff(staff),
        _ => Maker::Operator,
    };
    hand_out_archive(desk, Archive { member: member_id, made_at: now, maker }).await?;
    drop(turn);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"archive.zip\"")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes))
}

/// Lists the archives of a member that were handed out, and to whom.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/archives", operation_id = "list_archives", tag = "leaving",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The archives of a year, a hundred at most.", body = ArchiveListView))
)]
pub(super) async fn read_archives(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<ArchiveListView>, Problem> {
    let is_member = matches!(caller, Caller::Member { .. });
    let archives = list_archives(&counter.desk().vault, member_id).await?;
    let view = |archive: Archive| ArchiveView {
        made_at: archive.made_at,
        maker: archive.maker.word(),
        staff_id: match archive.maker {
            Maker::Staff(staff) if !is_member => Some(staff),
            _ => None,
        },
    };
    Ok(private(ArchiveListView { archives: archives.into_iter().map(view).collect() }))
}

#[cfg(test)]
mod tests {
    use runtime::archive::unsaid;
    use web::{LookReason, Texts};

    use crate::{http::archive_page::ARCHIVE_WORDS, store::kept::KEPT};

    #[test]
    fn people_can_read_all_of_it_in_every_language() {
        let words = [
            ("kind", &["phone", "card"] as &[&str]),
            (
                "status",
                &["active", "awaits_code", "awaits_approval", "done", "recalled", "withdrawn", "of_other"],
            ),
            ("reason", &["own", "lost", "stolen", "number_gone"]),
            ("language", &["fa", "ar", "en"]),
            ("joined_through", &["text"]),
            ("blocked_why", &["lost", "stolen", "damaged"]),
            ("channel", &["app", "till", "office"]),
            ("role", &["head", "member", "child"]),
            ("ended", &["accepted", "withdrawn"]),
            ("ended_why", &["member", "operator", "reuse"]),
            ("maker", &["member", "staff", "operator"]),
        ];
        let looks = LookReason::ALL.map(|reason| ("reason", reason.word()));
        let words: Vec<(&str, &str)> = words
            .iter()
            .flat_map(|(column, words)| words.iter().map(|word| (*column, *word)))
            .chain(looks)
            .collect();
        assert_eq!(unsaid(&KEPT, &Texts::new(&[ARCHIVE_WORDS]), &words), [""; 0]);
        for id in ["title", "made", "about", "more", "yes", "no"] {
            let texts = Texts::new(&[ARCHIVE_WORDS]);
            for language in kernel::Language::ALL {
                assert!(
                    texts.find(language, &format!("archive-page-{id}"), &[]).is_some(),
                    "{language:?} {id}"
                );
            }
        }
    }
}
