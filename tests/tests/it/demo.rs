//! The demo tells its story, goes on where it was, and its curl lines work.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use journeys::{Finished, Vafa};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

#[test]
fn a_demo_tells_its_story_and_the_next_start_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let vafa = Vafa::with(&[]);
    let first =
        vafa.run(folder.path(), &["demo", "--data-dir", "shop", "--port", "0", "--no-serve"]).ended_with(0);
    for words in [
        "5 regions, 14 branches, 28 tills",
        "90 members",
        "3,000 of them sent just now",
        "/docs",
        "زهرا",
        "a coffee with a purchase",
        "a seat at the tasting: booked",
        "a coffee for 20 points, used at till",
        "before the first ticket was taken",
        "won the bicycle",
    ] {
        assert!(first.out.contains(words), "{words} is not in:\n{}", first.out);
    }
    let Served { out, curls, checked } = serve_and_try(&vafa, folder.path());
    assert!(checked.contains("3 drawn, all as it was promised"), "{checked}");
    assert!(out.contains("nothing was added"), "{out}");
    assert_eq!(curls.len(), 5, "{curls:?}");
    let [joined, dry, bought, balance, history] = &curls[..] else { panic!("five lines") };
    assert_eq!(joined["first_name"], "Sara");
    assert_eq!((&dry["dry_run"], &bought["dry_run"]), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!((&dry["points"], &dry["balance"]), (&bought["points"], &bought["balance"]));
    assert_eq!(balance["points"], bought["balance"]["points"]);
    assert_eq!(history["items"][0]["id"], bought["purchase_id"]);
    assert_eq!(history["items"].as_array().map(Vec::len), Some(5));

    let audit = audit(folder.path()).ended_with(0);
    assert!(audit.out.contains("promises hold"), "{}", audit.out);
}

fn audit(folder: &Path) -> Finished {
    let data = [("VAFA_DATA__DIR".to_owned(), "shop".to_owned())];
    Vafa::with(&data).run(folder, &["verify"])
}

/// Waits until everybody has heard of what the curl lines did: what is not told when a demo ends, the next start tells.
fn all_is_heard(folder: &Path) {
    let begun = Instant::now();
    while audit(folder).code != Some(0) {
        assert!(begun.elapsed() < Duration::from_mins(1), "{}", audit(folder).out);
    }
}

/// What a demo said that served, and what came of what it says to try.
struct Served {
    out: String,
    curls: Vec<Value>,
    checked: String,
}

/// Starts the demo, runs by a shell what it prints for that, stops it by Ctrl-C.
fn serve_and_try(vafa: &Vafa, folder: &Path) -> Served {
    let mut command = vafa.command(&["demo", "--data-dir", "shop", "--port", "0"]);
    let mut demo = Ending(command.current_dir(folder).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(demo.0.stdout.take().unwrap()).lines();
    let mut out = String::new();
    for line in lines.by_ref().map(Result::unwrap) {
        out.push_str(&line);
        out.push('\n');
        if line.starts_with("Serving until") {
            break;
        }
    }
    let curls = out.lines().map(str::trim).filter(|line| line.starts_with("curl ")).map(shell).collect();
    let check = out.lines().find_map(|line| line.trim().strip_prefix("Check it: ")).unwrap();
    let checked = String::from_utf8(shell_out(check).stdout).unwrap();
    all_is_heard(folder);
    let pid = i32::try_from(demo.0.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert!(demo.0.wait().unwrap().success(), "Ctrl-C ends a demo well");
    Served { out, curls, checked }
}

fn shell_out(line: &str) -> Output {
    let output = Command::new("sh").args(["-c", line]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn shell(line: &str) -> Value {
    let output = shell_out(line);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{line}: {e}"));
    assert!(answer.get("code").is_none(), "{line}: {answer}");
    answer
}

/// Ends a process that a failed test leaves behind.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
