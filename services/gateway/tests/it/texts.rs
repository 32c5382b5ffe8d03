use web::Texts;

#[test]
fn every_code_has_its_title_and_detail_in_all_three_languages() {
    assert_eq!(Texts::new(&[gateway::LOCALES]).missing(gateway::ERRORS), Vec::<String>::new());
}

#[test]
fn codes_begin_with_the_gateways_name_and_are_explained() {
    for code in gateway::ERRORS {
        assert!(code.code.starts_with("gateway.") && code.about.ends_with('.'), "{}", code.code);
    }
}

#[test]
fn the_default_of_every_setting_is_allowed() {
    for setting in gateway::SETTINGS {
        assert!(setting.allowed.takes(setting.default), "{}", setting.name);
        assert!(setting.name.starts_with("gateway."), "{}", setting.name);
    }
}
