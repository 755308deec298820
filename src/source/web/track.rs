//! How a site has been: misses in a row, flaws in a row, and when it is asked next.

use std::mem::discriminant;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::Moment;
use crate::domain::web::{Flaw, FlawKind, HARD, Probe, Upgrade};

/// After a miss, a site is asked again this soon, until it is certain.
const AGAIN: Duration = Duration::from_secs(15);

/// A site's past.
#[derive(Debug, Default)]
pub(super) struct Track {
    /// The last probe.
    pub(super) last: Option<Probe>,
    /// It is being asked now.
    pub(super) busy: bool,
    /// When it is to be asked; `None`: at once.
    due: Option<Instant>,
    good: Option<bool>,
    since: Option<Moment>,
    misses: u32,
    flaws: Vec<Flaw>,
    /// When misses and flaws were last counted.
    counted: Option<Instant>,
}

impl Track {
    /// Whether it is to be asked.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        !self.busy && self.due.is_none_or(|due| due <= now)
    }

    /// Takes in what a probe found; `jitter` is 0 to 1. What is counted in a row stands in the probe
    /// from then on.
    pub(super) fn take(&mut self, mut probe: Probe, now: Instant, jitter: f64) {
        let again = AGAIN.min(probe.interval);
        // Somebody who asks again and again does not make a miss certain.
        let counts = (self.counted).is_none_or(|at| now.duration_since(at) >= again.mul_f64(0.8));
        let good = probe.is_good();
        let counts = counts || (!good && self.misses == 0);
        if self.good != Some(good) {
            self.good = Some(good);
            self.since = Some(probe.at);
        }
        if good {
            self.misses = 0;
        } else if counts {
            self.misses = self.misses.saturating_add(1);
        }
        self.flaws = found(&probe)
            .into_iter()
            .map(
                |kind| match self.flaws.iter().find(|f| is_same(&f.kind, &kind)) {
                    Some(known) => Flaw {
                        kind,
                        times: known.times.saturating_add(u32::from(counts)),
                        since: known.since,
                    },
                    None => Flaw {
                        kind,
                        times: 1,
                        since: probe.at,
                    },
                },
            )
            .collect();
        if counts {
            self.counted = Some(now);
        }
        let unsettled =
            (1..HARD).contains(&self.misses) || self.flaws.iter().any(|flaw| flaw.times < HARD);
        let wait = if unsettled {
            again
        } else {
            // A tenth to either side, so that sites do not march in step.
            probe.interval.mul_f64(0.9 + jitter.clamp(0.0, 1.0) * 0.2)
        };
        self.due = Some(now + wait);
        self.busy = false;
        probe.misses = self.misses;
        probe.since = self.since;
        probe.flaws.clone_from(&self.flaws);
        probe.next = Some(probe.at.plus(wait));
        self.last = Some(probe);
    }
}

/// What is wrong with a site that answers. One that does not has greater trouble than its flaws.
fn found(probe: &Probe) -> Vec<FlawKind> {
    let family = probe.families.broken();
    let family = family.map(|(protocol, failure)| FlawKind::Family(protocol, failure.clone()));
    let upgrade = match &probe.upgrade {
        None | Some(Upgrade::Done { .. }) => None,
        Some(other) => Some(FlawKind::Upgrade(other.clone())),
    };
    family.into_iter().chain(upgrade).collect()
}

fn is_same(one: &FlawKind, other: &FlawKind) -> bool {
    match (one, other) {
        (FlawKind::Family(one, _), FlawKind::Family(other, _)) => one == other,
        _ => discriminant(one) == discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::web::{Lack, ProbeOutcome};

    const NOON: Moment = Moment::from_millis(1_790_000_000_000);

    struct Site {
        track: Track,
        start: Instant,
        upgrade: Option<Upgrade>,
    }

    impl Site {
        fn new() -> Self {
            Self {
                track: Track::default(),
                start: Instant::now(),
                upgrade: None,
            }
        }

        fn at(&self, second: u64) -> Instant {
            self.start + Duration::from_secs(second)
        }

        /// Misses after a probe at this second, since when, and the second at which it is due again.
        fn probe(&mut self, second: u64, good: bool) -> (u32, u64, u64) {
            let outcome = ProbeOutcome::Answered {
                status: 200,
                first_byte: Duration::from_millis(80),
                redirect: None,
                expected: good,
                cache: None,
                wanted: None,
                lack: (!good).then_some(Lack::Status),
            };
            let at = NOON.plus(Duration::from_secs(second));
            let mut probe = Probe::new("wiki".into(), "https://wiki/".into(), at, outcome);
            probe.upgrade.clone_from(&self.upgrade);
            self.track.take(probe, self.at(second), 0.5);
            let last = self.track.last.as_ref();
            let since = last
                .and_then(|p| p.since)
                .map(|at| at.until(NOON).as_secs());
            let next = last.and_then(|p| p.next).map(|at| at.until(NOON).as_secs());
            let next = next.unwrap_or_default();
            assert!(!self.track.is_due(self.at(next - 1)));
            assert!(self.track.is_due(self.at(next)));
            let misses = last.map(|p| p.misses);
            (misses.unwrap_or_default(), since.unwrap_or_default(), next)
        }
    }

    #[test]
    fn a_site_that_was_never_asked_is_due() {
        assert!(Track::default().is_due(Instant::now()));
    }

    #[test]
    fn misses_are_looked_at_again_soon_until_they_are_certain() {
        let mut site = Site::new();
        assert_eq!(site.probe(0, true), (0, 0, 60));
        assert_eq!(site.probe(60, false), (1, 60, 75));
        assert_eq!(site.probe(75, false), (2, 60, 90));
        assert_eq!(site.probe(90, false), (3, 60, 150));
        assert_eq!(site.probe(150, false), (4, 60, 210));
        assert_eq!(site.probe(210, true), (0, 210, 270));
        assert_eq!(site.probe(270, false), (1, 270, 285));
        assert_eq!(site.probe(285, true), (0, 285, 345));
    }

    #[test]
    fn asking_again_and_again_makes_no_miss_certain() {
        let mut site = Site::new();
        assert_eq!(site.probe(0, false).0, 1);
        for second in [1, 2, 3, 4, 5] {
            assert_eq!(site.probe(second, false).0, 1, "{second}");
        }
        assert_eq!(site.probe(15, false).0, 2);
        assert_eq!(site.probe(16, true).0, 0);
        assert_eq!(site.probe(17, false).0, 1, "the first miss always counts");
        assert_eq!(site.probe(28, false).0, 1);
        assert_eq!(site.probe(29, false).0, 2);
    }

    #[test]
    fn flaws_are_counted_apart_from_misses() {
        let mut site = Site::new();
        site.upgrade = Some(Upgrade::Clear { status: 200 });
        let times = |site: &Site| -> Vec<(u32, u64)> {
            let flaws = site.track.last.iter().flat_map(|p| &p.flaws);
            flaws
                .map(|f| (f.times, f.since.until(NOON).as_secs()))
                .collect()
        };
        assert_eq!(site.probe(10, true), (0, 10, 25));
        assert_eq!(times(&site), [(1, 10)]);
        assert_eq!(site.probe(25, true), (0, 10, 40));
        assert_eq!(site.probe(40, true), (0, 10, 100), "certain, so no hurry");
        assert_eq!(times(&site), [(3, 10)]);
        // Another status is the same flaw.
        site.upgrade = Some(Upgrade::Clear { status: 404 });
        assert_eq!(site.probe(100, true), (0, 10, 160));
        assert_eq!(times(&site), [(4, 10)]);
        site.upgrade = Some(Upgrade::Done {
            to: "https://wiki/".into(),
        });
        assert_eq!(site.probe(160, true), (0, 10, 220));
        assert_eq!(times(&site), []);
    }

    #[test]
    fn jitter_is_a_tenth_to_either_side() {
        for (jitter, seconds) in [(0.0, 54), (1.0, 66), (7.0, 66)] {
            let mut track = Track::default();
            let outcome = ProbeOutcome::Answered {
                status: 200,
                first_byte: Duration::ZERO,
                redirect: None,
                expected: true,
                cache: None,
                wanted: None,
                lack: None,
            };
            track.take(
                Probe::new("wiki".into(), "https://wiki/".into(), NOON, outcome),
                Instant::now(),
                jitter,
            );
            let next = track.last.and_then(|probe| probe.next);
            assert_eq!(next, Some(NOON.plus(Duration::from_secs(seconds))));
        }
    }
}
