//! Typed values out of the path and the query string.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{
    Problem, errors,
    face::Arrival,
    pairs::{Pairs, split_query},
    reading::{Complaint, Sort, pointer_of},
};

/// The path's parameters: a struct by their names, a tuple by their order, or the one value when there is one.
#[derive(Clone, Copy, Debug)]
pub struct PathParams<T>(pub T);

/// The query string as a struct; say `deny_unknown_fields` on it.
#[derive(Clone, Copy, Debug)]
pub struct QueryParams<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for PathParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let arrival = Arrival::of(parts)?;
        let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = arrival
            .params
            .iter()
            .map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(value.as_str())))
            .collect();
        T::deserialize(Pairs(&pairs)).map(Self).map_err(|_| {
            let name = match pairs.as_slice() {
                [(name, _)] => name.to_string(),
                _ => place::<T>(&pairs),
            };
            Problem::new(&errors::PATH_INVALID).arg("parameter", name.as_str()).extension("parameter", name)
        })
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for QueryParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = split_query(query).ok_or_else(|| Problem::new(&errors::QUERY_MALFORMED))?;
        T::deserialize(Pairs(&pairs)).map(Self).map_err(|error| {
            let message = error.to_string();
            let complaint = Complaint::read(&message);
            let name = complaint.field.map_or_else(|| place::<T>(&pairs), ToOwned::to_owned);
            let problem = Problem::new(complaint.sort.query_code())
                .arg("parameter", name.as_str())
                .extension("parameter", name);
            match complaint.expected {
                Some(expected) if complaint.sort != Sort::Unknown => problem.extension("expected", expected),
                _ => problem,
            }
        })
    }
}

/// The name of the parameter that cannot be read.
fn place<T: DeserializeOwned>(pairs: &[(Cow<'_, str>, Cow<'_, str>)]) -> String {
    let error = serde_path_to_error::deserialize::<_, T>(Pairs(pairs)).err();
    let pointer = error.map(|error| pointer_of(error.path())).unwrap_or_default();
    let name = pointer.trim_start_matches('/');
    match name.parse::<usize>().ok().and_then(|index| pairs.get(index)) {
        Some((name, _)) => name.to_string(),
        None => name.to_owned(),
    }
}
