//! What is wrong: derived from every source, worst first.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Duration;

use crate::domain::check::{Handling, HostState};
use crate::domain::guest::GuestState;
use crate::domain::node::NodeState;
use crate::domain::problem::{Problem, What};
use crate::domain::task::TaskEnd;
use crate::domain::web::{Eyes, FlawKind, HARD, Probe};
use crate::domain::{Batch, Fraction, Key, Moment, Reading, Severity, SourceId, SourceKind, Text};

use super::keeper::Memory;
use super::queues::Verdict;
use super::{Estate, GuestRow, WebRow};

/// Percent of a storage in use from which it is worth a warning, and an alarm.
const STORAGE_WARNING: u32 = 90;
const STORAGE_CRITICAL: u32 = 97;
/// How long a failed task stays a problem.
const TASK_MEMORY: Duration = Duration::from_hours(24);
/// How long ago somebody may have stopped a guest for it to be worth telling.
const STOP_MEMORY: Duration = Duration::from_hours(168);
/// Tasks that fail in daily use without anything being wrong: consoles that were closed.
const INTERACTIVE: [&str; 5] = [
    "vncproxy",
    "vncshell",
    "spiceproxy",
    "termproxy",
    "spiceshell",
];

/// All problems, sorted: unhandled before handled, worst first, then newest first.
pub fn all(estate: &Estate, memory: &mut Memory, now: Moment) -> Vec<Problem> {
    let about = About::new(estate);
    let mut problems = Vec::new();
    for source in &estate.sources {
        blind(source, &mut problems);
        match source.kind {
            SourceKind::Proxmox => proxmox(estate, source.id, memory, now, &mut problems),
            SourceKind::Checkmk => checkmk(estate, source.id, &about, &mut problems),
            _ => {}
        }
    }
    for row in &estate.guests {
        if let Some(problem) = guest(estate, row, memory, now) {
            problems.push(problem);
        }
    }
    for row in &estate.web {
        web(estate, row, now, &mut problems);
    }
    queues(estate, now, &mut problems);
    for row in estate.groups.iter().filter(|g| !g.size_is_right()) {
        problems.push(Problem {
            key: key(&["group", &row.group.id]),
            severity: Severity::Info,
            about: None,
            subject: row.group.name.clone(),
            what: What::GroupSize(row.members, row.group.at_least, row.group.at_most),
            since: None,
            handling: Handling::default(),
            source: row.source,
        });
    }
    for problem in &mut problems {
        if problem.since.is_none() {
            problem.since = memory.since(&problem.key, now);
        }
    }
    memory.forget_but(&problems);
    // By small keys: problems are large, and in bad times many.
    problems.sort_by_cached_key(|p| {
        let handled = p.handling.is_handled();
        (
            handled,
            Reverse(p.severity),
            Reverse(p.since),
            p.subject.clone(),
        )
    });
    problems
}

fn key(parts: &[&str]) -> Key {
    Key::Problem(Text::clean(&parts.join("/")))
}

/// Rows that problems are about, by Checkmk host and check.
struct About {
    hosts: HashMap<(SourceId, Text), Key>,
    checks: HashMap<(SourceId, Text, Text), Key>,
}

impl About {
    fn new(estate: &Estate) -> Self {
        let mut this = Self {
            hosts: HashMap::new(),
            checks: HashMap::new(),
        };
        for row in &estate.guests {
            if let Some(host) = row.monitored.and_then(|at| {
                estate
                    .monitored_host(at)
                    .map(|h| (at.source, h.name.clone()))
            }) {
                this.hosts.insert(host, row.key());
            }
        }
        for row in &estate.hosts {
            if let Some(host) = row.monitored.and_then(|at| {
                estate
                    .monitored_host(at)
                    .map(|h| (at.source, h.name.clone()))
            }) {
                this.hosts.insert(host, row.key());
            }
        }
        for row in &estate.web {
            for at in [row.check, row.certificate].into_iter().flatten() {
                this.add_check(estate, at, row.key());
            }
        }
        for row in &estate.queues {
            if let Some(at) = row.check {
                this.add_check(estate, at, row.key());
            }
        }
        this
    }

    fn add_check(&mut self, estate: &Estate, at: super::Place, key: Key) {
        if let Some(check) = estate.check(at) {
            self.checks
                .insert((at.source, check.host.clone(), check.name.clone()), key);
        }
    }
}

fn blind(source: &super::SourceState, problems: &mut Vec<Problem>) {
    let worst = source
        .feeds
        .iter()
        .filter(|f| f.is_blind())
        .max_by_key(|f| f.trouble.as_ref().map_or(0, |t| t.times));
    let Some(trouble) = worst.and_then(|f| f.trouble.as_ref()) else {
        return;
    };
    problems.push(Problem {
        key: key(&["source", &source.name]),
        severity: Severity::Unknown,
        about: None,
        subject: source.name.clone(),
        what: What::Blind(trouble.failure.clone()),
        since: Some(trouble.since),
        handling: Handling::default(),
        source: source.id,
    });
}

fn proxmox(
    estate: &Estate,
    source: SourceId,
    memory: &mut Memory,
    now: Moment,
    problems: &mut Vec<Problem>,
) {
    let name = estate.source_name(source);
    let bare = |key: Key, severity, about, subject: Text, what, since| Problem {
        key,
        severity,
        about,
        subject,
        what,
        since,
        handling: Handling::default(),
        source,
    };
    if let Some(resources) = estate.resources(source) {
        for node in &resources.nodes {
            let (severity, what) = match node.state {
                NodeState::Online => continue,
                NodeState::Offline => (Severity::Critical, What::NodeOffline),
                NodeState::Silent | NodeState::Unknown => (Severity::Unknown, What::NodeSilent),
            };
            let about = Some(Key::Host(source, node.name.clone()));
            problems.push(bare(
                key(&["node", name, &node.name]),
                severity,
                about,
                node.name.clone(),
                what,
                None,
            ));
        }
        let mut shared_told: Vec<&Text> = Vec::new();
        for storage in &resources.storages {
            if storage.shared && shared_told.contains(&&storage.name) {
                continue;
            }
            let about = Some(Key::Host(source, storage.node.clone()));
            let subject = Text::clean(&format!("{}: storage {}", storage.node, storage.name));
            let this = key(&["storage", name, &storage.node, &storage.name]);
            if storage.active == Some(false) {
                shared_told.extend(storage.shared.then_some(&storage.name));
                problems.push(bare(
                    this,
                    Severity::Warning,
                    about,
                    subject,
                    What::StorageInactive,
                    None,
                ));
                continue;
            }
            let used = storage
                .used
                .zip(storage.total)
                .and_then(|(used, total)| Fraction::of(used, total));
            let Some(percent) = used
                .map(Fraction::percent)
                .filter(|p| *p >= STORAGE_WARNING)
            else {
                continue;
            };
            shared_told.extend(storage.shared.then_some(&storage.name));
            let severity = if percent >= STORAGE_CRITICAL {
                Severity::Critical
            } else {
                Severity::Warning
            };
            problems.push(bare(
                this,
                severity,
                about,
                subject,
                What::StorageFull(percent),
                None,
            ));
        }
    }
    if let Some(cluster) = estate.cluster(source) {
        if cluster.quorate == Some(false) {
            let subject = cluster.name.clone().unwrap_or_else(|| Text::clean(name));
            problems.push(bare(
                key(&["quorum", name]),
                Severity::Critical,
                None,
                subject,
                What::NoQuorum,
                None,
            ));
        }
        if !cluster.rights.missing.is_empty() {
            let what = What::RightsMissing(cluster.rights.missing.clone());
            problems.push(bare(
                key(&["rights", name]),
                Severity::Warning,
                None,
                Text::clean(name),
                what,
                None,
            ));
        }
    }
    for task in estate.tasks(source) {
        let TaskEnd::Failed(reason) = &task.end else {
            continue;
        };
        let Some(ended) = task
            .ended
            .filter(|at| at.age(now).is_some_and(|age| age < TASK_MEMORY))
        else {
            continue;
        };
        if INTERACTIVE.contains(&&*task.kind) {
            continue;
        }
        let guest = task.vmid().filter(|vmid| memory.knows(source, *vmid));
        let about = guest.map(|vmid| Key::Guest(source, vmid));
        let subject = match &task.subject {
            Some(subject) => Text::clean(&format!("{}/{subject}: {}", task.node, task.kind)),
            None => Text::clean(&format!("{}: {}", task.node, task.kind)),
        };
        let what = What::TaskFailed(reason.clone());
        problems.push(bare(
            key(&["task", &task.upid]),
            Severity::Warning,
            about,
            subject,
            what,
            Some(ended),
        ));
    }
}

fn checkmk(estate: &Estate, source: SourceId, about: &About, problems: &mut Vec<Problem>) {
    let name = estate.source_name(source);
    let mut index = 0;
    while let Some(host) = estate.monitored_host(super::join::place(source, index)) {
        index += 1;
        let severity = match host.state {
            HostState::Up | HostState::Pending => continue,
            HostState::Down => Severity::Critical,
            HostState::Unreachable | HostState::Unknown => Severity::Unknown,
        };
        problems.push(Problem {
            key: key(&["cmk", name, &host.name]),
            severity,
            about: about.hosts.get(&(source, host.name.clone())).cloned(),
            subject: host.name.clone(),
            what: What::HostDown(host.output.clone()),
            since: host.since,
            handling: host.handling,
            source,
        });
    }
    if let Some(Batch::MonitoredHosts(hosts)) = estate.batch(source, Reading::MonitoredHosts) {
        for site in &hosts.silent_sites {
            problems.push(Problem {
                key: key(&["site", name, site]),
                severity: Severity::Unknown,
                about: None,
                subject: Text::clean(name),
                what: What::SiteSilent(site.clone()),
                since: None,
                handling: Handling::default(),
                source,
            });
        }
    }
    let Some(Batch::Problems(services)) = estate.batch(source, Reading::Problems) else {
        return;
    };
    // Sorted by host: each host is looked up once.
    let mut of_host: (Option<&Text>, Option<&Key>) = (None, None);
    for service in &services.services {
        let severity = service.state.severity();
        // The host's own problem says it all; its services are in their last state, not their present one.
        if !severity.is_problem()
            || matches!(service.host_state, HostState::Down | HostState::Unreachable)
        {
            continue;
        }
        if of_host.0 != Some(&service.host) {
            let row = about.hosts.get(&(source, service.host.clone()));
            of_host = (Some(&service.host), row);
        }
        let row = (!about.checks.is_empty())
            .then(|| (source, service.host.clone(), service.name.clone()))
            .and_then(|check| about.checks.get(&check))
            .or(of_host.1);
        problems.push(Problem {
            key: key(&["cmk", name, &service.host, &service.name]),
            severity,
            about: row.cloned(),
            subject: Text::clean(&format!("{}: {}", service.host, service.name)),
            what: What::Service(service.output.clone()),
            since: service.since,
            handling: service.handling,
            source,
        });
    }
}

fn guest(estate: &Estate, row: &GuestRow, memory: &Memory, now: Moment) -> Option<Problem> {
    let guest = estate.guest(row.place)?;
    let source = row.place.source;
    let monitored = row.monitored.and_then(|at| estate.monitored_host(at));
    let mut since = None;
    let (severity, what) = match guest.state {
        GuestState::Running | GuestState::Template | GuestState::Paused | GuestState::Mounted => {
            return None;
        }
        GuestState::IoError => (Severity::Critical, What::GuestIoError),
        GuestState::Crashed => (Severity::Critical, What::GuestCrashed),
        // The node's own problem explains it; one row is enough.
        GuestState::NodeGone => return None,
        GuestState::Unknown => (Severity::Unknown, What::GuestUnseen),
        GuestState::Stopped => {
            let task = row
                .stopped_by
                .and_then(|at| estate.tasks(source).get(at as usize));
            let stopped_at = task.and_then(|t| t.ended.or(t.started));
            since = stopped_at;
            let missed =
                monitored.is_some_and(|h| h.state == HostState::Down && !h.handling.is_handled());
            let ran = memory.ran(source, row.vmid);
            let recent =
                stopped_at.is_some_and(|at| at.age(now).is_some_and(|age| age < STOP_MEMORY));
            if !(missed || ran || recent) {
                return None;
            }
            let severity = if missed || ran {
                Severity::Critical
            } else {
                Severity::Warning
            };
            let by = task.map(|t| t.user.clone());
            (
                severity,
                What::GuestStopped {
                    by,
                    task: task.map(|t| t.kind.clone()),
                },
            )
        }
    };
    Some(Problem {
        key: key(&["guest", estate.source_name(source), &row.vmid.to_string()]),
        severity,
        about: Some(row.key()),
        subject: Text::clean(&format!("{}/{} {}", guest.node, guest.vmid, guest.label())),
        what,
        since,
        handling: monitored.map(|h| h.handling).unwrap_or_default(),
        source,
    })
}

fn web(estate: &Estate, row: &WebRow, now: Moment, problems: &mut Vec<Problem>) {
    let Some(probe) = row.probe.and_then(|at| estate.probe(at)) else {
        return;
    };
    let bare = |kind: &str, severity, what, since| Problem {
        key: key(&[kind, &row.name]),
        severity,
        about: Some(row.key()),
        subject: row.name.clone(),
        what,
        since,
        handling: Handling::default(),
        source: row.source,
    };
    let said = || What::Web(Box::new(probe.outcome.clone()), row.eyes.clone());
    let severity = probe.severity();
    if severity.is_problem() {
        let mut problem = bare("web", severity, said(), probe.since);
        problem.handling.soft = !probe.is_hard();
        problems.push(problem);
    }
    if let Eyes::MonitorSees { since, .. } = row.eyes {
        let mut problem = bare("eyes", row.eyes.severity(), said(), since);
        // What was done about the check was done about this too.
        if let Some(check) = row.check.and_then(|at| estate.check(at)) {
            problem.handling.acknowledged = check.handling.acknowledged;
            problem.handling.downtime = check.handling.downtime;
        }
        problems.push(problem);
    }
    for flaw in probe.flaws.iter().filter(|flaw| flaw.times >= HARD) {
        let kind = match flaw.kind {
            FlawKind::Family(protocol, _) => protocol.name(),
            FlawKind::Upgrade(_) => "upgrade",
        };
        let what = What::WebFlaw(flaw.kind.clone());
        problems.push(bare(kind, Severity::Warning, what, Some(flaw.since)));
    }
    certificate(probe, now, &bare, problems);
}

/// A certificate that ends soon or has ended.
fn certificate(
    probe: &Probe,
    now: Moment,
    bare: &impl Fn(&str, Severity, What, Option<Moment>) -> Problem,
    problems: &mut Vec<Problem>,
) {
    let days = (probe.certificate.as_ref()).and_then(|certificate| certificate.days_left(now));
    let Some(days) = days else { return };
    let severity = probe.certificate_levels.severity(days);
    if severity.is_problem() {
        problems.push(bare("certificate", severity, What::Certificate(days), None));
    }
}

fn queues(estate: &Estate, now: Moment, problems: &mut Vec<Problem>) {
    for row in &estate.queues {
        let name = format!("{}/{}", row.host.as_deref().unwrap_or(""), row.name);
        let source = estate.source_name(row.source);
        let mut add = |kind: &str, severity: Severity, what: What, since| {
            if severity.is_problem() {
                problems.push(Problem {
                    key: key(&[kind, source, &name]),
                    severity,
                    about: Some(row.key()),
                    subject: row.name.clone(),
                    what,
                    since,
                    handling: Handling::default(),
                    source: row.source,
                });
            }
        };
        match &row.verdict {
            Verdict::Down => {
                let queue = row.queue.and_then(|at| estate.queue(at));
                if let Some(down) = queue.and_then(|q| q.down.clone()) {
                    add("queue", Severity::Critical, What::QueueDown(down), None);
                }
                continue;
            }
            // The source's own problem says it all.
            Verdict::Unknown(_) => continue,
            Verdict::NotDraining(stuck) => add(
                "queue-stuck",
                row.verdict.severity(),
                What::QueueStuck {
                    cycles: stuck.cycles,
                    cycle: stuck.cycle,
                    depth: row.depth.unwrap_or(0),
                },
                Some(stuck.since),
            ),
            _ => {}
        }
        let depth = What::QueueDeep(row.depth.unwrap_or(0));
        add("queue-depth", row.depth_severity(), depth, None);
        if let Some(age) = row.oldest_age(now) {
            let old = What::QueueOld(age, row.oldest_at_least);
            add("queue-age", row.age_severity(now), old, row.oldest);
        }
    }
}
