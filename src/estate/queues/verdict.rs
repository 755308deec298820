//! What to think of a queue, by its course.
//!
//! A backlog that moves is healthy; a small one that does not is not.

use std::time::Duration;

use crate::domain::queue::Sending;
use crate::domain::{Moment, PerMinute, Severity};

use super::course::{Course, Sample};

/// Cycles without a mail that leaves after which a queue is not draining, and after which that is an alarm.
const STUCK: u32 = 3;
const STUCK_FOR_LONG: u32 = 10;
/// Least time that must have been seen before a direction is named.
const LEAST: Duration = Duration::from_mins(1);
/// How far back a direction is looked for, in time and in cycles, whichever is longer.
const WINDOW: Duration = Duration::from_mins(10);
const WINDOW_CYCLES: u32 = 10;
/// Longest time to empty that is told.
const LONGEST: f64 = 1e7;

/// What to think of a queue.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// No mail waits.
    Empty,
    /// It shrinks; time to empty at this pace.
    Draining(Duration),
    /// It grows by so many a minute.
    Growing(PerMinute),
    /// It holds about the same number.
    Steady,
    /// Only mails wait that failed before or are held: they wait on purpose.
    Waiting,
    /// Too short a time was seen to tell.
    Watching,
    /// No mail has left for three cycles of the sender or more.
    NotDraining(Stuck),
    /// Its own system is down: not "empty".
    Down,
    /// It cannot be seen now; when it was last seen, if ever.
    Unknown(Option<Moment>),
}

/// How long a queue has not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stuck {
    /// Since when nothing has left, as far as was seen.
    pub since: Moment,
    /// Whole cycles since then.
    pub cycles: u32,
    /// Length of a cycle.
    pub cycle: Duration,
}

impl Verdict {
    /// How bad it is by itself, whatever the levels say.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Empty | Self::Draining(_) | Self::Steady | Self::Waiting => Severity::Ok,
            Self::Growing(_) | Self::Watching => Severity::Info,
            Self::NotDraining(stuck) if stuck.cycles >= STUCK_FOR_LONG => Severity::Critical,
            Self::NotDraining(_) => Severity::Warning,
            Self::Unknown(_) => Severity::Unknown,
            Self::Down => Severity::Critical,
        }
    }
}

/// What the course of a queue means.
pub fn judge(course: &Course, sending: Sending) -> Verdict {
    let Some(now) = course.samples().next_back() else {
        return Verdict::Unknown(None);
    };
    if now.depth == 0 {
        return Verdict::Empty;
    }
    if let Some(stuck) = stuck(course, now, sending) {
        return Verdict::NotDraining(stuck);
    }
    if now.due == 0 {
        return Verdict::Waiting;
    }
    let window = WINDOW.max(sending.cycle.unwrap_or_default() * WINDOW_CYCLES);
    let seen: Vec<&Sample> = course
        .samples()
        .filter(|s| now.at.until(s.at) <= window)
        .collect();
    let Some(first) = seen.first() else {
        return Verdict::Watching;
    };
    if now.at.until(first.at) < LEAST {
        return Verdict::Watching;
    }
    direction(&seen, now, sending)
}

fn stuck(course: &Course, now: &Sample, sending: Sending) -> Option<Stuck> {
    let cycle = sending.cycle.filter(|cycle| !cycle.is_zero())?;
    let since = course.still_since()?;
    let cycles = now.at.until(since).as_millis() / cycle.as_millis().max(1);
    let cycles = u32::try_from(cycles).unwrap_or(u32::MAX);
    (cycles >= STUCK).then_some(Stuck {
        since,
        cycles,
        cycle,
    })
}

/// Which way it goes: down from its last peak, or up from its last trough.
fn direction(seen: &[&Sample], now: &Sample, sending: Sending) -> Verdict {
    // The last of equals: a plateau ends where the way down or up begins.
    let last_by = |better: fn(u64, u64) -> bool| {
        let mut found = 0;
        for (index, sample) in seen.iter().enumerate() {
            if seen
                .get(found)
                .is_none_or(|best| better(sample.depth, best.depth))
            {
                found = index;
            }
        }
        found
    };
    let peak = last_by(|new, best| new >= best);
    let trough = last_by(|new, best| new <= best);
    let depth_at = |index: usize| seen.get(index).map_or(now.depth, |s| s.depth);
    let fall = depth_at(peak).saturating_sub(now.depth);
    let rise = now.depth.saturating_sub(depth_at(trough));
    // Two mails more or less are no direction, nor is one in fifty.
    let least = (depth_at(peak) / 50).max(2);
    let since = |index: usize| {
        seen.get(index)
            .map_or(Duration::ZERO, |s| now.at.until(s.at))
    };
    // A sender that works in runs makes stairs: a step alone is no way down.
    let long_enough = sending.cycle.unwrap_or(LEAST).mul_f64(1.5);
    let falls =
        fall >= least && since(peak) >= long_enough.min(WINDOW) && (peak > trough || fall > rise);
    if falls {
        return draining(seen.get(peak..).unwrap_or_default(), now, sending);
    }
    if rise >= least && (trough < peak || rise > fall) {
        let minutes = since(trough).as_secs_f64() / 60.0;
        if minutes > 0.0 {
            return Verdict::Growing(PerMinute(rise as f64 / minutes));
        }
    }
    Verdict::Steady
}

/// How long until it is empty, from what was seen since the peak.
fn draining(since_peak: &[&Sample], now: &Sample, sending: Sending) -> Verdict {
    let Some(peak) = since_peak.first() else {
        return Verdict::Steady;
    };
    let minutes = now.at.until(peak.at).as_secs_f64() / 60.0;
    let arrived: u64 = since_peak.iter().skip(1).map(|s| s.arrived).sum();
    let arriving = arrived as f64 / minutes;
    let leaving = leaving(since_peak, now, sending).unwrap_or(0.0);
    let net = leaving - arriving;
    if net <= leaving * 0.05 {
        return Verdict::Steady;
    }
    let left = now.depth as f64 / net * 60.0;
    Verdict::Draining(Duration::from_secs_f64(left.clamp(0.0, LONGEST)))
}

/// Departures a minute. Of a sender that works in runs, whole cycles are counted from run to run: readings see each
/// run late by up to their own interval, and would be wrong by as much.
fn leaving(since_peak: &[&Sample], now: &Sample, sending: Sending) -> Option<f64> {
    let peak = since_peak.first()?;
    let runs: Vec<&Sample> = since_peak
        .iter()
        .skip(1)
        .filter(|s| s.left > 0)
        .copied()
        .collect();
    let (first, last) = (runs.first()?, runs.last()?);
    let all: u64 = runs.iter().map(|s| s.left).sum();
    let Some(cycle) = sending.cycle.filter(|_| !sending.defers) else {
        let minutes = now.at.until(peak.at).as_secs_f64() / 60.0;
        return Some(all as f64 / minutes);
    };
    let cycle = cycle.as_secs_f64();
    let idle = now.at.until(last.at).as_secs_f64();
    let (mails, seconds) = if runs.len() == 1 {
        let waited = (now.at.until(peak.at).as_secs_f64() / cycle)
            .floor()
            .max(1.0);
        (all, waited * cycle)
    } else {
        let span = last.at.until(first.at).as_secs_f64();
        ((all - first.left), (span / cycle).round().max(1.0) * cycle)
    };
    // A run that is overdue counts against the pace.
    let overdue = (idle - 1.5 * cycle).max(0.0);
    Some(mails as f64 / ((seconds + overdue) / 60.0))
}

#[cfg(test)]
mod tests;
