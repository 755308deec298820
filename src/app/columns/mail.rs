//! Mail: queues.

use crate::app::column::{Column, Table, dim, plain, strong};
use crate::app::value::{Tone, Value};
use crate::domain::{PerMinute, Reading, Severity, SourceKind};
use crate::estate::queues::Verdict;
use crate::estate::{Estate, QueueRow};

fn row(estate: &Estate, index: usize) -> Option<&QueueRow> {
    estate.queues.get(index)
}

/// How bad a queue is.
pub fn severity(estate: &Estate, index: usize) -> Severity {
    row(estate, index).map_or(Severity::Ok, |r| r.severity(estate))
}

fn count<'a>(
    estate: &'a Estate,
    index: usize,
    of: impl FnOnce(&'a QueueRow) -> Option<u64>,
) -> Value<'a> {
    row(estate, index)
        .and_then(of)
        .map_or(Value::Nothing, Value::Count)
}

fn pace<'a>(
    estate: &'a Estate,
    index: usize,
    of: impl FnOnce(&'a QueueRow) -> Option<PerMinute>,
) -> Value<'a> {
    row(estate, index)
        .and_then(of)
        .map_or(Value::Nothing, Value::Pace)
}

/// What to think of it; of one that never could be read, why.
fn verdict(row: &QueueRow) -> Value<'_> {
    match (&row.verdict, &row.failure) {
        (Verdict::Unknown(None), Some(failure)) => Value::Failure(failure),
        (verdict, _) => Value::Verdict(verdict),
    }
}

/// The table.
pub static TABLE: Table = Table {
    columns: &[
        Column {
            id: "severity",
            title: "",
            least: 1,
            most: 1,
            right: false,
            rank: 0,
            value: |e, i, _| Value::Severity(severity(e, i)),
            tone: |e, i| Tone::Severity(severity(e, i)),
        },
        Column {
            id: "name",
            title: "QUEUE",
            least: 16,
            most: 32,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |r| Value::str(&r.name)),
            tone: strong,
        },
        Column {
            id: "host",
            title: "ON",
            least: 6,
            most: 18,
            right: false,
            rank: 2,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |r| Value::optional(r.host.as_ref())),
            tone: dim,
        },
        Column {
            id: "depth",
            title: "DEPTH",
            least: 5,
            most: 8,
            right: true,
            rank: 0,
            value: |e, i, _| {
                row(e, i).map_or(Value::Nothing, |r| Value::or_unknown(r.depth, Value::Count))
            },
            tone: |e, i| Tone::Severity(severity(e, i)),
        },
        Column {
            id: "verdict",
            title: "VERDICT",
            least: 24,
            most: 26,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, verdict),
            tone: plain,
        },
        Column {
            id: "oldest",
            title: "OLDEST",
            least: 6,
            most: 7,
            right: true,
            rank: 1,
            value: |e, i, _| {
                let Some(row) = row(e, i) else {
                    return Value::Nothing;
                };
                let seen = if row.oldest_at_least {
                    Value::Older
                } else {
                    Value::Age
                };
                row.oldest.map_or(Value::Nothing, seen)
            },
            tone: plain,
        },
        Column {
            id: "in",
            title: "IN",
            least: 7,
            most: 9,
            right: true,
            rank: 2,
            value: |e, i, _| pace(e, i, |r| r.arriving),
            tone: dim,
        },
        Column {
            id: "out",
            title: "OUT",
            least: 7,
            most: 9,
            right: true,
            rank: 2,
            value: |e, i, _| pace(e, i, |r| r.leaving),
            tone: plain,
        },
        Column {
            id: "active",
            title: "ACTIVE",
            least: 6,
            most: 7,
            right: true,
            rank: 3,
            value: |e, i, _| count(e, i, |r| r.active),
            tone: dim,
        },
        Column {
            id: "deferred",
            title: "DEFERRED",
            least: 8,
            most: 8,
            right: true,
            rank: 2,
            value: |e, i, _| count(e, i, |r| r.deferred),
            tone: dim,
        },
        Column {
            id: "hold",
            title: "HOLD",
            least: 5,
            most: 6,
            right: true,
            rank: 4,
            value: |e, i, _| count(e, i, |r| r.hold),
            tone: dim,
        },
        Column {
            id: "trend",
            title: "LAST HOUR",
            least: 20,
            most: 20,
            right: false,
            rank: 3,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |r| Value::Trend(&r.trend)),
            tone: plain,
        },
        Column {
            id: "checkmk",
            title: "CHECKMK",
            least: 9,
            most: 14,
            right: false,
            rank: 1,
            value: |e, i, _| {
                let check = row(e, i).and_then(|r| r.check).and_then(|at| e.check(at));
                check.map_or(Value::Nothing, |c| Value::Checked(c.state, c.handling))
            },
            tone: |e, i| Tone::Severity(severity(e, i)),
        },
    ],
    len: |e| e.queues.len(),
    key: |e, i| row(e, i).map(QueueRow::key),
    severity,
    readings: &[
        (SourceKind::Mail, Reading::Queues),
        (SourceKind::Checkmk, Reading::Checks),
    ],
    own: |e, i| {
        row(e, i).map(|r| match r.queue {
            Some(at) => (at.source, Reading::Queues),
            None => (r.source, Reading::Checks),
        })
    },
    monitor: |e, i| {
        let check = row(e, i).and_then(|r| r.check);
        check.map(|at| (at.source, Reading::Checks))
    },
    shown: None,
    sort: Some(("severity", true)),
};
