//! What all of it comes to.

use std::time::Duration;

use crate::domain::failure::FailureKind;
use crate::domain::{Severity, SourceKind};
use crate::estate::Feed;
use crate::ui::words;

use super::incidents::Counts;
use super::{Asked, REFUSED, UNAVAILABLE};

/// What all of it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The worst that nobody is on. Unknown when something could not be read or was not in time, unless
    /// something is critical.
    pub severity: Severity,
    /// Problems nobody is on, by severity.
    pub critical: usize,
    /// Things that cannot be seen.
    pub unknown: usize,
    /// Warnings.
    pub warning: usize,
    /// Worth knowing.
    pub info: usize,
    /// Acknowledged, or in a downtime.
    pub handled: usize,
    /// The same by incident: a cause with all that hangs on it is one.
    pub incidents: Counts,
    /// Nothing was read from any server, and why.
    pub blind: Option<Blind>,
}

/// Why nothing was read from any server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blind {
    /// Every credential was refused, or could not be had.
    Refused,
    /// None was reached, or in time.
    Unreachable,
}

impl Verdict {
    /// The verdict on what was asked, or on what is known and not older than `oldest`.
    pub fn of(asked: &Asked, oldest: Option<Duration>) -> Self {
        let problems = &asked.estate.problems;
        let count = |severity| {
            let fresh = problems.iter().filter(|p| !p.handling.is_handled());
            fresh.filter(|p| p.severity == severity).count()
        };
        let mut severity = problems
            .iter()
            .filter(|p| !p.handling.is_handled() && p.severity.is_problem())
            .map(|p| p.severity)
            .max()
            .unwrap_or_default();
        let failing = asked.estate.sources.iter().flat_map(|s| &s.feeds);
        let is_old = |feed: &Feed| {
            let age = feed.good.as_ref().and_then(|good| good.at.age(asked.now));
            match (age, oldest) {
                (None, _) => true,
                (Some(age), Some(oldest)) => age > oldest,
                (Some(_), None) => false,
            }
        };
        if !asked.unanswered.is_empty() || failing.clone().any(is_old) {
            severity = severity.max(Severity::Unknown);
        }
        Self {
            severity,
            critical: count(Severity::Critical),
            unknown: count(Severity::Unknown),
            warning: count(Severity::Warning),
            info: count(Severity::Info),
            handled: problems.iter().filter(|p| p.handling.is_handled()).count(),
            incidents: Counts::of(&asked.estate),
            blind: blind(asked),
        }
    }

    /// The exit code.
    pub const fn code(&self) -> u8 {
        match (self.blind, self.severity) {
            (Some(Blind::Refused), _) => REFUSED,
            (Some(Blind::Unreachable), _) => UNAVAILABLE,
            (None, Severity::Ok | Severity::Info) => 0,
            (None, Severity::Warning) => 1,
            (None, Severity::Critical) => 2,
            (None, Severity::Unknown) => 3,
        }
    }

    /// `1 critical, 2 unknown, 3 warnings`, or `no problems`: a cause with all that hangs on it is one.
    pub fn words(&self) -> String {
        let counts = &self.incidents;
        let mut parts = Vec::new();
        for (number, word) in [(counts.critical, "critical"), (counts.unknown, "unknown")] {
            if number > 0 {
                parts.push(format!("{number} {word}"));
            }
        }
        if counts.warning > 0 {
            parts.push(words::count(counts.warning as u64, "warning"));
        }
        if counts.held_back > 0 {
            parts.push(format!("{} held back as short-lived", counts.held_back));
        }
        if parts.is_empty() {
            parts.push("no problems".to_owned());
        }
        if counts.handled > 0 {
            parts.push(format!("{} handled", counts.handled));
        }
        parts.join(", ")
    }
}

/// Whether no server told anything. The roster is a file here: it tells nothing of servers.
fn blind(asked: &Asked) -> Option<Blind> {
    let feeds = || {
        let servers = asked.estate.sources.iter();
        servers
            .filter(|s| s.kind != SourceKind::Roster)
            .flat_map(|s| &s.feeds)
    };
    if feeds().next().is_none() || feeds().any(|f| f.good.is_some()) {
        return None;
    }
    let is_refused = |kind: &FailureKind| {
        matches!(
            kind,
            FailureKind::Unauthorized { .. }
                | FailureKind::SecondFactor { .. }
                | FailureKind::Forbidden { .. }
                | FailureKind::Secret { .. }
        )
    };
    let refused = feeds().all(|f| {
        f.trouble
            .as_ref()
            .is_some_and(|t| is_refused(&t.failure.kind))
    });
    Some(if refused {
        Blind::Refused
    } else {
        Blind::Unreachable
    })
}
