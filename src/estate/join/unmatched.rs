//! What matched nothing.

use std::collections::HashSet;

use crate::domain::check::HostState;
use crate::domain::guest::GuestState;
use crate::domain::{Key, Reading, SourceKind, Text};
use crate::estate::{Estate, Feed};

use super::Joins;
use super::monitor::Monitored;

/// Something that should belong to something, and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// What.
    pub key: Key,
    /// What it lacks.
    pub lack: Lack,
}

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// A guest that runs and that no Checkmk host is joined to: nobody would notice its death.
    GuestUnmonitored,
    /// A host of Checkmk that is neither a node nor a guest here.
    HostUnknown,
    /// A web service that nobody owns, neither itself nor what it runs on.
    SiteUnowned,
    /// A mail queue that nobody owns, neither itself nor what it is on.
    ServiceUnowned,
    /// An entry of `[joins]` that names no node or guest, or no host of Checkmk: both as written.
    /// The key is that of a host by the right-hand name in no source in particular.
    JoinLeadsNowhere(Text, Text),
}

/// All of it. A lack is told only when what would fill it has been read: a Checkmk that never
/// answered leaves nobody unmonitored.
pub(super) fn all(estate: &Estate, monitored: &Monitored, joins: &Joins) -> Vec<Unmatched> {
    let mut unmatched = Vec::new();
    let read = |kind: SourceKind, reading: Reading| {
        let mut of_kind = estate.sources.iter().filter(|s| s.kind == kind).peekable();
        of_kind.peek().is_some() && of_kind.all(|s| s.feed(reading).and_then(Feed::batch).is_some())
    };
    let checkmk = read(SourceKind::Checkmk, Reading::MonitoredHosts);
    if checkmk {
        for row in &estate.guests {
            let runs = estate
                .guest(row.place)
                .is_some_and(|g| g.state == GuestState::Running);
            if runs && row.monitored.is_none() {
                unmatched.push(Unmatched {
                    key: row.key(),
                    lack: Lack::GuestUnmonitored,
                });
            }
        }
    }
    if read(SourceKind::Proxmox, Reading::Resources) {
        for row in estate.hosts.iter().filter(|h| h.node.is_none()) {
            let checked = row
                .monitored
                .and_then(|at| estate.monitored_host(at))
                .is_some_and(|h| h.state != HostState::Pending);
            if checked {
                unmatched.push(Unmatched {
                    key: row.key(),
                    lack: Lack::HostUnknown,
                });
            }
        }
    }
    if read(SourceKind::Roster, Reading::Roster) {
        let owned = Owned::new(estate, joins);
        for row in &estate.web {
            let key = row.key();
            if !owned.has(joins, &key) {
                unmatched.push(Unmatched {
                    key,
                    lack: Lack::SiteUnowned,
                });
            }
        }
        for row in &estate.queues {
            let key = row.key();
            if !owned.has(joins, &key) {
                unmatched.push(Unmatched {
                    key,
                    lack: Lack::ServiceUnowned,
                });
            }
        }
    }
    if let Some(source) = estate
        .sources
        .iter()
        .find(|s| s.kind == SourceKind::Checkmk)
    {
        for (thing, host) in monitored.dangling() {
            unmatched.push(Unmatched {
                key: Key::Host(source.id, host.clone()),
                lack: Lack::JoinLeadsNowhere(thing.clone(), host.clone()),
            });
        }
    }
    unmatched
}

/// What somebody owns.
struct Owned(HashSet<Key>);

impl Owned {
    fn new(estate: &Estate, joins: &Joins) -> Self {
        let owned = estate.people.iter().flat_map(|person| {
            joins
                .sure(&person.key())
                .map(|j| j.to.clone())
                .collect::<Vec<_>>()
        });
        Self(owned.collect())
    }

    /// Whether a site or queue has an owner, or what it runs on has.
    fn has(&self, joins: &Joins, key: &Key) -> bool {
        self.0.contains(key) || joins.sure(key).any(|join| self.0.contains(&join.to))
    }
}
