//! Triage: one row a problem.

use crate::app::column::{Column, Table, dim};
use crate::app::value::{Tone, Value};
use crate::domain::Severity;
use crate::domain::problem::Problem;
use crate::estate::Estate;

fn row(estate: &Estate, index: usize) -> Option<&Problem> {
    estate.problems.get(index)
}

fn tone(estate: &Estate, index: usize) -> Tone {
    match row(estate, index) {
        Some(problem) if problem.handling.is_handled() => Tone::Dim,
        Some(problem) => Tone::Severity(problem.severity),
        None => Tone::Plain,
    }
}

fn subject_tone(estate: &Estate, index: usize) -> Tone {
    if row(estate, index).is_some_and(|p| p.handling.is_handled()) {
        Tone::Dim
    } else {
        Tone::Strong
    }
}

fn text_tone(estate: &Estate, index: usize) -> Tone {
    if row(estate, index).is_some_and(|p| p.handling.is_handled()) {
        Tone::Dim
    } else {
        Tone::Plain
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
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |p| Value::Severity(p.severity)),
            tone,
        },
        Column {
            id: "subject",
            title: "WHERE",
            least: 14,
            most: 44,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |p| Value::str(&p.subject)),
            tone: subject_tone,
        },
        Column {
            id: "problem",
            title: "WHAT",
            least: 16,
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
            least: 4,
            most: 9,
            right: false,
            rank: 1,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |p| Value::Handling(p.handling)),
            tone: text_tone,
        },
        Column {
            id: "source",
            title: "SEEN BY",
            least: 7,
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
    sort: None,
};
