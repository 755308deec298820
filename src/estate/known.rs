//! What outlives the program: what a keeper hands out at the end, and takes in at the next start.

use crate::domain::{Key, Moment, SourceId};

use super::SourceState;
use super::strip::Span;

/// Everything a keeper needs to go on where another one ended.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The sources with their feeds.
    pub sources: Vec<SourceState>,
    /// Guests that were seen running and are expected to.
    pub ran: Vec<(SourceId, u32)>,
    /// When problems that do not tell it themselves were first seen.
    pub since: Vec<(Key, Moment)>,
}

/// What the history remembers of the recent past.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recalled {
    /// Depths of queues over the last hour, oldest first.
    pub depths: Vec<(Key, Vec<(Moment, u64)>)>,
    /// What was met of web services over the last day.
    pub met: Vec<(Key, Vec<Span>)>,
}
