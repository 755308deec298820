//! What the monitor (Checkmk) says: hosts and services.

use serde::{Deserialize, Serialize};

use super::{Moment, Severity, Text};

/// State of a monitored host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HostState {
    /// Answers.
    Up,
    /// Does not answer.
    Down,
    /// Cannot be reached because something before it is down.
    Unreachable,
    /// Never checked yet.
    Pending,
    /// A number we do not know.
    Unknown,
}

/// State of a monitored service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ServiceState {
    /// Fine.
    Ok,
    /// WARN.
    Warn,
    /// UNKNOWN: the check could not tell.
    Unknown,
    /// CRIT.
    Crit,
    /// Never checked yet.
    Pending,
}

impl ServiceState {
    /// How bad it is. Pending is worth knowing, not a problem.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Ok => Severity::Ok,
            Self::Warn => Severity::Warning,
            Self::Unknown => Severity::Unknown,
            Self::Crit => Severity::Critical,
            Self::Pending => Severity::Info,
        }
    }
}

/// What people and the monitor already did about a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Handling {
    /// Somebody acknowledged it.
    pub acknowledged: bool,
    /// In a scheduled downtime (its own or its host's).
    pub downtime: bool,
    /// Changes its state too often to be believed.
    pub flapping: bool,
    /// Soft: not confirmed by repeated checks yet.
    pub soft: bool,
    /// Not checked for longer than it should be.
    pub stale: bool,
}

impl Handling {
    /// Whether somebody knows: acknowledged or planned.
    pub const fn is_handled(self) -> bool {
        self.acknowledged || self.downtime
    }
}

/// A host as the monitor sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitoredHost {
    /// Checkmk's host name.
    pub name: Text,
    /// Alias, when it differs from the name.
    pub alias: Option<Text>,
    /// Address it is checked at.
    pub address: Option<Text>,
    /// Site of a distributed set-up.
    pub site: Option<Text>,
    /// State.
    pub state: HostState,
    /// What was done about it.
    pub handling: Handling,
    /// Last change of state.
    pub since: Option<Moment>,
    /// Last check.
    pub checked: Option<Moment>,
    /// What the check printed.
    pub output: Option<Text>,
    /// Services by hard state.
    pub services: ServiceCounts,
}

/// Number of services of a host in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServiceCounts {
    /// OK.
    pub ok: u32,
    /// WARN.
    pub warn: u32,
    /// CRIT.
    pub crit: u32,
    /// UNKNOWN.
    pub unknown: u32,
    /// Not checked yet.
    pub pending: u32,
}

impl ServiceCounts {
    /// The worst state that occurs.
    pub const fn worst(self) -> Severity {
        if self.crit > 0 {
            Severity::Critical
        } else if self.unknown > 0 {
            Severity::Unknown
        } else if self.warn > 0 {
            Severity::Warning
        } else {
            Severity::Ok
        }
    }

    /// All of them.
    pub const fn total(self) -> u32 {
        self.ok + self.warn + self.crit + self.unknown + self.pending
    }
}

/// A service as the monitor sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitoredService {
    /// Checkmk's host name.
    pub host: Text,
    /// Its description, unique within the host.
    pub name: Text,
    /// Site of a distributed set-up.
    pub site: Option<Text>,
    /// State.
    pub state: ServiceState,
    /// Whether its host is up (a host down leaves its services in their last state).
    pub host_state: HostState,
    /// What was done about it.
    pub handling: Handling,
    /// Last change of state.
    pub since: Option<Moment>,
    /// Last check.
    pub checked: Option<Moment>,
    /// What the check printed: first line.
    pub output: Option<Text>,
    /// `check_mk-postfix_mailq`, `check_mk_active-httpv2`; arguments are cut (they may hold secrets).
    pub command: Option<Text>,
    /// Measured values.
    pub perfdata: Vec<Metric>,
}

/// One measured value of a check (perfdata).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Raw metric name.
    pub name: Text,
    /// Value in `unit`.
    pub value: f64,
    /// Unit as sent; Checkmk's own plug-ins send none.
    pub unit: Option<Text>,
    /// Upper warning level.
    pub warn: Option<f64>,
    /// Upper critical level.
    pub crit: Option<f64>,
}

/// Hosts in one answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MonitoredHosts {
    /// Hosts, sorted by name.
    pub hosts: Vec<MonitoredHost>,
    /// `2.4.0p18`, when the server told.
    pub version: Option<Text>,
    /// Sites that used to answer and have vanished from the answer as a whole: their rows are kept from before.
    pub silent_sites: Vec<Text>,
    /// Rows that made no sense and were left out.
    pub skipped: u32,
}

/// Services in one answer (problems, or the mail and web checks).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MonitoredServices {
    /// Services, sorted by host and name.
    pub services: Vec<MonitoredService>,
    /// Rows that made no sense and were left out.
    pub skipped: u32,
}
