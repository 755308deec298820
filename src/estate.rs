//! Everything known now, joined across sources, with its age.
//!
//! [`Keeper`] takes observations and publishes an immutable [`Estate`]; screens draw from that.
//! Feeds keep their last good batch beside what happens now, so a failing source never empties a tab.
//! No network and no clock here: every moment comes in with an observation or a question.

pub mod call;
pub mod chain;
pub mod duty;
pub mod feed;
pub mod guests;
pub mod hosts;
pub mod incidents;
pub mod join;
pub mod keeper;
pub mod known;
pub mod news;
pub mod note;
pub mod problems;
pub mod queues;
pub mod review;
pub mod sections;
pub mod settings;
pub mod strip;
pub mod team;
pub mod things;
pub mod tickets;
pub mod timeline;
pub mod web;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::check::{MonitoredHost, MonitoredService};
use crate::domain::guest::Guest;
use crate::domain::node::{Cluster, Node, NodeDetail, Resources, Storage};
use crate::domain::person::Person;
use crate::domain::problem::Problem;
use crate::domain::queue::Queue;
use crate::domain::task::Task;
use crate::domain::web::Probe;
use crate::domain::{Batch, Key, Moment, Reading, SourceId};

pub use call::Call;
pub use chain::{Link, chain};
pub use duty::Duty;
pub use feed::{Feed, SourceState};
pub use guests::GuestRow;
pub use hosts::HostRow;
pub use incidents::folds::Fold;
pub use incidents::{Handled, Incident, Reach, Why};
pub use join::{Join, Joined, Joins, Lack, Reason, Strength, Unmatched};
pub use keeper::Keeper;
pub use known::{Known, Recalled};
pub use news::NewsRow;
pub use note::Note;
pub use queues::QueueRow;
pub use review::{Finding, Who};
pub use sections::{SectionRow, Status};
pub use settings::{Settings, SiteHint};
pub use strip::{Availability, Slot};
pub use team::{AccountRow, GroupRow, PersonRow};
pub use tickets::TicketRow;
pub use timeline::{Event, Happened};
pub use web::WebRow;

/// Where a row of a batch is: its source and its position in that source's last good batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The source.
    pub source: SourceId,
    /// Position in the batch.
    pub index: u32,
}

/// Everything known now. Immutable: a new one is published when something changed.
#[derive(Debug, Clone, Default)]
pub struct Estate {
    /// Rises with every publication.
    pub revision: u64,
    /// Sources in configuration order; `sources[id.0]`.
    pub sources: Vec<SourceState>,
    /// Nodes, and monitored hosts that are no guest.
    pub hosts: Vec<HostRow>,
    /// Guests of all Proxmox sources.
    pub guests: Vec<GuestRow>,
    /// Web services.
    pub web: Vec<WebRow>,
    /// Mail queues.
    pub queues: Vec<QueueRow>,
    /// The team.
    pub people: Vec<PersonRow>,
    /// Groups of the team.
    pub groups: Vec<GroupRow>,
    /// Tickets, newest change first.
    pub tickets: Vec<TicketRow>,
    /// What happened to tickets, newest first.
    pub news: Vec<NewsRow>,
    /// Sections of the tickets.
    pub sections: Vec<SectionRow>,
    /// Statuses of tickets in their order.
    pub statuses: Vec<Status>,
    /// Problems, worst first, then longest handled last, then newest.
    pub problems: Vec<Problem>,
    /// What the program has to say of itself: history that cannot be kept, and why.
    pub notes: Vec<Note>,
    /// Problems under their causes: unhandled first, then by severity, blast radius and age.
    pub incidents: Vec<Incident>,
    /// Where each of `problems` is among `incidents`.
    pub folds: Vec<Fold>,
    /// Problems that may be short-lived flaps and are in no incident yet.
    pub held_back: u32,
    /// What belongs to what, and why.
    pub joins: Joins,
    /// What belongs to nothing and should.
    pub unmatched: Vec<Unmatched>,
    /// What is to be put right in the team.
    pub review: Vec<Finding>,
    /// Problems that a person has taken out from under their causes.
    pub apart: HashSet<Key>,
    /// What changed over the last day.
    pub timeline: Arc<timeline::Kept>,
    /// The same with what was done, newest first.
    pub events: Vec<Event>,
}

impl Estate {
    /// The state of a source.
    pub fn source(&self, id: SourceId) -> Option<&SourceState> {
        self.sources.get(usize::from(id.0))
    }

    /// A source's name, for rows; empty for a source that is not there.
    pub fn source_name(&self, id: SourceId) -> &str {
        self.source(id).map_or("", |s| &*s.name)
    }

    fn batch(&self, source: SourceId, reading: Reading) -> Option<&Batch> {
        self.source(source)?.feed(reading)?.batch()
    }

    /// Last good resources of a Proxmox source.
    pub fn resources(&self, source: SourceId) -> Option<&Arc<Resources>> {
        match self.batch(source, Reading::Resources)? {
            Batch::Resources(resources) => Some(resources),
            _ => None,
        }
    }

    /// Last good cluster reading of a Proxmox source.
    pub fn cluster(&self, source: SourceId) -> Option<&Cluster> {
        match self.batch(source, Reading::Cluster)? {
            Batch::Cluster(cluster) => Some(cluster),
            _ => None,
        }
    }

    /// Last good tasks of a Proxmox source, newest first.
    pub fn tasks(&self, source: SourceId) -> &[Task] {
        match self.batch(source, Reading::Tasks) {
            Some(Batch::Tasks(tasks)) => tasks,
            _ => &[],
        }
    }

    /// A node.
    pub fn node(&self, place: Place) -> Option<&Node> {
        self.resources(place.source)?
            .nodes
            .get(place.index as usize)
    }

    /// What the node itself told.
    pub fn node_detail(&self, source: SourceId, name: &str) -> Option<&NodeDetail> {
        self.cluster(source)?
            .nodes
            .iter()
            .find(|n| &*n.name == name)
    }

    /// Storages that a node sees.
    pub fn storages<'a>(
        &'a self,
        source: SourceId,
        node: &'a str,
    ) -> impl Iterator<Item = &'a Storage> {
        self.resources(source)
            .into_iter()
            .flat_map(|r| &r.storages)
            .filter(move |s| &*s.node == node)
    }

    /// A guest.
    pub fn guest(&self, place: Place) -> Option<&Guest> {
        self.resources(place.source)?
            .guests
            .get(place.index as usize)
    }

    /// The row of a guest.
    pub fn guest_row(&self, key: &Key) -> Option<&GuestRow> {
        let Key::Guest(source, vmid) = key else {
            return None;
        };
        // By source and VMID, so that a table of many sites costs little to draw.
        let at = self
            .guests
            .binary_search_by_key(&(*source, *vmid), |g| (g.place.source, g.vmid))
            .ok()?;
        self.guests.get(at)
    }

    /// A monitored host.
    pub fn monitored_host(&self, place: Place) -> Option<&MonitoredHost> {
        match self.batch(place.source, Reading::MonitoredHosts)? {
            Batch::MonitoredHosts(hosts) => hosts.hosts.get(place.index as usize),
            _ => None,
        }
    }

    /// A mail or web check.
    pub fn check(&self, place: Place) -> Option<&MonitoredService> {
        match self.batch(place.source, Reading::Checks)? {
            Batch::Checks(checks) => checks.services.get(place.index as usize),
            _ => None,
        }
    }

    /// Services of a monitored host that are not OK.
    pub fn services_of<'a>(
        &'a self,
        source: SourceId,
        host: &'a str,
    ) -> impl Iterator<Item = &'a MonitoredService> {
        let services = match self.batch(source, Reading::Problems) {
            Some(Batch::Problems(problems)) => &problems.services[..],
            _ => &[],
        };
        services.iter().filter(move |s| &*s.host == host)
    }

    /// A probe.
    pub fn probe(&self, place: Place) -> Option<&Probe> {
        match self.batch(place.source, Reading::Probes)? {
            Batch::Probes(probes) => probes.get(place.index as usize),
            _ => None,
        }
    }

    /// A queue read at its own place.
    pub fn queue(&self, place: Place) -> Option<&Queue> {
        match self.batch(place.source, Reading::Queues)? {
            Batch::Queues(queues) => queues.queues.get(place.index as usize),
            _ => None,
        }
    }

    /// A person of the roster.
    pub fn person(&self, place: Place) -> Option<&Person> {
        match self.batch(place.source, Reading::Roster)? {
            Batch::Roster(roster) => roster.people.get(place.index as usize),
            _ => None,
        }
    }

    /// Position of a ticket among the rows.
    pub fn ticket_at(&self, source: SourceId, id: u64) -> Option<usize> {
        (self.tickets.iter()).position(|row| row.source == source && row.ticket.id == id)
    }

    /// The incident that a problem belongs to, by the problem's position; `None` while it is held back.
    pub fn incident_of(&self, problem: usize) -> Option<&Incident> {
        let at = self.folds.get(problem)?.incident()?;
        self.incidents.get(at as usize)
    }

    /// When the reading that a row rests on was last good, and the worst freshness of it at `now`.
    pub fn freshness(
        &self,
        source: SourceId,
        reading: Reading,
        now: Moment,
    ) -> crate::domain::Freshness {
        self.source(source)
            .and_then(|s| s.feed(reading).map(|f| f.freshness(now)))
            .unwrap_or(crate::domain::Freshness::Never)
    }
}
