//! The file of providers, and the guide's examples of it.

use notifications::adapters::{Carriers as _, Fleet, Providers};

fn flaws(file: &str) -> Vec<String> {
    Providers::read(file).err().map(|flaws| flaws.0).unwrap_or_default()
}

#[test]
fn everything_wrong_is_said_at_once_and_no_key_is_shown() {
    let said = flaws(
        r#"
        speed = 3
        [[provider]]
        name = "First"
        kind = "http"
        url = "https://sms.example"
        per_second = 0
        [[provider]]
        name = "second"
        kind = "http"
        url = "sms.example?key=SECRET"
        [[provider]]
        name = "third"
        kind = "pigeon"
        key = "SECRET"
        [[provider]]
        name = "fourth"
        kind = "http"
        url = "https://sms.example"
        token = "SECRET"
        [[provider]]
        name = "fifth"
        kind = "outbox"
        [[provider]]
        name = "sixth"
        kind = "http"
        channel = "letter"
        url = "https://sms.example/{{ who }}"
        [[provider]]
        name = "seventh"
        kind = "http"
        url = "https://sms.example"
        json = { to = "{{ whom }}" }
        daily_cap = -1
    "#,
    );
    let all = said.join("\n");
    for part in [
        "speed",
        "provider 1 (First): name",
        "provider 1 (First): per_second",
        "provider 2 (second): url",
        "provider 3 (third): unknown variant `pigeon`",
        "provider 4 (fourth): unknown field `token`",
        "provider 5 (fifth): an outbox",
        "provider 6 (sixth): there is no channel letter",
        "provider 7 (seventh): daily_cap",
        "provider 7 (seventh): json: there is no {{ whom }}",
    ] {
        assert!(all.contains(part), "{part} is not in\n{all}");
    }
    assert!(!all.contains("SECRET"), "{all}");
}

#[test]
fn a_file_that_is_none_says_where() {
    assert!(flaws("").join("").contains("1 to 50 tables"));
    assert!(flaws("[[provider]]\nname = \"a\nkey = \"SECRET\"")[0].starts_with("line 2: "));
    let twice = "[[provider]]\nname = \"a\"\nkind = \"outbox\"\nconsole = true\n".repeat(2);
    assert_eq!(flaws(&twice), ["provider 2: the name a is taken"]);
    assert!(flaws("provider = 3").join("").contains("1 to 50 tables"));
    assert!(flaws("provider = [3]").join("").contains("it is a table"));
}

#[test]
fn the_guides_examples_are_good_files() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/providers.md");
    let guide = std::fs::read_to_string(guide).expect("the guide");
    let examples: Vec<&str> =
        guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() >= 10);
    let folder = tempfile::tempdir().expect("a folder");
    super::push::account(folder.path());
    let account = folder.path().join("account.json").display().to_string();
    for example in examples {
        let example = example.replace("/etc/vafa/firebase.json", &account);
        let providers = Providers::read(&example).unwrap_or_else(|flaws| panic!("{flaws} in\n{example}"));
        assert!(Fleet::new(providers).all().iter().all(|one| !one.name.is_empty()));
    }
}
