//! Tickets: newest change first.

use crate::app::column::{Column, Context, Table, dim, plain, strong, unmonitored};
use crate::app::value::{Tone, Value};
use crate::domain::ticket::Ticket;
use crate::domain::{Reading, Severity, SourceKind};
use crate::estate::{Estate, TicketRow};

fn row(estate: &Estate, index: usize) -> Option<&TicketRow> {
    estate.tickets.get(index)
}

fn of<'a>(
    estate: &'a Estate,
    index: usize,
    make: impl FnOnce(&'a Ticket) -> Value<'a>,
) -> Value<'a> {
    row(estate, index).map_or(Value::Nothing, |r| make(&r.ticket))
}

fn text_tone(estate: &Estate, index: usize) -> Tone {
    if row(estate, index).is_some_and(|r| r.closed) {
        Tone::Dim
    } else {
        Tone::Plain
    }
}

fn subject_tone(estate: &Estate, index: usize) -> Tone {
    if row(estate, index).is_some_and(|r| r.closed) {
        Tone::Dim
    } else {
        strong(estate, index)
    }
}

fn subject<'a>(estate: &'a Estate, index: usize, context: &Context<'_>) -> Value<'a> {
    of(estate, index, |t| {
        if t.private && context.privacy {
            Value::str("(private)")
        } else {
            Value::str(&t.subject)
        }
    })
}

/// The table.
pub static TABLE: Table = Table {
    columns: &[
        Column {
            id: "unread",
            title: "",
            least: 1,
            most: 1,
            right: false,
            rank: 0,
            value: |e, i, c| row(e, i).map_or(Value::Nothing, |r| Value::Unread(c.has_unread(r))),
            tone: plain,
        },
        Column {
            id: "id",
            title: "#",
            least: 5,
            most: 6,
            right: true,
            rank: 0,
            value: |e, i, _| of(e, i, |t| Value::Count(t.id)),
            tone: dim,
        },
        Column {
            id: "updated",
            title: "CHANGED",
            least: 7,
            most: 7,
            right: true,
            rank: 0,
            value: |e, i, _| of(e, i, |t| Value::or_unknown(t.updated, Value::Age)),
            tone: plain,
        },
        Column {
            id: "status",
            title: "STATUS",
            least: 11,
            most: 14,
            right: false,
            rank: 0,
            value: |e, i, _| of(e, i, |t| Value::str(&t.status.name)),
            tone: text_tone,
        },
        Column {
            id: "subject",
            title: "SUBJECT",
            least: 30,
            most: u16::MAX,
            right: false,
            rank: 0,
            value: subject,
            tone: subject_tone,
        },
        Column {
            id: "assignee",
            title: "ASSIGNEE",
            least: 10,
            most: 18,
            right: false,
            rank: 1,
            value: |e, i, _| {
                of(e, i, |t| {
                    t.assignee
                        .as_ref()
                        .map_or(Value::Nothing, |a| Value::str(&a.name))
                })
            },
            tone: text_tone,
        },
        Column {
            id: "project",
            title: "PROJECT",
            least: 8,
            most: 16,
            right: false,
            rank: 2,
            value: |e, i, _| of(e, i, |t| Value::str(&t.project.name)),
            tone: dim,
        },
        Column {
            id: "priority",
            title: "PRIORITY",
            least: 8,
            most: 10,
            right: false,
            rank: 3,
            value: |e, i, _| {
                of(e, i, |t| {
                    t.priority
                        .as_ref()
                        .map_or(Value::Nothing, |p| Value::str(&p.name))
                })
            },
            tone: text_tone,
        },
        Column {
            id: "done",
            title: "DONE",
            least: 4,
            most: 4,
            right: true,
            rank: 4,
            value: |e, i, _| {
                of(e, i, |t| {
                    t.done
                        .filter(|d| *d > 0)
                        .map_or(Value::Nothing, Value::Percent)
                })
            },
            tone: dim,
        },
        Column {
            id: "due",
            title: "DUE",
            least: 10,
            most: 10,
            right: false,
            rank: 3,
            value: |e, i, _| of(e, i, |t| t.due.map_or(Value::Nothing, Value::Day)),
            tone: dim,
        },
        Column {
            id: "tracker",
            title: "TRACKER",
            least: 7,
            most: 10,
            right: false,
            rank: 5,
            value: |e, i, _| {
                of(e, i, |t| {
                    t.tracker
                        .as_ref()
                        .map_or(Value::Nothing, |t| Value::str(&t.name))
                })
            },
            tone: dim,
        },
        Column {
            id: "author",
            title: "AUTHOR",
            least: 10,
            most: 18,
            right: false,
            rank: 5,
            value: |e, i, _| {
                of(e, i, |t| {
                    t.author
                        .as_ref()
                        .map_or(Value::Nothing, |a| Value::str(&a.name))
                })
            },
            tone: dim,
        },
    ],
    len: |e| e.tickets.len(),
    key: |e, i| row(e, i).map(TicketRow::key),
    severity: |_, _| Severity::Ok,
    readings: &[(SourceKind::Redmine, Reading::Tickets)],
    own: |e, i| row(e, i).map(|r| (r.source, Reading::Tickets)),
    monitor: unmonitored,
    shown: None,
    sort: None,
};
