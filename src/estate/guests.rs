//! Guests with what the monitor and the tasks say of them.

use std::collections::{HashMap, HashSet};

use crate::domain::guest::GuestState;
use crate::domain::node::Backup;
use crate::domain::task::TaskEnd;
use crate::domain::{Key, SourceId, SourceKind};

use super::join::monitor::Monitored;
use super::join::place;
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
pub fn rows(estate: &Estate, monitored: &Monitored) -> Vec<GuestRow> {
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
            let here = place(source.id, index);
            rows.push(GuestRow {
                place: here,
                vmid: guest.vmid,
                monitored: monitored.guest(here),
                backup: tasks.backups.get(&guest.vmid).copied(),
                stopped_by: (guest.state == GuestState::Stopped)
                    .then(|| tasks.stops.get(&guest.vmid).copied())
                    .flatten(),
            });
        }
    }
    rows
}

/// Whether such a task leaves its guest running.
fn starts_a_guest(kind: &str) -> bool {
    matches!(
        kind,
        "vzstart"
            | "vzreboot"
            | "vzresume"
            | "qmstart"
            | "qmreboot"
            | "qmresume"
            | "qmreset"
            | "hastart"
    )
}

/// Newest backup of each guest, and the newest stop that no start came after.
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
        let mut started_since: HashSet<u32> = HashSet::new();
        for (index, task) in estate.tasks(source).iter().enumerate() {
            let Some(vmid) = task.vmid() else { continue };
            if &*task.kind == "vzdump"
                && let Some(at) = task.ended
            {
                let ok = matches!(task.end, TaskEnd::Ok | TaskEnd::Warnings(_));
                this.backups.entry(vmid).or_insert(Backup { at, ok });
            }
            if starts_a_guest(&task.kind) {
                started_since.insert(vmid);
            }
            // Whoever stopped a guest that was started again since has not stopped it now.
            if task.stops_a_guest() && !started_since.contains(&vmid) {
                this.stops
                    .entry(vmid)
                    .or_insert(u32::try_from(index).unwrap_or(u32::MAX));
            }
        }
        this
    }
}
