//! What of an estate is written down: what was read anew since the estate before.

use std::collections::HashMap;

use crate::domain::web::ProbeOutcome;
use crate::domain::{Fraction, Key, Moment, Reading, SourceId};
use crate::estate::strip::Met;
use crate::estate::{Estate, QueueRow, WebRow};

use super::series::{Kind, Sample, Series};

/// Remembers what was written down, so that each answer is written down once.
#[derive(Debug, Default)]
pub struct Observer {
    seen: HashMap<(SourceId, Reading), Moment>,
    /// Probes have moments of their own: a reading tells of every site, whether it was asked again or not.
    probed: HashMap<Key, Moment>,
}

impl Observer {
    /// An observer for which everything in this estate is old: it was written down before the restart.
    pub fn after(estate: &Estate) -> Self {
        let mut this = Self::default();
        for source in &estate.sources {
            for feed in &source.feeds {
                this.is_new(estate, source.id, feed.reading);
            }
        }
        for row in &estate.web {
            this.is_probed_anew(estate, row);
        }
        this
    }

    /// What was measured since the estate before.
    pub fn samples(&mut self, estate: &Estate) -> Vec<Sample> {
        let mut samples = Samples {
            estate,
            taken: Vec::new(),
        };
        for source in &estate.sources {
            for feed in &source.feeds {
                let Some(at) = self.is_new(estate, source.id, feed.reading) else {
                    continue;
                };
                match feed.reading {
                    Reading::Resources => samples.nodes(source.id, at),
                    Reading::Queues => samples.queues(source.id, at, |row| row.queue.is_some()),
                    Reading::Checks => samples.queues(source.id, at, |row| row.queue.is_none()),
                    Reading::Probes => {
                        for row in estate.web.iter().filter(|row| row.source == source.id) {
                            if self.is_probed_anew(estate, row) {
                                samples.probe(source.id, row);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        samples.taken
    }

    /// Whether a site was asked again.
    fn is_probed_anew(&mut self, estate: &Estate, row: &WebRow) -> bool {
        row.probe(estate)
            .is_some_and(|probe| self.probed.insert(row.key(), probe.at) != Some(probe.at))
    }

    /// When the reading was last good, if that is news.
    fn is_new(&mut self, estate: &Estate, source: SourceId, reading: Reading) -> Option<Moment> {
        let at = estate.source(source)?.feed(reading)?.good.as_ref()?.at;
        (self.seen.insert((source, reading), at) != Some(at)).then_some(at)
    }
}

struct Samples<'a> {
    estate: &'a Estate,
    taken: Vec<Sample>,
}

impl Samples<'_> {
    fn take(&mut self, kind: Kind, key: &Key, source: SourceId, at: Moment, value: f64) {
        let series = Series::of(kind, key, source, &self.estate.sources);
        self.taken
            .extend(series.map(|series| Sample { series, at, value }));
    }

    fn nodes(&mut self, source: SourceId, at: Moment) {
        let Some(resources) = self.estate.resources(source) else {
            return;
        };
        for node in &resources.nodes {
            let key = Key::Host(source, node.name.clone());
            let memory = (node.memory.zip(node.memory_total))
                .and_then(|(used, all)| Fraction::of(used, all));
            for (kind, value) in [(Kind::NodeCpu, node.cpu), (Kind::NodeMemory, memory)] {
                if let Some(value) = value {
                    self.take(kind, &key, source, at, value.get());
                }
            }
        }
    }

    fn queues(&mut self, source: SourceId, at: Moment, is_wanted: impl Fn(&QueueRow) -> bool) {
        let rows = self.estate.queues.iter();
        for row in rows.filter(|row| row.source == source && is_wanted(row)) {
            if let Some(depth) = row.depth {
                self.take(Kind::QueueDepth, &row.key(), source, at, depth as f64);
            }
        }
    }

    fn probe(&mut self, source: SourceId, row: &WebRow) {
        let Some(probe) = row.probe(self.estate) else {
            return;
        };
        let (key, met) = (row.key(), Met::of(probe).number());
        self.take(Kind::WebMet, &key, source, probe.at, f64::from(met));
        if let ProbeOutcome::Answered { first_byte, .. } = &probe.outcome {
            let millis = first_byte.as_secs_f64() * 1000.0;
            self.take(Kind::WebMillis, &key, source, probe.at, millis);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::domain::Batch;
    use crate::domain::web::Probe;
    use crate::estate::fixture::{self, GOLEM, MAIL, WEB};

    /// How many samples of each kind, of those that occur.
    fn counts(samples: &[Sample]) -> Vec<(Kind, usize)> {
        let kinds = [
            Kind::QueueDepth,
            Kind::WebMet,
            Kind::WebMillis,
            Kind::NodeCpu,
            Kind::NodeMemory,
        ];
        (kinds.into_iter())
            .map(|kind| {
                (
                    kind,
                    samples.iter().filter(|s| s.series.kind == kind).count(),
                )
            })
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    #[test]
    fn each_answer_is_written_down_once() {
        let mut keeper = fixture::kept();
        let estate = keeper.publish();
        let mut observer = Observer::default();
        let all = observer.samples(&estate);
        let probed = estate.web.iter().filter(|w| w.probe.is_some()).count();
        let queues = estate.queues.iter().filter(|q| q.depth.is_some()).count();
        assert!(probed > 3 && queues > 1);
        let found = counts(&all);
        assert!(found.contains(&(Kind::WebMet, probed)), "{found:?}");
        assert!(found.contains(&(Kind::QueueDepth, queues)), "{found:?}");
        assert_eq!(found.len(), 5, "{found:?}");
        assert_eq!(observer.samples(&estate), []);
        assert_eq!(Observer::after(&estate).samples(&estate), []);

        // Only what was read anew, with its own moment.
        let queue = all
            .iter()
            .find(|s| s.series.kind == Kind::QueueDepth && s.series.source == "mail");
        let old = queue.map(|s| s.at);
        let again = estate.source(MAIL).and_then(|s| s.feeds.first()).cloned();
        let batch = again.and_then(|f| f.good).map(|g| g.batch);
        assert!(matches!(batch, Some(Batch::Queues(_))));
        if let Some(batch) = batch {
            keeper.apply(fixture::seen(MAIL, Reading::Queues, 0, Ok(batch)));
        }
        let fresh = observer.samples(&keeper.publish());
        assert!(!fresh.is_empty());
        assert!(
            fresh
                .iter()
                .all(|s| s.series.source == "mail" && Some(s.at) > old)
        );
    }

    #[test]
    fn a_probe_that_a_later_reading_repeats_is_written_down_once() {
        let mut keeper = fixture::kept();
        let estate = keeper.publish();
        let mut observer = Observer::default();
        observer.samples(&estate);
        let feed = estate.source(WEB).and_then(|s| s.feeds.first());
        let batch = feed.and_then(|f| f.good.as_ref()).map(|g| g.batch.clone());
        let Some(Batch::Probes(probes)) = batch else {
            unreachable!("{feed:?}");
        };
        let again = |probes: &Arc<Vec<Probe>>, ago| {
            let batch = Batch::Probes(Arc::clone(probes));
            fixture::seen(WEB, Reading::Probes, ago, Ok(batch))
        };
        keeper.apply(again(&probes, 10));
        assert_eq!(observer.samples(&keeper.publish()), []);
        let mut one = probes.to_vec();
        one[0].at = one[0].at.plus(Duration::from_secs(5));
        let newest = one[0].at;
        keeper.apply(again(&Arc::new(one), 0));
        let fresh = observer.samples(&keeper.publish());
        assert!(!fresh.is_empty());
        assert!(fresh.iter().all(|sample| sample.at == newest), "{fresh:?}");
        assert_eq!(counts(&fresh)[0], (Kind::WebMet, 1));
    }

    #[test]
    fn values_are_those_of_the_rows() {
        let estate = fixture::estate();
        let samples = Observer::default().samples(&estate);
        let value = |kind, name: &str| {
            samples
                .iter()
                .find(|s| s.series.kind == kind && s.series.name == name)
                .map(|s| s.value)
        };
        let met: Vec<f64> = (samples.iter())
            .filter(|s| s.series.kind == Kind::WebMet)
            .map(|s| s.value)
            .collect();
        assert!(met.contains(&0.0) && met.contains(&2.0), "{met:?}");
        for row in estate.queues.iter().filter(|q| q.source == MAIL) {
            let Key::Queue(_, name) = row.key() else {
                continue;
            };
            assert_eq!(value(Kind::QueueDepth, &name), row.depth.map(|d| d as f64));
        }
        let node = estate.resources(GOLEM).and_then(|r| r.nodes.first());
        let cpu = node.and_then(|n| n.cpu).map(Fraction::get);
        assert!(cpu.is_some());
        assert_eq!(value(Kind::NodeCpu, "golem"), cpu);
    }
}
