//! Guests: containers and virtual machines.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bytes, Cores, Fraction, Text};

/// What kind of guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GuestKind {
    /// LXC container (Proxmox VE 4 and later).
    Lxc,
    /// KVM machine.
    Qemu,
    /// OpenVZ container (Proxmox VE 3.4).
    OpenVz,
}

impl GuestKind {
    /// As Proxmox writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lxc => "lxc",
            Self::Qemu => "qemu",
            Self::OpenVz => "openvz",
        }
    }
}

/// What a guest does, by `/cluster/resources`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GuestState {
    /// Runs.
    Running,
    /// Does not run.
    Stopped,
    /// A template: never runs, and that is right.
    Template,
    /// Paused, suspended, being saved or moved: a person or a task did that.
    Paused,
    /// OpenVZ: file system mounted, nothing runs.
    Mounted,
    /// KVM stopped it because its disk failed (often: storage full).
    IoError,
    /// KVM or the guest's kernel gave up (`internal-error`, `guest-panicked`, `watchdog`).
    Crashed,
    /// On a node that is not there: last known, not seen.
    NodeGone,
    /// The cluster has no figures, or sent a word we do not know.
    Unknown,
}

/// A container or virtual machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Guest {
    /// VMID.
    pub vmid: u32,
    /// Kind.
    pub kind: GuestKind,
    /// Name; kept from earlier answers when the cluster forgets it. `None` when never told.
    pub name: Option<Text>,
    /// The node it is on.
    pub node: Text,
    /// What it does.
    pub state: GuestState,
    /// The server's own word for the state when it is none of ours.
    pub state_word: Option<Text>,
    /// Processor load as a part of its own cores.
    pub cpu: Option<Fraction>,
    /// Cores, possibly a fraction.
    pub cores: Option<Cores>,
    /// Memory in use.
    pub memory: Option<Bytes>,
    /// Memory limit.
    pub memory_limit: Option<Bytes>,
    /// Disk in use; `None` for KVM (the host cannot see it).
    pub disk: Option<Bytes>,
    /// Disk size.
    pub disk_size: Option<Bytes>,
    /// How long it runs.
    pub uptime: Option<Duration>,
    /// Lock (`backup`, `migrate`, …).
    pub lock: Option<Text>,
    /// Tags, sorted, joined by blanks.
    pub tags: Option<Text>,
    /// Pool.
    pub pool: Option<Text>,
    /// State of high availability, as sent.
    pub ha: Option<Text>,
}

impl Guest {
    /// Its name, or its VMID when it never told one.
    pub fn label(&self) -> std::borrow::Cow<'_, str> {
        match &self.name {
            Some(name) => std::borrow::Cow::Borrowed(name.as_str()),
            None => std::borrow::Cow::Owned(format!("{} {}", self.kind.name(), self.vmid)),
        }
    }
}
