//! One thing that is wrong.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::check::Handling;
use super::web::{Eyes, FlawKind, ProbeOutcome};
use super::{Key, Moment, Severity, SourceId, Text};

/// One thing that is wrong, wherever that was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What is wrong, stable over refreshes.
    pub key: Key,
    /// How bad.
    pub severity: Severity,
    /// The row it is about, to jump to.
    pub about: Option<Key>,
    /// What it is about, in the team's words: `golem/105 wiki`.
    pub subject: Text,
    /// What is wrong with it.
    pub what: What,
    /// Since when, if known.
    pub since: Option<Moment>,
    /// What was done about it.
    pub handling: Handling,
    /// Who says so.
    pub source: SourceId,
}

/// What is wrong, as data; the screen finds the words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// A node is not reachable.
    NodeOffline,
    /// A node is in the cluster but silent.
    NodeSilent,
    /// The cluster has lost its quorum.
    NoQuorum,
    /// A guest that ran does not run; who stopped it and when, if a task tells.
    GuestStopped {
        /// `root@pam`.
        by: Option<Text>,
        /// `vzshutdown`.
        task: Option<Text>,
    },
    /// A guest's disk failed under it.
    GuestIoError,
    /// A guest crashed.
    GuestCrashed,
    /// A guest of a node that is gone, or without figures.
    GuestUnseen,
    /// A storage is nearly full; percent used.
    StorageFull(u32),
    /// A storage cannot be used.
    StorageInactive,
    /// A task failed, in its own words.
    TaskFailed(Text),
    /// Checkmk: host down or unreachable, in the check's words.
    HostDown(Option<Text>),
    /// Checkmk: a service is not OK, in the check's words.
    Service(Option<Text>),
    /// A web service did not answer as expected, in words.
    Probe(Text),
    /// A web service is not as wanted, or the monitor and the probe from here contradict each other.
    Web(Box<ProbeOutcome>, Eyes),
    /// Something about a web service that answers all the same.
    WebFlaw(FlawKind),
    /// A certificate ends soon or has ended; days left, negative when over.
    Certificate(i64),
    /// A mail queue's system is down.
    QueueDown(Text),
    /// No mail has left a queue for so many sending cycles; so many wait.
    QueueStuck {
        /// Whole cycles without a mail that left.
        cycles: u32,
        /// Length of a cycle.
        cycle: Duration,
        /// Mails that wait.
        depth: u64,
    },
    /// More mails wait than the configured level.
    QueueDeep(u64),
    /// The oldest mail waits longer than the configured level; whether that is only the least it can be.
    QueueOld(Duration, bool),
    /// A source cannot be read: what it covers is unknown.
    Blind(super::Failure),
    /// A source is late without an error so far.
    Late,
    /// A credential lacks rights, so lists are shorter than the truth.
    RightsMissing(Vec<Text>),
    /// A monitoring site vanished from the answers.
    SiteSilent(Text),
    /// A group's size breaks its rule: members, least, most.
    GroupSize(u32, Option<u32>, Option<u32>),
}
