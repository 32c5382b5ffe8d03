//! The link in a letter by which one click says that no more of something is wanted (RFC 8058).
//!
//! **Looking at it changes nothing**: programs that fetch every link of a letter would end messages that people want.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use kernel::Language;
use web::{
    Access, Arg, Catalog, Lang, PathParams, Problem, RouteSpec,
    html::{document, escaped},
};

use super::Counter;
use crate::{
    adapters::opt_outs::OptOut,
    commands::note_wishes::note_wishes,
    domain::wish::{SaidBy, Wish},
    error::{DATABASE_BUSY, Error},
};

pub(super) static SHOW: RouteSpec =
    RouteSpec::get("/v1/message-opt-outs/{token}", "show_opt_out", Access::Anyone);
pub(super) static DO: RouteSpec =
    RouteSpec::post("/v1/message-opt-outs/{token}", "opt_out", Access::Anyone).problems(&[&DATABASE_BUSY]);

/// The words of the page.
pub const PAGES: &Catalog = &[
    (Language::En, include_str!("../../locales/pages/en.ftl")),
    (Language::Fa, include_str!("../../locales/pages/fa.ftl")),
    (Language::Ar, include_str!("../../locales/pages/ar.ftl")),
];

fn page(
    counter: &Counter,
    language: Language,
    status: StatusCode,
    parts: [&str; 2],
    about: Option<OptOut>,
) -> Response {
    let word = |id: &str| counter.texts.find(language, id, &[]).unwrap_or_default();
    let mut args: Vec<(&str, Arg)> = vec![("chain", Arg::from(counter.desk.chain.name.as_str()))];
    if let Some(about) = about {
        args.push(("topic", Arg::Text(word(&format!("topic-{}", about.topic.word())))));
        args.push(("channel", Arg::Text(word(&format!("channel-{}", about.channel.word())))));
    }
    let [title, text] = parts.map(|id| counter.texts.find(language, id, &args).unwrap_or_default());
    let asks = status == StatusCode::OK && parts[0] == "page-question";
    let button = if asks {
        // Without an address it goes to where the page came from.
        format!("<form method=\"post\"><p><button>{}</button></p></form>\n", escaped(&word("page-button")))
    } else {
        String::new()
    };
    let body = format!("<h1>{}</h1>\n<p>{}</p>\n{button}", escaped(&title), escaped(&text));
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, document(language, &title, &body)).into_response()
}

fn unknown(counter: &Counter, language: Language) -> Response {
    page(counter, language, StatusCode::NOT_FOUND, ["page-unknown", "page-unknown-about"], None)
}

/// Shows what the link in a letter ends, and asks.
#[utoipa::path(
    get, path = "/v1/message-opt-outs/{token}", operation_id = "show_opt_out", tag = "messages",
    params(("token" = String, Path, description = "The word in the link.")),
    responses(
        (status = 200, description = "A page that asks.", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link is not good.", content_type = "text/html", body = String),
    )
)]
pub(super) async fn show_opt_out(
    State(counter): State<Counter>,
    Lang(language): Lang,
    PathParams(token): PathParams<String>,
) -> Response {
    match counter.desk.opt_outs.read(&token) {
        Some(about) => page(&counter, language, StatusCode::OK, ["page-question", "page-about"], Some(about)),
        None => unknown(&counter, language),
    }
}

/// Ends what the link in a letter is about. The same again changes nothing; what the body says is not looked at.
#[utoipa::path(
    post, path = "/v1/message-opt-outs/{token}", operation_id = "opt_out", tag = "messages",
    params(("token" = String, Path, description = "The word in the link.")),
    responses(
        (status = 200, description = "A page that says that it is done.", content_type = "text/html", body = String),
        (status = 404, description = "A page that says that the link is not good.", content_type = "text/html", body = String),
    )
)]
pub(super) async fn opt_out(
    State(counter): State<Counter>,
    Lang(language): Lang,
    PathParams(token): PathParams<String>,
) -> Result<Response, Problem> {
    let Some(about) = counter.desk.opt_outs.read(&token) else { return Ok(unknown(&counter, language)) };
    let wish = Wish { topic: about.topic, channel: about.channel, wanted: false };
    match note_wishes(&counter.desk, about.member, &[wish], SaidBy::Link).await {
        // Whoever left hears nothing anyway; a link does not tell who did.
        Ok(()) | Err(Error::Missing(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(page(&counter, language, StatusCode::OK, ["page-done", "page-done-about"], Some(about)))
}
