use std::collections::BTreeSet;

use kernel::Language;
use web::{ERRORS, Texts};

#[test]
fn every_code_has_its_title_and_detail_in_all_three_languages() {
    let texts = Texts::new(&[]);
    assert_eq!(texts.missing(ERRORS), Vec::<String>::new());
}

#[test]
fn every_text_belongs_to_a_code() {
    let wanted: BTreeSet<String> =
        ERRORS.iter().flat_map(|code| [code.text_id(), format!("{}-detail", code.text_id())]).collect();
    for (language, source) in web::LOCALES {
        let written: BTreeSet<String> = source
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(" = "))
            .map(|(id, _)| id.to_owned())
            .collect();
        assert_eq!(written, wanted, "{language}");
    }
}

#[test]
fn codes_are_unique_and_begin_with_their_crate() {
    let codes: BTreeSet<&str> = ERRORS.iter().map(|code| code.code).collect();
    assert_eq!(codes.len(), ERRORS.len());
    assert!(codes.iter().all(|code| code.starts_with("web.")));
    assert!(ERRORS.iter().all(|code| code.about.ends_with('.')));
    assert_eq!(Language::ALL.len(), web::LOCALES.len());
}
