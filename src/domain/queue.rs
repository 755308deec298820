//! Mail queues.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bytes, Moment, Text};

/// A mail queue at its own place, at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Name: instance, table or check.
    pub name: Text,
    /// What it is, in a word: `postfix`, `table`, …
    pub kind: Text,
    /// Machine it is on, when known.
    pub host: Option<Text>,
    /// Mails in all.
    pub depth: Option<u64>,
    /// Mails being delivered now.
    pub active: Option<u64>,
    /// Mails just taken in.
    pub incoming: Option<u64>,
    /// Mails that failed and are tried again later.
    pub deferred: Option<u64>,
    /// Mails held by a person.
    pub hold: Option<u64>,
    /// Size of all.
    pub size: Option<Bytes>,
    /// When the oldest mail came in, where the queue tells.
    pub oldest: Option<Moment>,
    /// Number of the first mail in line, where mails have rising numbers (`MIN(mid)`).
    pub head: Option<u64>,
    /// Mails taken in so far, counted from any origin: only its growth means something. With numbered mails it is
    /// the highest number given out, so that a mail had come in as soon as this reached its number.
    pub enqueued: Option<u64>,
    /// Most tries that any mail has behind it.
    pub tries: Option<u64>,
    /// Why deferred mails wait, most frequent first.
    pub reasons: Vec<Group>,
    /// Recipient domains of deferred mails, most frequent first.
    pub domains: Vec<Group>,
    /// Deferred mails, oldest first; only the oldest of many. Never written to disk: whom people write to is
    /// nobody's business.
    #[serde(skip)]
    pub mails: Arc<Vec<Mail>>,
    /// The queue's own system is down: not "empty".
    pub down: Option<Text>,
    /// How it is sent from, as configured.
    pub sending: Sending,
    /// From when on it is worth a word, as configured.
    pub levels: Levels,
}

/// Deferred mails that have something in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What: a reason, a domain.
    pub what: Text,
    /// How many.
    pub mails: u64,
    /// When the oldest of them came in, where that is told.
    pub oldest: Option<Moment>,
}

/// A mail that waits. Neither its subject nor its text is ever read.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// The queue's name for it.
    pub id: Text,
    /// When it came in.
    pub arrived: Option<Moment>,
    /// Its size.
    pub size: Option<Bytes>,
    /// Who sent it.
    pub sender: Option<Text>,
    /// The first of those it still has to reach.
    pub recipient: Option<Text>,
    /// How many more there are.
    pub more: u32,
    /// Why it waits: the first reason told.
    pub reason: Option<Text>,
}

/// How mails leave a queue: what "it does not move" is measured against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// Time from one run of the sender to the next; `None`: it has no rhythm.
    pub cycle: Option<Duration>,
    /// Mails that a run takes at most.
    pub batch: Option<u64>,
    /// The head leaves first: while it stays, nothing has left.
    pub in_order: bool,
    /// Deferred and held mails wait on purpose (Postfix); only the others should leave.
    pub defers: bool,
}

/// From when on a queue is worth a warning, and an alarm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Levels {
    /// Mails for a warning.
    pub warn_depth: Option<u64>,
    /// Mails for an alarm.
    pub crit_depth: Option<u64>,
    /// Age of the oldest mail for a warning.
    pub warn_age: Option<Duration>,
    /// Age of the oldest mail for an alarm.
    pub crit_age: Option<Duration>,
}

/// Queues in one answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Queues {
    /// The queues.
    pub queues: Vec<Queue>,
    /// Lines or rows that made no sense and were left out.
    pub skipped: u32,
}
