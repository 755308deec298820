//! The estate from observations: joins, problems, what is remembered.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::check::{
    Handling, HostState, MonitoredHosts, MonitoredServices, ServiceCounts, ServiceState,
};
use crate::domain::failure::FailureKind;
use crate::domain::guest::{GuestKind, GuestState};
use crate::domain::node::{NodeState, Rights};
use crate::domain::observation::Traffic;
use crate::domain::problem::What;
use crate::domain::task::TaskEnd;
use crate::domain::{Bytes, Failure, Key, Observation, Severity, SourceKind, Text};

const START: Moment = Moment::from_millis(1_790_000_000_000);
const PROXMOX: SourceId = SourceId(0);
const CHECKMK: SourceId = SourceId(1);

struct Lookout {
    keeper: Keeper,
    now: Moment,
}

impl Lookout {
    fn new() -> Self {
        let configured = [
            ("golem", SourceKind::Proxmox),
            ("monitor", SourceKind::Checkmk),
        ];
        let sources = keeper::sources(
            configured
                .into_iter()
                .map(|(name, kind)| (name, kind, Duration::from_secs(10), String::new())),
            |_, _, refresh| refresh,
        );
        Self {
            keeper: Keeper::new(sources, START),
            now: START,
        }
    }

    fn see(
        &mut self,
        source: SourceId,
        reading: Reading,
        outcome: Result<Batch, Failure>,
    ) -> Arc<Estate> {
        self.now = self.now.plus(Duration::from_secs(10));
        let observation = Observation {
            source,
            reading,
            at: self.now,
            took: Duration::from_millis(20),
            traffic: Traffic::default(),
            outcome,
            next: None,
        };
        self.keeper.apply(observation);
        self.keeper.publish()
    }

    fn resources(&mut self, guests: Vec<Guest>) -> Arc<Estate> {
        let resources = Resources {
            nodes: vec![node("golem", NodeState::Online)],
            guests,
            ..Resources::default()
        };
        self.see(
            PROXMOX,
            Reading::Resources,
            Ok(Batch::Resources(Arc::new(resources))),
        )
    }
}

fn node(name: &str, state: NodeState) -> Node {
    Node {
        name: name.into(),
        state,
        cpu: None,
        cores: None,
        memory: None,
        memory_total: None,
        disk: None,
        disk_total: None,
        uptime: None,
        figures_denied: false,
        ha: None,
    }
}

fn guest(vmid: u32, name: &str, state: GuestState) -> Guest {
    Guest {
        vmid,
        kind: GuestKind::Lxc,
        name: Some(name.into()),
        node: "golem".into(),
        state,
        state_word: None,
        cpu: None,
        cores: None,
        memory: None,
        memory_limit: None,
        disk: None,
        disk_size: None,
        uptime: None,
        lock: None,
        tags: None,
        pool: None,
        ha: None,
    }
}

fn monitored(name: &str, state: HostState) -> MonitoredHost {
    MonitoredHost {
        name: name.into(),
        alias: None,
        address: None,
        site: None,
        state,
        handling: Handling::default(),
        since: Some(START),
        checked: Some(START),
        output: None,
        services: ServiceCounts::default(),
    }
}

fn service(host: &str, name: &str, state: ServiceState) -> MonitoredService {
    MonitoredService {
        host: host.into(),
        name: name.into(),
        site: None,
        state,
        host_state: HostState::Up,
        handling: Handling::default(),
        since: Some(START),
        checked: Some(START),
        output: Some("CRIT - broken".into()),
        command: None,
        perfdata: Vec::new(),
    }
}

fn hosts(hosts: Vec<MonitoredHost>) -> Result<Batch, Failure> {
    Ok(Batch::MonitoredHosts(Arc::new(MonitoredHosts {
        hosts,
        ..MonitoredHosts::default()
    })))
}

fn problems(services: Vec<MonitoredService>) -> Result<Batch, Failure> {
    Ok(Batch::Problems(Arc::new(MonitoredServices {
        services,
        skipped: 0,
    })))
}

fn found(estate: &Estate) -> Vec<(Severity, String)> {
    estate
        .problems
        .iter()
        .map(|p| (p.severity, p.subject.to_string()))
        .collect()
}

#[test]
fn guests_are_joined_to_the_monitor_by_name_and_leave_the_hosts_tab() {
    let mut lookout = Lookout::new();
    lookout.resources(vec![
        guest(105, "wiki", GuestState::Running),
        guest(106, "db", GuestState::Running),
    ]);
    let monitored = vec![
        monitored("golem", HostState::Up),
        monitored("router", HostState::Up),
        monitored("wiki.example.org", HostState::Up),
    ];
    let estate = lookout.see(CHECKMK, Reading::MonitoredHosts, hosts(monitored));
    let names: Vec<&str> = estate.hosts.iter().map(|h| &*h.name).collect();
    assert_eq!(names, ["golem", "router"]);
    assert!(estate.hosts[0].node.is_some() && estate.hosts[0].monitored.is_some());
    assert_eq!(
        (estate.hosts[0].guests_running, estate.hosts[0].guests),
        (2, 2)
    );
    let wiki = estate.guests[0]
        .monitored
        .and_then(|at| estate.monitored_host(at))
        .map(|h| h.name.to_string());
    assert_eq!(wiki.as_deref(), Some("wiki.example.org"));
    assert_eq!(estate.guests[1].monitored, None);
}

#[test]
fn a_guest_that_never_ran_may_be_stopped_and_one_that_ran_may_not() {
    let mut lookout = Lookout::new();
    let estate = lookout.resources(vec![
        guest(105, "wiki", GuestState::Running),
        guest(120, "old", GuestState::Stopped),
        guest(900, "tmpl", GuestState::Template),
    ]);
    assert_eq!(found(&estate), []);
    let estate = lookout.resources(vec![
        guest(105, "wiki", GuestState::Stopped),
        guest(120, "old", GuestState::Stopped),
        guest(900, "tmpl", GuestState::Template),
    ]);
    assert_eq!(
        found(&estate),
        [(Severity::Critical, "golem/105 wiki".to_owned())]
    );
    let since = estate.problems[0].since;
    assert_eq!(since, Some(lookout.now), "first seen then");
    let estate = lookout.resources(vec![guest(105, "wiki", GuestState::Stopped)]);
    assert_eq!(estate.problems[0].since, since, "and not again");
    let estate = lookout.resources(vec![guest(105, "wiki", GuestState::Running)]);
    assert_eq!(found(&estate), []);
}

#[test]
fn the_task_tells_who_stopped_a_guest() {
    let mut lookout = Lookout::new();
    lookout.resources(vec![guest(105, "wiki", GuestState::Running)]);
    lookout.resources(vec![guest(105, "wiki", GuestState::Stopped)]);
    let task = Task {
        upid: "UPID:golem:1:2:3:vzshutdown:105:anne@pam:".into(),
        node: "golem".into(),
        kind: "vzshutdown".into(),
        subject: Some("105".into()),
        user: "anne@pam".into(),
        started: Some(START),
        ended: Some(START),
        end: TaskEnd::Ok,
    };
    let estate = lookout.see(
        PROXMOX,
        Reading::Tasks,
        Ok(Batch::Tasks(Arc::new(vec![task]))),
    );
    assert_eq!(estate.problems.len(), 1);
    let expected = What::GuestStopped {
        by: Some("anne@pam".into()),
        task: Some("vzshutdown".into()),
    };
    assert_eq!(estate.problems[0].what, expected);
    assert_eq!(estate.problems[0].since, Some(START));
}

#[test]
fn services_of_a_host_that_is_down_are_not_repeated() {
    let mut lookout = Lookout::new();
    let mut under = service("web", "Filesystem /", ServiceState::Crit);
    under.host_state = HostState::Down;
    lookout.see(
        CHECKMK,
        Reading::MonitoredHosts,
        hosts(vec![monitored("web", HostState::Down)]),
    );
    let estate = lookout.see(
        CHECKMK,
        Reading::Problems,
        problems(vec![under, service("mail", "CPU load", ServiceState::Warn)]),
    );
    assert_eq!(
        found(&estate),
        [
            (Severity::Critical, "web".to_owned()),
            (Severity::Warning, "mail: CPU load".to_owned())
        ]
    );
    assert_eq!(
        estate.problems[0].about,
        Some(Key::Host(CHECKMK, "web".into()))
    );
}

#[test]
fn handled_problems_come_last_and_the_worst_first() {
    let mut lookout = Lookout::new();
    let mut handled = service("a", "disk", ServiceState::Crit);
    handled.handling.acknowledged = true;
    let estate = lookout.see(
        CHECKMK,
        Reading::Problems,
        problems(vec![
            handled,
            service("b", "load", ServiceState::Warn),
            service("c", "agent", ServiceState::Unknown),
            service("d", "http", ServiceState::Crit),
            service("e", "new", ServiceState::Pending),
        ]),
    );
    let subjects: Vec<String> = found(&estate)
        .into_iter()
        .map(|(_, subject)| subject)
        .collect();
    assert_eq!(subjects, ["d: http", "c: agent", "b: load", "a: disk"]);
}

#[test]
fn a_source_that_cannot_be_read_is_a_problem_and_keeps_its_rows() {
    let mut lookout = Lookout::new();
    lookout.resources(vec![guest(105, "wiki", GuestState::Running)]);
    let lost = || {
        Err(Failure::new(FailureKind::Unreachable {
            detail: "connection refused".into(),
        }))
    };
    let estate = lookout.see(PROXMOX, Reading::Resources, lost());
    assert_eq!(found(&estate), [], "one miss is not told");
    let estate = lookout.see(PROXMOX, Reading::Resources, lost());
    assert_eq!(found(&estate), [(Severity::Unknown, "golem".to_owned())]);
    assert_eq!(estate.guests.len(), 1);
    assert_eq!(
        estate.freshness(
            PROXMOX,
            Reading::Resources,
            lookout.now.plus(Duration::from_mins(1))
        ),
        crate::domain::Freshness::Lost
    );
}

#[test]
fn storages_are_judged_once_even_if_shared() {
    let mut lookout = Lookout::new();
    let storage = |node: &str, name: &str, shared: bool, used: u64| Storage {
        name: name.into(),
        node: node.into(),
        kind: None,
        shared,
        active: Some(true),
        used: Some(Bytes(used)),
        total: Some(Bytes(100)),
        content: None,
    };
    let resources = Resources {
        storages: vec![
            storage("n1", "local", false, 91),
            storage("n1", "nfs", true, 98),
            storage("n2", "nfs", true, 98),
            storage("n2", "local", false, 10),
        ],
        ..Resources::default()
    };
    let estate = lookout.see(
        PROXMOX,
        Reading::Resources,
        Ok(Batch::Resources(Arc::new(resources))),
    );
    assert_eq!(
        found(&estate),
        [
            (Severity::Critical, "n1: storage nfs".to_owned()),
            (Severity::Warning, "n1: storage local".to_owned())
        ]
    );
}

#[test]
fn missing_rights_and_a_lost_quorum_are_told() {
    let mut lookout = Lookout::new();
    let cluster = Cluster {
        version: Some("9.1.5".into()),
        name: Some("pirates".into()),
        quorate: Some(false),
        members: Vec::new(),
        nodes: Vec::new(),
        rights: Rights {
            known: true,
            missing: vec!["VM.Audit".into()],
        },
        clock_ahead_seconds: None,
    };
    let estate = lookout.see(
        PROXMOX,
        Reading::Cluster,
        Ok(Batch::Cluster(Arc::new(cluster))),
    );
    assert_eq!(
        found(&estate),
        [
            (Severity::Critical, "pirates".to_owned()),
            (Severity::Warning, "golem".to_owned())
        ]
    );
}

#[test]
fn web_checks_of_one_site_share_a_row_and_queues_count_their_mails() {
    let mut lookout = Lookout::new();
    let mut http = service("proxy", "HTTPS wiki.example.org", ServiceState::Ok);
    http.command = Some("check_mk_active-httpv2".into());
    let mut cert = service("proxy", "CERT wiki.example.org", ServiceState::Warn);
    cert.command = Some("check_mk_active-cert".into());
    cert.perfdata = vec![metric("certificate_remaining_validity", 9.5 * 86_400.0)];
    let mut queue = service("mail", "Postfix Queue default", ServiceState::Crit);
    queue.command = Some("check_mk-postfix_mailq".into());
    queue.perfdata = vec![
        metric("length", 25.0),
        metric("mail_queue_active_length", 2.0),
    ];
    let batch = MonitoredServices {
        services: vec![cert, http, queue],
        skipped: 0,
    };
    let estate = lookout.see(CHECKMK, Reading::Checks, Ok(Batch::Checks(Arc::new(batch))));
    assert_eq!(estate.web.len(), 1);
    assert_eq!(&*estate.web[0].name, "wiki.example.org");
    assert!(estate.web[0].check.is_some() && estate.web[0].certificate.is_some());
    assert_eq!(estate.web[0].certificate_days(&estate, START), Some(9));
    assert_eq!(estate.web[0].severity(&estate), Severity::Warning);
    assert_eq!(estate.queues.len(), 1);
    assert_eq!(
        (estate.queues[0].depth, estate.queues[0].deferred),
        (Some(27), Some(25))
    );
}

fn metric(name: &str, value: f64) -> crate::domain::check::Metric {
    crate::domain::check::Metric {
        name: Text::clean(name),
        value,
        unit: None,
        warn: None,
        crit: None,
    }
}
