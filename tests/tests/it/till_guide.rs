//! Every example of the guide for tills that sign does what it is there for, in shell, Python and JavaScript.

use std::{fs, path::Path, process::Command, sync::Arc};

use journeys::{Stage, in_both_shapes, repository};

in_both_shapes!(the_guide_for_tills_that_sign_sells_four_times);

/// The blocks of this language, in the order of the page.
fn blocks(page: &str, language: &str) -> String {
    let mark = format!("{language}\n");
    page.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix(mark.as_str())).collect()
}

/// Runs a program in the till's folder; answers what it printed.
async fn run(folder: &Path, program: &str, args: &[&str], environment: &[(&str, String)]) -> String {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder).envs(environment.iter().cloned());
    let name = program.to_owned();
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    let output = output.unwrap_or_else(|fault| panic!("{name} is needed for the examples: {fault}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}: {out}{err}");
    out.into_owned()
}

/// The Python that has what the examples import: the one on the path, or Debian's.
fn python() -> &'static str {
    let has = |program: &&str| {
        let asked = Command::new(program).args(["-c", "import cryptography"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(has).expect("a Python with the package cryptography")
}

async fn the_guide_for_tills_that_sign_sells_four_times(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let page = fs::read_to_string(repository().join("docs/guides/till-integration.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut environment = vec![
        ("VAFA", stage.base_url()),
        ("PHONE", phone),
        ("BRANCH", till.branch.code.clone()),
        ("TILL", till.code.clone()),
        ("OPERATOR_KEY", stage.operator_key().to_owned()),
    ];
    let script = blocks(&page, "sh");
    assert!(script.matches("curl").count() >= 3, "the guide has its commands in blocks marked sh");
    let out = run(at, "sh", &["-eu", "-c", &script], &environment).await;
    let key_id = out.split("\"key_id\":\"").nth(1).and_then(|rest| rest.split('"').next());
    environment.push(("OLD_KEY_ID", key_id.expect("a registered key has an id").to_owned()));
    fs::write(at.join("till.py"), blocks(&page, "python")).unwrap();
    run(at, python(), &["till.py"], &environment).await;
    fs::write(at.join("till.mjs"), blocks(&page, "js")).unwrap();
    run(at, "node", &["till.mjs"], &environment).await;
    assert_eq!(till.balance_of(&member).await["points"], 4 * 1_250);
}
