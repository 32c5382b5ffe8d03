//! Ends processes and removes a folder when the test process ends, however it does.

use std::{
    io::Write as _,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use anyhow::Context as _;

/// Its standard input is a pipe that only the test process holds open. `$1` is the folder.
const WATCH: &str = r#"
pids=""
while read -r word pid; do
    rest=""
    for known in $pids; do
        [ "$known" = "$pid" ] || rest="$rest $known"
    done
    pids="$rest"
    [ "$word" = began ] && pids="$pids $pid"
done
for pid in $pids; do
    kill -KILL "$pid"
done 2>/dev/null
rm -rf "$1"
"#;

/// A shell that waits for this process to end.
pub struct Leftovers {
    watch: Child,
    told: Mutex<Option<ChildStdin>>,
}

impl Leftovers {
    /// Watches over a folder.
    ///
    /// # Errors
    /// When there is no shell.
    pub fn of(folder: &Path) -> anyhow::Result<Self> {
        let mut watch = Command::new("sh")
            .args(["-c", WATCH, "watch"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("starting the shell that watches over a stage")?;
        let told = Mutex::new(watch.stdin.take());
        Ok(Self { watch, told })
    }

    /// A process that must not outlive this one.
    pub fn began(&self, pid: u32) {
        self.tell("began", pid);
    }

    /// A process that ended: its number may be somebody else's from now on.
    pub fn ended(&self, pid: u32) {
        self.tell("ended", pid);
    }

    fn tell(&self, word: &str, pid: u32) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipe) = told.as_mut() {
            writeln!(pipe, "{word} {pid}").expect("the shell reads until the pipe is closed");
        }
    }
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        drop(self.told.lock().unwrap_or_else(PoisonError::into_inner).take());
        // It ends by itself once the pipe is closed.
        let _ = self.watch.wait();
    }
}
