//! Web services: URLs that people use, as probed from here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::check::ServiceState;
use super::failure::FailureKind;
use super::{Failure, Freshness, Moment, Severity, Text};

/// Misses in a row from which a site counts as down; fewer are soft.
pub const HARD: u32 = 3;

/// What one probe of a URL found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Name from the configuration, or the host of the URL.
    pub name: Text,
    /// The URL that was asked.
    pub url: Text,
    /// Where it was asked instead of where its name leads: `10.0.0.5:8080`.
    pub address: Option<Text>,
    /// When it was over. Its freshness is measured from here: a source's sites are not all asked at once.
    pub at: Moment,
    /// What came of it.
    pub outcome: ProbeOutcome,
    /// How long each phase took.
    pub timing: Timing,
    /// How each family of addresses took the connection.
    pub families: Families,
    /// How much of the page was read.
    pub body: Body,
    /// What `http://` does, for a site that should lead from there to `https://`.
    pub upgrade: Option<Upgrade>,
    /// What is wrong with a site that answers all the same.
    pub flaws: Vec<Flaw>,
    /// Certificate seen on the way.
    pub certificate: Option<Certificate>,
    /// Misses in a row; one is soft, three are hard.
    pub misses: u32,
    /// Since when it has been as it is now, as seen by this program.
    pub since: Option<Moment>,
    /// How often it is asked while it is as it should be.
    pub interval: Duration,
    /// When it is asked next.
    pub next: Option<Moment>,
    /// What it runs on, from the configuration: a guest's name or VMID.
    pub runs_on: Option<Text>,
    /// From when on the end of its certificate is worth a word, as configured.
    #[serde(default)]
    pub certificate_levels: CertificateLevels,
}

/// Days that a certificate still runs below which that is worth a warning, and an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateLevels {
    /// Fewer are a warning.
    pub warn: u32,
    /// Fewer are an alarm; never more than for a warning.
    pub crit: u32,
}

impl Default for CertificateLevels {
    fn default() -> Self {
        Self { warn: 14, crit: 3 }
    }
}

impl CertificateLevels {
    /// How bad it is that so many days are left.
    pub const fn severity(self, days: i64) -> Severity {
        if days < 0 || days < self.crit as i64 {
            Severity::Critical
        } else if days < self.warn as i64 {
            Severity::Warning
        } else {
            Severity::Ok
        }
    }
}

/// What came of a probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ProbeOutcome {
    /// An HTTP answer came.
    Answered {
        /// Status code of the last answer.
        status: u16,
        /// From the start of the probe to the first byte of the last answer.
        first_byte: Duration,
        /// Where it redirects to, or where redirects within the site led.
        redirect: Option<Text>,
        /// Whether all is as wanted.
        expected: bool,
        /// What a cache in front said (`HIT`, `MISS`, age).
        cache: Option<Text>,
        /// What was expected instead, in words, when status or redirect are not as wanted.
        wanted: Option<Text>,
        /// What is not as wanted; there if and only if `expected` is false.
        lack: Option<Lack>,
    },
    /// None came.
    Failed(Failure),
}

/// Why an answer is not the one that was wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lack {
    /// Another status.
    Status,
    /// A redirect to another place, or one where none was wanted.
    Redirect,
    /// Redirects within the site that come back to where they were, or do not end.
    Loop {
        /// Redirects that were followed.
        hops: u32,
    },
    /// A text is not in the part of the page that was read.
    TextMissing(Text),
    /// A text is in the page that must not be there.
    TextPresent(Text),
    /// The page came compressed, unasked, so its text could not be looked at: `gzip`.
    Compressed(Text),
}

/// How long the phases of a probe took; `None` for those that did not end well or did not occur.
/// After redirects within the site: those of the last connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Timing {
    /// Resolving the name; `None` when there was none to resolve.
    pub resolve: Option<Duration>,
    /// Connecting, of the address family that was used.
    pub connect: Option<Duration>,
    /// TLS handshake.
    pub tls: Option<Duration>,
    /// From the request to the first byte of its answer.
    pub first_byte: Option<Duration>,
    /// The whole probe, from its start to the end of what was read or to its failure.
    pub whole: Duration,
}

/// How each family of addresses took the connection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Families {
    /// IPv4.
    pub v4: Family,
    /// IPv6.
    pub v6: Family,
}

impl Families {
    /// The family that is broken while the other works.
    pub const fn broken(&self) -> Option<(Protocol, &FailureKind)> {
        match (&self.v4, &self.v6) {
            (Family::Connected { .. }, Family::Failed { failure, .. }) => {
                Some((Protocol::V6, failure))
            }
            (Family::Failed { failure, .. }, Family::Connected { .. }) => {
                Some((Protocol::V4, failure))
            }
            _ => None,
        }
    }
}

/// How one family of addresses took the connection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Family {
    /// The name has no such address, or it never came to connecting.
    #[default]
    Absent,
    /// Connected.
    Connected {
        /// Address that took the connection.
        address: Text,
        /// How long it took.
        took: Duration,
    },
    /// None of its addresses took a connection.
    Failed {
        /// First address that was tried.
        address: Text,
        /// Why not.
        failure: FailureKind,
    },
    /// The machine vigie runs on has no way into this part of the net, which says nothing of the site.
    NoRoute {
        /// First address that was tried.
        address: Text,
    },
}

/// A version of the Internet Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Protocol {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

/// How much of a page was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    /// Bytes read; at most 256 KiB and what came with them.
    pub read: u64,
    /// Whether that is all of it.
    pub complete: bool,
    /// Length that the server announced.
    pub announced: Option<u64>,
}

/// What `http://` does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Upgrade {
    /// Redirects to `https://` of the site.
    Done {
        /// Where.
        to: Text,
    },
    /// Redirects elsewhere.
    Elsewhere {
        /// Where.
        to: Text,
    },
    /// Answers in the clear.
    Clear {
        /// With this status.
        status: u16,
    },
    /// Gives no answer.
    Failed(Failure),
}

/// What is wrong with a site that answers all the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flaw {
    /// What.
    pub kind: FlawKind,
    /// Probes in a row that found it; from three on it is a fact.
    pub times: u32,
    /// Since when, as seen by this program.
    pub since: Moment,
}

/// Kinds of flaws.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FlawKind {
    /// One family of addresses takes no connection while the other does.
    Family(Protocol, FailureKind),
    /// `http://` does not lead to `https://`.
    Upgrade(Upgrade),
}

impl Probe {
    /// A probe of which nothing is known but this.
    pub fn new(name: Text, url: Text, at: Moment, outcome: ProbeOutcome) -> Self {
        Self {
            name,
            url,
            address: None,
            at,
            outcome,
            timing: Timing::default(),
            families: Families::default(),
            body: Body::default(),
            upgrade: None,
            flaws: Vec::new(),
            certificate: None,
            misses: 0,
            since: None,
            interval: Duration::from_mins(1),
            next: None,
            runs_on: None,
            certificate_levels: CertificateLevels::default(),
        }
    }

    /// Whether all is as wanted.
    pub const fn is_good(&self) -> bool {
        matches!(&self.outcome, ProbeOutcome::Answered { expected: true, .. })
    }

    /// Whether it missed so often in a row that it counts as down.
    pub const fn is_hard(&self) -> bool {
        !self.is_good() && self.misses >= HARD
    }

    /// How bad it is: a single miss is only a warning.
    pub const fn severity(&self) -> Severity {
        if self.is_good() {
            Severity::Ok
        } else if self.is_hard() {
            Severity::Critical
        } else {
            Severity::Warning
        }
    }

    /// How far it can be taken for the present: by its own moment and its own interval.
    pub fn freshness(&self, now: Moment) -> Freshness {
        match self.at.age(now) {
            Some(age) => Freshness::of(age, self.interval, self.timing.whole),
            // An impossible age (a clock that jumped) is not fresh.
            None => Freshness::Stale,
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
    /// Why it is not trusted, in words, with what is wrong in its chain.
    pub trouble: Option<Text>,
}

impl Certificate {
    /// Whole days left, negative when over.
    pub fn days_left(&self, now: Moment) -> Option<i64> {
        let left = self.expires?.as_unix() - now.as_unix();
        Some(left.div_euclid(86_400))
    }
}

/// How what is seen from here and what the monitor says of a site stand to each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Eyes {
    /// Both say the same.
    Agree,
    /// The monitor does not look at its pages.
    OnlyHere,
    /// Only the monitor looks at it.
    OnlyMonitor,
    /// One of them changed lately and the other has not looked since, or a miss is not confirmed yet.
    Waiting,
    /// Fine from here, not for the monitor.
    MonitorSees {
        /// What the monitor says of its check.
        state: ServiceState,
        /// The monitor takes the whole host of the check to be down.
        host_down: bool,
        /// Since when.
        since: Option<Moment>,
    },
    /// Down from here, fine for the monitor.
    HereSees {
        /// Since when.
        since: Option<Moment>,
    },
    /// The monitor has a check of it that tells nothing of the present: it is not read, or not checked.
    MonitorBlind {
        /// Its last check, if it was ever checked.
        checked: Option<Moment>,
    },
    /// The own probe is late, so there is nothing to compare.
    HereBlind,
}

impl Eyes {
    /// Whether the two contradict each other.
    pub const fn disagree(&self) -> bool {
        matches!(self, Self::MonitorSees { .. } | Self::HereSees { .. })
    }

    /// How bad a contradiction is; the rest is nobody's problem.
    pub const fn severity(&self) -> Severity {
        match self {
            // It works from here, so it is not down for everybody.
            Self::MonitorSees { state, .. } => match state {
                ServiceState::Unknown => Severity::Unknown,
                _ => Severity::Warning,
            },
            // Down, for as much as can be known: the monitor may look from the server itself.
            Self::HereSees { .. } => Severity::Critical,
            _ => Severity::Ok,
        }
    }

    /// In a word or two, for a column and a filter.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::OnlyHere => "only here",
            Self::OnlyMonitor => "only Checkmk",
            Self::Waiting => "waiting",
            Self::MonitorSees { .. } => "fine here only",
            Self::HereSees { .. } => "down here only",
            Self::MonitorBlind { .. } => "Checkmk blind",
            Self::HereBlind => "probe late",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_millis(1_790_000_000_000);

    fn answered(expected: bool) -> ProbeOutcome {
        ProbeOutcome::Answered {
            status: if expected { 200 } else { 502 },
            first_byte: Duration::from_millis(80),
            redirect: None,
            expected,
            cache: None,
            wanted: None,
            lack: (!expected).then_some(Lack::Status),
        }
    }

    fn probe(expected: bool, misses: u32) -> Probe {
        let mut probe = Probe::new(
            "wiki".into(),
            "https://wiki/".into(),
            NOW,
            answered(expected),
        );
        probe.misses = misses;
        probe
    }

    #[test]
    fn three_misses_are_hard() {
        assert_eq!(probe(true, 0).severity(), Severity::Ok);
        assert_eq!(probe(false, 1).severity(), Severity::Warning);
        assert_eq!(probe(false, 2).severity(), Severity::Warning);
        assert_eq!(probe(false, 3).severity(), Severity::Critical);
        assert!(probe(false, 3).is_hard() && !probe(false, 2).is_hard());
    }

    #[test]
    fn a_probe_ages_by_its_own_interval() {
        let mut probe = probe(true, 0);
        probe.interval = Duration::from_mins(10);
        let after = |seconds| NOW.plus(Duration::from_secs(seconds));
        assert_eq!(probe.freshness(after(1200)), Freshness::Fresh);
        assert_eq!(probe.freshness(after(1201)), Freshness::Late);
        assert_eq!(probe.freshness(after(3001)), Freshness::Stale);
        let before = NOW.minus(Duration::from_hours(1));
        assert_eq!(probe.freshness(before), Freshness::Stale);
    }

    #[test]
    fn only_a_family_that_could_work_is_broken() {
        let connected = Family::Connected {
            address: "192.0.2.1".into(),
            took: Duration::from_millis(3),
        };
        let failure = FailureKind::Unreachable {
            detail: "connection refused".into(),
        };
        let failed = Family::Failed {
            address: "2001:db8::1".into(),
            failure: failure.clone(),
        };
        let both = |v4: &Family, v6: &Family| Families {
            v4: v4.clone(),
            v6: v6.clone(),
        };
        let no_route = Family::NoRoute {
            address: "2001:db8::1".into(),
        };
        assert_eq!(
            both(&connected, &failed).broken(),
            Some((Protocol::V6, &failure))
        );
        assert_eq!(
            both(&failed, &connected).broken(),
            Some((Protocol::V4, &failure))
        );
        assert_eq!(both(&connected, &no_route).broken(), None);
        assert_eq!(both(&connected, &Family::Absent).broken(), None);
        assert_eq!(both(&failed, &failed).broken(), None);
    }

    #[test]
    fn a_certificate_is_as_bad_as_configured() {
        use Severity::{Critical, Ok, Warning};
        let usual = CertificateLevels::default();
        let of =
            |levels: CertificateLevels| [-1, 0, 2, 3, 13, 14].map(|days| levels.severity(days));
        assert_eq!(
            of(usual),
            [Critical, Critical, Critical, Warning, Warning, Ok]
        );
        // Nobody wants to hear of it before it is over.
        let late = CertificateLevels { warn: 0, crit: 0 };
        assert_eq!(of(late), [Critical, Ok, Ok, Ok, Ok, Ok]);
    }

    #[test]
    fn days_left_are_whole_days() {
        let mut certificate = Certificate {
            expires: Some(NOW.plus(Duration::from_secs(86_400 * 3 - 1))),
            issuer: None,
            names: Vec::new(),
            fingerprint: "AA".into(),
            trouble: None,
        };
        assert_eq!(certificate.days_left(NOW), Some(2));
        certificate.expires = Some(NOW.minus(Duration::from_secs(1)));
        assert_eq!(certificate.days_left(NOW), Some(-1));
        certificate.expires = None;
        assert_eq!(certificate.days_left(NOW), None);
    }
}
