//! Checkmk's checks of mail queues.

use std::time::Duration;

use crate::domain::check::{MonitoredService, ServiceState};
use crate::domain::{Moment, SourceId};

use super::{QueueRow, Verdict};
use crate::estate::Place;

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

/// The row of a check.
pub(super) fn row(
    source: SourceId,
    here: Place,
    check: &MonitoredService,
    now: Moment,
) -> QueueRow {
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
    let levels = (
        counted.and_then(|m| m.warn).and_then(count),
        counted.and_then(|m| m.crit).and_then(count),
    );
    QueueRow {
        check: Some(here),
        depth,
        active,
        incoming,
        deferred,
        hold,
        oldest,
        levels,
        verdict: if broken && depth.is_none() {
            Verdict::Unknown(None)
        } else {
            Verdict::Watching
        },
        ..QueueRow::bare(check.name.clone(), Some(check.host.clone()), source)
    }
}
