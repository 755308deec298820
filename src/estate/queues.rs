//! Mail queues: what a queue says at its own place, and what the monitor says of it.

use std::time::Duration;

use crate::domain::check::{MonitoredService, ServiceState};
use crate::domain::{Key, Moment, PerMinute, Severity, SourceId, SourceKind, Text};

use super::join::place;
use super::{Estate, Place};

/// Checkmk's mail queue plug-ins by `check_command` (`api/checkmk.md` B1).
const COMMANDS: [&str; 7] = [
    "check_mk-postfix_mailq",
    "check_mk-nullmailer_mailq",
    "check_mk-qmail_stats",
    "check_mk-fortimail_queue",
    "check_mk-zertificon_mail_queues",
    "check_mk-barracuda_mailqueues",
    "check_mk-domino_mailqueues",
];

/// Words in a service's name that make it a mail queue when its command does not tell.
const NAMES: [&str; 7] = [
    "mail queue",
    "mailqueue",
    "mailq",
    "postfix queue",
    "exim queue",
    "newsletter",
    "qmail queue",
];

/// Metrics that count waiting mails, raw and translated.
const DEFERRED: [&str; 3] = ["mail_queue_deferred_length", "length", "deferred"];
const ACTIVE: [&str; 2] = ["mail_queue_active_length", "active"];
const HOLD: [&str; 2] = ["mail_queue_hold_length", "hold"];
const INCOMING: [&str; 2] = ["mail_queue_incoming_length", "incoming"];
const TOTAL: [&str; 5] = [
    "mail_queue_postfix_total",
    "queue",
    "mails",
    "waiting",
    "count",
];
/// Metrics that tell the age of the oldest mail, in seconds.
const AGE: [&str; 3] = ["age", "oldest", "oldest_age"];

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
    /// When the oldest mail came in, where told.
    pub oldest: Option<Moment>,
    /// Levels at which the monitor warns and alarms.
    pub levels: (Option<u64>, Option<u64>),
    /// What to think of it.
    pub verdict: Verdict,
    /// Depth over time, oldest first, as seen by this program.
    pub trend: Vec<(Moment, u64)>,
}

/// What to think of a queue.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// No mail waits.
    Empty,
    /// It shrinks; time to empty at this pace.
    Draining(Duration),
    /// It grows by so many a minute.
    Growing(PerMinute),
    /// It holds about the same number.
    Steady,
    /// Too short a time was seen to tell.
    Watching,
    /// Its own system is down: not "empty".
    Down,
    /// Nothing can be said.
    Unknown,
}

impl QueueRow {
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

    /// Takes what was seen of it over time, oldest first, and judges by that.
    pub fn judge(&mut self, trend: Vec<(Moment, u64)>) {
        self.trend = trend;
        if self.verdict == Verdict::Watching {
            self.verdict = verdict(self.depth, &self.trend);
        }
    }

    /// How bad it is: by the monitor's levels, and by its own system being down.
    pub fn severity(&self, estate: &Estate) -> Severity {
        let own = match self.verdict {
            Verdict::Down => Severity::Critical,
            Verdict::Unknown => Severity::Unknown,
            _ => Severity::Ok,
        };
        let checked = self
            .check
            .and_then(|at| estate.check(at))
            .map_or(Severity::Ok, |c| c.state.severity());
        own.max(checked)
    }
}

/// Whether a check counts a mail queue.
pub fn is_queue(check: &MonitoredService) -> bool {
    let by_command = check
        .command
        .as_deref()
        .is_some_and(|c| COMMANDS.contains(&c));
    by_command || {
        let name = check.name.to_lowercase();
        NAMES.iter().any(|n| name.contains(n))
    }
}

fn metric(check: &MonitoredService, names: &[&str]) -> Option<u64> {
    let metric = names
        .iter()
        .find_map(|name| check.perfdata.iter().find(|m| &*m.name == *name))?;
    count(metric.value)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a small whole number"
)]
fn count(value: f64) -> Option<u64> {
    (value.is_finite() && (0.0..1e15).contains(&value)).then(|| value.round() as u64)
}

/// All queues: those read at their own place first.
pub fn rows(estate: &Estate, now: Moment) -> Vec<QueueRow> {
    let mut rows: Vec<QueueRow> = Vec::new();
    for source in estate.sources.iter().filter(|s| s.kind == SourceKind::Mail) {
        let mut index = 0;
        while let Some(queue) = estate.queue(place(source.id, index)) {
            rows.push(QueueRow {
                name: queue.name.clone(),
                host: queue.host.clone(),
                source: source.id,
                queue: Some(place(source.id, index)),
                check: None,
                depth: queue.depth,
                active: queue.active,
                incoming: queue.incoming,
                deferred: queue.deferred,
                hold: queue.hold,
                oldest: queue.oldest,
                levels: (None, None),
                verdict: if queue.down.is_some() {
                    Verdict::Down
                } else {
                    Verdict::Watching
                },
                trend: Vec::new(),
            });
            index += 1;
        }
    }
    for source in estate
        .sources
        .iter()
        .filter(|s| s.kind == SourceKind::Checkmk)
    {
        let mut index = 0;
        while let Some(check) = estate.check(place(source.id, index)) {
            let here = place(source.id, index);
            index += 1;
            if is_queue(check) {
                rows.push(of_check(source.id, here, check, now));
            }
        }
    }
    rows
}

fn of_check(source: SourceId, here: Place, check: &MonitoredService, now: Moment) -> QueueRow {
    let deferred = metric(check, &DEFERRED);
    let active = metric(check, &ACTIVE);
    let hold = metric(check, &HOLD);
    let incoming = metric(check, &INCOMING);
    let parts = [deferred, active, hold, incoming];
    let depth = metric(check, &TOTAL).or_else(|| {
        parts
            .iter()
            .any(Option::is_some)
            .then(|| parts.iter().flatten().sum())
    });
    let counted = DEFERRED
        .iter()
        .chain(&TOTAL)
        .find_map(|name| check.perfdata.iter().find(|m| &*m.name == *name));
    let oldest = AGE
        .iter()
        .find_map(|name| check.perfdata.iter().find(|m| &*m.name == *name))
        .and_then(|m| count(m.value))
        .map(|seconds| {
            check
                .checked
                .unwrap_or(now)
                .minus(Duration::from_secs(seconds))
        });
    let broken = matches!(check.state, ServiceState::Unknown | ServiceState::Pending);
    QueueRow {
        name: check.name.clone(),
        host: Some(check.host.clone()),
        source,
        queue: None,
        check: Some(here),
        depth,
        active,
        incoming,
        deferred,
        hold,
        oldest,
        levels: (
            counted.and_then(|m| m.warn).and_then(count),
            counted.and_then(|m| m.crit).and_then(count),
        ),
        verdict: if broken && depth.is_none() {
            Verdict::Unknown
        } else {
            Verdict::Watching
        },
        trend: Vec::new(),
    }
}

/// Least time that must have been seen before a direction is named.
const LEAST: Duration = Duration::from_secs(60);

/// What the depth over time means.
fn verdict(depth: Option<u64>, trend: &[(Moment, u64)]) -> Verdict {
    match depth {
        None => return Verdict::Unknown,
        Some(0) => return Verdict::Empty,
        Some(_) => {}
    }
    let (Some((start, first)), Some((end, last))) = (trend.first(), trend.last()) else {
        return Verdict::Watching;
    };
    let seen = end.until(*start);
    if seen < LEAST {
        return Verdict::Watching;
    }
    let minutes = seen.as_secs_f64() / 60.0;
    let pace = (*last as f64 - *first as f64) / minutes;
    if pace.abs() < 0.5 {
        return Verdict::Steady;
    }
    if pace > 0.0 {
        return Verdict::Growing(PerMinute(pace));
    }
    let left = *last as f64 / -pace * 60.0;
    Verdict::Draining(Duration::from_secs_f64(left.clamp(0.0, 1e7)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Moment {
        Moment::from_millis(1_790_000_000_000 + minute * 60_000)
    }

    #[test]
    fn verdicts_follow_the_depth() {
        assert_eq!(verdict(None, &[]), Verdict::Unknown);
        assert_eq!(verdict(Some(0), &[(at(0), 9), (at(5), 0)]), Verdict::Empty);
        assert_eq!(verdict(Some(5), &[(at(0), 5)]), Verdict::Watching);
        assert_eq!(verdict(Some(5), &[(at(0), 5), (at(9), 5)]), Verdict::Steady);
        assert_eq!(
            verdict(Some(100), &[(at(0), 200), (at(10), 100)]),
            Verdict::Draining(Duration::from_secs(600))
        );
        assert_eq!(
            verdict(Some(50), &[(at(0), 10), (at(10), 50)]),
            Verdict::Growing(PerMinute(4.0))
        );
    }
}
