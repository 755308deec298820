//! What went wrong and right when: this program's own observations over the last day, with what
//! Proxmox and Redmine tell of what was done.
//!
//! ```text
//!  estate, estate, estate … ─► log (what changed since the one before)
//!                               ├─► events  (with tasks and tickets: the timeline)
//!                               ├─► past    (the list of problems as it was at a moment)
//!                               └─► history (written down, read again at the next start)
//! ```
//!
//! Only what a person would call a change is one: a problem appears, gets better or worse, is taken
//! care of, comes to hang on another, is over. That a text says 94 % now instead of 93 % is not.

pub mod events;
pub mod log;
pub mod past;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::check::Handling;
use crate::domain::problem::What;
use crate::domain::{Key, Moment, Severity, SourceId, Text};

use super::{Handled, Reach, Why};
pub use events::{Event, Happened};
pub use log::Log;

/// How far back it goes.
pub const DAY: Duration = Duration::from_hours(24);

/// How a problem stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// How bad.
    pub severity: Severity,
    /// What it was about.
    pub subject: Text,
    /// What was wrong.
    pub what: What,
    /// Since when, if known.
    pub since: Option<Moment>,
    /// The row it was about.
    pub about: Option<Key>,
    /// What was done about it.
    pub handling: Handling,
    /// Who said so; a number that no source has when that one is no longer configured.
    pub source: SourceId,
    /// Where it was among the incidents.
    pub role: Role,
}

/// Where a problem was among the incidents.
#[derive(Debug, Clone, PartialEq)]
pub enum Role {
    /// It was the cause of one.
    Cause(Box<Lead>),
    /// It was explained by another.
    Below {
        /// The cause of the incident.
        cause: Key,
        /// Its direct cause.
        under: Key,
        /// Why.
        because: &'static str,
    },
}

/// What is told of an incident beside its problems.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lead {
    /// Whether and how it was taken care of.
    pub handled: Option<Handled>,
    /// What it reached.
    pub reach: Reach,
    /// What a task told of it.
    pub why: Option<Why>,
}

impl Standing {
    /// The cause of the incident it was in: another's key, or nothing when it was the cause.
    pub const fn cause(&self) -> Option<&Key> {
        match &self.role {
            Role::Cause(_) => None,
            Role::Below { cause, .. } => Some(cause),
        }
    }

    /// Whether somebody took care of it, or of its incident.
    pub const fn is_handled(&self) -> bool {
        let lead = match &self.role {
            Role::Cause(lead) => lead.handled.is_some(),
            Role::Below { .. } => false,
        };
        lead || self.handling.is_handled()
    }

    /// Whether a person would call it the same.
    pub fn is_as(&self, other: &Self) -> bool {
        let handling = |s: &Self| {
            let lead = match &s.role {
                Role::Cause(lead) => lead.handled,
                Role::Below { .. } => None,
            };
            (s.handling.acknowledged, s.handling.downtime, lead)
        };
        self.severity == other.severity
            && handling(self) == handling(other)
            && self.cause() == other.cause()
            && std::mem::discriminant(&self.what) == std::mem::discriminant(&other.what)
    }
}

/// What became of a problem at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// When this was seen.
    pub at: Moment,
    /// The problem.
    pub key: Key,
    /// How it stood before; nothing when it was not there.
    pub before: Option<Arc<Standing>>,
    /// How it stands since; nothing when it is over.
    pub after: Option<Arc<Standing>>,
}

/// A time during which somebody watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// Since when.
    pub from: Moment,
    /// Until when, at least; nothing while this program itself watches.
    pub until: Option<Moment>,
}

impl Watch {
    /// Whether a moment is in it.
    pub fn has(&self, at: Moment) -> bool {
        self.from <= at && self.until.is_none_or(|until| at <= until)
    }
}

/// What is kept: published with every estate, never changed.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Problems that stood before the first turn.
    pub base: Arc<HashMap<Key, Arc<Standing>>>,
    /// What changed, oldest first.
    pub turns: Vec<Arc<Turn>>,
    /// When somebody watched, oldest first, none over another.
    pub watches: Vec<Watch>,
    /// Problems that there was no room for.
    pub left_out: u32,
}

/// What another run has seen, as the history remembers it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remembered {
    /// Turns, oldest first: of the last day, and for each problem that stands the last one before.
    pub turns: Vec<Turn>,
    /// When somebody watched.
    pub watches: Vec<Watch>,
}
