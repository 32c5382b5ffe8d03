//! What the platform is to reach, and whether it did: ratios within one run, so that they hold on any machine.

use serde::Serialize;

use super::{latency::median, measure::Measured, mix::Mix, pace::Pace, pgbench::Yardstick, stage::Shape};

/// Everything that a bench found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Findings {
    /// Each run of pgbench.
    pub pgbench: Vec<Yardstick>,
    /// The runs of load, in their order.
    pub runs: Vec<Measured>,
    /// Seconds from start to ready on existing data, by shape.
    pub start_s: Vec<(Shape, f64)>,
    /// Memory some seconds after such a start, without load, in MiB.
    pub idle_mib: Vec<(Shape, f64)>,
    /// What became of the lots that were to be written off.
    pub written_off: Option<WrittenOff>,
    /// The simulations, the shorter history first.
    pub simulated: Vec<Simulated>,
}

/// Lots that were to be written off.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WrittenOff {
    /// How many there were.
    pub of: u32,
    /// How many were left at the end; with none, the job could have written off more.
    pub left: u32,
}

/// A simulation of a history.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Simulated {
    /// Baskets in the history.
    pub baskets: u32,
    /// Baskets a second on one core.
    pub per_second: f64,
    /// Seconds of CPU altogether.
    pub cpu_s: f64,
    /// Most memory, in MiB.
    pub memory_peak_mib: f64,
}

/// Which side of the target is good.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// This much or more.
    AtLeast(f64),
    /// This much or less.
    AtMost(f64),
}

/// A figure to be reached.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Claim {
    /// What it is about.
    pub about: &'static str,
    /// In which unit.
    pub unit: &'static str,
    /// What is to be reached.
    pub target: Target,
    /// What was measured.
    pub measured: f64,
    /// The same ratio by CPU time: what it would be if nothing but the measured programs used the machine, and they
    /// all of it.
    pub by_cpu: Option<f64>,
    /// Whether it was reached.
    pub reached: bool,
}

impl Target {
    /// Whether a figure is on the good side.
    #[must_use]
    pub fn holds(self, measured: f64) -> bool {
        match self {
            Self::AtLeast(least) => measured >= least,
            Self::AtMost(most) => measured <= most,
        }
    }
}

impl Findings {
    /// The middle of pgbench's rates.
    #[must_use]
    pub fn yardstick(&self) -> Option<f64> {
        median(&self.pgbench.iter().map(|run| run.tps).collect::<Vec<_>>())
    }

    /// How much less CPU an operation takes than a transaction of pgbench, in this shape at its maximum.
    #[must_use]
    pub fn by_cpu(&self, shape: Shape, mix: Mix) -> Option<f64> {
        let yardstick = median(&self.pgbench.iter().map(|run| run.cpu_us).collect::<Vec<_>>())?;
        let request: f64 = self.run(shape, mix, true)?.cpu_us_per_request.values().sum();
        let operation = request * f64::from(mix.requests_each());
        (operation > 0.0).then(|| yardstick / operation)
    }

    /// The run at the maximum, or at half of it.
    #[must_use]
    pub fn run(&self, shape: Shape, mix: Mix, at_maximum: bool) -> Option<&Measured> {
        self.runs
            .iter()
            .find(|run| run.shape == shape && run.mix == mix && (run.pace == Pace::Closed) == at_maximum)
    }

    /// Every figure of the platform's table for which something was measured.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        let one = Shape::One;
        let rate = |mix| Some(self.run(one, mix, true)?.load.per_second);
        let calm = self.run(one, Mix::Earn, false);
        let of = |figures: &[(Shape, f64)]| figures.iter().find(|f| f.0 == one).map(|f| f.1);
        let delay = calm.and_then(|run| Some(run.fact_delay?.p99_ms));
        let full = self.run(one, Mix::Earn, true).map(|run| run.memory_peak_mib);
        let beside = |about, shape, mix: Mix, target| {
            let operations = |run: &Measured| run.load.per_second / f64::from(mix.requests_each());
            let reached = self.run(shape, mix, true).map(operations);
            let claim = least(about, "×", ratio(reached, self.yardstick()), target)?;
            Some(Claim { by_cpu: self.by_cpu(shape, mix), ..claim })
        };
        [
            beside("earn, one process on PostgreSQL / pgbench -N", one, Mix::Earn, 2.0),
            beside("earn, separate processes and NATS / pgbench -N", Shape::Split, Mix::Earn, 1.3),
            beside("earn, embedded / pgbench -N", Shape::Embedded, Mix::Earn, 2.0),
            beside("earn by ten rules, one process / pgbench -N", one, Mix::Rules, 1.8),
            beside("earn by ten rules, separate / pgbench -N", Shape::Split, Mix::Rules, 1.2),
            beside("till, one process on PostgreSQL / pgbench -N", one, Mix::Till, 1.0),
            beside("visit (till, then the balance) / pgbench -N", one, Mix::Visit, 1.0),
            beside("transfer, one process on PostgreSQL / pgbench -N", one, Mix::Transfer, 0.8),
            least("hot / earn", "×", ratio(rate(Mix::Hot), rate(Mix::Earn)), 0.8),
            least("read / earn", "×", ratio(rate(Mix::Read), rate(Mix::Earn)), 6.0),
            most("p50 of earn at half load", "ms", calm.map(|run| run.load.latency.p50_ms), 10.0),
            most("p99 of earn at half load", "ms", calm.map(|run| run.load.latency.p99_ms), 50.0),
            most("p99 of fact committed to consumed, half load", "ms", delay, 250.0),
            most("memory, idle", "MiB", of(&self.idle_mib), 60.0),
            most("memory, full earn", "MiB", full, 250.0),
            most("start to ready on existing data", "s", of(&self.start_s), 1.0),
        ]
        .into_iter()
        .chain(self.claims_of_much())
        .chain(self.claims_of_the_guard())
        .chain(self.claims_of_redemptions())
        .flatten()
        .collect()
    }

    /// Whole redemptions, in whichever shape they were measured.
    fn claims_of_redemptions(&self) -> [Option<Claim>; 3] {
        let shape = self.runs.iter().find(|run| run.mix == Mix::Redeem).map(|run| run.shape);
        let run = |mix, at_maximum| self.run(shape?, mix, at_maximum);
        let rate = |mix| Some(run(mix, true)?.load.per_second);
        let whole = least(
            "redemptions to the voucher / pgbench -N",
            "×",
            ratio(rate(Mix::Redeem), self.yardstick()),
            0.25,
        );
        [
            whole.map(|claim| Claim {
                by_cpu: shape.and_then(|shape| self.by_cpu(shape, Mix::Redeem)),
                ..claim
            }),
            most(
                "p99 of redemptions at half load",
                "ms",
                run(Mix::Redeem, false).map(|run| run.load.latency.p99_ms),
                300.0,
            ),
            least(
                "redemptions of one reward / of many",
                "×",
                ratio(rate(Mix::OneReward), rate(Mix::Redeem)),
                0.5,
            ),
        ]
    }

    /// What the guard costs, also by the CPU of all that is measured but the load generator, which signs.
    fn claims_of_the_guard(&self) -> [Option<Claim>; 2] {
        let run = |mix| self.run(Shape::One, mix, true);
        let cpu = |mix| {
            let each = run(mix)?.cpu_us_per_request.iter().filter(|(name, _)| *name != "load");
            Some(each.map(|(_, us)| us).sum::<f64>())
        };
        let beside = |about, mix| {
            let rate = |mix| Some(run(mix)?.load.per_second);
            let claim = least(about, "×", ratio(rate(mix), rate(Mix::Unguarded)), 0.85)?;
            Some(Claim { by_cpu: ratio(cpu(Mix::Unguarded), cpu(mix)), ..claim })
        };
        [
            beside("earn, with the guard / without", Mix::Guarded),
            beside("earn, signed by tills / without the guard", Mix::Signed),
        ]
    }

    /// The figures about millions of lots, members and baskets.
    fn claims_of_much(&self) -> [Option<Claim>; 6] {
        let one = Shape::One;
        let rate = |mix| Some(self.run(one, mix, true)?.load.per_second);
        let p99 = |mix| Some(self.run(one, mix, false)?.load.latency.p99_ms);
        let lapsing = self.run(one, Mix::Expiry, false).map(|run| run.written_off_per_second * 3600.0 / 1e6);
        let (shorter, longer) = (self.simulated.first(), self.simulated.last());
        let memory = |run: Option<&Simulated>| run.map(|run| run.memory_peak_mib);
        let growth = ratio(memory(longer), memory(shorter)).filter(|_| self.simulated.len() > 1);
        [
            least("lots written off while tills work", "M/h", lapsing, 7.65),
            most("p99 of earn meanwhile / without", "×", ratio(p99(Mix::Expiry), p99(Mix::Unsettled)), 2.0),
            least("earn, grown / small", "×", ratio(rate(Mix::Grown), rate(Mix::Small)), 0.85),
            most("p99 of earn, grown / small", "×", ratio(p99(Mix::Grown), p99(Mix::Small)), 1.3),
            least("simulation on one core", "/s", longer.map(|run| run.per_second), 50_000.0),
            most("memory of a simulation, four times as long / once", "×", growth, 1.2),
        ]
    }
}

fn ratio(over: Option<f64>, under: Option<f64>) -> Option<f64> {
    Some(over? / under.filter(|under| *under > 0.0)?)
}

fn least(about: &'static str, unit: &'static str, measured: Option<f64>, target: f64) -> Option<Claim> {
    claim(about, unit, Target::AtLeast(target), measured)
}

fn most(about: &'static str, unit: &'static str, measured: Option<f64>, target: f64) -> Option<Claim> {
    claim(about, unit, Target::AtMost(target), measured)
}

fn claim(about: &'static str, unit: &'static str, target: Target, measured: Option<f64>) -> Option<Claim> {
    let measured = measured?;
    Some(Claim { about, unit, target, measured, by_cpu: None, reached: target.holds(measured) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::bench::{
        drive::LoadResult,
        latency::Percentiles,
        measure::{Batch, FactDelay},
    };

    fn run(shape: Shape, mix: Mix, pace: Pace, per_second: f64) -> Measured {
        let latency = Percentiles { p50_ms: 4.0, p99_ms: 51.0, ..Percentiles::default() };
        Measured {
            shape,
            mix,
            pace,
            clients: 256,
            lines: 0,
            load: LoadResult { per_second, latency, ..LoadResult::default() },
            batch: Batch::default(),
            cpu_us_per_request: [("vafa", 60.0), ("postgres", 40.0)].map(|(n, us)| (n.to_owned(), us)).into(),
            cores_ours: 2.0,
            cores_others: 0.0,
            wal_bytes_per_request: None,
            fact_delay: Some(FactDelay { p50_ms: 5.0, p99_ms: 250.0, waiting: 0.0 }),
            written_off_per_second: 2_125.0,
            memory_peak_mib: 251.0,
        }
    }

    fn found(findings: &Findings, about: &str) -> Claim {
        findings.claims().into_iter().find(|claim| claim.about.starts_with(about)).unwrap()
    }

    #[test]
    fn ratios_are_against_the_median_of_pgbench() {
        let findings = Findings {
            pgbench: [9_000.0, 1_000.0, 10_000.0].map(|tps| Yardstick { tps, cpu_us: 200.0 }).to_vec(),
            runs: vec![
                run(Shape::One, Mix::Earn, Pace::Closed, 18_000.0),
                run(Shape::One, Mix::Earn, Pace::Open(9_000.0), 9_000.0),
                run(Shape::One, Mix::Hot, Pace::Closed, 14_300.0),
                run(Shape::Split, Mix::Earn, Pace::Closed, 11_700.0),
            ],
            start_s: vec![(Shape::One, 1.0)],
            idle_mib: vec![(Shape::One, 60.1)],
            ..Findings::default()
        };
        let earn = found(&findings, "earn, one");
        assert!(earn.reached && (earn.measured - 2.0).abs() < 1e-9, "{earn:?}");
        assert!(earn.by_cpu.is_some_and(|ratio| (ratio - 2.0).abs() < 1e-9), "{earn:?}");
        assert!(found(&findings, "earn, separate").reached);
        assert!(!found(&findings, "hot").reached);
        assert!(found(&findings, "p50 of earn").reached && !found(&findings, "p99 of earn").reached);
        assert!(found(&findings, "p99 of fact").reached && found(&findings, "start").reached);
        assert!(!found(&findings, "memory, idle").reached && !found(&findings, "memory, full").reached);
        assert_eq!(findings.claims().len(), 9, "nothing is claimed of what was not measured");
    }

    #[test]
    fn much_is_compared_with_the_same_without_it() {
        let simulated = |baskets, memory_peak_mib| Simulated {
            baskets,
            per_second: 50_000.0,
            cpu_s: 1.0,
            memory_peak_mib,
        };
        let half = Pace::Open(5_000.0);
        let findings = Findings {
            pgbench: vec![Yardstick { tps: 10_000.0, cpu_us: 200.0 }],
            runs: vec![
                run(Shape::One, Mix::Transfer, Pace::Closed, 7_900.0),
                run(Shape::One, Mix::Rules, Pace::Closed, 18_000.0),
                run(Shape::One, Mix::Till, Pace::Closed, 9_000.0),
                run(Shape::One, Mix::Visit, Pace::Closed, 20_000.0),
                run(Shape::One, Mix::Unsettled, half, 5_000.0),
                run(Shape::One, Mix::Expiry, half, 5_000.0),
                run(Shape::One, Mix::Small, Pace::Closed, 10_000.0),
                run(Shape::One, Mix::Grown, Pace::Closed, 8_400.0),
            ],
            simulated: vec![simulated(1_000, 20.0), simulated(4_000, 25.0)],
            ..Findings::default()
        };
        assert!(found(&findings, "earn by ten rules").reached && !found(&findings, "transfer").reached);
        let lots = found(&findings, "lots written off");
        assert!(lots.reached && (lots.measured - 7.65).abs() < 1e-9, "{lots:?}");
        assert!(found(&findings, "p99 of earn meanwhile").reached);
        assert!(!found(&findings, "earn, grown").reached);
        assert!(
            found(&findings, "simulation").reached && !found(&findings, "memory of a simulation").reached
        );
        let (till, visit) = (found(&findings, "till"), found(&findings, "visit"));
        assert!(!till.reached, "{till:?}");
        assert!(
            visit.reached && (visit.measured - 1.0).abs() < 1e-9,
            "two requests are one operation: {visit:?}"
        );
        assert_eq!(findings.claims().len(), 9);
    }

    #[test]
    fn the_guard_is_compared_with_its_absence() {
        let runs = vec![
            run(Shape::One, Mix::Unguarded, Pace::Closed, 10_000.0),
            run(Shape::One, Mix::Guarded, Pace::Closed, 8_600.0),
            run(Shape::One, Mix::Signed, Pace::Closed, 8_400.0),
        ];
        let findings = Findings { runs, ..Findings::default() };
        assert!(found(&findings, "earn, with the guard").reached);
        let signed = found(&findings, "earn, signed");
        assert!(
            !signed.reached && signed.by_cpu.is_some_and(|ratio| (ratio - 1.0).abs() < 1e-9),
            "{signed:?}"
        );
    }

    #[test]
    fn redemptions_are_claimed_of_the_shape_they_were_measured_in() {
        let findings = Findings {
            pgbench: vec![Yardstick { tps: 10_000.0, cpu_us: 200.0 }],
            runs: vec![
                run(Shape::Split, Mix::Redeem, Pace::Closed, 2_500.0),
                run(Shape::Split, Mix::Redeem, Pace::Open(1_250.0), 1_250.0),
                run(Shape::Split, Mix::OneReward, Pace::Closed, 1_000.0),
            ],
            ..Findings::default()
        };
        assert!(found(&findings, "redemptions to the voucher").reached);
        assert!(found(&findings, "p99 of redemptions").reached);
        assert!(!found(&findings, "redemptions of one reward").reached);
        assert_eq!(findings.claims().len(), 3);
    }

    #[test]
    fn nothing_measured_claims_nothing() {
        assert!(Findings::default().claims().is_empty());
        let runs = vec![run(Shape::One, Mix::Earn, Pace::Closed, 18_000.0)];
        let without_yardstick = Findings { runs, ..Findings::default() };
        assert!(!without_yardstick.claims().iter().any(|claim| claim.about.contains("pgbench")));
    }
}
