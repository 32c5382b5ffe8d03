use kernel::Role;
use utoipa::openapi::{
    OpenApi, OpenApiBuilder, Required,
    path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder},
    response::ResponseBuilder,
};
use web::{Access, Bound, ErrorCode, Kind, RouteSpec, Texts};

static SOLD_OUT: ErrorCode = ErrorCode::new("shop.sold_out", Kind::Conflict, "Nothing is left.");
static SHARED: ErrorCode = ErrorCode::new("door.closed", Kind::Unavailable, "The door is closed.");

static LIST: RouteSpec = RouteSpec::get("/v1/baskets", "list_baskets", Access::Operator)
    .staff(Bound::Chain, &[Role::Finance])
    .problems(&[&SOLD_OUT]);
static OTHER: RouteSpec = RouteSpec::get("/v1/others", "list_others", Access::Anyone);

fn document(id: &str) -> OpenApi {
    let limit = ParameterBuilder::new()
        .name("limit")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .build();
    let conflict = ResponseBuilder::new().description("Somebody was faster.").build();
    let operation =
        OperationBuilder::new().operation_id(Some(id)).parameter(limit).response("409", conflict).build();
    let paths = PathsBuilder::new().path("/v1/baskets", PathItem::new(HttpMethod::Get, operation)).build();
    OpenApiBuilder::new().paths(paths).build()
}

#[test]
fn completing_adds_what_is_missing_and_keeps_what_was_written() {
    let mut once = document("list_baskets");
    let texts = Texts::new(&[]);
    web::complete(&mut once, &[&LIST], &texts, &[]);
    let mut twice = once.clone();
    web::complete(&mut twice, &[&LIST], &texts, &[&SHARED]);

    let json = serde_json::to_value(&twice).unwrap();
    let responses = &json["paths"]["/v1/baskets"]["get"]["responses"];
    let conflict = responses["409"]["description"].as_str().unwrap();
    assert_eq!(conflict, "Somebody was faster.\n\n`shop.sold_out`: Nothing is left.");
    let examples =
        |status: &str| responses[status]["content"]["application/problem+json"]["examples"].clone();
    assert_eq!(examples("409")["shop.sold_out"]["value"]["status"], 409);
    assert!(
        examples("400")["web.query_malformed"].is_object() && examples("400")["web.body_missing"].is_null()
    );
    assert!(examples("503")["door.closed"].is_object());
    let operation = &json["paths"]["/v1/baskets"]["get"];
    assert_eq!(operation["security"], serde_json::json!([{ "operator_key": [] }, { "staff_token": [] }]));
    let limits = &operation["x-vafa-limits"];
    assert_eq!((&limits["staff"], &limits["staff_of"]), (&serde_json::json!(["finance"]), &"chain".into()));
}

#[test]
fn routes_and_documentation_must_agree() {
    assert!(web::check_routes(&document("list_baskets"), &[&LIST]).is_empty());
    assert_eq!(web::check_routes(&document("list"), &[&LIST]).len(), 1);
    assert_eq!(web::check_routes(&document("list_baskets"), &[&LIST, &OTHER]).len(), 1);
    assert_eq!(web::check_routes(&document("list_baskets"), &[]).len(), 1);
}
