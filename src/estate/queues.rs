//! Mail queues: what a queue says at its own place, and what the monitor says of it.

mod checks;
mod course;
mod joined;
mod verdict;

use std::time::Duration;

use crate::domain::queue::{Levels, Queue, Sending};
use crate::domain::{
    Failure, Freshness, Key, Moment, PerMinute, Reading, Severity, SourceId, SourceKind, Text,
};

use super::feed::SourceState;
use super::join::place;
use super::{Estate, Place};

pub use checks::is_queue;
pub use course::{Course, Sample};
pub use joined::Disagreement;
pub(crate) use joined::disagreement;
pub use verdict::{Stuck, Verdict, judge};

/// How far back arrivals and departures are counted, in time and in cycles, whichever is longer.
const PACE: Duration = Duration::from_mins(5);
const PACE_CYCLES: u32 = 5;

/// A mail queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueRow {
    /// Its name.
    pub name: Text,
    /// The machine it is on.
    pub host: Option<Text>,
    /// The source that names it.
    pub source: SourceId,
    /// As read at its own place.
    pub queue: Option<Place>,
    /// The same queue as other sources read it.
    pub also: Vec<Place>,
    /// The monitor's check.
    pub check: Option<Place>,
    /// Mails in all.
    pub depth: Option<u64>,
    /// Mails being delivered.
    pub active: Option<u64>,
    /// Mails just taken in.
    pub incoming: Option<u64>,
    /// Mails that wait for another try.
    pub deferred: Option<u64>,
    /// Mails held by a person.
    pub hold: Option<u64>,
    /// When the oldest mail came in, where that is told or was seen.
    pub oldest: Option<Moment>,
    /// The oldest mail was there before we looked: it is at least that old.
    pub oldest_at_least: bool,
    /// Mails that come, by what was seen of the last minutes.
    pub arriving: Option<PerMinute>,
    /// Mails that leave, by what was seen of the last minutes.
    pub leaving: Option<PerMinute>,
    /// Numbers of mails from which on it is a warning and an alarm: configured, else the monitor's.
    pub levels: (Option<u64>, Option<u64>),
    /// Configured levels of depth and age.
    pub own_levels: Levels,
    /// How mails leave it.
    pub sending: Sending,
    /// What to think of it.
    pub verdict: Verdict,
    /// When the numbers were read.
    pub seen: Option<Moment>,
    /// Why it cannot be read at its own place now.
    pub failure: Option<Failure>,
    /// Another source counts other numbers of mails.
    pub disagreement: Option<Disagreement>,
    /// Depth over time, oldest first, as seen by this program.
    pub trend: Vec<(Moment, u64)>,
    /// How bad its depth and age are by the configured levels, as of the last answer.
    pub(crate) by_levels: Severity,
}

impl QueueRow {
    /// A row of which only the name is known.
    pub(crate) fn bare(name: Text, host: Option<Text>, source: SourceId) -> Self {
        Self {
            name,
            host,
            source,
            queue: None,
            also: Vec::new(),
            check: None,
            depth: None,
            active: None,
            incoming: None,
            deferred: None,
            hold: None,
            oldest: None,
            oldest_at_least: false,
            arriving: None,
            leaving: None,
            levels: (None, None),
            own_levels: Levels::default(),
            sending: Sending::default(),
            verdict: Verdict::Unknown(None),
            seen: None,
            failure: None,
            disagreement: None,
            trend: Vec::new(),
            by_levels: Severity::Ok,
        }
    }

    fn of_queue(queue: &Queue, here: Place) -> Self {
        Self {
            queue: Some(here),
            depth: queue.depth,
            active: queue.active,
            incoming: queue.incoming,
            deferred: queue.deferred,
            hold: queue.hold,
            oldest: queue.oldest,
            levels: (queue.levels.warn_depth, queue.levels.crit_depth),
            own_levels: queue.levels,
            sending: queue.sending,
            verdict: match (&queue.down, queue.depth) {
                (Some(_), _) => Verdict::Down,
                (None, None) => Verdict::Unknown(None),
                (None, Some(_)) => Verdict::Watching,
            },
            ..Self::bare(queue.name.clone(), queue.host.clone(), here.source)
        }
    }

    /// Its key.
    pub fn key(&self) -> Key {
        Key::Queue(
            self.source,
            Text::clean(&format!(
                "{}/{}",
                self.host.as_deref().unwrap_or(""),
                self.name
            )),
        )
    }

    /// Whether its numbers were read at its own place, and not by the monitor only.
    pub const fn is_own(&self) -> bool {
        self.queue.is_some()
    }

    /// What it was seen to be at its last answer, to be added to its course.
    pub fn sample(&self, estate: &Estate) -> Option<Sample> {
        let (at, depth) = (self.seen?, self.depth?);
        let queue = self.queue.and_then(|at| estate.queue(at));
        let waits = if self.sending.defers {
            self.deferred.unwrap_or(0) + self.hold.unwrap_or(0)
        } else {
            0
        };
        Some(Sample {
            due: depth.saturating_sub(waits),
            head: queue.and_then(|q| q.head),
            enqueued: queue.and_then(|q| q.enqueued),
            ..Sample::depth(at, depth)
        })
    }

    /// Judges it by what was seen of it over time.
    pub fn judge(&mut self, course: &Course, now: Moment) {
        self.trend = course.depths();
        let window = PACE.max(self.sending.cycle.unwrap_or_default() * PACE_CYCLES);
        if let Some((arriving, leaving)) = course.pace(window) {
            (self.arriving, self.leaving) = (Some(arriving), Some(leaving));
        }
        if self.oldest.is_none()
            && let Some((since, at_least)) = course.head_since()
        {
            (self.oldest, self.oldest_at_least) = (Some(since), at_least);
        }
        if self.verdict == Verdict::Watching {
            self.verdict = judge(course, self.sending);
        }
        self.by_levels = self.depth_severity().max(self.age_severity(now));
    }

    /// How bad its depth is by the configured levels.
    pub fn depth_severity(&self) -> Severity {
        let levels = &self.own_levels;
        let over = |level: Option<u64>| self.depth.zip(level).is_some_and(|(n, l)| n >= l);
        by(over(levels.warn_depth), over(levels.crit_depth))
    }

    /// How bad the age of its oldest mail is by the configured levels.
    pub fn age_severity(&self, now: Moment) -> Severity {
        let levels = &self.own_levels;
        let age = self.oldest_age(now);
        let over = |level: Option<Duration>| age.zip(level).is_some_and(|(age, l)| age >= l);
        by(over(levels.warn_age), over(levels.crit_age))
    }

    /// Age of its oldest mail.
    pub fn oldest_age(&self, now: Moment) -> Option<Duration> {
        self.oldest.and_then(|at| at.age(now))
    }

    /// How bad it is: by its course, the configured levels, and the monitor.
    pub fn severity(&self, estate: &Estate) -> Severity {
        let checked = self
            .check
            .and_then(|at| estate.check(at))
            .map_or(Severity::Ok, |c| c.state.severity());
        let apart = match self.disagreement {
            Some(_) => Severity::Info,
            None => Severity::Ok,
        };
        self.verdict
            .severity()
            .max(self.by_levels)
            .max(checked)
            .max(apart)
    }
}

const fn by(warning: bool, alarm: bool) -> Severity {
    match (warning, alarm) {
        (_, true) => Severity::Critical,
        (true, false) => Severity::Warning,
        (false, false) => Severity::Ok,
    }
}

/// All queues: those read at their own place first.
pub fn rows(estate: &Estate, now: Moment) -> Vec<QueueRow> {
    let mut rows: Vec<QueueRow> = Vec::new();
    let mails = estate.sources.iter().filter(|s| s.kind == SourceKind::Mail);
    for source in mails {
        let mut index = 0;
        while let Some(queue) = estate.queue(place(source.id, index)) {
            let mut row = QueueRow::of_queue(queue, place(source.id, index));
            index += 1;
            trust(&mut row, source, now);
            joined::add(&mut rows, row);
        }
        // A source that was never read is a queue nobody knows anything of, and not nothing.
        if index == 0
            && let Some(failure) = source.failure()
        {
            let mut row = QueueRow::bare(source.name.clone(), None, source.id);
            row.failure = Some(failure.clone());
            rows.push(row);
        }
    }
    let mut checks = Vec::new();
    let monitors = estate.sources.iter();
    for source in monitors.filter(|s| s.kind == SourceKind::Checkmk) {
        let read = source.feed(Reading::Checks).and_then(|f| f.good.as_ref());
        let seen = read.map(|good| good.at);
        let mut index = 0;
        while let Some(check) = estate.check(place(source.id, index)) {
            let here = place(source.id, index);
            index += 1;
            if is_queue(check) {
                let row = QueueRow {
                    seen,
                    ..checks::row(source.id, here, check, now)
                };
                checks.push((row, check));
            }
        }
    }
    joined::checks(&mut rows, checks, estate);
    rows
}

/// Numbers of a source that cannot be read are no longer what is.
fn trust(row: &mut QueueRow, source: &SourceState, now: Moment) {
    let Some(feed) = source.feed(Reading::Queues) else {
        return;
    };
    row.seen = feed.good.as_ref().map(|good| good.at);
    // What is only old, as after a restart, is shown as old; what cannot be read any more is not known.
    if feed.freshness(now) == Freshness::Lost {
        row.verdict = Verdict::Unknown(row.seen);
        row.failure = feed.trouble.as_ref().map(|t| t.failure.clone());
    }
}

#[cfg(test)]
mod tests;
