//! What differs between two versions, and the shape of the document.

use axum::{Json, extract::State, response::IntoResponse as _};
use http::header;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, PartialSchema as _, ToSchema, openapi::RefOr};
use web::{Access, Bound, Lang, PathParams, Problem, QueryParams, Response, RouteSpec};

use super::{Counter, programme::written, roles};
use crate::{
    domain::ProgrammeDocument,
    error,
    pages::{self, Difference, Words},
    queries::{self, programme::Version},
};

pub(super) static COMPARE: RouteSpec =
    RouteSpec::get("/v1/programme/versions/{version}/changes", "list_programme_changes", Access::Operator)
        .staff(Bound::Anywhere, roles::PROGRAMME_READERS)
        .problems(&[&error::VERSION_UNKNOWN]);

pub(super) static SCHEMA: RouteSpec =
    RouteSpec::get("/v1/programme/schema", "read_programme_schema", Access::Anyone);

/// With what a version is compared.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Comparing {
    /// The number of the older version.
    from: u32,
}

/// What differs between two versions.
#[derive(Serialize, ToSchema)]
pub struct ProgrammeChanges {
    /// The older version.
    pub from: u32,
    /// The newer version.
    pub to: u32,
    /// Each difference, with the same in words.
    pub changes: Vec<Difference>,
}

/// Compare two versions of the programme
///
/// Every difference with its place, both values and a sentence in the caller's language.
#[utoipa::path(
    get, path = "/v1/programme/versions/{version}/changes", operation_id = "list_programme_changes", tag = "programme",
    params(("version" = u32, Path, description = "The number of the newer version."), Comparing),
    responses((status = 200, description = "What differs; nothing where they say the same.", body = ProgrammeChanges))
)]
pub(super) async fn list_programme_changes(
    State(counter): State<Counter>,
    Lang(language): Lang,
    PathParams(to): PathParams<u32>,
    QueryParams(Comparing { from }): QueryParams<Comparing>,
) -> Result<Json<ProgrammeChanges>, Problem> {
    let (old, new) = (version(&counter, from).await?, version(&counter, to).await?);
    let words = Words::new(&counter.texts, language, new.stored.programme.document.currency);
    let changes = pages::differences(&words, &written(&old)?, &written(&new)?);
    Ok(Json(ProgrammeChanges { from, to, changes }))
}

async fn version(counter: &Counter, number: u32) -> Result<Version, Problem> {
    let found = queries::programme::version(&counter.database, number, counter.clock.now()).await?;
    found.ok_or_else(|| Problem::new(&error::VERSION_UNKNOWN))
}

/// Read the schema of the programme
///
/// The JSON Schema (2020-12) of the document, to write it with an editor's help.
#[utoipa::path(
    get, path = "/v1/programme/schema", operation_id = "read_programme_schema", tag = "programme",
    responses((status = 200, description = "The schema.", content_type = "application/schema+json"))
)]
pub(super) async fn read_programme_schema() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "application/schema+json"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, programme_schema().to_string()).into_response()
}

/// The JSON Schema of the programme document.
#[must_use]
pub fn programme_schema() -> Value {
    let mut parts = Vec::new();
    ProgrammeDocument::schemas(&mut parts);
    parts.push((ProgrammeDocument::name().into_owned(), ProgrammeDocument::schema()));
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    parts.dedup_by(|a, b| a.0 == b.0);
    let defined = |(name, schema): (String, RefOr<_>)| {
        let mut schema = serde_json::to_value(schema).unwrap_or_default();
        point_inside(&mut schema);
        (name, schema)
    };
    let definitions: serde_json::Map<String, Value> = parts.into_iter().map(defined).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Programme",
        "$ref": format!("#/$defs/{}", ProgrammeDocument::name()),
        "$defs": definitions,
    })
}

/// Lets references lead to the definitions of this document.
fn point_inside(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(to) if name == "$ref" => {
                        *to = to.replace("#/components/schemas/", "#/$defs/");
                    }
                    value => point_inside(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(point_inside),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_of_the_schema_leads_somewhere() {
        let schema = programme_schema();
        let mut references = Vec::new();
        gather(&schema, &mut references);
        assert!(references.len() > 5, "{references:?}");
        for reference in references {
            assert!(schema.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
        }
        assert_eq!(schema["$defs"]["ProgrammeDocument"]["additionalProperties"], false);
    }

    fn gather<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                references.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| gather(value, references));
            }
            Value::Array(items) => items.iter().for_each(|value| gather(value, references)),
            _ => {}
        }
    }
}
