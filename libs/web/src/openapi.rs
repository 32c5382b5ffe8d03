//! What every route's documentation has in common, added to what its service wrote.

use std::{collections::BTreeMap, fmt::Write};

use kernel::Language;
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ComponentsBuilder, Content, Deprecated, ObjectBuilder, OpenApi, Ref, RefOr, Required, Type,
        example::ExampleBuilder,
        extensions::ExtensionsBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        response::Response,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::{
    Access, ErrorCode, Kind, Lane, LookReason, Problem, RateClass, RouteSpec, Texts, Verb, errors,
    looks::LONGEST_REFERENCE, problem_text,
};

const TILL_KEY: &str = "till_key";
const OPERATOR_KEY: &str = "operator_key";
const MEMBER_TOKEN: &str = "member_token";
const STAFF_TOKEN: &str = "staff_token";
const PARTNER_KEY: &str = "partner_key";

/// The header that keyed routes demand.
const KEY: &str = "idempotency-key";

/// A refusal, as RFC 9457 has it.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "the shape of a document that is written as a map; this is its description")]
struct ProblemDocument {
    /// The code as a URN.
    #[schema(example = "urn:vafa:problem:web.field_missing")]
    r#type: String,
    /// What happened, in a few words, in the caller's language.
    title: String,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// What happened and what to do, in the caller's language. For people.
    detail: String,
    /// What happened, for programs. Never changes.
    #[schema(example = "web.field_missing")]
    code: String,
    /// Where in the body the mistake is (RFC 6901).
    #[schema(example = "/lines/0/amount")]
    pointer: Option<String>,
    /// What finds this request in our traces and logs.
    trace_id: String,
}

/// Adds to a service's document, for each public route: its security, its problems with examples, its limits.
/// `shared` are the codes that any route can answer with (those of the gateway).
pub fn complete(document: &mut OpenApi, routes: &[&RouteSpec], texts: &Texts, shared: &[&'static ErrorCode]) {
    let schemas = ComponentsBuilder::new()
        .schema("Problem", ProblemDocument::schema())
        .security_scheme(TILL_KEY, scheme(
                "A till's key, `vt_…`, shown once when it was made. Instead of sending a key, a till may sign its calls \
                 (RFC 9421, Ed25519).",
            ))
        .security_scheme(
            MEMBER_TOKEN,
            scheme("A member's access token, from signing in; for what is their own."),
        )
        .security_scheme(
            STAFF_TOKEN,
            scheme("An access token of a person of the staff; for what their roles allow, where they hold."),
        )
        .security_scheme(
            PARTNER_KEY,
            scheme("A partner's key, `vp_…`, shown once when it was made; for what its scopes open."),
        )
        .security_scheme(OPERATOR_KEY, scheme("The chain operator's key."))
        .build();
    let components = document.components.get_or_insert_default();
    components.schemas.extend(schemas.schemas);
    components.security_schemes.extend(schemas.security_schemes);
    for spec in routes {
        if let Some(operation) =
            document.paths.paths.get_mut(spec.path).and_then(|item| slot(item, spec.verb).as_mut())
        {
            complete_operation(operation, spec, texts, shared);
        }
    }
}

/// What the routes and the document say of each other: a sentence for each route without documentation, with another
/// operation id, or documented without being a route.
#[must_use]
pub fn check_routes(document: &OpenApi, routes: &[&RouteSpec]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut document = document.clone();
    for spec in routes {
        let place = format!("{} {}", spec.verb.name(), spec.path);
        match document.paths.paths.get_mut(spec.path).and_then(|item| slot(item, spec.verb).take()) {
            None => wrong.push(format!("{place} is not documented")),
            Some(operation) if operation.operation_id.as_deref() != Some(spec.operation) => {
                wrong.push(format!("{place} has the operation id {:?}", operation.operation_id));
            }
            Some(operation) if has_parameter(&operation, &ParameterIn::Header, Some(KEY)) != spec.keyed => {
                wrong.push(format!("{place} is keyed or documents an Idempotency-Key, but not both"));
            }
            Some(_) => {}
        }
    }
    for (path, item) in &mut document.paths.paths {
        for verb in [Verb::Get, Verb::Post, Verb::Put, Verb::Patch, Verb::Delete] {
            let documented = slot(item, verb).is_some();
            let known = routes.iter().any(|spec| spec.path == path && spec.verb == verb);
            if documented && !known {
                wrong.push(format!("{} {path} is documented, but no route", verb.name()));
            }
        }
    }
    wrong
}

fn scheme(description: &str) -> SecurityScheme {
    SecurityScheme::Http(
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build(),
    )
}

fn slot(item: &mut PathItem, verb: Verb) -> &mut Option<Operation> {
    match verb {
        Verb::Get => &mut item.get,
        Verb::Post => &mut item.post,
        Verb::Put => &mut item.put,
        Verb::Patch => &mut item.patch,
        Verb::Delete => &mut item.delete,
    }
}

fn complete_operation(
    operation: &mut Operation,
    spec: &RouteSpec,
    texts: &Texts,
    shared: &[&'static ErrorCode],
) {
    let no_scopes: [String; 0] = [];
    let mut keys = match spec.access {
        Access::Anyone | Access::Services => vec![],
        Access::Till => vec![TILL_KEY],
        Access::Operator => vec![OPERATOR_KEY],
        Access::TillOrOperator => vec![TILL_KEY, OPERATOR_KEY],
        Access::Member => vec![MEMBER_TOKEN],
        Access::MemberOrOperator => vec![MEMBER_TOKEN, OPERATOR_KEY],
        Access::MemberTillOrOperator => vec![MEMBER_TOKEN, TILL_KEY, OPERATOR_KEY],
    };
    let policy = spec.staff.filter(|policy| !policy.roles.is_empty());
    keys.extend(policy.map(|_| STAFF_TOKEN));
    keys.extend(spec.scope.map(|_| PARTNER_KEY));
    operation.security =
        Some(keys.iter().map(|key| SecurityRequirement::new(*key, no_scopes.clone())).collect());
    if spec.deprecation.is_some() {
        operation.deprecated = Some(Deprecated::True);
    }
    if spec.shows_members() {
        operation.parameters.get_or_insert_default().extend(look_headers().map(RefOr::T));
    }
    let lane = match spec.lane {
        Lane::Till => "till",
        Lane::BackOffice => "back_office",
    };
    let mut limits = serde_json::json!({ "lane": lane });
    if spec.rate_class() != RateClass::Usual {
        limits["rate_class"] = spec.rate_class().word().into();
    }
    if operation.request_body.is_some() {
        limits["body_bytes"] = spec.body_limit.into();
    }
    if let Some(policy) = policy {
        limits["staff"] = policy.roles.iter().map(|role| role.word()).collect();
        limits["staff_of"] = policy.bound.word().into();
    }
    if let Some(scope) = spec.scope {
        limits["partner_scope"] = scope.word().into();
    }
    // One extension for all: several come out in another order each time, and the document is kept in the repository.
    let extension = ExtensionsBuilder::new().add("x-vafa-limits", limits).build();
    operation.extensions.get_or_insert_default().merge(extension);
    let mut by_status: BTreeMap<u16, Vec<&'static ErrorCode>> = BTreeMap::new();
    for code in codes_of(operation, spec).into_iter().chain(shared.iter().copied()) {
        by_status.entry(code.kind.status().as_u16()).or_default().push(code);
    }
    for (status, codes) in by_status {
        let responses = &mut operation.responses.responses;
        let response = responses.entry(status.to_string()).or_insert_with(|| RefOr::T(Response::new("")));
        if let RefOr::T(response) = response {
            add_refusals(response, &codes, texts);
        }
    }
}

/// What the back office says when it looks at a member's data.
fn look_headers() -> [Parameter; 2] {
    let header = |name: &str, about: &str, schema: ObjectBuilder| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(about))
            .schema(Some(schema.schema_type(Type::String)))
            .build()
    };
    let words = LookReason::ALL.map(LookReason::word);
    [
        header(
            "Look-Reason",
            "Why somebody of the staff looks; they must say it, and it is noted. Others leave it out.",
            ObjectBuilder::new().enum_values(Some(words)),
        ),
        header(
            "Look-Reference",
            "What the reason is about, such as a ticket: letters, 1 to 7 digits and -_./#; no names, no phones.",
            ObjectBuilder::new().max_length(Some(LONGEST_REFERENCE)),
        ),
    ]
}

fn has_parameter(operation: &Operation, place: &ParameterIn, name: Option<&str>) -> bool {
    operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(p) => p.parameter_in == *place && name.is_none_or(|name| p.name.eq_ignore_ascii_case(name)),
        RefOr::Ref(_) => false,
    })
}

/// The codes that this route can answer with: its own, and those that follow from its access, body and parameters.
fn codes_of(operation: &Operation, spec: &RouteSpec) -> Vec<&'static ErrorCode> {
    let mut codes = spec.problems.to_vec();
    if spec.access != Access::Anyone {
        codes.extend([&errors::CALLER_REQUIRED, &errors::ACCESS_DENIED]);
    }
    codes.extend(spec.scope.map(|_| &errors::SCOPE_MISSING));
    if spec.path.contains('{') {
        codes.push(&errors::PATH_INVALID);
    }
    if operation.request_body.is_some() {
        let of_bodies = errors::ERRORS
            .iter()
            .filter(|c| ["web.body_", "web.field_", "web.number_"].iter().any(|p| c.code.starts_with(p)));
        codes.extend(of_bodies);
    }
    if has_parameter(operation, &ParameterIn::Query, None) {
        codes.extend(errors::ERRORS.iter().filter(|c| c.code.starts_with("web.query_")));
    }
    if spec.keyed {
        codes.extend(errors::ERRORS.iter().filter(|c| c.code.starts_with("web.idempotency_")));
    }
    if spec.shows_members() {
        codes.extend(errors::ERRORS.iter().filter(|c| c.code.starts_with("web.look_")));
    }
    codes.extend([&errors::HEADERS_TOO_MANY, &errors::FAULT, &errors::DEADLINE_PASSED]);
    codes
}

/// Adds to a response the codes that it does not show yet, each with its sentence and an example.
fn add_refusals(response: &mut Response, codes: &[&'static ErrorCode], texts: &Texts) {
    let content = response
        .content
        .entry("application/problem+json".to_owned())
        .or_insert_with(|| RefOr::T(Content::default()));
    if let RefOr::T(content) = content {
        content.schema.get_or_insert_with(|| Ref::from_schema_name("Problem").into());
        for code in codes.iter().filter(|code| !content.examples.contains_key(code.code)).collect::<Vec<_>>()
        {
            if !response.description.is_empty() {
                response.description.push_str("\n\n");
            }
            // Writing to a String cannot fail.
            let _ = write!(response.description, "`{}`: {}", code.code, code.about);
            let example = ExampleBuilder::new().summary(code.about).value(Some(example(code, texts))).build();
            content.examples.insert(code.code.to_owned(), RefOr::T(example));
        }
    }
}

fn example(code: &'static ErrorCode, texts: &Texts) -> Value {
    // The values that texts of the shared codes name; a text takes those it knows.
    let problem = Problem::new(code)
        .arg("line", 1_i64)
        .arg("column", 15_i64)
        .arg("pointer", "/lines/0/amount")
        .arg("parameter", "limit")
        .arg("limit_bytes", 65_536_i64)
        .arg("scope", "points:read")
        .arg("longest", 255_i64)
        .arg("seconds", 1_i64);
    let (title, detail) = problem_text(texts, Language::En, &problem);
    let mut example = json!({
        "type": format!("urn:vafa:problem:{}", code.code),
        "title": title,
        "status": code.kind.status().as_u16(),
        "detail": detail,
        "code": code.code,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    });
    if code.kind == Kind::Malformed && code.code.starts_with("web.field_") {
        example["pointer"] = "/lines/0/amount".into();
    }
    example
}
