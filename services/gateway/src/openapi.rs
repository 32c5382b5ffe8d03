//! One document out of those of all services.

use anyhow::{bail, ensure};
use utoipa::openapi::{
    Info, LicenseBuilder, Object, OpenApi, OpenApiBuilder, RefOr, Required, Server, Type,
    header::{Header, HeaderBuilder},
    path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
    schema::{ObjectBuilder, SchemaType},
};
use web::{ErrorCode, RouteSpec, Texts};

use crate::{Backend, error};

const ABOUT: &str = "The public API of Vafa, the loyalty platform. \
    Every refusal is a problem document (RFC 9457): `code` is for programs and never changes, `title` and `detail` are \
    for people, in the language of `Accept-Language` (fa, ar, en). \
    Calls that write money demand an `Idempotency-Key`: the same key with the same body answers the first answer again. \
    A route that is going away says so for months before (`Deprecation`, `Sunset`, `Link`). \
    Every answer says where the caller stands (`RateLimit-Policy`, `RateLimit`) and has an `X-Request-Id` to quote.";

/// What the gateway itself can answer on every route.
static SHARED: [&ErrorCode; 19] = [
    &error::AUTHORIZATION_REPEATED,
    &error::AUTHORIZATION_MALFORMED,
    &error::KEY_UNKNOWN,
    &error::TILL_KEY_REVOKED,
    &error::TILL_KEY_PLAIN,
    &error::SIGNATURE_MALFORMED,
    &error::SIGNATURE_INCOMPLETE,
    &error::SIGNATURE_OLD,
    &error::SIGNATURE_WRONG,
    &error::BODY_ALTERED,
    &error::TOKEN_INVALID,
    &error::TOKEN_LAPSED,
    &error::SESSION_ENDED,
    &error::KEYS_UNAVAILABLE,
    &error::RATE_LIMITED,
    &error::OVERLOADED,
    &error::SERVICE_DOWN,
    &error::SERVICE_LATE,
    &error::SERVICE_BROKE_OFF,
];

/// Merges the services' documents, checks each against its routes, and adds what all routes have in common.
pub(crate) fn merged(backends: &[Backend], texts: &Texts) -> anyhow::Result<OpenApi> {
    let mut whole = OpenApiBuilder::new().info(info()).servers(Some([Server::new("/")])).build();
    for backend in backends {
        let routes: Vec<&RouteSpec> =
            backend.routes.iter().copied().filter(|spec| spec.is_public()).collect();
        let mut part = (backend.openapi)();
        let wrong = web::check_routes(&part, &routes);
        ensure!(wrong.is_empty(), "the documentation of {}: {}", backend.service, wrong.join("; "));
        web::complete(&mut part, &routes, texts, &SHARED);
        part.servers = None;
        check_schemas(&whole, &part, backend.service)?;
        whole.merge(part);
    }
    for item in whole.paths.paths.values_mut() {
        for operation in operations(item) {
            add_headers(operation);
        }
    }
    Ok(whole)
}

fn info() -> Info {
    let mut info = Info::new("Vafa", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    info.license = Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build());
    info
}

/// Two services may share a schema, but not one name for two schemas.
fn check_schemas(whole: &OpenApi, part: &OpenApi, service: &str) -> anyhow::Result<()> {
    let (Some(known), Some(new)) = (&whole.components, &part.components) else { return Ok(()) };
    for (name, schema) in &new.schemas {
        if known.schemas.get(name).is_some_and(|known| known != schema) {
            bail!("{service} and another service have different schemas of the name {name}");
        }
    }
    Ok(())
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    all.into_iter().flatten()
}

fn add_headers(operation: &mut Operation) {
    operation.parameters.get_or_insert_default().push(RefOr::T(accept_language()));
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        response.headers.extend([
            ("X-Request-Id".to_owned(), header("What to quote when asking about this call.", Type::String)),
            (
                "RateLimit-Policy".to_owned(),
                header("The caller's quota (q) in a window of w seconds.", Type::String),
            ),
            (
                "RateLimit".to_owned(),
                header("What is left (r), and in how many seconds all is (t).", Type::String),
            ),
        ]);
        if matches!(status.as_str(), "429" | "503") {
            let wait = header("Seconds to wait before the call is repeated.", Type::Integer);
            response.headers.insert("Retry-After".to_owned(), wait);
        }
    }
}

fn accept_language() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).examples(["fa", "ar", "en"]).build();
    ParameterBuilder::new()
        .name("Accept-Language")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The language of texts for people: fa, ar or en."))
        .schema(Some(schema))
        .build()
}

fn header(about: &str, value: Type) -> RefOr<Header> {
    let schema: Object = ObjectBuilder::new().schema_type(SchemaType::new(value)).build();
    RefOr::T(HeaderBuilder::new().schema(Some(schema)).description(Some(about)).build())
}
