//! A server's process: started, signalled, waited for, and gone when the test is.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long a server may take to start or to stop.
pub const PATIENCE: Duration = Duration::from_secs(30);

const POLL: Duration = Duration::from_millis(5);

/// Waits for the test process to end, however it does, then ends the server and removes its folder.
/// Its standard input is a pipe that only the test process holds open. `$1` pid file, `$2` folder.
const WATCH: &str = r#"
cat >/dev/null
file=$1 folder=$2
read -r pid <"$file"
if [ -n "$pid" ]; then
    for stat in /proc/[0-9]*/stat; do
        read -r line <"$stat" || continue
        set -- ${line##*) }
        child=${stat#/proc/}
        [ "$2" = "$pid" ] && kill -CONT "${child%/stat}"
    done
    kill -CONT "$pid"
    kill -QUIT "$pid"
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        read -r line <"/proc/$pid/stat" || break
        case $line in *") Z "*) break ;; esac
        sleep 0.2
    done
    kill -KILL "$pid"
fi 2>/dev/null
rm -rf "$folder"
"#;

/// A server that may be killed and started again with the same command.
#[derive(Debug)]
pub struct Process {
    folder: PathBuf,
    pid_file: PathBuf,
    log: PathBuf,
    last_signal: Signal,
    running: Mutex<Option<Child>>,
    watch: Option<Child>,
}

impl Process {
    /// A process that is not started yet. `folder` is removed with it, `pid_file` is written by the server,
    /// `last_signal` ends it quickly.
    pub fn new(folder: &Path, pid_file: &Path, last_signal: Signal) -> anyhow::Result<Self> {
        let watch = Command::new("sh")
            .args(["-c", WATCH, "watch"])
            .args([pid_file, folder])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("starting the shell that watches over a server")?;
        let log = folder.join("server.log");
        let (running, watch) = (Mutex::new(None), Some(watch));
        let (folder, pid_file) = (folder.to_path_buf(), pid_file.to_path_buf());
        Ok(Self { folder, pid_file, log, last_signal, running, watch })
    }

    /// Starts the command and waits until `ready` says so.
    pub fn start(&self, mut command: Command, ready: impl Fn(u32) -> bool) -> anyhow::Result<()> {
        let mut running = self.lock();
        if running.is_some() {
            bail!("the server is running already");
        }
        let log = File::options().create(true).append(true).open(&self.log)?;
        let errors = log.try_clone()?;
        command.stdin(Stdio::null()).stdout(log).stderr(errors).current_dir(&self.folder).process_group(0);
        let mut child =
            command.spawn().with_context(|| format!("starting {}", command.get_program().display()))?;
        let begun = Instant::now();
        while !ready(child.id()) {
            if let Some(status) = child.try_wait()? {
                bail!("the server ended at its start ({status}):\n{}", self.log_end());
            }
            if begun.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                bail!("the server was not ready within {PATIENCE:?}:\n{}", self.log_end());
            }
            std::thread::sleep(POLL);
        }
        *running = Some(child);
        Ok(())
    }

    /// The process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.lock().as_ref().map(Child::id)
    }

    /// Sends the signal to the server and, if asked, to its children.
    pub fn signal(&self, signal: Signal, whom: Whom) -> anyhow::Result<()> {
        let Some(pid) = self.pid() else { bail!("the server is not running") };
        let offspring = if whom == Whom::Family { children(pid) } else { Vec::new() };
        send(pid, signal)?;
        for child in offspring {
            // A child that has just ended by itself needs no signal.
            let _ = send(child, signal);
        }
        Ok(())
    }

    /// Sends the signal to the server (and its children) and waits until all of them are gone.
    pub fn end(&self, signal: Signal, whom: Whom) -> anyhow::Result<()> {
        let Some(mut child) = self.lock().take() else { return Ok(()) };
        let offspring = children(child.id());
        // A stopped process takes no signal but KILL before it goes on.
        for pid in offspring.iter().copied().chain([child.id()]).filter(|_| signal != Signal::KILL) {
            let _ = send(pid, Signal::CONT);
        }
        let _ = send(child.id(), signal);
        if whom == Whom::Family {
            for pid in &offspring {
                let _ = send(*pid, signal);
            }
        }
        let begun = Instant::now();
        while child.try_wait()?.is_none() || offspring.iter().any(|pid| alive(*pid)) {
            if begun.elapsed() > PATIENCE {
                let _ = send(child.id(), Signal::KILL);
                child.wait()?;
                bail!("the server did not end within {PATIENCE:?}:\n{}", self.log_end());
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// The last lines of the server's log, for messages.
    pub fn log_end(&self) -> String {
        const SHOWN: u64 = 4_000;
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.log)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(SHOWN)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_else(|error| format!("(no log: {error})"))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Child>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nobody hears an error here; the watch below ends what this could not.
        if self.end(self.last_signal, Whom::Server).is_ok() {
            // Else the watch would signal whoever has that number by then.
            let _ = std::fs::remove_file(&self.pid_file);
        }
        if let Some(mut watch) = self.watch.take() {
            drop(watch.stdin.take());
            let _ = watch.wait();
        }
    }
}

/// A new folder for a server: in `parent`, else in the system's temporary folder.
pub fn folder(prefix: &str, parent: Option<&Path>) -> anyhow::Result<TempDir> {
    let parent = parent.map_or_else(std::env::temp_dir, Path::to_path_buf);
    let made = tempfile::Builder::new().prefix(prefix).tempdir_in(&parent);
    made.with_context(|| format!("making a folder in {}", parent.display()))
}

/// Who gets a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The server's own process.
    Server,
    /// The server and its child processes (PostgreSQL has one per connection).
    Family,
}

fn send(pid: u32, signal: Signal) -> anyhow::Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("not a process id")?;
    kill_process(pid, signal).with_context(|| format!("signal {signal:?} to process {pid:?}"))
}

/// Running: there, and not a zombie that its parent has yet to fetch.
fn alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| fields_after_name(&stat).next().is_some_and(|state| state != "Z"))
}

fn children(parent: u32) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers.filter(|pid| parent_of(*pid) == Some(parent)).collect()
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    fields_after_name(&stat).nth(1)?.parse().ok()
}

/// The fields of `/proc/…/stat` after the program's name, which may itself contain spaces and brackets.
fn fields_after_name(stat: &str) -> impl Iterator<Item = &str> {
    stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split(' ')
}
