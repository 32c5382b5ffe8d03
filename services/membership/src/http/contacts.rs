//! Where members are reached, for whoever sends something there this moment: `notifications`. Who asks keeps it nowhere.

use axum::{Json, extract::State};
use kernel::{Language, MemberId};
use serde::{Deserialize, Serialize};
use web::{Access, Body, Problem, RouteSpec};

use super::Counter;
use crate::{
    error::{DATABASE_BUSY, LIMIT_OUT_OF_RANGE},
    queries::contacts::{Contact, contacts},
};

/// Members of one question.
const MOST: usize = 500;

pub(super) static LIST: RouteSpec =
    RouteSpec::post("/internal/v1/contacts", "tell_contacts", Access::Services)
        .body_limit(32 * 1024)
        .problems(&[&LIMIT_OUT_OF_RANGE, &DATABASE_BUSY]);

/// Where are these members reached?
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactsQuestion {
    /// They, 500 at most.
    members: Vec<MemberId>,
}

/// Where they are reached.
#[derive(Serialize)]
pub(super) struct ContactsAnswer {
    /// Those who are members.
    contacts: Vec<ContactAnswer>,
}

/// Where a member is reached.
#[derive(Serialize)]
struct ContactAnswer {
    member_id: MemberId,
    status: &'static str,
    language: Language,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    consents: Vec<String>,
}

impl From<(MemberId, Contact)> for ContactAnswer {
    fn from((member_id, contact): (MemberId, Contact)) -> Self {
        Self {
            member_id,
            status: "active",
            language: contact.language,
            name: contact.name.into_exposed(),
            phone: contact.phone.map(kernel::Pii::into_exposed),
            email: contact.email.map(kernel::Pii::into_exposed),
            consents: contact.consents,
        }
    }
}

/// Where members are reached; who is erased or unknown is not in the answer, and who was absorbed is who stayed.
pub(super) async fn tell_contacts(
    State(counter): State<Counter>,
    Body(question): Body<ContactsQuestion>,
) -> Result<Json<ContactsAnswer>, Problem> {
    if question.members.len() > MOST {
        return Err(Problem::new(&LIMIT_OUT_OF_RANGE).arg("most", MOST).pointer("/members"));
    }
    let found = contacts(&counter.desk().vault, &question.members).await?;
    Ok(Json(ContactsAnswer { contacts: found.into_iter().map(ContactAnswer::from).collect() }))
}
