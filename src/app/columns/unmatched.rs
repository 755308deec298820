//! What belongs to nothing and should.

use std::borrow::Cow;

use crate::app::column::{Column, Table, dim, plain, strong, unmonitored};
use crate::app::value::Value;
use crate::domain::{Key, Reading, Severity, SourceKind};
use crate::estate::{Estate, Lack, Unmatched};

fn row(estate: &Estate, index: usize) -> Option<&Unmatched> {
    estate.unmatched.get(index)
}

/// What it is called.
fn name(estate: &Estate, index: usize) -> Value<'_> {
    let Some(row) = row(estate, index) else {
        return Value::Nothing;
    };
    if let Lack::JoinLeadsNowhere(thing, host) = &row.lack {
        return Value::Text(Cow::Owned(format!("{thing} = {host}")));
    }
    match &row.key {
        Key::Guest(source, vmid) => {
            let guest = estate
                .guest_row(&row.key)
                .and_then(|row| estate.guest(row.place));
            Value::Text(Cow::Owned(match guest {
                Some(guest) => format!("{}/{vmid} {}", guest.node, guest.label()),
                None => format!("{}/{vmid}", estate.source_name(*source)),
            }))
        }
        Key::Host(_, name) | Key::Web(name) | Key::Queue(_, name) | Key::Person(name) => {
            Value::str(name)
        }
        Key::Ticket(_, id) | Key::Change(_, id, _) => Value::Text(Cow::Owned(format!("#{id}"))),
        Key::Problem(name) | Key::Event(_, name) => Value::str(name),
    }
}

const fn kind(key: &Key, lack: &Lack) -> &'static str {
    match (key, lack) {
        (_, Lack::JoinLeadsNowhere(..)) => "join",
        (Key::Guest(..), _) => "guest",
        (Key::Host(..), _) => "host",
        (Key::Web(_), _) => "site",
        (Key::Queue(..), _) => "queue",
        _ => "",
    }
}

/// The table.
pub static TABLE: Table = Table {
    columns: &[
        Column {
            id: "kind",
            title: "KIND",
            least: 6,
            most: 6,
            right: false,
            rank: 0,
            value: |e, i, _| {
                row(e, i).map_or(Value::Nothing, |r| Value::str(kind(&r.key, &r.lack)))
            },
            tone: dim,
        },
        Column {
            id: "name",
            title: "NAME",
            least: 20,
            most: 40,
            right: false,
            rank: 0,
            value: |e, i, _| name(e, i),
            tone: strong,
        },
        Column {
            id: "lack",
            title: "WHAT IT LACKS",
            least: 40,
            most: u16::MAX,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |r| Value::Lack(&r.lack)),
            tone: plain,
        },
        Column {
            id: "source",
            title: "SEEN BY",
            least: 10,
            most: 12,
            right: false,
            rank: 1,
            value: |e, i, _| match row(e, i).map(|r| &r.key) {
                Some(Key::Guest(source, _) | Key::Host(source, _) | Key::Queue(source, _)) => {
                    Value::str(e.source_name(*source))
                }
                _ => Value::Nothing,
            },
            tone: dim,
        },
    ],
    len: |e| e.unmatched.len(),
    key: |e, i| row(e, i).map(|r| r.key.clone()),
    severity: |_, _| Severity::Info,
    readings: &[
        (SourceKind::Proxmox, Reading::Resources),
        (SourceKind::Checkmk, Reading::MonitoredHosts),
        (SourceKind::Web, Reading::Probes),
        (SourceKind::Mail, Reading::Queues),
        (SourceKind::Roster, Reading::Roster),
    ],
    own: |_, _| None,
    monitor: unmonitored,
    shown: None,
    sort: None,
};
