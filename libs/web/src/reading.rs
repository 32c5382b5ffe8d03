//! From a deserialiser's complaint to the problem that names it.

use serde::de::DeserializeOwned;

use crate::{ErrorCode, Problem, errors};

/// Reads JSON. The quick way first; only when that fails, again with the path remembered, to say where.
///
/// The whole must be an object: serde would take a list of a struct's values, in their order, as well.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let first = bytes.trim_ascii_start().first();
    if matches!(first, Some(b'[' | b'"' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9')) {
        return Err(Problem::new(&errors::BODY_NOT_OBJECT));
    }
    serde_json::from_slice(bytes).map_err(|error| json_problem::<T>(bytes, &error))
}

fn json_problem<T: DeserializeOwned>(bytes: &[u8], error: &serde_json::Error) -> Problem {
    if std::str::from_utf8(bytes).is_err() {
        return Problem::new(&errors::BODY_NOT_UTF8);
    }
    let message = error.to_string();
    if message.starts_with("recursion limit") {
        return Problem::new(&errors::BODY_TOO_DEEP);
    }
    let path = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(bytes))
        .err()
        .map(|error| error.path().clone());
    let pointer = path.as_ref().map(pointer_of).unwrap_or_default();
    if message.starts_with("number out of range") {
        return Problem::new(&errors::NUMBER_OUT_OF_RANGE).pointer(pointer);
    }
    if !error.is_data() {
        return Problem::new(&errors::BODY_MALFORMED)
            .arg("line", error.line())
            .arg("column", error.column())
            .extension("line", error.line())
            .extension("column", error.column());
    }
    let complaint = Complaint::read(&message);
    let pointer = complaint.field.map_or(pointer.clone(), |field| with_last(&pointer, field));
    let problem = Problem::new(complaint.sort.field_code()).arg("pointer", pointer.as_str()).pointer(pointer);
    match complaint.expected {
        Some(expected) => problem.extension("expected", expected),
        None => problem,
    }
}

/// What sort of thing the deserialiser complains of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Unknown,
    Missing,
    Repeated,
    Type,
    Choice,
    Invalid,
}

impl Sort {
    const fn field_code(self) -> &'static ErrorCode {
        match self {
            Self::Unknown => &errors::FIELD_UNKNOWN,
            Self::Missing => &errors::FIELD_MISSING,
            Self::Repeated => &errors::FIELD_REPEATED,
            Self::Type => &errors::FIELD_TYPE,
            Self::Choice => &errors::FIELD_CHOICE,
            Self::Invalid => &errors::FIELD_INVALID,
        }
    }

    pub(crate) const fn query_code(self) -> &'static ErrorCode {
        match self {
            Self::Unknown => &errors::QUERY_PARAMETER_UNKNOWN,
            Self::Missing => &errors::QUERY_PARAMETER_MISSING,
            Self::Repeated => &errors::QUERY_PARAMETER_REPEATED,
            Self::Type | Self::Choice | Self::Invalid => &errors::QUERY_PARAMETER_INVALID,
        }
    }
}

/// The parts of serde's message: its sort, the field it names, what it expected. Never the value that was sent.
pub(crate) struct Complaint<'m> {
    pub sort: Sort,
    pub field: Option<&'m str>,
    pub expected: Option<String>,
}

impl<'m> Complaint<'m> {
    pub(crate) fn read(message: &'m str) -> Self {
        let message = message.rsplit_once(" at line ").map_or(message, |(head, _)| head);
        let named = |prefix: &str| message.strip_prefix(prefix).map(quoted);
        let (sort, field) = if let Some(field) = named("unknown field ") {
            (Sort::Unknown, field)
        } else if let Some(field) = named("missing field ") {
            (Sort::Missing, field)
        } else if let Some(field) = named("duplicate field ") {
            (Sort::Repeated, field)
        } else if message.starts_with("unknown variant ") {
            (Sort::Choice, None)
        } else if message.starts_with("invalid type: ") {
            (Sort::Type, None)
        } else {
            (Sort::Invalid, None)
        };
        let expected = match sort {
            Sort::Missing | Sort::Repeated => None,
            Sort::Invalid if !message.starts_with("invalid ") => Some(message),
            _ => message.rsplit_once(", expected ").map(|(_, expected)| expected),
        };
        Self { sort, field, expected: expected.map(|text| text.replace('`', "")) }
    }
}

/// The name between the first backtick and the one that ends it.
fn quoted(text: &str) -> Option<&str> {
    let text = text.strip_prefix('`')?;
    text.split_once("`, expected ").or_else(|| text.rsplit_once('`')).map(|(name, _)| name)
}

/// A path as JSON pointer (RFC 6901).
pub(crate) fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Segment::Map { key } => push_escaped(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

fn push_escaped(pointer: &mut String, key: &str) {
    pointer.push('/');
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
}

fn with_last(pointer: &str, field: &str) -> String {
    let mut last = String::new();
    push_escaped(&mut last, field);
    if pointer.ends_with(&last) { pointer.to_owned() } else { format!("{pointer}{last}") }
}
