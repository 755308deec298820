//! Graphs: what was measured of a thing over the last hour, day or week.

use std::time::Duration;

use super::guest::GuestKind;
use super::{Key, Moment, SourceId, Text};

/// How far back a graph goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Span {
    /// The last hour.
    #[default]
    Hour,
    /// The last 24 hours.
    Day,
    /// The last seven days.
    Week,
}

impl Span {
    /// How far back it goes.
    pub const fn length(self) -> Duration {
        match self {
            Self::Hour => Duration::from_hours(1),
            Self::Day => Duration::from_hours(24),
            Self::Week => Duration::from_hours(7 * 24),
        }
    }

    /// The next longer one; after the longest the shortest.
    pub const fn next(self) -> Self {
        match self {
            Self::Hour => Self::Day,
            Self::Day => Self::Week,
            Self::Week => Self::Hour,
        }
    }

    /// `hour`, `day`, `week`: as people and Proxmox say.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }
}

/// A value over a span of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Begin of the span.
    pub at: Moment,
    /// The least value met.
    pub low: f64,
    /// The greatest value met.
    pub high: f64,
    /// The mean of all.
    pub mean: f64,
}

impl Point {
    /// A single value.
    pub const fn one(at: Moment, value: f64) -> Self {
        Self {
            at,
            low: value,
            high: value,
            mean: value,
        }
    }
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Processor time, as a part of all cores.
    Cpu,
    /// Processor time spent waiting for disks, as a part.
    IoWait,
    /// Load average over a minute.
    Load,
    /// Memory in use, as a part of all.
    Memory,
    /// Swap in use, as a part of all.
    Swap,
    /// The root file system in use, as a part of all.
    Disk,
    /// Bytes received a second.
    NetIn,
    /// Bytes sent a second.
    NetOut,
    /// Bytes read from disks a second.
    DiskRead,
    /// Bytes written to disks a second.
    DiskWrite,
    /// Mails that wait.
    Mails,
    /// Milliseconds to the first byte of a page.
    FirstByte,
    /// What came of probes of a page: 0 as expected, 1 a miss, 2 the third miss in a row or more.
    Met,
}

/// What the numbers of a course mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Parts of a whole, 0 to 1.
    Part,
    /// A number without a unit.
    Number,
    /// Bytes a second.
    BytesPerSecond,
    /// Whole things.
    Count,
    /// Milliseconds.
    Milliseconds,
}

impl Measure {
    /// What its numbers mean.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Cpu | Self::IoWait | Self::Memory | Self::Swap | Self::Disk => Unit::Part,
            Self::Load => Unit::Number,
            Self::NetIn | Self::NetOut | Self::DiskRead | Self::DiskWrite => Unit::BytesPerSecond,
            Self::Mails | Self::Met => Unit::Count,
            Self::FirstByte => Unit::Milliseconds,
        }
    }
}

/// One measure over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// What is measured.
    pub measure: Measure,
    /// Values, oldest first; where nothing is known there is no point.
    pub points: Vec<Point>,
    /// How long a value stands for what follows, before there is a gap.
    pub holds: Duration,
}

/// What was measured of one thing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// Its courses, those that matter most first.
    pub courses: Vec<Course>,
}

/// Where a graph comes from: what is asked for, and of whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A Proxmox node, by Proxmox' own history.
    Node {
        /// The Proxmox.
        source: SourceId,
        /// The node.
        node: Text,
    },
    /// A guest, by Proxmox' own history.
    Guest {
        /// The Proxmox.
        source: SourceId,
        /// The node it is on.
        node: Text,
        /// Its kind: part of the address.
        kind: GuestKind,
        /// Its number.
        vmid: u32,
    },
    /// A monitored host, by the monitor's own history.
    Monitored {
        /// The monitor.
        source: SourceId,
        /// The monitor's name for it.
        host: Text,
        /// Site of a distributed set-up.
        site: Option<Text>,
    },
    /// A mail queue, by vigie's own history.
    Queue(Key),
    /// A web service that this source probes, by vigie's own history.
    Web(SourceId, Key),
}

impl Subject {
    /// The server that is asked; `None` for what is in vigie's own history.
    pub const fn server(&self) -> Option<SourceId> {
        match self {
            Self::Node { source, .. }
            | Self::Guest { source, .. }
            | Self::Monitored { source, .. } => Some(*source),
            Self::Queue(_) | Self::Web(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_go_round() {
        assert_eq!(Span::Hour.next().next().next(), Span::Hour);
        assert!(Span::Hour.length() < Span::Day.length());
        assert!(Span::Day.length() < Span::Week.length());
    }
}
