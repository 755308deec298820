//! Hosts: nodes first, then monitored hosts.

use crate::app::column::{Column, Context, Table, dim, plain, strong};
use crate::app::value::{Tone, Value};
use crate::domain::check::{HostState, MonitoredHost};
use crate::domain::node::{Node, NodeDetail, NodeState};
use crate::domain::{Fraction, Reading, Severity, SourceKind};
use crate::estate::{Estate, HostRow};

fn row(estate: &Estate, index: usize) -> Option<&HostRow> {
    estate.hosts.get(index)
}

fn node(estate: &Estate, index: usize) -> Option<&Node> {
    row(estate, index)?.node.and_then(|at| estate.node(at))
}

fn detail(estate: &Estate, index: usize) -> Option<&NodeDetail> {
    let row = row(estate, index)?;
    row.node?;
    estate.node_detail(row.source, &row.name)
}

/// A figure of a node; nothing for hosts that are only monitored.
fn figure<'a>(
    estate: &'a Estate,
    index: usize,
    of: impl FnOnce(&'a Node) -> Value<'a>,
) -> Value<'a> {
    node(estate, index).map_or(Value::Nothing, of)
}

/// How bad a host is by its own state and by the monitor.
pub fn severity(estate: &Estate, index: usize) -> Severity {
    let by_state = match node(estate, index).map(|n| n.state) {
        None | Some(NodeState::Online) => Severity::Ok,
        Some(NodeState::Offline) => Severity::Critical,
        Some(NodeState::Silent | NodeState::Unknown) => Severity::Unknown,
    };
    let monitored = row(estate, index)
        .and_then(|r| r.monitored)
        .and_then(|at| estate.monitored_host(at));
    let by_monitor = monitored.map_or(Severity::Ok, |host| {
        if host.handling.is_handled() {
            return Severity::Ok;
        }
        match host.state {
            HostState::Down => Severity::Critical,
            HostState::Unreachable | HostState::Unknown => Severity::Unknown,
            HostState::Up | HostState::Pending => Severity::Ok,
        }
    });
    by_state.max(by_monitor)
}

fn state_tone(estate: &Estate, index: usize) -> Tone {
    Tone::Severity(severity(estate, index))
}

fn state<'a>(estate: &'a Estate, index: usize, _: &Context<'_>) -> Value<'a> {
    if let Some(node) = node(estate, index) {
        return Value::Node(node.state);
    }
    let monitored = row(estate, index)
        .and_then(|r| r.monitored)
        .and_then(|at| estate.monitored_host(at));
    monitored.map_or(Value::Unknown, |h| {
        Value::Monitored(
            h.state,
            h.handling,
            crate::domain::check::ServiceCounts::default(),
        )
    })
}

/// The table.
pub static TABLE: Table = Table {
    columns: &[
        Column {
            id: "name",
            title: "HOST",
            least: 10,
            most: 28,
            right: false,
            rank: 0,
            value: |e, i, _| row(e, i).map_or(Value::Nothing, |r| Value::str(&r.name)),
            tone: strong,
        },
        Column {
            id: "state",
            title: "STATE",
            least: 9,
            most: 13,
            right: false,
            rank: 0,
            value: state,
            tone: state_tone,
        },
        Column {
            id: "cpu",
            title: "CPU",
            least: 5,
            most: 14,
            right: false,
            rank: 1,
            value: |e, i, _| figure(e, i, |n| Value::or_unknown(n.cpu, Value::Meter)),
            tone: plain,
        },
        Column {
            id: "memory",
            title: "MEMORY",
            least: 6,
            most: 14,
            right: false,
            rank: 1,
            value: |e, i, _| {
                figure(e, i, |n| {
                    Value::or_unknown(
                        n.memory
                            .zip(n.memory_total)
                            .and_then(|(u, t)| Fraction::of(u, t)),
                        Value::Meter,
                    )
                })
            },
            tone: plain,
        },
        Column {
            id: "disk",
            title: "ROOT",
            least: 6,
            most: 14,
            right: false,
            rank: 2,
            value: |e, i, _| {
                figure(e, i, |n| {
                    Value::or_unknown(
                        n.disk
                            .zip(n.disk_total)
                            .and_then(|(u, t)| Fraction::of(u, t)),
                        Value::Meter,
                    )
                })
            },
            tone: plain,
        },
        Column {
            id: "load",
            title: "LOAD",
            least: 5,
            most: 6,
            right: true,
            rank: 3,
            value: |e, i, _| {
                let cores = node(e, i).and_then(|n| n.cores);
                match detail(e, i) {
                    Some(detail) => {
                        Value::or_unknown(detail.load, |load| Value::Load(load[0], cores))
                    }
                    None => Value::Nothing,
                }
            },
            tone: plain,
        },
        Column {
            id: "guests",
            title: "GUESTS",
            least: 6,
            most: 7,
            right: true,
            rank: 2,
            value: |e, i, _| match row(e, i) {
                Some(row) if row.node.is_some() => {
                    Value::OutOf(u64::from(row.guests_running), u64::from(row.guests))
                }
                _ => Value::Nothing,
            },
            tone: plain,
        },
        Column {
            id: "uptime",
            title: "UP",
            least: 5,
            most: 6,
            right: true,
            rank: 3,
            value: |e, i, _| figure(e, i, |n| Value::or_unknown(n.uptime, Value::Span)),
            tone: dim,
        },
        Column {
            id: "checkmk",
            title: "CHECKMK",
            least: 9,
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
            tone: monitored_tone,
        },
        Column {
            id: "version",
            title: "VERSION",
            least: 7,
            most: 12,
            right: false,
            rank: 4,
            value: |e, i, _| match row(e, i) {
                Some(r) if r.node.is_some() => {
                    let own = e
                        .node_detail(r.source, &r.name)
                        .and_then(|d| d.pve_version.as_ref());
                    Value::text(
                        own.or_else(|| e.cluster(r.source).and_then(|c| c.version.as_ref())),
                    )
                }
                _ => Value::Nothing,
            },
            tone: dim,
        },
        Column {
            id: "address",
            title: "ADDRESS",
            least: 13,
            most: 18,
            right: false,
            rank: 5,
            value: |e, i, context| {
                let host = row(e, i)
                    .and_then(|r| r.monitored)
                    .and_then(|at| e.monitored_host(at));
                if context.privacy {
                    Value::str("(private)")
                } else {
                    Value::optional(host.and_then(|h| h.address.as_ref()))
                }
            },
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
                row(e, i).map_or(Value::Nothing, |r| Value::str(e.source_name(r.source)))
            },
            tone: dim,
        },
    ],
    len: |e| e.hosts.len(),
    key: |e, i| row(e, i).map(HostRow::key),
    severity,
    readings: &[
        (SourceKind::Proxmox, Reading::Resources),
        (SourceKind::Checkmk, Reading::MonitoredHosts),
    ],
    own: |e, i| {
        row(e, i).map(|r| match r.node {
            Some(_) => (r.source, Reading::Resources),
            None => (r.source, Reading::MonitoredHosts),
        })
    },
    monitor: |e, i| {
        let host = row(e, i).and_then(|r| r.monitored);
        host.map(|at| (at.source, Reading::MonitoredHosts))
    },
    shown: None,
    sort: None,
};

fn monitored_tone(estate: &Estate, index: usize) -> Tone {
    let host = row(estate, index)
        .and_then(|r| r.monitored)
        .and_then(|at| estate.monitored_host(at));
    host.map_or(Tone::Dim, of_monitored)
}

/// How bad a monitored host is by its own state and that of its services.
pub fn of_monitored(host: &MonitoredHost) -> Tone {
    if host.handling.is_handled() {
        return Tone::Handled;
    }
    let by_state = match host.state {
        HostState::Up => Severity::Ok,
        HostState::Pending => Severity::Info,
        HostState::Unreachable | HostState::Unknown => Severity::Unknown,
        HostState::Down => Severity::Critical,
    };
    Tone::Severity(by_state.max(host.services.worst()))
}
