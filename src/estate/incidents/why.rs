//! Why something happened, where a task or a lock tells.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::problem::{Problem, What};
use crate::domain::task::{Task, TaskEnd};
use crate::domain::{Moment, SourceId, Text};
use crate::estate::{Estate, GuestRow};

use super::marks::Marks;
use super::onset::Onset;
use super::rules::EXPECTED;

/// Trouble that began a little before the task, by the clocks of two machines, is still its doing.
const CLOCKS: Duration = Duration::from_mins(1);

/// Why something happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Why {
    /// A task did it: "shut down by root@pam 12 min ago (vzshutdown, OK)", "vzdump running".
    Task {
        /// The task.
        task: Task,
        /// Such trouble belongs to such a task, so it is no alarm: a backup stops a guest for a moment.
        expected: bool,
    },
    /// The guest is locked for this (`backup`, `migrate`), and such trouble belongs to it.
    Locked(Text),
}

impl Why {
    /// Whether it is as it should be.
    pub const fn is_expected(&self) -> bool {
        match self {
            Self::Task { expected, .. } => *expected,
            Self::Locked(_) => true,
        }
    }
}

/// Tasks that may explain something now, by guest, newest first.
#[derive(Debug, Default)]
pub(super) struct Doings {
    by_guest: HashMap<(SourceId, u32), Vec<u32>>,
    locked: bool,
}

impl Doings {
    /// Those of an estate at `now`.
    pub(super) fn new(estate: &Estate, now: Moment) -> Self {
        let mut this = Self {
            locked: estate
                .guests
                .iter()
                .filter_map(|row| estate.guest(row.place))
                .any(|guest| guest.lock.is_some()),
            ..Self::default()
        };
        for source in &estate.sources {
            for (index, task) in estate.tasks(source.id).iter().enumerate() {
                let Some(vmid) = task.vmid() else { continue };
                let matters = EXPECTED.iter().any(|expected| {
                    expected.tasks.contains(&&*task.kind)
                        && task
                            .ended
                            .is_none_or(|ended| now.minus(expected.after) <= ended)
                });
                if matters {
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    this.by_guest
                        .entry((source.id, vmid))
                        .or_default()
                        .push(index);
                }
            }
        }
        this
    }

    /// Whether nothing is being done anywhere.
    pub(super) fn is_empty(&self) -> bool {
        self.by_guest.is_empty() && !self.locked
    }

    /// Why a problem that is about a guest, or about what runs on it, happened.
    pub(super) fn why(
        &self,
        estate: &Estate,
        row: &GuestRow,
        problem: &Problem,
        marks: Marks,
        onset: Onset,
    ) -> Option<Why> {
        let source = row.place.source;
        let tasks = estate.tasks(source);
        if matches!(problem.what, What::GuestStopped { task: Some(_), .. }) {
            let task = tasks.get(row.stopped_by? as usize)?.clone();
            let expected = false;
            return Some(Why::Task { task, expected });
        }
        let doing = self
            .by_guest
            .get(&(source, row.vmid))
            .into_iter()
            .flatten()
            .filter_map(|at| tasks.get(*at as usize))
            .find(|task| explains(task, marks, onset));
        if let Some(task) = doing {
            return Some(Why::Task {
                task: task.clone(),
                expected: true,
            });
        }
        // A job over many guests is one task without a guest; the lock tells which one it is at.
        let lock = estate.guest(row.place)?.lock.as_ref()?;
        let kind = match lock.as_str() {
            "backup" => "vzdump",
            "migrate" => "vzmigrate",
            "rollback" => "vzrollback",
            _ => return None,
        };
        let expected = EXPECTED
            .iter()
            .any(|e| e.tasks.contains(&kind) && marks.meets(e.effect));
        if !expected {
            return None;
        }
        let job = tasks.iter().find(|task| {
            &*task.kind == kind && task.end == TaskEnd::Running && task.vmid().is_none()
        });
        Some(match job {
            Some(task) => Why::Task {
                task: task.clone(),
                expected: true,
            },
            None => Why::Locked(lock.clone()),
        })
    }
}

/// Whether such trouble that began then belongs to the task.
fn explains(task: &Task, marks: Marks, onset: Onset) -> bool {
    EXPECTED.iter().any(|expected| {
        expected.tasks.contains(&&*task.kind)
            && marks.meets(expected.effect)
            && task
                .started
                .is_none_or(|started| onset.latest.plus(CLOCKS) >= started)
            && task
                .ended
                .is_none_or(|ended| onset.latest <= ended.plus(CLOCKS))
    })
}
