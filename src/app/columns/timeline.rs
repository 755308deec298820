//! Timeline: what went wrong and right over the last day, newest first.

use std::borrow::Cow;

use crate::app::column::{Column, Context, Table, dim, plain, unmonitored};
use crate::app::value::{Tone, Value};
use crate::domain::{Reading, Severity, SourceKind};
use crate::estate::{Estate, Event, Happened};

fn row(estate: &Estate, index: usize) -> Option<&Event> {
    estate.events.get(index)
}

/// What a word and a colour may be lost on: tasks, tickets, the program's own comings and goings.
fn is_news(event: &Event) -> bool {
    event.happened.turn().is_some()
}

fn tone(estate: &Estate, index: usize) -> Tone {
    match row(estate, index) {
        Some(event) if is_news(event) => Tone::Severity(event.severity),
        _ => Tone::Dim,
    }
}

fn subject_tone(estate: &Estate, index: usize) -> Tone {
    match row(estate, index).map(|event| &event.happened) {
        Some(Happened::Wrong { .. }) => Tone::Strong,
        Some(Happened::Changed(..) | Happened::Over { .. }) => Tone::Plain,
        _ => Tone::Dim,
    }
}

/// Whether it is a private ticket's that is not to be read over a shoulder.
fn is_masked(estate: &Estate, event: &Event, context: &Context<'_>) -> bool {
    let Happened::Ticket(at) = event.happened else {
        return false;
    };
    let news = estate.news.get(at as usize);
    context.privacy && news.is_none_or(crate::estate::NewsRow::is_private)
}

fn subject<'a>(estate: &'a Estate, index: usize, context: &Context<'_>) -> Value<'a> {
    let Some(event) = row(estate, index) else {
        return Value::Nothing;
    };
    match event.happened {
        Happened::Ticket(at) => {
            let Some(ticket) = estate.news.get(at as usize) else {
                return Value::Nothing;
            };
            let id = ticket.ticket.id;
            if is_masked(estate, event, context) {
                return Value::Text(Cow::Owned(format!("#{id}")));
            }
            Value::Text(Cow::Owned(format!("#{id} {}", event.subject)))
        }
        _ => Value::str(&event.subject),
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
            value: |e, i, _| {
                row(e, i)
                    .filter(|event| is_news(event))
                    .map_or(Value::Nothing, |event| Value::Severity(event.severity))
            },
            tone,
        },
        Column {
            id: "at",
            title: "AT",
            least: 9,
            most: 9,
            right: true,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |event| Value::Clock(event.at)),
            tone: plain,
        },
        Column {
            id: "ago",
            title: "AGO",
            least: 4,
            most: 4,
            right: true,
            rank: 1,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |event| Value::Age(event.at)),
            tone: dim,
        },
        Column {
            id: "subject",
            title: "WHERE",
            least: 20,
            most: 32,
            right: false,
            rank: 0,
            value: subject,
            tone: subject_tone,
        },
        Column {
            id: "event",
            title: "WHAT HAPPENED",
            least: 30,
            most: u16::MAX,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |event| Value::Event(e, event)),
            tone: |e, i| match row(e, i) {
                Some(event) if is_news(event) => Tone::Plain,
                _ => Tone::Dim,
            },
        },
        Column {
            id: "kind",
            title: "KIND",
            least: 9,
            most: 9,
            right: false,
            rank: 3,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |v| Value::str(v.happened.kind())),
            tone: dim,
        },
        Column {
            id: "source",
            title: "SEEN BY",
            least: 14,
            most: 14,
            right: false,
            rank: 2,
            value: |e, i, _| {
                row(e, i)
                    .and_then(|event| event.source)
                    .map_or(Value::Nothing, |source| Value::str(e.source_name(source)))
            },
            tone: dim,
        },
    ],
    len: |e| e.events.len(),
    key: |e, i| row(e, i).map(|event| event.key.clone()),
    // What went wrong: `!` leaves that alone.
    severity: |e, i| match row(e, i) {
        Some(event) if matches!(event.happened, Happened::Wrong { .. }) => event.severity,
        _ => Severity::Ok,
    },
    readings: &[
        (SourceKind::Proxmox, Reading::Resources),
        (SourceKind::Proxmox, Reading::Tasks),
        (SourceKind::Checkmk, Reading::Problems),
        (SourceKind::Checkmk, Reading::MonitoredHosts),
        (SourceKind::Redmine, Reading::Tickets),
        (SourceKind::Web, Reading::Probes),
        (SourceKind::Mail, Reading::Queues),
    ],
    own: |_, _| None,
    monitor: unmonitored,
    shown: None,
    sort: None,
};
