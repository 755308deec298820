//! Hosts: Proxmox nodes, and monitored hosts that are no guest.

use std::collections::{HashMap, HashSet};

use crate::domain::guest::GuestState;
use crate::domain::{Key, SourceId, SourceKind, Text};

use super::join::monitor::Monitored;
use super::join::place;
use super::{Estate, GuestRow, Place};

/// A host.
#[derive(Debug, Clone, PartialEq)]
pub struct HostRow {
    /// Its name.
    pub name: Text,
    /// The source that names it: its Proxmox when it is a node, else its Checkmk.
    pub source: SourceId,
    /// The node, when it is one.
    pub node: Option<Place>,
    /// Checkmk's host for it.
    pub monitored: Option<Place>,
    /// Guests that run.
    pub guests_running: u32,
    /// All guests, templates left out.
    pub guests: u32,
}

impl HostRow {
    /// Its key.
    pub fn key(&self) -> Key {
        Key::Host(self.source, self.name.clone())
    }
}

/// All hosts: nodes first, then monitored hosts that no guest and no node was joined to.
pub fn rows(estate: &Estate, guests: &[GuestRow], monitored: &Monitored) -> Vec<HostRow> {
    let mut counts: HashMap<(SourceId, &str), (u32, u32)> = HashMap::new();
    let mut taken: HashSet<Place> = HashSet::new();
    for row in guests {
        taken.extend(row.monitored);
        let Some(guest) = estate.guest(row.place) else {
            continue;
        };
        let count = counts.entry((row.place.source, &guest.node)).or_default();
        count.0 += u32::from(guest.state == GuestState::Running);
        count.1 += u32::from(guest.state != GuestState::Template);
    }
    let mut rows = Vec::new();
    for source in estate
        .sources
        .iter()
        .filter(|s| s.kind == SourceKind::Proxmox)
    {
        let Some(resources) = estate.resources(source.id) else {
            continue;
        };
        for (index, node) in resources.nodes.iter().enumerate() {
            let joined = monitored.node(place(source.id, index));
            taken.extend(joined);
            let (running, all) = counts
                .get(&(source.id, &*node.name))
                .copied()
                .unwrap_or_default();
            rows.push(HostRow {
                name: node.name.clone(),
                source: source.id,
                node: Some(place(source.id, index)),
                monitored: joined,
                guests_running: running,
                guests: all,
            });
        }
    }
    for source in estate
        .sources
        .iter()
        .filter(|s| s.kind == SourceKind::Checkmk)
    {
        let mut index = 0;
        while let Some(host) = estate.monitored_host(place(source.id, index)) {
            let here = place(source.id, index);
            if !taken.contains(&here) {
                rows.push(HostRow {
                    name: host.name.clone(),
                    source: source.id,
                    node: None,
                    monitored: Some(here),
                    guests_running: 0,
                    guests: 0,
                });
            }
            index += 1;
        }
    }
    rows
}

/// Places of a Checkmk source's hosts by exact name.
pub fn places_by_name(estate: &Estate, source: SourceId) -> HashMap<&str, Place> {
    let mut places = HashMap::new();
    let mut index = 0;
    while let Some(host) = estate.monitored_host(place(source, index)) {
        places.insert(&*host.name, place(source, index));
        index += 1;
    }
    places
}
