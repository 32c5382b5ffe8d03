//! The platform's own figures, read from its `/metrics` pages.

use std::collections::BTreeMap;

/// All series of one or several processes, summed up by name and the labels that matter here.
#[derive(Clone, Debug, Default)]
pub struct Scrape {
    series: BTreeMap<String, f64>,
}

/// What a histogram counted between two scrapes: upper bounds, and how many values were no larger.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    buckets: Vec<(f64, f64)>,
    sum: f64,
}

impl Scrape {
    /// Adds a page of Prometheus text. Series of the same name and labels are summed up.
    pub fn add(&mut self, page: &str) {
        for line in page.lines().filter(|line| !line.starts_with('#')) {
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            if let Ok(value) = value.parse::<f64>() {
                *self.series.entry(series.to_owned()).or_default() += value;
            }
        }
    }

    /// The sum of all series of a name, whatever their labels.
    #[must_use]
    pub fn total(&self, name: &str) -> f64 {
        self.of(name).map(|(_, value)| value).sum()
    }

    /// The largest of all series of a name.
    #[must_use]
    pub fn most(&self, name: &str) -> f64 {
        self.of(name).map(|(_, value)| value).fold(0.0, f64::max)
    }

    /// What a histogram counted since an earlier scrape, over all series that have `label` among their labels.
    #[must_use]
    pub fn since(&self, earlier: &Self, histogram: &str, label: &str) -> Distribution {
        let mut buckets: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
        for (labels, value) in self.of(&format!("{histogram}_bucket")).filter(|(l, _)| l.contains(label)) {
            let Some(bound) = bound(labels) else { continue };
            let before = earlier.series.get(&format!("{histogram}_bucket{labels}")).copied();
            // Bounds are positive, so their bits sort as they do.
            buckets.entry(bound.to_bits()).or_insert((bound, 0.0)).1 += value - before.unwrap_or_default();
        }
        let sums = |scrape: &Self| -> f64 {
            scrape.of(&format!("{histogram}_sum")).filter(|(l, _)| l.contains(label)).map(|(_, v)| v).sum()
        };
        Distribution { buckets: buckets.into_values().collect(), sum: sums(self) - sums(earlier) }
    }

    fn of(&self, name: &str) -> impl Iterator<Item = (&str, f64)> {
        let series = self.series.range(name.to_owned()..).take_while({
            let name = name.to_owned();
            move |(series, _)| series.starts_with(&name)
        });
        let length = name.len();
        series.filter_map(move |(series, value)| {
            let labels = &series[length..];
            (labels.is_empty() || labels.starts_with('{')).then_some((labels, *value))
        })
    }
}

fn bound(labels: &str) -> Option<f64> {
    let text = labels.split("le=\"").nth(1)?.split('"').next()?;
    if text == "+Inf" { Some(f64::INFINITY) } else { text.parse().ok() }
}

impl Distribution {
    /// How many values there were.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.buckets.last().map_or(0.0, |(_, count)| *count)
    }

    /// Their mean; zero of none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count() > 0.0 { self.sum / self.count() } else { 0.0 }
    }

    /// The value that this share of all is no larger than, evenly spread within its bucket; the last finite bound for
    /// what lies beyond it.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let wanted = share * self.count();
        let (mut lower, mut below) = (0.0, 0.0);
        for (bound, count) in &self.buckets {
            if *count >= wanted && *count > below {
                if bound.is_infinite() {
                    return lower;
                }
                return lower + (bound - lower) * (wanted - below) / (count - below);
            }
            (lower, below) = (if bound.is_finite() { *bound } else { lower }, *count);
        }
        lower
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "\
# TYPE size histogram
size_bucket{lane=\"a\",le=\"1\"} 5
size_bucket{lane=\"a\",le=\"10\"} 5
size_bucket{lane=\"a\",le=\"+Inf\"} 5
size_sum{lane=\"a\"} 5
size_count{lane=\"a\"} 5
";
    const AFTER: &str = "\
size_bucket{lane=\"a\",le=\"1\"} 5
size_bucket{lane=\"a\",le=\"10\"} 95
size_bucket{lane=\"a\",le=\"+Inf\"} 105
size_sum{lane=\"a\"} 905
size_count{lane=\"a\"} 105
size_bucket{lane=\"b\",le=\"1\"} 7
other 3
other_total{x=\"1\"} 4
";

    fn scrape(page: &str) -> Scrape {
        let mut scrape = Scrape::default();
        scrape.add(page);
        scrape
    }

    #[test]
    fn a_histogram_is_what_was_counted_since() {
        let found = scrape(AFTER).since(&scrape(BEFORE), "size", "lane=\"a\"");
        assert!((found.count() - 100.0).abs() < 1e-9 && (found.mean() - 9.0).abs() < 1e-9, "{found:?}");
        assert!((found.quantile(0.45) - 5.5).abs() < 1e-9, "{}", found.quantile(0.45));
        assert!((found.quantile(0.99) - 10.0).abs() < 1e-9, "what lies beyond the last bound is shown as it");
    }

    #[test]
    fn names_are_whole_and_pages_add_up() {
        let mut both = scrape(AFTER);
        both.add("other 4\n");
        assert!((both.total("other") - 7.0).abs() < 1e-9);
        assert!((both.total("other_total") - 4.0).abs() < 1e-9);
        assert!((scrape(AFTER).most("size_bucket") - 105.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_counted_has_no_quantiles() {
        let nothing = Distribution::default();
        assert!(nothing.quantile(0.99).abs() < 1e-9 && nothing.mean().abs() < 1e-9);
    }
}
