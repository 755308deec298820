//! Containers: all guests.

use crate::app::column::{Column, Context, Table, dim, plain, strong};
use crate::app::value::{Tone, Value};
use crate::domain::check::HostState;
use crate::domain::guest::{Guest, GuestState};
use crate::domain::{Fraction, Reading, Severity, SourceKind};
use crate::estate::{Estate, GuestRow};

fn row(estate: &Estate, index: usize) -> Option<&GuestRow> {
    estate.guests.get(index)
}

fn guest(estate: &Estate, index: usize) -> Option<&Guest> {
    row(estate, index).and_then(|r| estate.guest(r.place))
}

fn of<'a>(
    estate: &'a Estate,
    index: usize,
    make: impl FnOnce(&'a Guest) -> Value<'a>,
) -> Value<'a> {
    guest(estate, index).map_or(Value::Unknown, make)
}

/// A figure that only a running guest has.
fn figure<'a>(
    estate: &'a Estate,
    index: usize,
    make: impl FnOnce(&'a Guest) -> Option<Value<'a>>,
) -> Value<'a> {
    match guest(estate, index) {
        Some(guest) if guest.state == GuestState::Running => make(guest).unwrap_or(Value::Unknown),
        Some(_) => Value::Nothing,
        None => Value::Unknown,
    }
}

/// How bad a guest is by its state; a stopped one only when the monitor misses it.
pub fn severity(estate: &Estate, index: usize) -> Severity {
    let Some(guest) = guest(estate, index) else {
        return Severity::Unknown;
    };
    match guest.state {
        GuestState::Running | GuestState::Template | GuestState::Mounted => Severity::Ok,
        GuestState::Paused => Severity::Info,
        GuestState::IoError | GuestState::Crashed => Severity::Critical,
        GuestState::NodeGone | GuestState::Unknown => Severity::Unknown,
        GuestState::Stopped => {
            let host = row(estate, index)
                .and_then(|r| r.monitored)
                .and_then(|at| estate.monitored_host(at));
            match host {
                Some(host) if host.state == HostState::Down && !host.handling.is_handled() => {
                    Severity::Critical
                }
                _ => Severity::Info,
            }
        }
    }
}

fn state_tone(estate: &Estate, index: usize) -> Tone {
    match guest(estate, index).map(|g| g.state) {
        Some(GuestState::Template | GuestState::Mounted) => Tone::Dim,
        _ => Tone::Severity(severity(estate, index)),
    }
}

fn name_tone(estate: &Estate, index: usize) -> Tone {
    match guest(estate, index).map(|g| g.state) {
        Some(GuestState::Template) => Tone::Dim,
        _ => strong(estate, index),
    }
}

fn memory<'a>(estate: &'a Estate, index: usize, _: &Context<'_>) -> Value<'a> {
    figure(estate, index, |g| {
        g.memory
            .zip(g.memory_limit)
            .and_then(|(u, t)| Fraction::of(u, t))
            .map(Value::Meter)
    })
}

fn disk<'a>(estate: &'a Estate, index: usize, _: &Context<'_>) -> Value<'a> {
    // A KVM machine's disk cannot be seen from outside: no figure is not an unknown one.
    of(estate, index, |g| {
        match g
            .disk
            .zip(g.disk_size)
            .and_then(|(u, t)| Fraction::of(u, t))
        {
            Some(used) if g.disk.is_some_and(|d| d.0 > 0) => Value::Meter(used),
            _ => g.disk_size.map_or(Value::Nothing, Value::Size),
        }
    })
}

/// The table.
pub static TABLE: Table = Table {
    columns: &[
        Column {
            id: "vmid",
            title: "VMID",
            least: 5,
            most: 7,
            right: true,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |r| Value::Count(u64::from(r.vmid))),
            tone: dim,
        },
        Column {
            id: "name",
            title: "NAME",
            least: 11,
            most: 28,
            right: false,
            rank: 0,
            value: |e, i, _| of(e, i, |g| Value::Text(g.label())),
            tone: name_tone,
        },
        Column {
            id: "type",
            title: "TYPE",
            least: 6,
            most: 6,
            right: false,
            rank: 4,
            value: |e, i, _| of(e, i, |g| Value::str(g.kind.name())),
            tone: dim,
        },
        Column {
            id: "node",
            title: "NODE",
            least: 7,
            most: 12,
            right: false,
            rank: 2,
            value: |e, i, _| of(e, i, |g| Value::str(&g.node)),
            tone: dim,
        },
        Column {
            id: "state",
            title: "STATE",
            least: 12,
            most: 13,
            right: false,
            rank: 0,
            value: |e, i, _| of(e, i, |g| Value::Guest(g.state)),
            tone: state_tone,
        },
        Column {
            id: "cpu",
            title: "CPU",
            least: 5,
            most: 14,
            right: false,
            rank: 1,
            value: |e, i, _| figure(e, i, |g| g.cpu.map(Value::Meter)),
            tone: plain,
        },
        Column {
            id: "memory",
            title: "MEMORY",
            least: 6,
            most: 14,
            right: false,
            rank: 1,
            value: memory,
            tone: plain,
        },
        Column {
            id: "disk",
            title: "DISK",
            least: 6,
            most: 14,
            right: false,
            rank: 2,
            value: disk,
            tone: plain,
        },
        Column {
            id: "uptime",
            title: "UP",
            least: 5,
            most: 6,
            right: true,
            rank: 3,
            value: |e, i, _| figure(e, i, |g| g.uptime.map(Value::Span)),
            tone: dim,
        },
        Column {
            id: "backup",
            title: "BACKUP",
            least: 6,
            most: 7,
            right: true,
            rank: 4,
            value: |e, i, _| match row(e, i).and_then(|r| r.backup) {
                Some(backup) => Value::Age(backup.at),
                None => Value::Nothing,
            },
            tone: |e, i| match row(e, i).and_then(|r| r.backup) {
                Some(backup) if !backup.ok => Tone::Severity(Severity::Warning),
                _ => Tone::Dim,
            },
        },
        Column {
            id: "checkmk",
            title: "CHECKMK",
            least: 8,
            most: 18,
            right: false,
            rank: 1,
            value: |e, i, _| {
                let host = row(e, i)
                    .and_then(|r| r.monitored)
                    .and_then(|at| e.monitored_host(at));
                host.map_or(Value::Nothing, |h| {
                    Value::Monitored(h.state, h.handling, h.services)
                })
            },
            tone: |e, i| {
                let host = row(e, i)
                    .and_then(|r| r.monitored)
                    .and_then(|at| e.monitored_host(at));
                host.map_or(Tone::Dim, super::hosts::of_monitored)
            },
        },
        Column {
            id: "lock",
            title: "LOCK",
            least: 6,
            most: 10,
            right: false,
            rank: 5,
            value: |e, i, _| of(e, i, |g| Value::optional(g.lock.as_ref())),
            tone: |_, _| Tone::Severity(Severity::Info),
        },
        Column {
            id: "tags",
            title: "TAGS",
            least: 8,
            most: u16::MAX,
            right: false,
            rank: 5,
            value: |e, i, _| of(e, i, |g| Value::optional(g.tags.as_ref())),
            tone: dim,
        },
        Column {
            id: "source",
            title: "SOURCE",
            least: 7,
            most: 10,
            right: false,
            rank: 6,
            value: |e, i, _| {
                row(e, i).map_or(Value::Nothing, |r| {
                    Value::str(e.source_name(r.place.source))
                })
            },
            tone: dim,
        },
    ],
    len: |e| e.guests.len(),
    key: |e, i| row(e, i).map(GuestRow::key),
    severity,
    readings: &[
        (SourceKind::Proxmox, Reading::Resources),
        (SourceKind::Checkmk, Reading::MonitoredHosts),
    ],
    own: |e, i| row(e, i).map(|r| (r.place.source, Reading::Resources)),
    monitor: |e, i| {
        let host = row(e, i).and_then(|r| r.monitored);
        host.map(|at| (at.source, Reading::MonitoredHosts))
    },
    shown: None,
    sort: None,
};
