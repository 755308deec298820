//! Proxmox tasks: who did what when, and how it ended.

use serde::{Deserialize, Serialize};

use super::{Moment, Text};

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskEnd {
    /// Still runs.
    Running,
    /// `OK`.
    Ok,
    /// `WARNINGS: n`.
    Warnings(Text),
    /// Any other text is a failure.
    Failed(Text),
    /// Ended without a word (killed, node crashed).
    Unknown,
}

/// A task of a Proxmox node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The whole UPID.
    pub upid: Text,
    /// Node it ran on.
    pub node: Text,
    /// `vzdump`, `vzshutdown`, `qmstart`, …
    pub kind: Text,
    /// What it was about: mostly a VMID.
    pub subject: Option<Text>,
    /// Who started it (`root@pam`).
    pub user: Text,
    /// When it began.
    pub started: Option<Moment>,
    /// When it ended.
    pub ended: Option<Moment>,
    /// How it ended.
    pub end: TaskEnd,
}

impl Task {
    /// The VMID it was about, if it was about a guest.
    pub fn vmid(&self) -> Option<u32> {
        self.subject.as_ref()?.parse().ok()
    }

    /// Whether it stopped, shut down or suspended its guest.
    pub fn stops_a_guest(&self) -> bool {
        matches!(
            &*self.kind,
            "vzstop"
                | "vzshutdown"
                | "vzsuspend"
                | "qmstop"
                | "qmshutdown"
                | "qmsuspend"
                | "qmpause"
                | "hastop"
                | "stopall"
        )
    }
}
