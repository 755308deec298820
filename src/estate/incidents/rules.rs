//! What explains what. One row a rule; the first that fits decides, the nearest cause first.
//!
//! To add a rule, add a row here and a test to `rules/tests.rs` or a scenario to `tests/scenarios`.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::graph::Ties;
use super::marks::Marks;

/// One thing explains another.
#[derive(Debug)]
pub struct Rule {
    /// What it is called, in words that may be shown: "folded because …".
    pub name: &'static str,
    /// What the cause is: one of these.
    pub cause: Marks,
    /// What the effect is: one of these.
    pub effect: Marks,
    /// How the effect hangs on the cause: only along these.
    pub along: Ties,
    /// How much later than its effect a cause may seem to begin: clocks differ and checks are made
    /// once in a while.
    pub slack: Duration,
    /// Everything that hangs on the cause is hit, whether it complains already or not.
    pub spreads: bool,
}

/// Checks once a minute, three tries, clocks a minute apart.
const USUAL: Duration = Duration::from_mins(5);
/// Proxmox calls a node silent only after five minutes of silence.
const SLOW: Duration = Duration::from_mins(10);
/// Both are seen in the same answer.
const CLOSE: Duration = Duration::from_mins(1);

/// A node is gone, by whatever word.
const NODE_GONE: Marks = Marks::NODE_OFFLINE
    .or(Marks::NODE_DOWN)
    .or(Marks::NODE_UNREACHED);
/// A guest does not work.
const GUEST_GONE: Marks = Marks::GUEST_STOPPED
    .or(Marks::GUEST_CRASHED)
    .or(Marks::GUEST_IO_ERROR)
    .or(Marks::GUEST_DOWN);
/// A machine of any kind is down.
const MACHINE_GONE: Marks = GUEST_GONE.or(Marks::OTHER_DOWN);
/// What services for people look like when they fail.
const FAILS: Marks = Marks::SITE_DOWN
    .or(Marks::SERVICE)
    .or(Marks::QUEUE)
    .or(Marks::SOURCE_UNREACHED);
/// From a service to what it runs on.
const UP_TO_GUEST: Ties = Ties::RUNS_ON.or(Ties::CHECKED_ON).or(Ties::SERVED_BY);
/// From anything to the node below it.
const UP_TO_NODE: Ties = UP_TO_GUEST
    .or(Ties::ON_NODE)
    .or(Ties::BEHIND)
    .or(Ties::NEEDS);

/// The rules. Of two that fit a problem equally near, the upper one decides.
pub static RULES: [Rule; 24] = [
    Rule {
        name: "the certificate has ended, so the site is refused",
        cause: Marks::CERTIFICATE_OVER,
        effect: Marks::SITE_DOWN
            .or(Marks::SERVICE)
            .or(Marks::SOURCE_UNTRUSTED),
        along: Ties::SAME.or(Ties::SERVED_BY),
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the same certificate",
        cause: Marks::CERTIFICATE,
        effect: Marks::CERTIFICATE,
        along: Ties::SAME_CERTIFICATE,
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the node is gone, so the monitor and its Proxmox do not reach it",
        cause: Marks::NODE_OFFLINE,
        effect: Marks::NODE_DOWN
            .or(Marks::NODE_UNREACHED)
            .or(Marks::SERVICE)
            .or(Marks::TASK_FAILED)
            .or(Marks::LOCAL_STORAGE_GONE)
            .or(Marks::NETWORK_STORAGE_GONE),
        along: Ties::SAME,
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the node is down, so its Proxmox does not answer",
        cause: Marks::NODE_DOWN,
        effect: Marks::NODE_UNREACHED
            .or(Marks::NODE_SILENT)
            .or(Marks::SERVICE)
            .or(Marks::LOCAL_STORAGE_GONE),
        along: Ties::SAME,
        slack: SLOW,
        spreads: false,
    },
    Rule {
        name: "a member is gone, so the cluster has no quorum",
        cause: Marks::NODE_OFFLINE.or(Marks::NODE_DOWN),
        effect: Marks::QUORUM_LOST,
        along: Ties::MEMBER,
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "a storage in the network hangs, so the node's status daemon waits for it",
        cause: Marks::NETWORK_STORAGE_GONE,
        effect: Marks::NODE_SILENT,
        along: Ties::SAME,
        slack: CLOSE,
        spreads: false,
    },
    Rule {
        name: "the node is silent, so nothing is known of what is on it",
        cause: Marks::NODE_SILENT,
        effect: Marks::GUEST_UNSEEN
            .or(Marks::LOCAL_STORAGE_GONE)
            .or(Marks::TASK_FAILED),
        along: Ties::SAME.or(Ties::ON_NODE),
        slack: SLOW,
        spreads: false,
    },
    Rule {
        name: "the guest is not there, so the monitor does not reach it",
        cause: Marks::GUEST_STOPPED
            .or(Marks::GUEST_CRASHED)
            .or(Marks::GUEST_IO_ERROR),
        effect: Marks::GUEST_DOWN.or(Marks::SERVICE),
        along: Ties::SAME,
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "memory ran out, so it was killed",
        cause: Marks::OUT_OF_MEMORY,
        effect: Marks::GUEST_STOPPED_BY_NOBODY
            .or(Marks::GUEST_CRASHED)
            .or(Marks::GUEST_DOWN)
            .or(FAILS),
        along: Ties::SAME.or(Ties::RUNS_ON).or(Ties::SERVED_BY),
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the host is down, so are its services",
        cause: Marks::GUEST_DOWN.or(Marks::OTHER_DOWN),
        effect: Marks::SERVICE,
        along: Ties::SAME,
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the monitor's agent is silent, so its services are unknown",
        cause: Marks::AGENT_SILENT,
        effect: Marks::SERVICE_UNKNOWN,
        along: Ties::SAME,
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the site does not answer: the monitor says so too, and so does who reads it",
        cause: Marks::SITE_DOWN,
        effect: Marks::SERVICE.or(Marks::SOURCE_UNREACHED),
        along: Ties::SAME.or(Ties::SERVED_BY),
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the monitor says so, and from here it is fine",
        cause: Marks::MONITOR_CONTRADICTED,
        effect: Marks::SERVICE,
        along: Ties::SAME,
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "nothing leaves the queue, so it grows and gets old",
        cause: Marks::QUEUE_STUCK,
        effect: Marks::QUEUE_LEVEL,
        along: Ties::SAME,
        // A level may be passed long before it is certain that nothing leaves.
        slack: SLOW,
        spreads: false,
    },
    Rule {
        name: "the queue is stuck: the monitor says so too",
        cause: Marks::QUEUE,
        effect: Marks::SERVICE,
        along: Ties::SAME.or(Ties::TWIN),
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "what it runs on is not there",
        cause: MACHINE_GONE,
        effect: FAILS,
        along: UP_TO_GUEST,
        slack: USUAL,
        spreads: true,
    },
    Rule {
        name: "the proxy before it is not there",
        cause: MACHINE_GONE.or(Marks::PROXY_SERVICE),
        effect: FAILS,
        along: Ties::BEHIND.or(Ties::SERVED_BY),
        slack: USUAL,
        spreads: true,
    },
    Rule {
        name: "the web server is not there",
        cause: Marks::PROXY_SERVICE,
        effect: FAILS,
        along: UP_TO_GUEST,
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the database that it needs is not there",
        cause: MACHINE_GONE.or(Marks::DATABASE_SERVICE),
        effect: FAILS,
        along: Ties::NEEDS.or(Ties::SERVED_BY),
        slack: USUAL,
        spreads: true,
    },
    Rule {
        name: "the node that it is on is gone",
        cause: NODE_GONE,
        effect: Marks::GUEST_UNSEEN
            .or(MACHINE_GONE)
            .or(FAILS)
            .or(Marks::TASK_FAILED),
        along: UP_TO_NODE,
        slack: USUAL,
        spreads: true,
    },
    Rule {
        name: "the storage that its disks may be on is full or not available",
        cause: Marks::DISKS_UNUSABLE,
        effect: Marks::GUEST_IO_ERROR,
        along: Ties::ON_NODE,
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the storage that backups may go to is full or not available",
        cause: Marks::BACKUPS_UNUSABLE,
        effect: Marks::BACKUP_FAILED,
        along: Ties::SAME.or(Ties::ON_NODE),
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the storage that backups may go to has no room left",
        cause: Marks::BACKUPS_TIGHT,
        effect: Marks::BACKUP_WITHOUT_SPACE,
        along: Ties::SAME.or(Ties::ON_NODE),
        slack: USUAL,
        spreads: false,
    },
    Rule {
        name: "the monitor cannot be read: what it covers is unknown",
        cause: Marks::SOURCE_BLIND,
        effect: Marks::MONITOR_SITE_SILENT,
        along: Ties::SAME,
        slack: USUAL,
        spreads: false,
    },
];

/// A task during which some trouble is expected.
#[derive(Debug)]
pub struct Expected {
    /// Kinds of tasks.
    pub tasks: &'static [&'static str],
    /// What may then be wrong with the guest and what runs on it.
    pub effect: Marks,
    /// How long after its end the last traces may be seen.
    pub after: Duration,
}

/// What backups, moves and restarts bring about.
pub static EXPECTED: [Expected; 2] = [
    Expected {
        tasks: &["vzdump"],
        effect: GUEST_GONE.or(Marks::GUEST_UNSEEN).or(FAILS),
        after: USUAL,
    },
    Expected {
        tasks: &[
            "vzreboot",
            "qmreboot",
            "vzmigrate",
            "qmigrate",
            "vzrestore",
            "qmrestore",
            "vzrollback",
            "qmrollback",
        ],
        effect: GUEST_GONE.or(Marks::GUEST_UNSEEN).or(FAILS),
        after: USUAL,
    },
];
