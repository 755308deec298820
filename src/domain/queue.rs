//! Mail queues.

use serde::{Deserialize, Serialize};

use super::{Bytes, Moment, Text};

/// A mail queue at its own place, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// When the oldest mail came in.
    pub oldest: Option<Moment>,
    /// Why deferred mails wait, most frequent first.
    pub reasons: Vec<(Text, u64)>,
    /// Recipient domains of deferred mails, most frequent first.
    pub domains: Vec<(Text, u64)>,
    /// The queue's own system is down: not "empty".
    pub down: Option<Text>,
}

/// Queues in one answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Queues {
    /// The queues.
    pub queues: Vec<Queue>,
    /// Lines or rows that made no sense and were left out.
    pub skipped: u32,
}
