//! What is measured over time, and how it is named in the file.

use std::time::Duration;

pub use crate::domain::graph::Point;
use crate::domain::{Key, Moment, SourceId};
use crate::estate::SourceState;

/// What is measured. The numbers are those of the file: never give one anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Mails in a queue.
    QueueDepth,
    /// What came of a probe: 0 as expected, 1 a miss, 2 the third miss in a row or more.
    WebMet,
    /// Time to the first byte of a web service, in milliseconds.
    WebMillis,
    /// Processor load of a node, as a part of all cores.
    NodeCpu,
    /// Memory in use of a node, as a part of all.
    NodeMemory,
}

impl Kind {
    /// Its number in the file.
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::QueueDepth => 1,
            Self::WebMet => 2,
            Self::WebMillis => 3,
            Self::NodeCpu => 4,
            Self::NodeMemory => 5,
        }
    }
}

/// One thing measured over time. Sources are known by name: their numbers change with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Series {
    /// What is measured.
    pub kind: Kind,
    /// Name of the source that measures it.
    pub source: String,
    /// What it is measured of, unique within the source.
    pub name: String,
}

impl Series {
    /// The series of a row. `source` is the one that measures it, for keys that do not tell.
    pub fn of(kind: Kind, key: &Key, source: SourceId, sources: &[SourceState]) -> Option<Self> {
        let (source, name) = match key {
            Key::Queue(source, name) | Key::Host(source, name) => (*source, name.as_str()),
            Key::Web(name) => (source, name.as_str()),
            _ => return None,
        };
        let source = sources.get(usize::from(source.0))?;
        Some(Self {
            kind,
            source: source.name.as_str().to_owned(),
            name: name.to_owned(),
        })
    }
}

/// One measured value.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Of what.
    pub series: Series,
    /// When.
    pub at: Moment,
    /// The value, in the unit of its kind.
    pub value: f64,
}

/// How far back, and with it how finely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Range {
    /// The last hour, every sample.
    Hour,
    /// The last day, in minutes.
    Day,
    /// The last week, in hours.
    Week,
    /// The last month, in hours.
    Month,
}

impl Range {
    /// How far back it goes.
    pub const fn length(self) -> Duration {
        Duration::from_secs(match self {
            Self::Hour => 3600,
            Self::Day => 24 * 3600,
            Self::Week => 7 * 24 * 3600,
            Self::Month => 31 * 24 * 3600,
        })
    }
}

/// Something that changed its state, for the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When it was seen.
    pub at: Moment,
    /// What changed, stable over restarts: the text of its key.
    pub subject: String,
    /// What it was before, when that is known.
    pub from: Option<String>,
    /// What it became.
    pub to: String,
    /// How it stands since, in full; in words of this program only.
    pub detail: Option<String>,
}
