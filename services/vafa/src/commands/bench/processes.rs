//! What processes and the machine use, read from `/proc`.

use std::fs;

use serde::{Deserialize, Serialize};

use super::latency::real;

/// Ticks a second of the times in `/proc`: fixed for programs on Linux, whatever the kernel's own clock does.
const TICKS_PER_S: f64 = 100.0;

/// CPU seconds of a process, with the seconds of children that have ended.
#[must_use]
pub fn cpu_seconds(pid: u32) -> f64 {
    stat(pid).map_or(0.0, |stat| stat.cpu)
}

/// CPU seconds of a process and of all its living children: a PostgreSQL server is one process per connection.
#[must_use]
pub fn family_cpu_seconds(pid: u32) -> f64 {
    let children = all_pids().filter_map(stat).filter(|stat| stat.parent == pid);
    cpu_seconds(pid) + children.map(|stat| stat.cpu).sum::<f64>()
}

/// Resident memory in MiB: now, and the most there ever was.
#[must_use]
pub fn memory_mib(pid: u32) -> (f64, f64) {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    (status_mib(&text, "VmRSS:"), status_mib(&text, "VmHWM:"))
}

/// CPU seconds that all cores of the machine together have worked since it started.
#[must_use]
pub fn machine_cpu_seconds() -> f64 {
    worked(&fs::read_to_string("/proc/stat").unwrap_or_default())
}

/// How many cores this process may use.
#[must_use]
pub fn cores() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |cores| real(cores.get() as u64))
}

/// What the figures were taken on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Cores.
    pub cores: f64,
    /// Memory in GiB.
    pub memory_gib: f64,
    /// The kernel's version.
    pub kernel: String,
    /// Load average over a minute before anything was started.
    pub load_before: String,
}

impl Machine {
    /// Looks around.
    #[must_use]
    pub fn look() -> Self {
        let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
        let processors = read("/proc/cpuinfo");
        let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Self {
            processor: model.map(|(_, name)| name.to_owned()).unwrap_or_default(),
            cores: cores(),
            memory_gib: status_mib(&read("/proc/meminfo"), "MemTotal:") / 1024.0,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load_before: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
        }
    }
}

struct Stat {
    parent: u32,
    cpu: f64,
}

fn stat(pid: u32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The fields after the name, which may itself have spaces and brackets: state, parent, …, and from the twelfth on the
/// ticks in user and system mode, own and of ended children.
fn parse_stat(text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks: f64 = fields.get(11..15)?.iter().filter_map(|field| field.parse::<f64>().ok()).sum();
    Some(Stat { parent: fields.get(1)?.parse().ok()?, cpu: ticks / TICKS_PER_S })
}

fn all_pids() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn status_mib(text: &str, name: &str) -> f64 {
    let kib =
        text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

/// First line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal. Stolen time counts as worked:
/// nobody here had it.
fn worked(text: &str) -> f64 {
    let numbers = text.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let numbers: Vec<f64> = numbers.filter_map(|field| field.parse().ok()).take(8).collect();
    let idle: f64 = numbers.iter().skip(3).take(2).sum();
    (numbers.iter().sum::<f64>() - idle) / TICKS_PER_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_behind_a_name_with_brackets() {
        let text = "7 (a) b (c)) S 3 7 7 0 -1 4194560 1 2 3 4 150 50 20 30 20 0 1 0 1 2 3";
        let stat = parse_stat(text).unwrap();
        assert_eq!(stat.parent, 3);
        assert!((stat.cpu - 2.5).abs() < 1e-9);
    }

    #[test]
    fn this_process_has_memory_and_a_parent() {
        let (now, peak) = memory_mib(std::process::id());
        assert!(now > 1.0 && peak >= now, "{now} {peak}");
        assert!(stat(std::process::id()).is_some_and(|stat| stat.parent > 0));
        assert!(machine_cpu_seconds() > 0.0);
    }

    #[test]
    fn idle_time_and_waiting_for_the_disk_are_not_work() {
        assert!((worked("cpu  100 10 50 9999 888 1 2 37 0 0\ncpu0 1 1 1 1\n") - 2.0).abs() < 1e-9);
    }
}
