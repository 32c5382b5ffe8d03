//! Every command of the guide for apps does what it is there for (J8).

use std::{fs, process::Command, sync::Arc};

use journeys::{Stage, in_both_shapes, repository};

in_both_shapes!(the_guide_for_apps_signs_a_member_in_and_out);

/// The commands of all blocks marked `sh`, in the order of the page.
fn commands(page: &str) -> String {
    let blocks = page.split("```").skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix("sh\n")).collect()
}

async fn the_guide_for_apps_signs_a_member_in_and_out(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let page = fs::read_to_string(repository().join("docs/guides/app-integration.md")).unwrap();
    let script = commands(&page);
    assert!(script.matches("curl").count() >= 7, "the guide has its commands in blocks marked sh");
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(stage.data_folder(), folder.path().join("data")).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-eu", "-c", &script]).current_dir(folder.path());
    shell.env("VAFA", stage.base_url()).env("PHONE", &phone);
    let run = tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{out}{err}");
    assert!(out.contains(&member) && out.trim_end().ends_with("true"), "{out}");
    let tokens = fs::read_to_string(folder.path().join("tokens.json")).unwrap();
    let tokens: serde_json::Value = serde_json::from_str(&tokens).unwrap();
    let body = serde_json::json!({"refresh_token": tokens["refresh_token"]});
    let refresh = vafa::client::Call::post("/v1/sign-in/refresh").json(&body);
    stage.call(refresh).await.refused(401, "membership.refresh_refused");
}
