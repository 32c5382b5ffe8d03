//! Real servers: found, killed, brought back, frozen, and gone afterwards.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use testkit::servers::{Nats, Postgres};

#[test]
fn a_database_is_there_at_once_and_its_name_is_taken_then() -> anyhow::Result<()> {
    let postgres = Postgres::shared();
    let url = postgres.database("till_records")?;
    assert!(url.ends_with("/till_records"));
    assert_eq!(postgres.sql("till_records", "SELECT 6 * 7")?, "42");
    assert!(postgres.database("till_records").is_err());
    assert!(postgres.database("till; DROP").is_err());
    assert_ne!(postgres.fresh_database("a")?, postgres.fresh_database("a")?);
    Ok(())
}

#[test]
fn a_killed_postgres_comes_back_on_its_port_with_what_was_committed() -> anyhow::Result<()> {
    let postgres = Postgres::builder().durable().setting("work_mem", "1MB").start()?;
    postgres.sql("postgres", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")?;
    assert_eq!(postgres.sql("postgres", "SHOW fsync")?, "on");
    assert_eq!(postgres.sql("postgres", "SHOW synchronous_commit")?, "on");
    assert_eq!(postgres.sql("postgres", "SHOW work_mem")?, "1MB");
    let port = postgres.port();
    postgres.kill()?;
    assert!(postgres.pid().is_none());
    assert!(postgres.sql("postgres", "SELECT 1").is_err());
    postgres.restart()?;
    assert_eq!(postgres.port(), port);
    assert_eq!(postgres.sql("postgres", "SELECT n FROM kept")?, "1");
    postgres.stop()?;
    postgres.restart()?;
    assert!(postgres.restart().is_err(), "it runs already");
    Ok(())
}

#[test]
fn a_frozen_postgres_answers_when_it_goes_on() -> anyhow::Result<()> {
    let postgres = Postgres::start()?;
    postgres.pause()?;
    let asked = Instant::now();
    let answer = std::thread::scope(|scope| {
        let question = scope.spawn(|| postgres.sql("postgres", "SELECT 1"));
        std::thread::sleep(Duration::from_millis(300));
        assert!(!question.is_finished(), "a frozen server answered");
        postgres.resume()?;
        question.join().map_err(|_| anyhow::anyhow!("the question panicked"))?
    })?;
    assert_eq!(answer, "1");
    assert!(asked.elapsed() >= Duration::from_millis(300));
    Ok(())
}

#[test]
fn nats_has_jetstream_and_comes_back_on_its_port() -> anyhow::Result<()> {
    let nats = Nats::builder().durable().setting("max_payload: 2MB").start()?;
    let (url, port) = (nats.url(), nats.port());
    assert!(url.ends_with(&port.to_string()));
    assert!(nats.store_folder().is_dir());
    nats.kill()?;
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    nats.restart()?;
    nats.pause()?;
    nats.resume()?;
    nats.stop()?;
    nats.restart()?;
    assert_eq!(nats.url(), url);
    Ok(())
}

#[test]
fn nothing_is_left_after_a_drop() -> anyhow::Result<()> {
    let (postgres, nats) = (Postgres::start()?, Nats::start()?);
    let folders = [postgres.data_folder(), nats.store_folder()];
    let processes = [postgres.pid(), nats.pid()];
    drop((postgres, nats));
    assert!(folders.iter().all(|folder| !folder.exists()));
    assert!(processes.iter().all(|pid| !is_running(*pid)));
    Ok(())
}

/// Runs itself in another process, which is killed while its servers run, one of them frozen.
#[test]
fn nothing_is_left_when_the_test_process_is_killed() -> anyhow::Result<()> {
    const ROLE: &str = "TESTKIT_VICTIM";
    if let Some(report) = std::env::var_os(ROLE) {
        let (postgres, nats) = (Postgres::start()?, Nats::start()?);
        postgres.pause()?;
        let lines = format!("{:?} {:?} {}", postgres.pid(), nats.pid(), postgres.data_folder().display());
        std::fs::write(Path::new(&report).with_extension("part"), lines)?;
        std::fs::rename(Path::new(&report).with_extension("part"), &report)?;
        std::thread::sleep(Duration::from_mins(2));
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let report = folder.path().join("report");
    let mut victim = Command::new(std::env::current_exe()?)
        .args(["--exact", "servers::nothing_is_left_when_the_test_process_is_killed"])
        .env(ROLE, &report)
        .stdout(Stdio::null())
        .spawn()?;
    wait_for("the servers of the other process", || report.exists());
    victim.kill()?;
    victim.wait()?;
    let text = std::fs::read_to_string(&report)?;
    let numbers = text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|word| word.parse().ok());
    let pids: Vec<u32> = numbers.take(2).collect();
    let data = text.split(' ').next_back().unwrap_or_default();
    wait_for("the servers to be gone", || pids.iter().all(|pid| !is_running(Some(*pid))));
    wait_for("the folder to be gone", || !Path::new(data).exists());
    Ok(())
}

fn is_running(pid: Option<u32>) -> bool {
    let stat = pid.and_then(|pid| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok());
    stat.is_some_and(|stat| !stat.contains(") Z "))
}

fn wait_for(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
