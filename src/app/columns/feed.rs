//! The feed: what happened to tickets, newest first.

use crate::app::column::{Column, Table, dim, plain, unmonitored};
use crate::app::value::{Tone, Value};
use crate::domain::{Reading, Severity, SourceKind};
use crate::estate::{Estate, NewsRow};

fn row(estate: &Estate, index: usize) -> Option<&NewsRow> {
    estate.news.get(index)
}

fn of<'a>(
    estate: &'a Estate,
    index: usize,
    make: impl FnOnce(&'a NewsRow) -> Value<'a>,
) -> Value<'a> {
    row(estate, index).map_or(Value::Nothing, make)
}

fn strong(_: &Estate, _: usize) -> Tone {
    Tone::Strong
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
            value: |e, i, c| of(e, i, |r| Value::Unread(c.is_unread(r))),
            tone: plain,
        },
        Column {
            id: "when",
            title: "WHEN",
            least: 4,
            most: 4,
            right: true,
            rank: 0,
            value: |e, i, _| of(e, i, |r| Value::Age(r.at)),
            tone: dim,
        },
        Column {
            id: "id",
            title: "#",
            least: 5,
            most: 6,
            right: true,
            rank: 0,
            value: |e, i, _| of(e, i, |r| Value::Count(r.ticket.id)),
            tone: dim,
        },
        Column {
            id: "subject",
            title: "SUBJECT",
            least: 14,
            most: u16::MAX,
            right: false,
            rank: 0,
            value: |e, i, c| {
                of(e, i, |r| {
                    if r.ticket.private && c.privacy {
                        Value::str("(private)")
                    } else {
                        Value::str(&r.ticket.subject)
                    }
                })
            },
            tone: strong,
        },
        Column {
            id: "change",
            title: "WHAT HAPPENED",
            least: 38,
            most: u16::MAX,
            right: false,
            rank: 0,
            value: |e, i, c| of(e, i, |r| Value::News(r, c.privacy)),
            tone: plain,
        },
        Column {
            id: "project",
            title: "PROJECT",
            least: 12,
            most: 14,
            right: false,
            rank: 2,
            value: |e, i, _| of(e, i, |r| Value::str(&r.ticket.project.name)),
            tone: dim,
        },
    ],
    len: |e| e.news.len(),
    key: |e, i| row(e, i).map(NewsRow::key),
    severity: |_, _| Severity::Ok,
    readings: &[
        (SourceKind::Redmine, Reading::Tickets),
        (SourceKind::Redmine, Reading::Changes),
    ],
    own: |e, i| row(e, i).map(|r| (r.source, Reading::Changes)),
    monitor: unmonitored,
    shown: None,
    sort: None,
};
