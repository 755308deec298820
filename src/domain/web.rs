//! Web services: URLs that people use, as probed from here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Failure, Moment, Severity, Text};

/// What one probe of a URL found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Name from the configuration, or the host of the URL.
    pub name: Text,
    /// The URL that was asked.
    pub url: Text,
    /// When.
    pub at: Moment,
    /// What came of it.
    pub outcome: ProbeOutcome,
    /// Certificate seen on the way.
    pub certificate: Option<Certificate>,
    /// Misses in a row; one is soft, three are hard.
    pub misses: u32,
    /// Since when it has been as it is now, as seen by this program.
    pub since: Option<Moment>,
    /// What it runs on, from the configuration: a guest's name or VMID.
    pub runs_on: Option<Text>,
}

/// What came of a probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ProbeOutcome {
    /// An HTTP answer came.
    Answered {
        /// Status code.
        status: u16,
        /// Time to the first byte.
        first_byte: Duration,
        /// Where it redirects to, if it does.
        redirect: Option<Text>,
        /// Whether status (and redirect) are as expected.
        expected: bool,
        /// What a cache in front said (`HIT`, `MISS`, age).
        cache: Option<Text>,
        /// What was expected instead, in words, when `expected` is false.
        wanted: Option<Text>,
    },
    /// None came.
    Failed(Failure),
}

impl Probe {
    /// How bad it is: a single miss is only a warning.
    pub fn severity(&self) -> Severity {
        let good = matches!(&self.outcome, ProbeOutcome::Answered { expected: true, .. });
        if good {
            return Severity::Ok;
        }
        if self.misses >= 3 {
            Severity::Critical
        } else {
            Severity::Warning
        }
    }
}

/// A server's certificate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// End of validity.
    pub expires: Option<Moment>,
    /// Issuer's common name or organisation.
    pub issuer: Option<Text>,
    /// Names it is for.
    pub names: Vec<Text>,
    /// SHA-256 fingerprint, upper-case hex pairs with colons.
    pub fingerprint: Text,
}
