//! Writing a problem down: RFC 9457 in the caller's language.

use http::{HeaderMap, HeaderValue, header};
use kernel::Language;
use serde_json::{Map, Value};

use crate::{ErrorCode, Lang, Problem, REQUEST_ID_HEADER, RawBody, Response, Texts, TraceParent};

/// What an answer needs to know of its request after the handler has consumed it.
#[derive(Clone, Debug, Default)]
pub struct RequestFacts {
    accept_language: Option<HeaderValue>,
    traceparent: Option<HeaderValue>,
    request_id: Option<HeaderValue>,
}

impl RequestFacts {
    /// Keeps what matters of a request's headers, without reading it yet.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        Self {
            accept_language: headers.get(header::ACCEPT_LANGUAGE).cloned(),
            traceparent: headers.get("traceparent").cloned(),
            request_id: headers.get(&REQUEST_ID_HEADER).cloned(),
        }
    }

    /// The same request under this id.
    #[must_use]
    pub fn with_request_id(mut self, id: HeaderValue) -> Self {
        self.request_id = Some(id);
        self
    }

    /// What finds this request in traces and logs: its trace, else its request id.
    fn reference(&self) -> String {
        let text =
            |value: &Option<HeaderValue>| value.as_ref().and_then(|v| v.to_str().ok()).map(str::to_owned);
        let trace = text(&self.traceparent).and_then(|text| TraceParent::parse(&text)).map(|t| t.trace_id());
        trace.or_else(|| text(&self.request_id)).unwrap_or_else(|| "none".to_owned())
    }
}

/// Gives a refusal its words; any other answer passes untouched. A fault is logged here, once, with its whole chain.
#[must_use]
pub fn finish(mut response: Response, facts: &RequestFacts, texts: &Texts) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let reference = facts.reference();
    if let Some(fault) = &problem.0.fault {
        tracing::error!(
            target: "vafa::fault",
            code = problem.0.code.code,
            reference,
            error = format!("{fault:#}"),
            "a request failed"
        );
    }
    let language = Lang::accepted(facts.accept_language.as_ref(), texts.default_language()).0;
    write(&mut response, &problem, language, &reference, texts);
    response
}

fn write(response: &mut Response, problem: &Problem, language: Language, reference: &str, texts: &Texts) {
    let inner = &problem.0;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    for (name, value) in &inner.headers {
        headers.append(name, value.clone());
    }
    let document = document(problem, language, reference, texts);
    let bytes = serde_json::to_vec(&document).expect("texts and JSON values can be written as JSON");
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    *response.body_mut() = RawBody::from(bytes);
}

fn document(problem: &Problem, language: Language, reference: &str, texts: &Texts) -> Value {
    let inner = &problem.0;
    let (title, detail) = problem_text(texts, language, problem);
    let mut members = Map::new();
    members.insert("type".to_owned(), format!("urn:vafa:problem:{}", inner.code.code).into());
    members.insert("title".to_owned(), title.into());
    members.insert("status".to_owned(), inner.code.kind.status().as_u16().into());
    members.insert("detail".to_owned(), detail.into());
    members.insert("code".to_owned(), inner.code.code.into());
    if let Some(pointer) = &inner.pointer {
        members.insert("pointer".to_owned(), pointer.as_str().into());
    }
    members.insert("trace_id".to_owned(), reference.into());
    for (name, value) in &inner.extensions {
        members.insert((*name).to_owned(), value.clone());
    }
    Value::Object(members)
}

/// A refusal's title and detail in a language. A code without texts (which a test forbids) shows its own words.
#[must_use]
pub fn problem_text(texts: &Texts, language: Language, problem: &Problem) -> (String, String) {
    let code: &ErrorCode = problem.0.code;
    let args = &problem.0.args;
    let title = texts.find(language, &code.text_id(), args).unwrap_or_else(|| code.code.to_owned());
    let detail = texts.find(language, &code.detail_id(), args).unwrap_or_else(|| code.about.to_owned());
    (title, detail)
}
