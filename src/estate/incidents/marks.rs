//! What kind of trouble a problem is, as rules speak of it.

use std::collections::HashMap;

use crate::domain::failure::FailureKind;
use crate::domain::node::Storage;
use crate::domain::problem::{Problem, What};
use crate::domain::web::Eyes;
use crate::domain::{Key, Severity, SourceKind};
use crate::estate::Estate;
use crate::estate::things::{Kind, Thing, Things};

/// A set of kinds of trouble. One problem may be several: a service that is critical and about memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks(u64);

impl Marks {
    /// None.
    pub const NONE: Self = Self(0);
    /// A node that its cluster does not reach.
    pub const NODE_OFFLINE: Self = Self(1);
    /// A node that is in its cluster and reports nothing.
    pub const NODE_SILENT: Self = Self(1 << 1);
    /// Checkmk: a node is down, and its Proxmox does not say otherwise.
    pub const NODE_DOWN: Self = Self(1 << 2);
    /// The Proxmox of a standalone node does not answer.
    pub const NODE_UNREACHED: Self = Self(1 << 3);
    /// A cluster has no quorum.
    pub const QUORUM_LOST: Self = Self(1 << 4);
    /// A guest is stopped.
    pub const GUEST_STOPPED: Self = Self(1 << 5);
    /// A guest is stopped, and no task tells who did it.
    pub const GUEST_STOPPED_BY_NOBODY: Self = Self(1 << 6);
    /// A guest crashed.
    pub const GUEST_CRASHED: Self = Self(1 << 7);
    /// A guest's disk failed under it.
    pub const GUEST_IO_ERROR: Self = Self(1 << 8);
    /// A guest cannot be seen.
    pub const GUEST_UNSEEN: Self = Self(1 << 9);
    /// Checkmk: a guest is down.
    pub const GUEST_DOWN: Self = Self(1 << 10);
    /// Checkmk: a host that is neither node nor guest is down.
    pub const OTHER_DOWN: Self = Self(1 << 11);
    /// A storage that may hold disks of guests is full or not available.
    pub const DISKS_UNUSABLE: Self = Self(1 << 12);
    /// A storage that may hold backups is full or not available.
    pub const BACKUPS_UNUSABLE: Self = Self(1 << 13);
    /// A storage in the network is not available.
    pub const NETWORK_STORAGE_GONE: Self = Self(1 << 14);
    /// A storage of the node itself is not available.
    pub const LOCAL_STORAGE_GONE: Self = Self(1 << 15);
    /// A task failed.
    pub const TASK_FAILED: Self = Self(1 << 16);
    /// A backup failed.
    pub const BACKUP_FAILED: Self = Self(1 << 17);
    /// Checkmk: a service is not OK.
    pub const SERVICE: Self = Self(1 << 18);
    /// Checkmk: memory is used up.
    pub const OUT_OF_MEMORY: Self = Self(1 << 19);
    /// Checkmk: the web server or proxy is critical.
    pub const PROXY_SERVICE: Self = Self(1 << 20);
    /// Checkmk: the database is critical.
    pub const DATABASE_SERVICE: Self = Self(1 << 21);
    /// Checkmk: its agent gives no data.
    pub const AGENT_SILENT: Self = Self(1 << 22);
    /// Checkmk: a service of which nothing is known now.
    pub const SERVICE_UNKNOWN: Self = Self(1 << 23);
    /// A web service does not answer as it should.
    pub const SITE_DOWN: Self = Self(1 << 24);
    /// A certificate has ended.
    pub const CERTIFICATE_OVER: Self = Self(1 << 25);
    /// A certificate ends soon or has ended.
    pub const CERTIFICATE: Self = Self(1 << 26);
    /// A mail queue is down, does not drain, or is too deep or old.
    pub const QUEUE: Self = Self(1 << 27);
    /// A source gives no answer at all.
    pub const SOURCE_UNREACHED: Self = Self(1 << 28);
    /// A source cannot be read, for whatever reason.
    pub const SOURCE_BLIND: Self = Self(1 << 29);
    /// A source's certificate is refused.
    pub const SOURCE_UNTRUSTED: Self = Self(1 << 30);
    /// A site of a distributed Checkmk fell silent.
    pub const MONITOR_SITE_SILENT: Self = Self(1 << 31);
    /// A storage that may hold backups is nearly full.
    pub const BACKUPS_TIGHT: Self = Self(1 << 32);
    /// A backup failed for want of space, in its own words.
    pub const BACKUP_WITHOUT_SPACE: Self = Self(1 << 33);
    /// A web service that the monitor complains of is fine from here.
    pub const MONITOR_CONTRADICTED: Self = Self(1 << 34);

    /// A mail queue is down or does not drain.
    pub const QUEUE_STUCK: Self = Self(1 << 35);
    /// A mail queue is deeper or older than its level.
    pub const QUEUE_LEVEL: Self = Self(1 << 36);

    /// Both sets.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they have one in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Words in the name of a service that make it one about memory, a proxy, a database.
const MEMORY: [&str; 4] = ["memory", "oom", "swap", "ram "];
const PROXY: [&str; 8] = [
    "nginx", "apache", "httpd", "haproxy", "traefik", "caddy", "varnish", "proxy",
];
const DATABASE: [&str; 7] = [
    "mysql", "mariadb", "postgres", "pgsql", "mongo", "redis", "database",
];
/// Checkmk's own service for its agent.
const AGENT: [&str; 2] = ["Check_MK", "Check_MK Agent"];
/// How a task says that there was no room.
const NO_SPACE: [&str; 4] = ["no space", "enospc", "quota", "not enough space"];
/// Kinds of storage that hang when the network does.
const NETWORK: [&str; 8] = [
    "nfs",
    "cifs",
    "glusterfs",
    "cephfs",
    "rbd",
    "iscsi",
    "iscsidirect",
    "pbs",
];

/// What the names of services tell: a few names come back on every host.
#[derive(Debug, Default)]
pub struct Names<'a>(HashMap<&'a str, Marks>);

/// The marks of a problem that is about `thing`.
pub fn of<'a>(
    estate: &Estate,
    things: Things,
    problem: &'a Problem,
    thing: Option<Thing>,
    names: &mut Names<'a>,
) -> Marks {
    let kind = thing.map(|thing| things.kind(thing));
    match &problem.what {
        What::NodeOffline => Marks::NODE_OFFLINE,
        What::NodeSilent => Marks::NODE_SILENT,
        What::NoQuorum => Marks::QUORUM_LOST,
        What::GuestStopped { task, .. } => {
            if task.is_none() {
                Marks::GUEST_STOPPED.or(Marks::GUEST_STOPPED_BY_NOBODY)
            } else {
                Marks::GUEST_STOPPED
            }
        }
        What::GuestCrashed => Marks::GUEST_CRASHED,
        What::GuestIoError => Marks::GUEST_IO_ERROR,
        What::GuestUnseen => Marks::GUEST_UNSEEN,
        What::StorageFull(_) | What::StorageInactive => storage(estate, problem),
        What::TaskFailed(words) => task_failed(problem, words),
        What::HostDown(_) => match kind {
            Some(Kind::Host(at)) => host_down(estate, at, problem),
            Some(Kind::Guest(_)) => Marks::GUEST_DOWN,
            _ => Marks::OTHER_DOWN,
        },
        What::Service(_) => service(problem, names),
        What::Web(_, Eyes::MonitorSees { .. }) => Marks::MONITOR_CONTRADICTED,
        What::Probe(_) | What::Web(..) => Marks::SITE_DOWN,
        What::Certificate(days) if *days < 0 => Marks::CERTIFICATE.or(Marks::CERTIFICATE_OVER),
        What::Certificate(_) => Marks::CERTIFICATE,
        What::QueueDown(_) | What::QueueStuck { .. } => Marks::QUEUE.or(Marks::QUEUE_STUCK),
        What::QueueDeep(_) | What::QueueOld(..) => Marks::QUEUE.or(Marks::QUEUE_LEVEL),
        What::Blind(failure) => {
            if matches!(problem.about, Some(Key::Web(_))) {
                return Marks::SITE_DOWN;
            }
            let mut marks = Marks::SOURCE_BLIND;
            match failure.kind {
                FailureKind::Unreachable { .. }
                | FailureKind::TimedOut { .. }
                | FailureKind::Broken { .. }
                | FailureKind::Command { .. } => {
                    marks = marks.or(Marks::SOURCE_UNREACHED);
                    if matches!(kind, Some(Kind::Host(_))) {
                        marks = marks.or(Marks::NODE_UNREACHED);
                    }
                }
                FailureKind::Status { .. } | FailureKind::Busy { .. } | FailureKind::LoginPage => {
                    marks = marks.or(Marks::SOURCE_UNREACHED);
                }
                FailureKind::Certificate { .. } => marks = marks.or(Marks::SOURCE_UNTRUSTED),
                _ => {}
            }
            marks
        }
        What::SiteSilent(_) => Marks::MONITOR_SITE_SILENT,
        What::WebFlaw(_) | What::Late | What::RightsMissing(_) | What::GroupSize(..) => Marks::NONE,
    }
}

fn task_failed(problem: &Problem, words: &str) -> Marks {
    if !matches!(super::graph::task_of(problem), Some((_, "vzdump"))) {
        return Marks::TASK_FAILED;
    }
    let words = words.to_lowercase();
    let mut marks = Marks::TASK_FAILED.or(Marks::BACKUP_FAILED);
    if NO_SPACE.iter().any(|word| words.contains(word)) {
        marks = marks.or(Marks::BACKUP_WITHOUT_SPACE);
    }
    marks
}

/// A host that Checkmk calls down. A node that its Proxmox has seen online since is cut off from
/// the monitor only, and explains nothing.
fn host_down(estate: &Estate, at: usize, problem: &Problem) -> Marks {
    use crate::domain::Reading;
    use crate::domain::node::NodeState;
    let Some(row) = estate.hosts.get(at) else {
        return Marks::OTHER_DOWN;
    };
    let Some(place) = row.node else {
        return Marks::OTHER_DOWN;
    };
    let seen_at = estate
        .source(place.source)
        .and_then(|s| s.feed(Reading::Resources))
        .filter(|f| f.trouble.is_none())
        .and_then(|f| f.good.as_ref())
        .map(|good| good.at);
    let online = estate
        .node(place)
        .is_some_and(|node| node.state == NodeState::Online);
    if online && seen_at.is_some_and(|seen| problem.since.is_none_or(|since| seen > since)) {
        Marks::NONE
    } else {
        Marks::NODE_DOWN
    }
}

fn service<'a>(problem: &'a Problem, names: &mut Names<'a>) -> Marks {
    let mut marks = Marks::SERVICE;
    if problem.severity == Severity::Unknown {
        marks = marks.or(Marks::SERVICE_UNKNOWN);
    }
    // `HOST: SERVICE`; a host may be an address with colons.
    let subject = problem.subject.as_str();
    let name = subject
        .as_bytes()
        .windows(2)
        .position(|pair| pair == b": ")
        .and_then(|at| subject.get(at + 2..))
        .unwrap_or(subject);
    if AGENT.contains(&name) {
        return marks.or(Marks::AGENT_SILENT);
    }
    if problem.severity != Severity::Critical {
        return marks;
    }
    marks.or(*names.0.entry(name).or_insert_with(|| of_name(name)))
}

/// What a critical service is about, by the words in its name.
fn of_name(name: &str) -> Marks {
    let name = name.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let mut marks = Marks::NONE;
    for (words, mark) in [
        (&MEMORY[..], Marks::OUT_OF_MEMORY),
        (&PROXY[..], Marks::PROXY_SERVICE),
        (&DATABASE[..], Marks::DATABASE_SERVICE),
    ] {
        if says(words) {
            marks = marks.or(mark);
        }
    }
    marks
}

fn storage(estate: &Estate, problem: &Problem) -> Marks {
    let Some(storage) = storage_of(estate, problem) else {
        return Marks::NONE;
    };
    let holds = |words: &[&str]| {
        storage
            .content
            .as_deref()
            .is_none_or(|content| content.split(',').any(|c| words.contains(&c.trim())))
    };
    let inactive = problem.what == What::StorageInactive;
    // 90 percent is worth a look and stops nothing yet.
    let unusable = inactive || problem.severity == Severity::Critical;
    let mut marks = Marks::NONE;
    if unusable && holds(&["images", "rootdir"]) {
        marks = marks.or(Marks::DISKS_UNUSABLE);
    }
    if unusable && holds(&["backup"]) {
        marks = marks.or(Marks::BACKUPS_UNUSABLE);
    }
    if holds(&["backup"]) {
        marks = marks.or(Marks::BACKUPS_TIGHT);
    }
    if inactive {
        let network = storage
            .kind
            .as_deref()
            .is_some_and(|kind| NETWORK.contains(&kind));
        marks = marks.or(if network {
            Marks::NETWORK_STORAGE_GONE
        } else {
            Marks::LOCAL_STORAGE_GONE
        });
    }
    marks
}

/// The storage that a problem is about.
fn storage_of<'a>(estate: &'a Estate, problem: &'a Problem) -> Option<&'a Storage> {
    let Some(Key::Host(source, node)) = &problem.about else {
        return None;
    };
    let name = problem.subject.split_once(": storage ")?.1;
    estate
        .storages(*source, node)
        .find(|storage| &*storage.name == name)
}

/// Whether a source is a Proxmox of one node: that node is then meant by it.
pub fn is_standalone(estate: &Estate, source: crate::domain::SourceId) -> bool {
    estate
        .source(source)
        .is_some_and(|s| s.kind == SourceKind::Proxmox)
        && estate.resources(source).is_some_and(|r| r.nodes.len() == 1)
}
