//! Lints are left with `#[expect(lint, reason = "…")]`, not `#[allow]`; no test is switched off.

use crate::{Plant, Rule, Tree, Violation};

pub const RULE: Rule = Rule { name: "attributes", check, plants: PLANTS };

fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.rust() {
        let code = file.code();
        for start in [&["#", "[", "allow", "("] as &[&str], &["#", "!", "[", "allow", "("]] {
            let reason = "`allow` stays when its cause has gone: use `#[expect(lint, reason = \"…\")]`";
            found.extend(code.sequences(start).map(|token| Violation::new(file.path(), token.line, reason)));
        }
        let reason = "`ignore`: a test that does not run shows nothing; long ones run in small and ask VAFA_LONG for their full size";
        found.extend(
            code.sequences(&["#", "[", "ignore"])
                .map(|token| Violation::new(file.path(), token.line, reason)),
        );
        found.extend(reasonless(file.code()).map(|line| {
            Violation::new(file.path(), line, "`expect` without a reason: say `reason = \"…\"`")
        }));
    }
    found
}

/// Lines of `#[expect(…)]` that name no reason.
fn reasonless(code: &crate::syntax::Syntax) -> impl Iterator<Item = usize> {
    let starts = code.tokens.windows(4).enumerate().filter(|(_, window)| {
        let texts: Vec<&str> = window.iter().map(|token| token.text.as_str()).collect();
        texts == ["#", "[", "expect", "("] || texts == ["!", "[", "expect", "("]
    });
    starts.filter_map(|(index, window)| {
        let inside = code.tokens[index..].iter().take_while(|token| token.text != "]");
        let has_reason = inside.into_iter().any(|token| token.text == "reason");
        (!has_reason).then_some(window[0].line)
    })
}

const PLANTS: &[Plant] = &[Plant {
    bad: &[(
        "a/src/lib.rs",
        "#![allow(dead_code)] // caught\n\
         #[allow(clippy::x, reason = \"y\")] // caught\nfn f() {}\n\
         #[expect(clippy::x)] // caught\nfn g() {}\n\
         #[test]\n#[ignore] // caught\nfn h() {}\n\
         #[test]\n#[ignore = \"slow\"] // caught\nfn i() {}",
    )],
    clean: &[(
        "a/src/lib.rs",
        "#[expect(clippy::x, reason = \"y\")]\nfn f() { x.expect(\"y\"); ignore(); allow(1); }",
    )],
}];
