//! Points' part of the archive that members may have of everything.

use axum::{Json, extract::State};
use kernel::{Language, MemberId};
use runtime::archive::{Part, PartQuestion};
use store::StoreError;
use web::{Access, Body, Catalog, PathParams, Problem, RouteSpec};

use super::Counter;
use crate::{error, queries};

/// The words of the archive.
pub const ARCHIVE_WORDS: &Catalog = &[
    (Language::En, include_str!("../../locales/archive/en.ftl")),
    (Language::Fa, include_str!("../../locales/archive/fa.ftl")),
    (Language::Ar, include_str!("../../locales/archive/ar.ftl")),
];

pub(super) static PART: RouteSpec =
    RouteSpec::post("/internal/v1/members/{member_id}/archive", "tell_part", Access::Services)
        .body_limit(4 * 1024)
        .problems(&[&error::CURSOR_INVALID]);

/// A page of what is kept of a member; a member of whom nothing is kept has a part without rows.
pub(super) async fn tell_part(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
    Body(question): Body<PartQuestion>,
) -> Result<Json<Part>, Problem> {
    let page = queries::archive::part(&counter.database, member_id, question.from.as_ref()).await;
    Ok(Json(page.map_err(refused)?.told(&counter.texts, question.language)))
}

fn refused(fault: anyhow::Error) -> Problem {
    match fault.downcast_ref() {
        Some(StoreError::Cursor) => Problem::new(&error::CURSOR_INVALID),
        _ => error::fault(fault),
    }
}

#[cfg(test)]
mod tests {
    use runtime::archive::unsaid;
    use serde::Serialize;
    use web::{LookReason, Texts};

    use super::*;
    use crate::{
        domain::{AccountState, JournalKind, TransferKind, TransferStatus},
        store::kept::KEPT,
    };

    fn words<T: Serialize>(column: &'static str, all: &[T]) -> Vec<(&'static str, String)> {
        let word = |one: &T| serde_json::to_value(one).expect("a word").as_str().expect("a word").to_owned();
        all.iter().map(|one| (column, word(one))).collect()
    }

    #[test]
    fn people_can_read_all_of_it_in_every_language() {
        let states = [AccountState::Open, AccountState::Frozen, AccountState::Closed];
        let mut ours = words("marks", &states);
        ours.extend(words("kind", JournalKind::ALL));
        ours.extend(words("kind", TransferKind::ALL));
        ours.extend(words("status", TransferStatus::ALL));
        ours.extend(words("state", &["waiting", "approved", "rejected"]));
        ours.extend(words("kind", &["phone", "card"]));
        ours.extend(words("occasion", &["birthday", "join_anniversary"]));
        ours.extend(LookReason::ALL.map(|reason| ("reason", reason.word().to_owned())));
        let ours: Vec<(&str, &str)> = ours.iter().map(|(column, word)| (*column, word.as_str())).collect();
        assert_eq!(unsaid(&KEPT, &Texts::new(&[ARCHIVE_WORDS]), &ours), [""; 0]);
    }
}
