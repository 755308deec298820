//! Proxmox nodes and their storages.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bytes, Cores, Fraction, Moment, Text};

/// Whether a node answers, in the cluster's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NodeState {
    /// In the cluster and reporting.
    Online,
    /// In the cluster, but its status daemon has been silent for five minutes (often a hung NFS).
    Silent,
    /// Not reachable for the cluster.
    Offline,
    /// A word we do not know.
    Unknown,
}

/// A Proxmox node: a machine that guests run on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its name in the cluster.
    pub name: Text,
    /// Whether it answers.
    pub state: NodeState,
    /// Processor load as a part of all cores.
    pub cpu: Option<Fraction>,
    /// Number of cores.
    pub cores: Option<Cores>,
    /// Memory in use.
    pub memory: Option<Bytes>,
    /// Memory in all.
    pub memory_total: Option<Bytes>,
    /// Root file system in use.
    pub disk: Option<Bytes>,
    /// Root file system in all.
    pub disk_total: Option<Bytes>,
    /// Since when it runs, as a length.
    pub uptime: Option<Duration>,
    /// Whether the credential may see its figures (without Sys.Audit a node is listed bare).
    pub figures_denied: bool,
    /// State of the high-availability stack, as sent.
    pub ha: Option<Text>,
}

/// What only the node itself tells (`/nodes/{node}/status`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeDetail {
    /// The node.
    pub name: Text,
    /// Load averages over 1, 5 and 15 minutes.
    pub load: Option<[f64; 3]>,
    /// Part of the time spent waiting for disks.
    pub io_wait: Option<Fraction>,
    /// Swap in use and in all.
    pub swap: Option<(Bytes, Bytes)>,
    /// `pve-manager/9.1.5/…`, cut to the version.
    pub pve_version: Option<Text>,
    /// Kernel.
    pub kernel: Option<Text>,
    /// Processor model.
    pub cpu_model: Option<Text>,
    /// Why there is none, when the node could not be asked.
    pub missing: Option<Text>,
}

/// A storage as one node sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Storage {
    /// Name of the storage.
    pub name: Text,
    /// The node that sees it.
    pub node: Text,
    /// `dir`, `zfspool`, `nfs`, …
    pub kind: Option<Text>,
    /// Shared between nodes: counted once.
    pub shared: bool,
    /// Whether the node can use it now; `None` when not told (3.4).
    pub active: Option<bool>,
    /// In use.
    pub used: Option<Bytes>,
    /// In all.
    pub total: Option<Bytes>,
    /// What may be kept there (`images,backup`), sorted.
    pub content: Option<Text>,
}

/// What the cluster says of itself, and what our credential may see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// `9.1.5`, `3.4`.
    pub version: Option<Text>,
    /// Cluster name; `None` for a standalone node.
    pub name: Option<Text>,
    /// Whether the cluster has a quorum; `None` for a standalone node (not applicable) or when not told.
    pub quorate: Option<bool>,
    /// Members with their address, for failover and joins.
    pub members: Vec<Member>,
    /// Details of each node that could be asked.
    pub nodes: Vec<NodeDetail>,
    /// What the credential lacks, one entry for each missing thing.
    pub rights: Rights,
    /// When the server said it is, against our clock at that moment: server minus ours, in seconds.
    pub clock_ahead_seconds: Option<i64>,
}

/// A member of a cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Node name.
    pub name: Text,
    /// Address in the cluster network.
    pub address: Option<Text>,
    /// Whether the contacted node sees it.
    pub online: Option<bool>,
}

/// What a credential may see.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rights {
    /// Privileges held anywhere, where the server tells (6.2 and later).
    pub known: bool,
    /// Privileges that a dashboard needs and that are held nowhere (`VM.Audit`, …).
    pub missing: Vec<Text>,
}

/// Everything `/cluster/resources` told in one answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    /// Nodes, sorted by name.
    pub nodes: Vec<Node>,
    /// Guests, sorted by VMID.
    pub guests: Vec<super::guest::Guest>,
    /// Storages, sorted by node and name.
    pub storages: Vec<Storage>,
    /// Rows that made no sense and were left out.
    pub skipped: u32,
}

/// A moment a backup of a guest ended, and whether it went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// When it ended.
    pub at: Moment,
    /// Whether it ended well.
    pub ok: bool,
}
