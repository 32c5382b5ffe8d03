//! Every command of the README does what it is there for.
//!
//! Commands stand in blocks marked `sh`. Each is run in the order of the page by a shell of the reader's own: a folder
//! of its own, the built program on the path, free ports. A command that this file does not know fails the test.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use journeys::{Finished, Vafa, block_on, programme, repository};
use rustix::process::{Pid, Signal, kill_process};
use testkit::servers::{Nats, Postgres, free_port};
use vafa::client::{Call, Client};

const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn every_command_of_the_readme_works() {
    let page = fs::read_to_string(repository().join("README.md")).unwrap();
    let blocks = blocks(&page);
    assert!(blocks.len() >= 2, "the README has its commands in blocks marked sh");
    let mut reader = Reader::new();
    for block in &blocks {
        for line in block {
            reader.follow(line);
        }
        reader.end_of_block();
    }
    assert!(reader.followed.contains_key("demo"), "the README shows the demo: {:?}", reader.followed);
}

/// The lines of all blocks marked `sh`, without prompts and comments.
fn blocks(page: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut open: Option<Vec<String>> = None;
    for line in page.lines() {
        match (&mut open, line.trim_end()) {
            (None, "```sh") => open = Some(Vec::new()),
            (Some(_), "```") => found.extend(open.take()),
            (Some(block), line) => {
                let command = line.trim().trim_start_matches("$ ");
                if !command.is_empty() && !command.starts_with('#') {
                    block.push(command.to_owned());
                }
            }
            (None, _) => {}
        }
    }
    found
}

/// Somebody who follows the README.
struct Reader {
    folder: tempfile::TempDir,
    /// The platform of one process, once it runs: the later commands are about it.
    alone: Option<Serving>,
    /// Processes of the block at hand.
    beside: Vec<Serving>,
    port: u16,
    distributed: Vec<(String, String)>,
    followed: BTreeMap<String, usize>,
}

struct Serving(Child);

impl Serving {
    fn stop(mut self) {
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        let status = self.0.wait().unwrap();
        assert!(status.success(), "Ctrl-C ends it with {status}");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Reader {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (alone, beside, port) = (None, Vec::new(), free_port().unwrap());
        Self { folder, alone, beside, port, distributed: Vec::new(), followed: BTreeMap::new() }
    }

    /// Does what a line says.
    fn follow(&mut self, line: &str) {
        let line = line.split("  #").next().unwrap_or(line).trim();
        let words: Vec<&str> = line.split_whitespace().collect();
        let what = match words.as_slice() {
            ["tests/run", ..] => {
                // It runs this very test.
                assert!(repository().join("tests/run").is_file());
                "tests/run"
            }
            ["cargo", "run", "--release", "--", "demo", rest @ ..] | ["vafa", "demo", rest @ ..] => {
                self.demo(rest);
                "demo"
            }
            ["vafa", "run"] => {
                let serving = self.serve(&["run"], self.port, &[]);
                self.alone = Some(serving);
                self.publish();
                "run"
            }
            ["vafa", "run", service] => {
                self.run_service(service);
                "run a service"
            }
            ["vafa", "import", "purchases", file] => {
                let rows = "basket_id,customer_id,store_id,occurred_at,amount,items\n\
                            1001,7,12,2026-01-05T18:30:00+03:30,125000.00,3\n";
                fs::write(self.folder.path().join(file), rows).unwrap();
                let done = self.run(&words[1..]).ended_with(0);
                assert!(done.out.contains("recorded         1 "), "{}", done.out);
                "import"
            }
            ["vafa", "import", "returns", file] => {
                let rows = "basket_id,customer_id,store_id,occurred_at,amount,items\n\
                            C7,7,12,2026-01-09T18:30:00+03:30,-25000.00,1\n";
                fs::write(self.folder.path().join(file), rows).unwrap();
                let done = self.run(&words[1..]).ended_with(0);
                assert!(done.out.contains("recorded         1 "), "{}", done.out);
                "import returns"
            }
            ["vafa", word @ ("verify" | "migrate" | "openapi" | "facts" | "--help" | "--version")] => {
                assert!(!self.settled(word).out.is_empty());
                *word
            }
            ["vafa", word @ ("openapi" | "facts"), ">", file] => {
                let done = self.run(&[word]).ended_with(0);
                fs::write(self.folder.path().join(file), done.out).unwrap();
                *word
            }
            ["git", "clone", ..] | ["cd", ..] | ["cargo", "build" | "install", ..] => {
                "the reader's own business"
            }
            _ => panic!("the README says `{line}`, and no test runs it: teach tests/tests/it/readme.rs"),
        };
        *self.followed.entry(what.to_owned()).or_default() += 1;
    }

    fn end_of_block(&mut self) {
        while let Some(serving) = self.beside.pop() {
            serving.stop();
        }
    }

    fn run(&self, words: &[&str]) -> Finished {
        Vafa::with(&variables(self.port, &[])).run(self.folder.path(), words)
    }

    /// Runs it until the last facts have arrived: an audit of a platform at work may find some on their way.
    fn settled(&self, word: &str) -> Finished {
        let begun = Instant::now();
        loop {
            let done = self.run(&[word]);
            if done.code == Some(0) || begun.elapsed() > PATIENCE {
                return done.ended_with(0);
            }
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// The demo as it is written, but on a free port; stopped as a person stops it.
    fn demo(&self, rest: &[&str]) {
        let port = free_port().unwrap().to_string();
        let words: Vec<&str> =
            ["demo"].into_iter().chain(rest.iter().copied()).chain(["--port", &port]).collect();
        if rest.contains(&"--no-serve") {
            let _ = Vafa::with(&[]).run(self.folder.path(), &words).ended_with(0);
            return;
        }
        let serving = self.serve(&words, port.parse().unwrap(), &[]);
        serving.stop();
    }

    fn run_service(&mut self, service: &str) {
        if self.distributed.is_empty() {
            self.distributed = places(self.folder.path());
        }
        let own = format!("VAFA_{}__URL", service.to_uppercase());
        let url = self.distributed.iter().find(|(name, _)| *name == own).map(|(_, url)| url.clone());
        let port = url.and_then(|url| url.rsplit(':').next()?.parse().ok());
        let port = port.unwrap_or_else(|| free_port().unwrap());
        let serving = self.serve(&["run", service], port, &self.distributed.clone());
        self.beside.push(serving);
    }

    /// Starts a command that serves, and waits until it is ready.
    fn serve(&self, words: &[&str], port: u16, more: &[(String, String)]) -> Serving {
        let mut command = Vafa::with(&variables(port, more)).command(words);
        command.current_dir(self.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut serving = Serving(command.spawn().unwrap());
        let client = client(port, Duration::ZERO);
        let begun = Instant::now();
        loop {
            if block_on(client.send(&Call::get("/readyz"))).is_ok_and(|answer| answer.status == 200) {
                return serving;
            }
            assert_eq!(serving.0.try_wait().unwrap(), None, "{words:?} ended instead of serving");
            assert!(begun.elapsed() < PATIENCE, "{words:?} does not get ready");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The back office's part, which the README leaves to the till guide: a programme is live.
    fn publish(&self) {
        let secrets = fs::read_to_string(self.folder.path().join("data/secrets.toml")).unwrap();
        let key = secrets.lines().find_map(|line| line.strip_prefix("operator_key = ")).unwrap();
        let call = Call::put("/v1/programme").bearer(key.trim_matches('"')).json(&programme(&[]));
        block_on(client(self.port, PATIENCE).ask(&call)).unwrap();
    }
}

fn variables(port: u16, more: &[(String, String)]) -> Vec<(String, String)> {
    let listen = ("VAFA_HTTP__LISTEN".to_owned(), format!("127.0.0.1:{port}"));
    std::iter::once(listen).chain(more.iter().cloned()).collect()
}

fn client(port: u16, patience: Duration) -> Client {
    Client::patient(&format!("http://127.0.0.1:{port}"), Duration::from_secs(5), patience).unwrap()
}

/// Settings that tell services of several processes where everything is.
fn places(folder: &Path) -> Vec<(String, String)> {
    let postgres = Postgres::shared();
    let mut settings: Vec<(String, String)> = Vec::new();
    let mut set = |name: &str, value: String| settings.push((format!("VAFA_{name}"), value));
    for service in ["membership", "points", "rewards", "notifications", "webhooks"] {
        let name = service.to_uppercase();
        set(&format!("{name}__DATABASE_URL"), postgres.fresh_database(&format!("readme_{service}")).unwrap());
        set(&format!("{name}__URL"), format!("http://127.0.0.1:{}", free_port().unwrap()));
    }
    set("BUS__NATS_URL", Nats::shared().url());
    set("BUS__NATS_PREFIX", "readme".to_owned());
    for name in ["BLIND_INDEX_KEY", "SERVICE_KEY"] {
        set(&format!("SECRETS__{name}"), "4d".repeat(32));
    }
    set("SECRETS__MASTER_KEYS", format!("1:{}", "5e".repeat(32)));
    // A secret may be given by a file.
    let file: PathBuf = folder.join("operator-key");
    fs::write(&file, format!("vo_{}", "6f".repeat(32))).unwrap();
    set("SECRETS__OPERATOR_KEY_FILE", file.display().to_string());
    settings
}
