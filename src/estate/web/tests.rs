//! Web services in the estate: rows, contradictions, problems.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::Arc;
use std::time::Duration;

use crate::domain::check::{
    Handling, HostState, MonitoredService, MonitoredServices, ServiceState,
};
use crate::domain::failure::FailureKind;
use crate::domain::observation::Traffic;
use crate::domain::problem::What;
use crate::domain::web::{
    Certificate, Eyes, Flaw, FlawKind, Lack, Probe, ProbeOutcome, Protocol, Upgrade,
};
use crate::domain::{
    Batch, Failure, Freshness, Key, Moment, Observation, Reading, Severity, SourceId, SourceKind,
};
use crate::estate::{Estate, Keeper, keeper};

const START: Moment = Moment::from_millis(1_790_000_000_000);
const SITES: SourceId = SourceId(0);
const CHECKMK: SourceId = SourceId(1);

fn at(second: u64) -> Moment {
    START.plus(Duration::from_secs(second))
}

fn keeper() -> Keeper {
    let configured = [("sites", SourceKind::Web), ("monitor", SourceKind::Checkmk)];
    let sources = keeper::sources(
        configured
            .into_iter()
            .map(|(name, kind)| (name, kind, Duration::from_secs(10), String::new())),
        |_, _, refresh| refresh,
    );
    Keeper::new(sources, START)
}

fn see(
    keeper: &mut Keeper,
    second: u64,
    source: SourceId,
    outcome: impl Into<Outcome>,
) -> Arc<Estate> {
    let reading = if source == SITES {
        Reading::Probes
    } else {
        Reading::Checks
    };
    keeper.apply(Observation {
        source,
        reading,
        at: at(second),
        took: Duration::from_millis(20),
        traffic: Traffic::default(),
        outcome: outcome.into().0,
        next: None,
    });
    keeper.publish()
}

/// A batch is a good outcome.
struct Outcome(Result<Batch, Failure>);

impl From<Batch> for Outcome {
    fn from(batch: Batch) -> Self {
        Self(Ok(batch))
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Self(Err(failure))
    }
}

fn answered(status: u16, lack: Option<Lack>) -> ProbeOutcome {
    ProbeOutcome::Answered {
        status,
        first_byte: Duration::from_millis(80),
        redirect: None,
        expected: lack.is_none(),
        cache: None,
        wanted: None,
        lack,
    }
}

/// A probe at this second that has been so from the start.
fn probe(name: &str, second: u64, outcome: ProbeOutcome) -> Probe {
    let url = format!("https://{name}/");
    let mut probe = Probe::new(name.into(), url.as_str().into(), at(second), outcome);
    probe.since = Some(START);
    probe
}

fn missed(name: &str, second: u64, misses: u32) -> Probe {
    let mut probe = probe(name, second, answered(502, Some(Lack::Status)));
    probe.misses = misses;
    probe
}

fn probes(probes: Vec<Probe>) -> Batch {
    Batch::Probes(Arc::new(probes))
}

/// A check at this second that has been so from the start.
fn check(name: &str, second: u64, state: ServiceState) -> MonitoredService {
    MonitoredService {
        host: "proxy".into(),
        name: name.into(),
        site: None,
        state,
        host_state: HostState::Up,
        handling: Handling::default(),
        since: Some(START),
        checked: Some(at(second)),
        output: None,
        command: Some("check_mk_active-httpv2".into()),
        perfdata: Vec::new(),
    }
}

fn checks(services: Vec<MonitoredService>) -> Batch {
    Batch::Checks(Arc::new(MonitoredServices {
        services,
        skipped: 0,
    }))
}

fn found(estate: &Estate) -> Vec<(Severity, &str, &What, bool)> {
    (estate.problems.iter())
        .map(|p| (p.severity, &*p.subject, &p.what, p.handling.soft))
        .collect()
}

fn eyes(estate: &Estate) -> Vec<(&str, Eyes)> {
    (estate.web.iter())
        .map(|row| (&*row.name, row.eyes.clone()))
        .collect()
}

#[test]
fn a_miss_is_soft_until_it_is_certain() {
    let mut keeper = keeper();
    let site = "wiki.example.org";
    let what = What::Web(Box::new(answered(502, Some(Lack::Status))), Eyes::OnlyHere);
    for (misses, severity, soft) in [
        (1, Severity::Warning, true),
        (2, Severity::Warning, true),
        (3, Severity::Critical, false),
        (9, Severity::Critical, false),
    ] {
        let second = u64::from(misses) * 15;
        let seen = probes(vec![missed(site, second, misses)]);
        let estate = see(&mut keeper, second, SITES, seen);
        assert_eq!(found(&estate), [(severity, site, &what, soft)]);
        assert_eq!(estate.problems[0].since, Some(START));
        assert_eq!(estate.problems[0].about, Some(Key::Web(site.into())));
        assert_eq!(estate.web[0].severity(&estate), severity);
    }
    let fine = probes(vec![probe(site, 200, answered(200, None))]);
    assert_eq!(found(&see(&mut keeper, 200, SITES, fine)), []);
}

#[test]
fn fine_from_here_and_critical_for_the_monitor_is_a_state_of_its_own() {
    let mut keeper = keeper();
    let site = "wiki.example.org";
    let fine = answered(200, None);
    see(
        &mut keeper,
        100,
        SITES,
        probes(vec![probe(site, 100, fine.clone())]),
    );
    let crit = check(&format!("HTTPS {site}"), 95, ServiceState::Crit);
    let estate = see(&mut keeper, 100, CHECKMK, checks(vec![crit.clone()]));
    let sees = Eyes::MonitorSees {
        state: ServiceState::Crit,
        host_down: false,
        since: Some(START),
    };
    assert_eq!(eyes(&estate), [(site, sees.clone())]);
    assert_eq!(
        estate.web[0].severity(&estate),
        Severity::Warning,
        "not down for everybody"
    );
    let what = What::Web(Box::new(fine.clone()), sees.clone());
    assert_eq!(found(&estate), [(Severity::Warning, site, &what, false)]);
    assert!(!estate.problems[0].handling.is_handled());
    let mut acknowledged = crit;
    acknowledged.handling.acknowledged = true;
    let estate = see(&mut keeper, 101, CHECKMK, checks(vec![acknowledged]));
    assert!(estate.problems[0].handling.is_handled());
}

#[test]
fn down_from_here_and_fine_for_the_monitor_is_one_problem() {
    let mut keeper = keeper();
    let site = "wiki.example.org";
    see(
        &mut keeper,
        100,
        CHECKMK,
        checks(vec![check(site, 95, ServiceState::Ok)]),
    );
    let soft = probes(vec![missed(site, 100, 2)]);
    let estate = see(&mut keeper, 100, SITES, soft);
    assert_eq!(eyes(&estate), [(site, Eyes::Waiting)]);
    let hard = probes(vec![missed(site, 100, 3)]);
    let estate = see(&mut keeper, 101, SITES, hard);
    let sees = Eyes::HereSees { since: Some(START) };
    assert_eq!(eyes(&estate), [(site, sees.clone())]);
    let what = What::Web(Box::new(answered(502, Some(Lack::Status))), sees);
    assert_eq!(found(&estate), [(Severity::Critical, site, &what, false)]);
}

#[test]
fn a_dead_monitor_changes_nothing_about_the_own_probes() {
    let mut keeper = keeper();
    let site = "wiki.example.org";
    let crit = check(site, 5, ServiceState::Crit);
    see(&mut keeper, 5, CHECKMK, checks(vec![crit]));
    let dead = || {
        Failure::new(FailureKind::Unreachable {
            detail: "connection refused".into(),
        })
    };
    for second in [15, 25, 35] {
        see(&mut keeper, second, CHECKMK, dead());
    }
    let fine = probes(vec![probe(site, 100, answered(200, None))]);
    let estate = see(&mut keeper, 100, SITES, fine);
    let blind = Eyes::MonitorBlind {
        checked: Some(at(5)),
    };
    assert_eq!(eyes(&estate), [(site, blind)]);
    let subjects: Vec<&str> = estate.problems.iter().map(|p| &*p.subject).collect();
    assert_eq!(subjects, ["monitor"], "only that it cannot be read");
    let hard = probes(vec![missed(site, 110, 3)]);
    let estate = see(&mut keeper, 110, SITES, hard);
    assert_eq!(estate.web[0].severity(&estate), Severity::Critical);
    assert_eq!(estate.problems[0].subject.as_str(), site);
}

#[test]
fn the_check_that_fits_best_is_shown() {
    let mut keeper = keeper();
    let site = "wiki.example.org";
    see(
        &mut keeper,
        100,
        SITES,
        probes(vec![
            probe(site, 100, answered(200, None)),
            probe("blog.example.org", 100, answered(200, None)),
        ]),
    );
    let estate = see(
        &mut keeper,
        100,
        CHECKMK,
        checks(vec![
            check("HTTP wiki.example.org", 95, ServiceState::Ok),
            check("HTTPS wiki.example.org", 95, ServiceState::Warn),
            check("HTTPS other.example.org", 95, ServiceState::Ok),
        ]),
    );
    let names: Vec<&str> = eyes(&estate).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["blog.example.org", "other.example.org", "wiki.example.org"]
    );
    assert_eq!(estate.web[0].eyes, Eyes::OnlyHere);
    assert_eq!(estate.web[1].eyes, Eyes::OnlyMonitor);
    let shown = estate.check(estate.web[2].check.unwrap()).unwrap();
    assert_eq!(shown.name.as_str(), "HTTPS wiki.example.org");
}

#[test]
fn flaws_are_told_once_they_are_certain() {
    let mut keeper = keeper();
    let site = "wiki.example.org";
    let family = FlawKind::Family(
        Protocol::V6,
        FailureKind::Unreachable {
            detail: "connection refused".into(),
        },
    );
    let upgrade = FlawKind::Upgrade(Upgrade::Clear { status: 200 });
    let with = |times: u32| {
        let mut probe = probe(site, 100, answered(200, None));
        probe.flaws = [&family, &upgrade]
            .map(|kind| Flaw {
                kind: kind.clone(),
                times,
                since: at(50),
            })
            .into();
        probes(vec![probe])
    };
    assert_eq!(found(&see(&mut keeper, 100, SITES, with(2))), []);
    let estate = see(&mut keeper, 101, SITES, with(3));
    let told: Vec<(Severity, &What)> = (estate.problems.iter())
        .map(|p| (p.severity, &p.what))
        .collect();
    let (family, upgrade) = (What::WebFlaw(family), What::WebFlaw(upgrade));
    assert_eq!(
        told,
        [(Severity::Warning, &family), (Severity::Warning, &upgrade)]
    );
    assert_eq!(estate.problems[0].since, Some(at(50)));
    assert_eq!(estate.web[0].severity(&estate), Severity::Ok);
}

#[test]
fn certificates_that_end_are_told_in_time() {
    let mut keeper = keeper();
    let site = "wiki.example.org";
    let with = |days: i64, outcome: ProbeOutcome| {
        let mut probe = probe(site, 0, outcome);
        let seconds = u64::try_from(days * 86_400 + 3600).unwrap_or_default();
        probe.certificate = Some(Certificate {
            expires: Some(at(seconds)),
            issuer: None,
            names: Vec::new(),
            fingerprint: "AA".into(),
            trouble: None,
        });
        probes(vec![probe])
    };
    for (days, severity) in [
        (14, None),
        (13, Some(Severity::Warning)),
        (3, Some(Severity::Warning)),
        (2, Some(Severity::Critical)),
        (0, Some(Severity::Critical)),
    ] {
        let estate = see(&mut keeper, 0, SITES, with(days, answered(200, None)));
        let told: Vec<(Severity, &What)> = (estate.problems.iter())
            .map(|p| (p.severity, &p.what))
            .collect();
        let what = What::Certificate(days);
        let expected: Vec<(Severity, &What)> = severity
            .into_iter()
            .map(|severity| (severity, &what))
            .collect();
        assert_eq!(told, expected, "{days}");
    }
    // A certificate that has ended is told as what it is, at once, beside the probe that is refused.
    let refused = ProbeOutcome::Failed(Failure::new(FailureKind::Certificate {
        reason: "expired on 2026-01-02".into(),
        offered: None,
        expected: Vec::new(),
    }));
    let mut over = probe(site, 172_800, refused);
    over.misses = 1;
    over.certificate = Some(Certificate {
        expires: Some(at(3600)),
        issuer: None,
        names: Vec::new(),
        fingerprint: "AA".into(),
        trouble: Some("expired on 2026-01-02".into()),
    });
    let estate = see(&mut keeper, 172_800, SITES, probes(vec![over]));
    let told: Vec<(Severity, &What)> = (estate.problems.iter())
        .map(|p| (p.severity, &p.what))
        .collect();
    assert_eq!(told[0], (Severity::Critical, &What::Certificate(-2)));
    assert!(matches!(told[1], (Severity::Warning, What::Web(..))));
    assert_eq!(estate.incidents.len(), 1, "one explains the other");
}

#[test]
fn a_contradiction_is_one_incident() {
    let mut keeper = keeper();
    let site = "wiki.example.org";
    let fine = probes(vec![probe(site, 600, answered(200, None))]);
    see(&mut keeper, 600, SITES, fine);
    let crit = check(&format!("HTTPS {site}"), 595, ServiceState::Crit);
    see(&mut keeper, 600, CHECKMK, checks(vec![crit.clone()]));
    keeper.apply(Observation {
        source: CHECKMK,
        reading: Reading::Problems,
        at: at(601),
        took: Duration::from_millis(20),
        traffic: Traffic::default(),
        outcome: Ok(Batch::Problems(Arc::new(MonitoredServices {
            services: vec![crit],
            skipped: 0,
        }))),
        next: None,
    });
    let estate = keeper.publish();
    assert_eq!(estate.problems.len(), 2);
    assert_eq!(estate.incidents.len(), 1);
    let cause = estate.incidents[0].cause(&estate).unwrap();
    assert!(matches!(cause.what, What::Web(_, Eyes::MonitorSees { .. })));
}

#[test]
fn a_row_is_as_fresh_as_its_own_probe() {
    let mut keeper = keeper();
    let mut rare = probe("rare.example.org", 0, answered(200, None));
    rare.interval = Duration::from_mins(10);
    let late = probe("late.example.org", 0, answered(200, None));
    let estate = see(&mut keeper, 300, SITES, probes(vec![late, rare]));
    let fresh: Vec<Option<Freshness>> = (estate.web.iter())
        .map(|row| row.freshness(&estate, at(300)))
        .collect();
    assert_eq!(fresh, [Some(Freshness::Late), Some(Freshness::Fresh)]);
    let severities: Vec<Severity> = estate.web.iter().map(|r| r.severity(&estate)).collect();
    assert_eq!(severities, [Severity::Unknown, Severity::Ok], "never green");
}
