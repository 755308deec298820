//! The outcome of one refresh of one reading of one source.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::check::{MonitoredHosts, MonitoredServices};
use super::node::{Cluster, Resources};
use super::person::Roster;
use super::queue::Queues;
use super::section::Sections;
use super::task::Task;
use super::ticket::{Changes, Projects, Tickets};
use super::web::Probe;
use super::{Failure, Moment, Reading, SourceId, Text};

/// What was read. Shared, never changed: the estate keeps it while screens draw from it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Batch {
    /// [`Reading::Resources`]
    Resources(Arc<Resources>),
    /// [`Reading::Cluster`]
    Cluster(Arc<Cluster>),
    /// [`Reading::Tasks`], newest first.
    Tasks(Arc<Vec<Task>>),
    /// [`Reading::MonitoredHosts`]
    MonitoredHosts(Arc<MonitoredHosts>),
    /// [`Reading::Problems`]
    Problems(Arc<MonitoredServices>),
    /// [`Reading::Checks`]
    Checks(Arc<MonitoredServices>),
    /// [`Reading::Tickets`]
    Tickets(Arc<Tickets>),
    /// [`Reading::Projects`]
    Projects(Arc<Projects>),
    /// [`Reading::Changes`]
    Changes(Arc<Changes>),
    /// [`Reading::Sections`]
    Sections(Arc<Sections>),
    /// [`Reading::Probes`]
    Probes(Arc<Vec<Probe>>),
    /// [`Reading::Queues`]
    Queues(Arc<Queues>),
    /// [`Reading::Roster`]
    Roster(Arc<Roster>),
}

impl Batch {
    /// Which reading it is.
    pub const fn reading(&self) -> Reading {
        match self {
            Self::Resources(_) => Reading::Resources,
            Self::Cluster(_) => Reading::Cluster,
            Self::Tasks(_) => Reading::Tasks,
            Self::MonitoredHosts(_) => Reading::MonitoredHosts,
            Self::Problems(_) => Reading::Problems,
            Self::Checks(_) => Reading::Checks,
            Self::Tickets(_) => Reading::Tickets,
            Self::Projects(_) => Reading::Projects,
            Self::Changes(_) => Reading::Changes,
            Self::Sections(_) => Reading::Sections,
            Self::Probes(_) => Reading::Probes,
            Self::Queues(_) => Reading::Queues,
            Self::Roster(_) => Reading::Roster,
        }
    }

    /// Number of rows, for "0 items" and "it was 40".
    pub fn len(&self) -> usize {
        match self {
            Self::Resources(r) => r.nodes.len() + r.guests.len() + r.storages.len(),
            Self::Cluster(_) => 1,
            Self::Tasks(t) => t.len(),
            Self::MonitoredHosts(h) => h.hosts.len(),
            Self::Problems(s) | Self::Checks(s) => s.services.len(),
            Self::Tickets(t) => t.tickets.len(),
            Self::Projects(p) => p.projects.len(),
            Self::Changes(c) => c.logs.len(),
            Self::Sections(s) => s.answers.iter().map(|a| a.tickets.len()).sum(),
            Self::Probes(p) => p.len(),
            Self::Queues(q) => q.queues.len(),
            Self::Roster(r) => r.people.len(),
        }
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows that made no sense and were left out.
    pub fn skipped(&self) -> u32 {
        match self {
            Self::Resources(r) => r.skipped,
            Self::MonitoredHosts(h) => h.skipped,
            Self::Problems(s) | Self::Checks(s) => s.skipped,
            Self::Tickets(t) => t.skipped,
            Self::Queues(q) => q.skipped,
            _ => 0,
        }
    }
}

/// What a request cost and met, for the source panel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Traffic {
    /// Requests sent.
    pub requests: u32,
    /// Bytes of bodies received, after decompression.
    pub bytes: u64,
    /// Which address answered, when a source has several.
    pub answered_by: Option<Text>,
}

/// The outcome of one refresh of one reading.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The source.
    pub source: SourceId,
    /// What was read.
    pub reading: Reading,
    /// When the answer was complete.
    pub at: Moment,
    /// How long it took.
    pub took: Duration,
    /// What it cost.
    pub traffic: Traffic,
    /// What came of it.
    pub outcome: Result<Batch, Failure>,
    /// When it is tried next; `None` when only on request.
    pub next: Option<Moment>,
}
