//! How far it is: a bar on a terminal, plain lines elsewhere.

use std::{
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// Shows progress on standard error.
pub struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    what: &'static str,
    total: u64,
    began: Instant,
    shown: Instant,
    last: (u64, u64),
    first: Option<(u64, u64)>,
}

impl Progress {
    /// Progress towards `total` of any unit, while `what` are counted.
    #[must_use]
    pub fn new(what: &'static str, total: u64) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target = if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template = "  {bar:30.green/dim} {percent:>3} %  {msg}  {eta} left";
        let style = ProgressStyle::with_template(template).map(|style| style.progress_chars("━━─"));
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let now = Instant::now();
        Self { bar, is_terminal, what, total, began: now, shown: now, last: (0, 0), first: None }
    }

    /// So far it is, and so many were counted.
    pub fn at(&mut self, position: u64, count: u64) {
        self.last = (position, count);
        if self.first.is_none() {
            self.first = Some((position, count));
            self.bar.set_position(position.min(self.total));
            self.bar.reset_eta();
        }
        if self.is_terminal {
            self.bar.set_position(position.min(self.total));
            let rate = self.rate();
            self.bar.set_message(format!(
                "{} {}, {}/s",
                grouped(count.into()),
                self.what,
                grouped(rate.into())
            ));
        } else if self.shown.elapsed() >= PLAIN_EVERY {
            self.shown = Instant::now();
            self.say();
        }
    }

    /// A second, since this run began.
    fn rate(&self) -> u64 {
        let before = self.first.map_or(0, |(_, count)| count);
        per_second(self.last.1.saturating_sub(before), self.began.elapsed())
    }

    fn say(&self) {
        let (position, count) = self.last;
        let (elapsed, total) = (self.began.elapsed(), self.total.max(1));
        let percent = (position.min(total).saturating_mul(100)) / total;
        let done = position.saturating_sub(self.first.map_or(0, |(position, _)| position));
        let left = match done {
            0 => String::new(),
            done => {
                let left = (total - position.min(total)).saturating_mul(elapsed.as_secs()) / done;
                format!(", about {left} s left")
            }
        };
        let (count, rate) = (grouped(count.into()), grouped(self.rate().into()));
        eprintln!("  {percent:>3} %  {count} {}, {rate}/s{left}", self.what);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// How many a second.
#[must_use]
pub fn per_second(count: u64, time: Duration) -> u64 {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    count.saturating_mul(1000) / millis
}

/// A whole number with its thousands apart.
#[must_use]
pub fn grouped(number: u128) -> String {
    let plain = number.to_string();
    let mut text = String::with_capacity(plain.len() * 4 / 3 + 1);
    for (place, digit) in plain.chars().enumerate() {
        if place > 0 && (plain.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_rates_are_readable() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(per_second(500, Duration::from_millis(250)), 2_000);
        assert_eq!(per_second(500, Duration::ZERO), 500_000);
    }
}
