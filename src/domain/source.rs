//! The configured systems that are read, and what is read from each.

use serde::{Deserialize, Serialize};

/// A configured source, by its place in the configuration. Names live in the estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u16);

/// What kind of system a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SourceKind {
    /// A Proxmox VE node or cluster.
    Proxmox,
    /// A Checkmk site.
    Checkmk,
    /// A Redmine.
    Redmine,
    /// A set of web probes made from here.
    Web,
    /// A mail queue read at its own place.
    Mail,
    /// The team's roster file.
    Roster,
}

impl SourceKind {
    /// The name of the configuration table, and what people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proxmox => "proxmox",
            Self::Checkmk => "checkmk",
            Self::Redmine => "redmine",
            Self::Web => "web",
            Self::Mail => "mail",
            Self::Roster => "roster",
        }
    }

    /// What is read from a source of this kind.
    pub const fn readings(self) -> &'static [Reading] {
        match self {
            Self::Proxmox => &[Reading::Resources, Reading::Cluster, Reading::Tasks],
            Self::Checkmk => &[Reading::Problems, Reading::MonitoredHosts, Reading::Checks],
            Self::Redmine => &[
                Reading::Tickets,
                Reading::Changes,
                Reading::Sections,
                Reading::Projects,
            ],
            Self::Web => &[Reading::Probes],
            Self::Mail => &[Reading::Queues],
            Self::Roster => &[Reading::Roster],
        }
    }
}

/// One thing that is read from a source by one worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reading {
    /// Proxmox: nodes, guests and storages (`/cluster/resources`).
    Resources,
    /// Proxmox: version, quorum, node details, what the credential may see.
    Cluster,
    /// Proxmox: what runs and what ran (`/cluster/tasks`).
    Tasks,
    /// Checkmk: services that are not OK.
    Problems,
    /// Checkmk: hosts with their state and counts of services.
    MonitoredHosts,
    /// Checkmk: mail queue and web service checks in every state.
    Checks,
    /// Redmine: issues, newest change first.
    Tickets,
    /// Redmine: projects, members, statuses.
    Projects,
    /// Redmine: what happened to the issues that changed last.
    Changes,
    /// Redmine: what only it can tell of the sections.
    Sections,
    /// Web probes made from here.
    Probes,
    /// Mail queues at their own place.
    Queues,
    /// The roster file.
    Roster,
}

impl Reading {
    /// What people call it, as in "tasks of golem".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resources => "resources",
            Self::Cluster => "cluster",
            Self::Tasks => "tasks",
            Self::Problems => "problems",
            Self::MonitoredHosts => "hosts",
            Self::Checks => "checks",
            Self::Tickets => "tickets",
            Self::Projects => "projects",
            Self::Changes => "changes",
            Self::Sections => "sections",
            Self::Probes => "probes",
            Self::Queues => "queues",
            Self::Roster => "roster",
        }
    }
}
