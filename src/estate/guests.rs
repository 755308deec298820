//! Guests with what the monitor and the tasks say of them.

use std::collections::HashMap;

use crate::domain::guest::GuestState;
use crate::domain::node::Backup;
use crate::domain::task::TaskEnd;
use crate::domain::{Key, SourceId, SourceKind};

use super::join::{Names, place};
use super::{Estate, Place};

/// A guest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GuestRow {
    /// Where its reading is.
    pub place: Place,
    /// VMID, for its key.
    pub vmid: u32,
    /// Checkmk's host for it.
    pub monitored: Option<Place>,
    /// Its last backup that a task tells of.
    pub backup: Option<Backup>,
    /// Position of the task that stopped it, in the source's tasks, when it is stopped.
    pub stopped_by: Option<u32>,
}

impl GuestRow {
    /// Its key.
    pub const fn key(&self) -> Key {
        Key::Guest(self.place.source, self.vmid)
    }
}

/// All guests, by source and VMID.
pub fn rows(estate: &Estate, monitored: &Names) -> Vec<GuestRow> {
    let mut rows = Vec::with_capacity(
        estate
            .sources
            .iter()
            .filter_map(|s| estate.resources(s.id))
            .map(|r| r.guests.len())
            .sum(),
    );
    for source in estate
        .sources
        .iter()
        .filter(|s| s.kind == SourceKind::Proxmox)
    {
        let Some(resources) = estate.resources(source.id) else {
            continue;
        };
        let tasks = TasksOf::new(estate, source.id);
        for (index, guest) in resources.guests.iter().enumerate() {
            let name = guest.name.as_deref();
            rows.push(GuestRow {
                place: place(source.id, index),
                vmid: guest.vmid,
                monitored: name.and_then(|name| monitored.find(name)),
                backup: tasks.backups.get(&guest.vmid).copied(),
                stopped_by: (guest.state == GuestState::Stopped)
                    .then(|| tasks.stops.get(&guest.vmid).copied())
                    .flatten(),
            });
        }
    }
    rows
}

/// Newest backup and newest stop of each guest.
struct TasksOf {
    backups: HashMap<u32, Backup>,
    stops: HashMap<u32, u32>,
}

impl TasksOf {
    fn new(estate: &Estate, source: SourceId) -> Self {
        let mut this = Self {
            backups: HashMap::new(),
            stops: HashMap::new(),
        };
        for (index, task) in estate.tasks(source).iter().enumerate() {
            let Some(vmid) = task.vmid() else { continue };
            if &*task.kind == "vzdump"
                && let Some(at) = task.ended
            {
                let ok = matches!(task.end, TaskEnd::Ok | TaskEnd::Warnings(_));
                this.backups.entry(vmid).or_insert(Backup { at, ok });
            }
            if task.stops_a_guest() {
                this.stops
                    .entry(vmid)
                    .or_insert(u32::try_from(index).unwrap_or(u32::MAX));
            }
        }
        this
    }
}
