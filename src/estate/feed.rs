//! What is kept of a source: the last good batch of each reading, and what happens now.

use std::time::Duration;

use crate::domain::{
    Batch, Failure, Freshness, Moment, Observation, Reading, SourceId, SourceKind, Text,
};

/// Failures in a row after which a reading counts as lost, however young its data.
const LOST_AFTER: u32 = 3;

/// A source with its feeds.
#[derive(Debug, Clone)]
pub struct SourceState {
    /// Its place in the configuration.
    pub id: SourceId,
    /// Its name.
    pub name: Text,
    /// Its kind.
    pub kind: SourceKind,
    /// Where it is, for the source panel: host and port, never a credential.
    pub address: Text,
    /// A feed for each reading.
    pub feeds: Vec<Feed>,
}

impl SourceState {
    /// The feed of a reading.
    pub fn feed(&self, reading: Reading) -> Option<&Feed> {
        self.feeds.iter().find(|f| f.reading == reading)
    }

    /// Freshness of the source as a whole: that of its worst reading.
    pub fn freshness(&self, now: Moment) -> Freshness {
        self.feeds
            .iter()
            .map(|f| f.freshness(now))
            .max()
            .unwrap_or(Freshness::Never)
    }

    /// Age of the oldest data among its readings.
    pub fn oldest(&self) -> Option<Moment> {
        self.feeds
            .iter()
            .filter_map(|f| f.good.as_ref().map(|g| g.at))
            .min()
    }

    /// The failure of the worst reading, if one fails now.
    pub fn failure(&self) -> Option<&Failure> {
        self.feeds
            .iter()
            .filter_map(|f| f.trouble.as_ref())
            .max_by_key(|t| t.times)
            .map(|t| &t.failure)
    }
}

/// One reading of a source.
#[derive(Debug, Clone)]
pub struct Feed {
    /// What is read.
    pub reading: Reading,
    /// How often it should be renewed.
    pub interval: Duration,
    /// The last good batch.
    pub good: Option<Good>,
    /// What fails now.
    pub trouble: Option<Trouble>,
    /// When it is tried next; `None` when only on request.
    pub next: Option<Moment>,
    /// Requests sent so far.
    pub requests: u64,
    /// Bytes received so far.
    pub bytes: u64,
    /// Since when its first answer is waited for; `None` once there was one, good or not.
    pub awaited_since: Option<Moment>,
    /// When counting began.
    pub counting_since: Option<Moment>,
    /// Which address answered last, when a source has several.
    pub answered_by: Option<Text>,
    /// Length of the last answer, good or not.
    pub took: Option<Duration>,
}

/// The last good batch of a reading.
#[derive(Debug, Clone)]
pub struct Good {
    /// What was read.
    pub batch: Batch,
    /// When the answer was complete.
    pub at: Moment,
    /// Rows in the batch before, when it had some and this one has none.
    pub fell_from: Option<usize>,
}

/// What fails now.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// The last failure.
    pub failure: Failure,
    /// When the first of this row of failures happened.
    pub since: Moment,
    /// Failures in a row.
    pub times: u32,
}

impl Feed {
    /// A feed before its first answer.
    pub const fn new(reading: Reading, interval: Duration) -> Self {
        Self {
            reading,
            interval,
            good: None,
            trouble: None,
            next: None,
            requests: 0,
            bytes: 0,
            awaited_since: None,
            counting_since: None,
            answered_by: None,
            took: None,
        }
    }

    /// The last good batch.
    pub fn batch(&self) -> Option<&Batch> {
        self.good.as_ref().map(|g| &g.batch)
    }

    /// How far what it holds can be taken for the present.
    pub fn freshness(&self, now: Moment) -> Freshness {
        let Some(good) = &self.good else {
            return Freshness::Never;
        };
        // An impossible age (a clock that jumped) is not fresh.
        let Some(age) = good.at.age(now) else {
            return Freshness::Stale;
        };
        let slack = self.took.unwrap_or_default();
        let by_age = Freshness::of(age, self.interval, slack);
        match &self.trouble {
            Some(trouble) if trouble.times >= LOST_AFTER || by_age != Freshness::Fresh => {
                Freshness::Lost
            }
            _ => by_age,
        }
    }

    /// The moment at which its freshness will change by itself, if it will.
    pub fn next_change(&self, now: Moment) -> Option<Moment> {
        let good = self.good.as_ref()?;
        let slack = self.took.unwrap_or_default();
        [2, 5]
            .into_iter()
            .map(|n| {
                good.at
                    .plus(self.interval * n + slack + Duration::from_millis(1))
            })
            .find(|at| *at > now)
    }

    /// Whether it fails in a way worth telling: nothing was ever read, or it failed more than once.
    pub fn is_blind(&self) -> bool {
        self.trouble
            .as_ref()
            .is_some_and(|t| t.times >= 2 || self.good.is_none() || !t.failure.is_worth_retrying())
    }

    /// Takes an observation in. The last good batch stays when it failed.
    pub fn apply(&mut self, observation: Observation) {
        self.requests += u64::from(observation.traffic.requests);
        self.bytes += observation.traffic.bytes;
        self.counting_since.get_or_insert(observation.at);
        if observation.traffic.answered_by.is_some() {
            self.answered_by = observation.traffic.answered_by;
        }
        self.awaited_since = None;
        self.took = Some(observation.took);
        self.next = observation.next;
        match observation.outcome {
            Ok(batch) => {
                let before = self.good.as_ref().map_or(0, |g| {
                    if g.batch.is_empty() {
                        g.fell_from.unwrap_or(0)
                    } else {
                        g.batch.len()
                    }
                });
                let fell_from = (batch.is_empty() && before > 0).then_some(before);
                self.good = Some(Good {
                    batch,
                    at: observation.at,
                    fell_from,
                });
                self.trouble = None;
            }
            Err(failure) => {
                let (since, times) = self
                    .trouble
                    .as_ref()
                    .map_or((observation.at, 0), |t| (t.since, t.times));
                self.trouble = Some(Trouble {
                    failure,
                    since,
                    times: times + 1,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::failure::FailureKind;
    use crate::domain::observation::Traffic;

    fn at(second: i64) -> Moment {
        Moment::from_millis((1_790_000_000 + second) * 1000)
    }

    fn seen(second: i64, outcome: Result<Batch, Failure>) -> Observation {
        Observation {
            source: SourceId(0),
            reading: Reading::Tasks,
            at: at(second),
            took: Duration::from_millis(50),
            traffic: Traffic {
                requests: 1,
                bytes: 100,
                answered_by: None,
            },
            outcome,
            next: None,
        }
    }

    fn tasks() -> Result<Batch, Failure> {
        Ok(Batch::Tasks(Arc::new(Vec::new())))
    }

    fn broken() -> Result<Batch, Failure> {
        Err(Failure::new(FailureKind::LoginPage))
    }

    #[test]
    fn age_turns_fresh_into_late_and_stale() {
        let mut feed = Feed::new(Reading::Tasks, Duration::from_secs(10));
        assert_eq!(feed.freshness(at(0)), Freshness::Never);
        feed.apply(seen(0, tasks()));
        assert_eq!(feed.freshness(at(20)), Freshness::Fresh);
        assert_eq!(feed.freshness(at(21)), Freshness::Late);
        assert_eq!(feed.freshness(at(51)), Freshness::Stale);
        assert_eq!(
            feed.freshness(at(-600)),
            Freshness::Stale,
            "a clock that jumped back"
        );
    }

    #[test]
    fn one_miss_does_not_flicker_but_three_are_lost() {
        let mut feed = Feed::new(Reading::Tasks, Duration::from_secs(10));
        feed.apply(seen(0, tasks()));
        feed.apply(seen(5, broken()));
        assert_eq!(feed.freshness(at(6)), Freshness::Fresh);
        assert!(!feed.is_blind());
        feed.apply(seen(7, broken()));
        feed.apply(seen(9, broken()));
        assert_eq!(feed.freshness(at(10)), Freshness::Lost);
        assert!(feed.is_blind());
        assert_eq!(
            feed.trouble.as_ref().map(|t| (t.since, t.times)),
            Some((at(5), 3))
        );
        assert!(feed.batch().is_some(), "the last good batch stays");
        feed.apply(seen(11, tasks()));
        assert_eq!(feed.freshness(at(12)), Freshness::Fresh);
        assert_eq!(feed.requests, 5);
    }

    #[test]
    fn an_old_feed_with_a_failure_is_lost_at_once() {
        let mut feed = Feed::new(Reading::Tasks, Duration::from_secs(10));
        feed.apply(seen(0, tasks()));
        feed.apply(seen(30, broken()));
        assert_eq!(feed.freshness(at(31)), Freshness::Lost);
    }
}
