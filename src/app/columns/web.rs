//! Web services: our own eye and the monitor's.

use crate::app::column::{Column, Table, dim, plain, strong};
use crate::app::value::{Tone, Value};
use crate::domain::check::MonitoredService;
use crate::domain::web::{Eyes, Probe, ProbeOutcome};
use crate::domain::{Reading, Severity, SourceKind};
use crate::estate::{Estate, WebRow};

fn row(estate: &Estate, index: usize) -> Option<&WebRow> {
    estate.web.get(index)
}

fn probe(estate: &Estate, index: usize) -> Option<&Probe> {
    row(estate, index)?.probe.and_then(|at| estate.probe(at))
}

fn check(estate: &Estate, index: usize) -> Option<&MonitoredService> {
    let row = row(estate, index)?;
    row.check
        .or(row.certificate)
        .and_then(|at| estate.check(at))
}

/// How bad a site is by whoever sees it worst.
pub fn severity(estate: &Estate, index: usize) -> Severity {
    row(estate, index).map_or(Severity::Ok, |r| r.severity(estate))
}

fn time(estate: &Estate, index: usize) -> Value<'_> {
    if let Some(Probe {
        outcome: ProbeOutcome::Answered { first_byte, .. },
        ..
    }) = probe(estate, index)
    {
        return Value::Span(*first_byte);
    }
    let Some(check) = check(estate, index) else {
        return Value::Nothing;
    };
    let seconds = ["response_time", "time", "overall_response_time"]
        .iter()
        .find_map(|name| check.perfdata.iter().find(|m| &*m.name == *name))
        .map(|m| m.value)
        .filter(|s| s.is_finite() && (0.0..1e6).contains(s));
    seconds.map_or(Value::Nothing, |s| {
        Value::Span(std::time::Duration::from_secs_f64(s))
    })
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
            title: "SITE",
            least: 16,
            most: 30,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |r| Value::str(&r.name)),
            tone: strong,
        },
        Column {
            id: "here",
            title: "FROM HERE",
            least: 17,
            most: 34,
            right: false,
            rank: 0,
            value: |e, i, _| probe(e, i).map_or(Value::Nothing, |p| Value::Probe(&p.outcome)),
            tone: |e, i| probe(e, i).map_or(Tone::Dim, |p| Tone::Severity(p.severity())),
        },
        Column {
            id: "checkmk",
            title: "CHECKMK",
            least: 9,
            most: 14,
            right: false,
            rank: 0,
            value: |e, i, _| {
                check(e, i).map_or(Value::Nothing, |c| Value::Checked(c.state, c.handling))
            },
            tone: |e, i| {
                check(e, i).map_or(Tone::Dim, |c| {
                    if c.handling.is_handled() {
                        Tone::Handled
                    } else {
                        Tone::Severity(c.state.severity())
                    }
                })
            },
        },
        Column {
            id: "eyes",
            title: "EYES",
            least: 8,
            most: 14,
            right: false,
            rank: 1,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |r| Value::str(r.eyes.name())),
            tone: |e, i| {
                row(e, i).map_or(Tone::Dim, |r| {
                    if r.eyes.disagree() {
                        Tone::Severity(r.eyes.severity())
                    } else if matches!(r.eyes, Eyes::HereBlind | Eyes::MonitorBlind { .. }) {
                        Tone::Severity(Severity::Unknown)
                    } else {
                        Tone::Dim
                    }
                })
            },
        },
        Column {
            id: "time",
            title: "TIME",
            least: 6,
            most: 7,
            right: true,
            rank: 1,
            value: |e, i, _| time(e, i),
            tone: dim,
        },
        Column {
            id: "certificate",
            title: "CERT",
            least: 6,
            most: 7,
            right: true,
            rank: 1,
            value: |e, i, context| {
                row(e, i)
                    .and_then(|r| {
                        let days = r.certificate_days(e, context.now)?;
                        Some(Value::Days(days, r.certificate_severity(e, days)))
                    })
                    .unwrap_or(Value::Nothing)
            },
            tone: dim,
        },
        Column {
            id: "since",
            title: "SINCE",
            least: 5,
            most: 6,
            right: true,
            rank: 2,
            value: |e, i, _| {
                let since = check(e, i)
                    .and_then(|c| c.since)
                    .or_else(|| probe(e, i).and_then(|p| p.since));
                since.map_or(Value::Nothing, Value::Age)
            },
            tone: dim,
        },
        Column {
            id: "guest",
            title: "RUNS ON",
            least: 8,
            most: 18,
            right: false,
            rank: 2,
            value: |e, i, _| {
                let key = row(e, i).and_then(|r| r.guest.as_ref());
                let guest = key.and_then(|key| e.guest_row(key));
                guest
                    .and_then(|g| e.guest(g.place))
                    .map_or(Value::Nothing, |g| Value::Text(g.label()))
            },
            tone: dim,
        },
        Column {
            id: "day",
            title: "LAST 24 HOURS",
            least: 16,
            most: 16,
            right: false,
            rank: 3,
            value: |e, i, _| match row(e, i) {
                Some(row) if row.probe.is_some() && !row.strip.is_empty() => {
                    Value::Strip(&row.strip)
                }
                _ => Value::Nothing,
            },
            tone: plain,
        },
        Column {
            id: "redirect",
            title: "FORWARDS TO",
            least: 14,
            most: 40,
            right: false,
            rank: 4,
            value: |e, i, _| match probe(e, i).map(|p| &p.outcome) {
                Some(ProbeOutcome::Answered { redirect, .. }) => Value::optional(redirect.as_ref()),
                _ => Value::Nothing,
            },
            tone: dim,
        },
        Column {
            id: "cache",
            title: "CACHE",
            least: 5,
            most: 12,
            right: false,
            rank: 5,
            value: |e, i, _| match probe(e, i).map(|p| &p.outcome) {
                Some(ProbeOutcome::Answered { cache, .. }) => Value::optional(cache.as_ref()),
                _ => Value::Nothing,
            },
            tone: dim,
        },
    ],
    len: |e| e.web.len(),
    key: |e, i| row(e, i).map(WebRow::key),
    severity,
    readings: &[
        (SourceKind::Web, Reading::Probes),
        (SourceKind::Checkmk, Reading::Checks),
    ],
    own: |e, i| {
        row(e, i).map(|r| match r.probe {
            Some(at) => (at.source, Reading::Probes),
            None => (r.source, Reading::Checks),
        })
    },
    monitor: |e, i| {
        let check = row(e, i).and_then(|r| r.check.or(r.certificate));
        check.map(|at| (at.source, Reading::Checks))
    },
    shown: None,
    sort: Some(("severity", true)),
};
