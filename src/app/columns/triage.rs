//! Triage: one row a problem.

use crate::app::column::{Column, Table, dim, unmonitored};
use crate::app::value::{Tone, Value};
use crate::domain::problem::{Problem, What};
use crate::domain::{Reading, Severity, SourceId, SourceKind};
use crate::estate::Estate;

fn row(estate: &Estate, index: usize) -> Option<&Problem> {
    estate.problems.get(index)
}

fn tone(estate: &Estate, index: usize) -> Tone {
    match row(estate, index) {
        Some(problem) if problem.handling.is_handled() => Tone::Handled,
        Some(problem) => Tone::Severity(problem.severity),
        None => Tone::Plain,
    }
}

fn subject_tone(estate: &Estate, index: usize) -> Tone {
    if row(estate, index).is_some_and(|p| p.handling.is_handled()) {
        Tone::Handled
    } else {
        Tone::Strong
    }
}

fn text_tone(estate: &Estate, index: usize) -> Tone {
    if row(estate, index).is_some_and(|p| p.handling.is_handled()) {
        Tone::Handled
    } else {
        Tone::Plain
    }
}

/// The answer that tells of a problem. That a source cannot be read is told by no answer.
fn own(estate: &Estate, index: usize) -> Option<(SourceId, Reading)> {
    let problem = row(estate, index)?;
    let reading = match &problem.what {
        What::NodeOffline
        | What::NodeSilent
        | What::GuestStopped { .. }
        | What::GuestIoError
        | What::GuestCrashed
        | What::GuestUnseen
        | What::StorageFull(_)
        | What::StorageInactive => Reading::Resources,
        What::NoQuorum | What::RightsMissing(_) => Reading::Cluster,
        What::TaskFailed(_) => Reading::Tasks,
        What::HostDown(_) | What::SiteSilent(_) => Reading::MonitoredHosts,
        What::Service(_) => Reading::Problems,
        What::Probe(_) | What::Certificate(_) => Reading::Probes,
        // A probe that got no answer, and not a source that cannot be read.
        What::Blind(_) if problem.about.is_some() => Reading::Probes,
        What::QueueDown(_) => Reading::Queues,
        What::GroupSize(..) => Reading::Roster,
        What::Blind(_) | What::Late => return None,
    };
    Some((problem.source, reading))
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
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |p| Value::Severity(p.severity)),
            tone,
        },
        Column {
            id: "subject",
            title: "WHERE",
            least: 22,
            most: 32,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |p| Value::str(&p.subject)),
            tone: subject_tone,
        },
        Column {
            id: "problem",
            title: "WHAT",
            least: 30,
            most: u16::MAX,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |p| Value::What(&p.what)),
            tone: text_tone,
        },
        Column {
            id: "since",
            title: "SINCE",
            least: 5,
            most: 6,
            right: true,
            rank: 0,
            value: |e, i, _| {
                row(e, i).map_or(Value::Nothing, |p| Value::or_unknown(p.since, Value::Age))
            },
            tone: text_tone,
        },
        Column {
            id: "handling",
            title: "STATE",
            least: 8,
            most: 10,
            right: false,
            rank: 1,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |p| Value::Handling(p.handling)),
            tone: text_tone,
        },
        Column {
            id: "source",
            title: "SEEN BY",
            least: 10,
            most: 12,
            right: false,
            rank: 3,
            value: |e, i, _| {
                row(e, i).map_or(Value::Nothing, |p| Value::str(e.source_name(p.source)))
            },
            tone: dim,
        },
    ],
    len: |e| e.problems.len(),
    key: |e, i| row(e, i).map(|p| p.key.clone()),
    severity: |e, i| {
        row(e, i).map_or(Severity::Ok, |p| {
            if p.handling.is_handled() {
                Severity::Info
            } else {
                p.severity
            }
        })
    },
    readings: &[
        (SourceKind::Proxmox, Reading::Resources),
        (SourceKind::Proxmox, Reading::Cluster),
        (SourceKind::Proxmox, Reading::Tasks),
        (SourceKind::Checkmk, Reading::Problems),
        (SourceKind::Checkmk, Reading::MonitoredHosts),
        (SourceKind::Checkmk, Reading::Checks),
        (SourceKind::Redmine, Reading::Tickets),
        (SourceKind::Redmine, Reading::Projects),
        (SourceKind::Web, Reading::Probes),
        (SourceKind::Mail, Reading::Queues),
        (SourceKind::Roster, Reading::Roster),
    ],
    own,
    monitor: unmonitored,
    sort: None,
};
