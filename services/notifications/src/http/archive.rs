//! Notifications' part of the archive that members may have of everything.

use axum::{Json, extract::State};
use kernel::{Language, MemberId};
use runtime::archive::{Part, PartQuestion};
use store::StoreError;
use web::{Access, Body, Catalog, PathParams, Problem, RouteSpec};

use super::Counter;
use crate::{
    error::{CURSOR_INVALID, Error},
    queries,
};

/// The words of the archive.
pub const ARCHIVE_WORDS: &Catalog = &[
    (Language::En, include_str!("../../locales/archive/en.ftl")),
    (Language::Fa, include_str!("../../locales/archive/fa.ftl")),
    (Language::Ar, include_str!("../../locales/archive/ar.ftl")),
];

pub(super) static PART: RouteSpec =
    RouteSpec::post("/internal/v1/members/{member_id}/archive", "tell_part", Access::Services)
        .body_limit(4 * 1024)
        .problems(&[&CURSOR_INVALID]);

/// A page of what is kept of a member; a member of whom nothing is kept has a part without rows.
pub(super) async fn tell_part(
    State(counter): State<Counter>,
    PathParams(member): PathParams<MemberId>,
    Body(question): Body<PartQuestion>,
) -> Result<Json<Part>, Problem> {
    let page = queries::archive::part(&counter.desk.database, member, question.from.as_ref()).await;
    Ok(Json(page.map_err(refused)?.told(&counter.texts, question.language)))
}

fn refused(fault: anyhow::Error) -> Problem {
    match fault.downcast::<StoreError>() {
        Ok(StoreError::Cursor) => Problem::new(&CURSOR_INVALID),
        Ok(other) => Error::from(other).into(),
        Err(fault) => Problem::fault(fault),
    }
}

#[cfg(test)]
mod tests {
    use runtime::archive::unsaid;
    use web::{LookReason, Texts};

    use super::*;
    use crate::{
        domain::{attempt::Standing, channel::Channel, message::State, routing::WhyNot},
        store::kept::KEPT,
    };

    #[test]
    fn people_can_read_all_of_it_in_every_language() {
        let mut ours: Vec<(&str, &str)> = vec![("why", "providers")];
        ours.extend(State::ALL.map(|state| ("state", state.word())));
        ours.extend(Standing::ALL.map(|standing| ("standing", standing.word())));
        ours.extend(Channel::ALL.map(|channel| ("channel", channel.word())));
        ours.extend(WhyNot::ALL.map(|why| ("why", why.word())));
        ours.extend(LookReason::ALL.map(|reason| ("reason", reason.word())));
        assert_eq!(unsaid(&KEPT, &Texts::new(&[ARCHIVE_WORDS]), &ours), [""; 0]);
    }
}
