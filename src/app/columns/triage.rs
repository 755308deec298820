//! Triage: one row a cause, what hangs on it folded below.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::app::column::{Column, Context, Table, dim, unmonitored};
use crate::app::value::{Tone, Value};
use crate::domain::problem::{Problem, What};
use crate::domain::{Key, Reading, Severity, SourceId, SourceKind};
use crate::estate::{Estate, Fold, Handled, Incident};

fn row(estate: &Estate, index: usize) -> Option<&Problem> {
    estate.problems.get(index)
}

/// The incident whose cause the row is; nothing for what hangs on a cause.
fn led(estate: &Estate, index: usize) -> Option<&Incident> {
    match estate.folds.get(index)? {
        Fold::Cause(_) => estate.incident_of(index),
        Fold::Below(_) | Fold::Held => None,
    }
}

fn is_handled(estate: &Estate, index: usize) -> bool {
    match led(estate, index) {
        Some(incident) => incident.handled.is_some(),
        None => row(estate, index).is_some_and(|p| p.handling.is_handled()),
    }
}

/// How bad a row is: a cause as bad as what hangs on it.
fn row_severity(estate: &Estate, index: usize) -> Severity {
    led(estate, index)
        .map(|incident| incident.severity)
        .or_else(|| row(estate, index).map(|p| p.severity))
        .unwrap_or_default()
}

fn tone(estate: &Estate, index: usize) -> Tone {
    if is_handled(estate, index) {
        Tone::Handled
    } else {
        Tone::Severity(row_severity(estate, index))
    }
}

fn subject_tone(estate: &Estate, index: usize) -> Tone {
    match estate.folds.get(index) {
        _ if is_handled(estate, index) => Tone::Handled,
        Some(Fold::Below(_)) => Tone::Plain,
        _ => Tone::Strong,
    }
}

fn text_tone(estate: &Estate, index: usize) -> Tone {
    if is_handled(estate, index) {
        Tone::Handled
    } else {
        Tone::Plain
    }
}

/// What it is about; what hangs on a cause is set in.
fn subject<'a>(estate: &'a Estate, index: usize, _: &Context<'_>) -> Value<'a> {
    let Some(problem) = row(estate, index) else {
        return Value::Nothing;
    };
    match estate.folds.get(index) {
        Some(Fold::Below(_)) => Value::Text(Cow::Owned(format!("   {}", problem.subject))),
        _ => Value::str(&problem.subject),
    }
}

/// How many problems hang on it.
fn below<'a>(estate: &'a Estate, index: usize, _: &Context<'_>) -> Value<'a> {
    match led(estate, index).map(|incident| incident.below.len()) {
        None | Some(0) => Value::Nothing,
        Some(count) => Value::Text(Cow::Owned(format!("+{count}"))),
    }
}

fn handling<'a>(estate: &'a Estate, index: usize, _: &Context<'_>) -> Value<'a> {
    let Some(problem) = row(estate, index) else {
        return Value::Nothing;
    };
    if led(estate, index).is_some_and(|i| i.handled == Some(Handled::Expected)) {
        return Value::str("expected");
    }
    if estate.apart.contains(&problem.key) && !problem.handling.is_handled() {
        return Value::str("apart");
    }
    Value::Handling(problem.handling)
}

/// Causes in the order of the incidents, what hangs on the unfolded ones below them.
fn shown(estate: &Estate, unfolded: &HashSet<Key>) -> Vec<u32> {
    let mut rows = Vec::with_capacity(estate.incidents.len());
    for incident in &estate.incidents {
        rows.push(incident.cause);
        if unfolded.contains(&incident.key) {
            rows.extend(incident.below.iter().map(|below| below.problem));
        }
    }
    rows
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
        What::Probe(_) | What::Web(..) | What::WebFlaw(_) | What::Certificate(_) => Reading::Probes,
        // A probe that got no answer, and not a source that cannot be read.
        What::Blind(_) if problem.about.is_some() => Reading::Probes,
        What::QueueDown(_) | What::QueueStuck { .. } | What::QueueDeep(_) | What::QueueOld(..) => {
            Reading::Queues
        }
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
            value: |e, i, _| Value::Severity(row_severity(e, i)),
            tone,
        },
        Column {
            id: "subject",
            title: "WHERE",
            least: 22,
            most: 32,
            right: false,
            rank: 0,
            value: subject,
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
            id: "below",
            title: "BELOW",
            least: 5,
            most: 5,
            right: true,
            rank: 1,
            value: below,
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
            value: handling,
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
    severity: |e, i| match e.folds.get(i) {
        Some(Fold::Cause(_)) if is_handled(e, i) => Severity::Info,
        Some(Fold::Cause(_)) => row_severity(e, i),
        // Counted with its cause, or not yet.
        _ => Severity::Ok,
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
    shown: Some(shown),
    sort: None,
};
