//! What the service says of itself: routes, documentation, errors, texts, settings.

use std::collections::BTreeSet;

use kernel::Language;
use membership::{Membership, error::ERRORS, http::LOCALES};
use runtime::Service as _;
use web::Texts;

#[test]
fn every_public_route_is_documented_under_its_operation() {
    let routes: Vec<_> = Membership.routes().into_iter().filter(|route| route.is_public()).collect();
    assert_eq!(web::check_routes(&Membership.openapi(), &routes), Vec::<String>::new());
    assert_eq!(routes.len() + 12, Membership.routes().len());
}

#[test]
fn every_error_has_its_words_in_every_language() {
    let texts = Texts::new(&[LOCALES]);
    for error in ERRORS {
        for language in Language::ALL {
            for id in [error.text_id(), format!("{}-detail", error.text_id())] {
                assert!(texts.find(language, &id, &[]).is_some(), "{language}: {id}");
            }
        }
    }
}

#[test]
fn every_word_belongs_to_an_error_and_names_the_same_values_in_every_language() {
    let known: BTreeSet<String> = ERRORS.iter().map(|error| error.text_id()).collect();
    let mut values: Vec<Vec<(String, BTreeSet<&str>)>> = Vec::new();
    for (_, source) in LOCALES {
        let lines = source.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let read = lines.map(|line| {
            let (id, text) = line.split_once(" = ").expect("one line a message");
            assert!(known.contains(id.trim_end_matches("-detail")), "{id}");
            let named = text.split('{').skip(1).filter_map(|part| part.split('}').next()).map(str::trim);
            (id.to_owned(), named.collect())
        });
        values.push(read.collect());
    }
    assert_eq!(values[0], values[1]);
    assert_eq!(values[0], values[2]);
}

#[test]
fn every_error_is_used_by_a_route() {
    let used: BTreeSet<&str> =
        Membership.routes().iter().flat_map(|route| route.problems).map(|error| error.code).collect();
    let unused: Vec<_> = ERRORS.iter().map(|error| error.code).filter(|code| !used.contains(code)).collect();
    assert_eq!(unused, Vec::<&str>::new());
}
