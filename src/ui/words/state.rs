//! One word for each state.

use crate::domain::check::{HostState, ServiceState};
use crate::domain::guest::GuestState;
use crate::domain::node::NodeState;
use crate::domain::{Freshness, Severity, SourceKind};

/// How bad.
pub const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "ok",
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Unknown => "unknown",
        Severity::Critical => "critical",
    }
}

/// How far it is the present.
pub const fn freshness(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Fresh => "fresh",
        Freshness::Late => "late",
        Freshness::Stale => "stale",
        Freshness::Lost => "lost",
        Freshness::Never => "never read",
    }
}

/// What a guest does.
pub const fn guest_state(state: GuestState) -> &'static str {
    match state {
        GuestState::Running => "running",
        GuestState::Stopped => "stopped",
        GuestState::Template => "template",
        GuestState::Paused => "paused",
        GuestState::Mounted => "mounted",
        GuestState::IoError => "disk error",
        GuestState::Crashed => "crashed",
        GuestState::NodeGone => "node gone",
        GuestState::Unknown => "unknown",
    }
}

/// Whether a node answers.
pub const fn node_state(state: NodeState) -> &'static str {
    match state {
        NodeState::Online => "online",
        NodeState::Silent => "silent",
        NodeState::Offline => "offline",
        NodeState::Unknown => "unknown",
    }
}

/// What the monitor says of a host.
pub const fn host_state(state: HostState) -> &'static str {
    match state {
        HostState::Up => "up",
        HostState::Down => "down",
        HostState::Unreachable => "unreachable",
        HostState::Pending => "pending",
        HostState::Unknown => "unknown",
    }
}

/// What the monitor says of a service. `crit` and not `critical`: the words of Checkmk.
pub const fn service_state(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Ok => "ok",
        ServiceState::Warn => "warn",
        ServiceState::Unknown => "unknown",
        ServiceState::Crit => "crit",
        ServiceState::Pending => "pending",
    }
}

/// What people call a kind of source.
pub const fn source_kind(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Proxmox => "Proxmox VE",
        SourceKind::Checkmk => "Checkmk",
        SourceKind::Redmine => "Redmine",
        SourceKind::Web => "web probes",
        SourceKind::Mail => "mail queue",
        SourceKind::Roster => "roster",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_that_differ_have_words_that_differ() {
        let guests = [
            GuestState::Running,
            GuestState::Stopped,
            GuestState::Template,
            GuestState::Paused,
            GuestState::Mounted,
            GuestState::IoError,
            GuestState::Crashed,
            GuestState::NodeGone,
            GuestState::Unknown,
        ]
        .map(guest_state);
        let nodes = [
            NodeState::Online,
            NodeState::Silent,
            NodeState::Offline,
            NodeState::Unknown,
        ]
        .map(node_state);
        let hosts = [
            HostState::Up,
            HostState::Down,
            HostState::Unreachable,
            HostState::Pending,
            HostState::Unknown,
        ]
        .map(host_state);
        let services = [
            ServiceState::Ok,
            ServiceState::Warn,
            ServiceState::Unknown,
            ServiceState::Crit,
            ServiceState::Pending,
        ]
        .map(service_state);
        let ages = [
            Freshness::Fresh,
            Freshness::Late,
            Freshness::Stale,
            Freshness::Lost,
            Freshness::Never,
        ]
        .map(freshness);
        let severities = Severity::ALL.map(severity);
        let sets: [&[&str]; 6] = [&guests, &nodes, &hosts, &services, &ages, &severities];
        insta::assert_snapshot!(sets.map(|set| set.join(", ")).join("\n"));
        for set in sets {
            for (index, word) in set.iter().enumerate() {
                assert!(!set[..index].contains(word), "{word}");
                assert!(word.len() <= 11, "{word} widens its column");
            }
        }
    }
}
