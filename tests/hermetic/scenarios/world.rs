//! The world of a scenario, and what its sources answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use vigie::domain::check::{
    Handling, HostState, MonitoredHost, MonitoredHosts, MonitoredService, MonitoredServices,
    ServiceCounts, ServiceState,
};
use vigie::domain::failure::{FailureKind, Stage};
use vigie::domain::guest::{Guest, GuestKind, GuestState};
use vigie::domain::node::{Cluster, Node, NodeState, Resources, Rights, Storage};
use vigie::domain::observation::Traffic;
use vigie::domain::person::{Person, Roster};
use vigie::domain::queue::{Levels, Queue, Queues, Sending};
use vigie::domain::task::{Task, TaskEnd};
use vigie::domain::ticket::{Projects, Tickets};
use vigie::domain::web::{Certificate, Probe, ProbeOutcome};
use vigie::domain::{
    Batch, Bytes, Failure, Moment, Observation, Reading, SourceId, SourceKind, Text,
};

use super::minute;
use super::script::{Change, Script, Source};

/// A word of the scenario, and since when it holds.
#[derive(Clone)]
struct State {
    words: String,
    since: Moment,
}

impl State {
    fn first(&self) -> &str {
        self.words.split_whitespace().next().unwrap_or("")
    }

    fn says(&self, word: &str) -> bool {
        self.words.split_whitespace().any(|w| w == word)
    }

    fn handling(&self) -> Handling {
        Handling {
            acknowledged: self.says("acknowledged"),
            downtime: self.says("downtime"),
            flapping: self.says("flapping"),
            soft: self.says("soft"),
            stale: self.says("stale"),
        }
    }
}

type States = BTreeMap<String, State>;

/// The world now.
pub struct World<'a> {
    script: &'a Script,
    sources: Vec<(&'a str, SourceKind, Vec<String>, String)>,
    changes: Vec<&'a Change>,
    now: Moment,
    nodes: States,
    guests: States,
    storages: States,
    hosts: States,
    services: States,
    probes: States,
    misses: BTreeMap<String, u32>,
    queues: States,
    fails: States,
    tasks: Vec<(String, Task)>,
}

impl<'a> World<'a> {
    pub fn new(script: &'a Script) -> Self {
        let sources = script
            .sources
            .iter()
            .map(|(name, source)| {
                let (kind, nodes, address) = match source {
                    Source::Kind(kind) => (kind, Vec::new(), None),
                    Source::Whole {
                        kind,
                        nodes,
                        address,
                    } => (kind, nodes.clone(), address.clone()),
                };
                let kind = match &**kind {
                    "proxmox" => SourceKind::Proxmox,
                    "checkmk" => SourceKind::Checkmk,
                    "redmine" => SourceKind::Redmine,
                    "web" => SourceKind::Web,
                    "mail" => SourceKind::Mail,
                    "roster" => SourceKind::Roster,
                    other => panic!("there is no kind of source \"{other}\""),
                };
                let nodes = if nodes.is_empty() {
                    vec![name.clone()]
                } else {
                    nodes
                };
                (&**name, kind, nodes, address.unwrap_or_default())
            })
            .collect();
        let mut changes: Vec<&Change> = std::iter::once(&script.start).chain(&script.at).collect();
        changes.sort_by(|a, b| b.minute.total_cmp(&a.minute));
        Self {
            script,
            sources,
            changes,
            now: minute(0.0),
            nodes: States::new(),
            guests: States::new(),
            storages: States::new(),
            hosts: States::new(),
            services: States::new(),
            probes: States::new(),
            misses: BTreeMap::new(),
            queues: States::new(),
            fails: States::new(),
            tasks: Vec::new(),
        }
    }

    /// The sources as a keeper wants them.
    pub fn configured(&self) -> Vec<(&'a str, SourceKind, Duration, String)> {
        self.sources
            .iter()
            .map(|(name, kind, _, address)| (*name, *kind, Duration::from_mins(1), address.clone()))
            .collect()
    }

    /// Lets everything happen up to a minute.
    pub fn turn_to(&mut self, now: f64) {
        while let Some(change) = self.changes.pop_if(|change| change.minute <= now) {
            self.take(change);
        }
        self.now = minute(now);
        for (site, state) in &self.probes {
            let misses = self.misses.entry(site.clone()).or_default();
            *misses = if is_good(state.first()) {
                0
            } else {
                *misses + 1
            };
        }
    }

    fn take(&mut self, change: &Change) {
        let at = minute(change.minute);
        for (states, news) in [
            (&mut self.nodes, &change.nodes),
            (&mut self.guests, &change.guests),
            (&mut self.storages, &change.storages),
            (&mut self.hosts, &change.hosts),
            (&mut self.services, &change.services),
            (&mut self.probes, &change.probes),
            (&mut self.queues, &change.queues),
            (&mut self.fails, &change.fails),
        ] {
            for (name, words) in news {
                let first = words.split_whitespace().next();
                // A word of handling that comes later does not change since when it is so.
                let since = states
                    .get(name)
                    .filter(|known| Some(known.first()) == first)
                    .map_or(at, |known| known.since);
                let words = words.clone();
                states.insert(name.clone(), State { words, since });
            }
        }
        for name in &change.answers {
            self.fails.remove(name);
        }
        for task in &change.tasks {
            let number = self.tasks.len();
            let subject = task.guest.map(|vmid| vmid.to_string());
            let upid = format!(
                "UPID:{}:{number:08X}:0:0:{}:{}:{}:",
                task.node,
                task.kind,
                subject.as_deref().unwrap_or(""),
                task.user
            );
            let made = Task {
                upid: text(&upid),
                node: text(&task.node),
                kind: text(&task.kind),
                subject: subject.as_deref().map(text),
                user: text(&task.user),
                started: Some(at),
                ended: task.end.is_some().then_some(at),
                end: task.end.as_deref().map_or(TaskEnd::Running, end),
            };
            self.tasks.insert(0, (task.id.clone(), made));
        }
        for (id, words) in &change.ends {
            let (_, task) = self.tasks.iter_mut().find(|(i, _)| i == id).unwrap();
            task.ended = Some(at);
            task.end = end(words);
        }
    }

    /// What every source answers now.
    pub fn observations(&self) -> Vec<Observation> {
        let mut all = Vec::new();
        for (index, (name, kind, nodes, _)) in self.sources.iter().enumerate() {
            for reading in kind.readings() {
                let outcome = match self.fails.get(*name) {
                    Some(state) => Err(Failure::new(failure(&state.words))),
                    None => Ok(self.batch(*reading, nodes)),
                };
                all.push(Observation {
                    source: SourceId(u16::try_from(index).unwrap()),
                    reading: *reading,
                    at: self.now,
                    took: Duration::from_millis(20),
                    traffic: Traffic::default(),
                    outcome,
                    next: None,
                });
            }
        }
        all
    }

    fn batch(&self, reading: Reading, nodes: &[String]) -> Batch {
        match reading {
            Reading::Resources => Batch::Resources(Arc::new(self.resources(nodes))),
            Reading::Cluster => Batch::Cluster(Arc::new(Self::cluster())),
            Reading::Tasks => Batch::Tasks(Arc::new(
                self.tasks
                    .iter()
                    .map(|(_, task)| task.clone())
                    .filter(|task| nodes.iter().any(|node| **node == *task.node))
                    .collect(),
            )),
            Reading::MonitoredHosts => Batch::MonitoredHosts(Arc::new(self.monitored())),
            Reading::Problems => Batch::Problems(Arc::new(
                self.services(|state, _| !matches!(state.first(), "ok" | "pending")),
            )),
            Reading::Checks => {
                Batch::Checks(Arc::new(self.services(|_, command| command.is_some())))
            }
            Reading::Tickets => Batch::Tickets(Arc::new(Tickets::default())),
            Reading::Projects => Batch::Projects(Arc::new(Projects::default())),
            Reading::Changes => Batch::Changes(Arc::default()),
            Reading::Sections => Batch::Sections(Arc::default()),
            Reading::Probes => Batch::Probes(Arc::new(self.probes())),
            Reading::Queues => Batch::Queues(Arc::new(self.queues())),
            Reading::Roster => Batch::Roster(Arc::new(Roster {
                people: self.script.person.iter().map(person).collect(),
                ..Roster::default()
            })),
        }
    }

    fn resources(&self, own: &[String]) -> Resources {
        let mut resources = Resources::default();
        for (name, state) in self.nodes.iter().filter(|(name, _)| own.contains(name)) {
            resources.nodes.push(node(name, &state.words));
        }
        for (name, state) in &self.guests {
            let (node, rest) = name.split_once('/').unwrap();
            let (vmid, label) = rest.split_once(' ').unwrap();
            if own.iter().any(|n| n == node) {
                resources
                    .guests
                    .push(guest(node, vmid.parse().unwrap(), label, state));
            }
        }
        resources.guests.sort_by_key(|g| g.vmid);
        for told in self.script.storage.iter().filter(|s| own.contains(&s.node)) {
            let state = &self.storages[&format!("{}/{}", told.node, told.name)];
            let percent = state.words.strip_suffix('%').map(|p| p.parse().unwrap());
            resources.storages.push(Storage {
                name: text(&told.name),
                node: text(&told.node),
                kind: Some(text(&told.kind)),
                shared: told.shared,
                active: Some(state.first() != "unavailable"),
                used: percent.map(Bytes),
                total: percent.map(|_| Bytes(100)),
                content: Some(text(&told.content)),
            });
        }
        resources
    }

    fn cluster() -> Cluster {
        Cluster {
            version: Some(text("9.1.5")),
            name: None,
            quorate: None,
            members: Vec::new(),
            nodes: Vec::new(),
            rights: Rights::default(),
            clock_ahead_seconds: Some(0),
        }
    }

    fn host_state(&self, name: &str) -> HostState {
        match self.hosts.get(name).map(State::first) {
            Some("up") => HostState::Up,
            Some("down") => HostState::Down,
            Some("unreachable") => HostState::Unreachable,
            other => panic!("the host {name} cannot be {other:?}"),
        }
    }

    fn monitored(&self) -> MonitoredHosts {
        let hosts = self.hosts.iter().map(|(name, state)| MonitoredHost {
            name: text(name),
            alias: None,
            address: None,
            site: None,
            state: self.host_state(name),
            handling: state.handling(),
            since: Some(state.since),
            checked: Some(self.now),
            output: None,
            services: ServiceCounts::default(),
        });
        MonitoredHosts {
            hosts: hosts.collect(),
            ..MonitoredHosts::default()
        }
    }

    fn services(&self, wanted: impl Fn(&State, Option<&str>) -> bool) -> MonitoredServices {
        let mut services = Vec::new();
        for (name, state) in &self.services {
            let (host, label) = name.split_once(": ").unwrap();
            let command = self.script.check.iter().find(|c| c.service == *name);
            let command = command.map(|c| &*c.command);
            if !wanted(state, command) {
                continue;
            }
            services.push(MonitoredService {
                host: text(host),
                name: text(label),
                site: None,
                state: match state.first() {
                    "ok" => ServiceState::Ok,
                    "warn" => ServiceState::Warn,
                    "crit" => ServiceState::Crit,
                    "unknown" => ServiceState::Unknown,
                    "pending" => ServiceState::Pending,
                    other => panic!("the service {name} cannot be {other}"),
                },
                host_state: self.host_state(host),
                handling: state.handling(),
                since: Some(state.since),
                checked: Some(self.now),
                output: None,
                command: command.map(text),
                perfdata: Vec::new(),
            });
        }
        MonitoredServices {
            services,
            skipped: 0,
        }
    }

    fn probes(&self) -> Vec<Probe> {
        let probe = |site: &super::script::Site| {
            let state = &self.probes[site.name()];
            let mut probe = Probe::new(
                text(site.name()),
                text(&site.url),
                self.now,
                outcome(state.first()),
            );
            probe.certificate = site.certificate_until.map(|until| Certificate {
                expires: Some(minute(until)),
                issuer: None,
                names: Vec::new(),
                fingerprint: text(site.fingerprint.as_deref().unwrap_or(&site.url)),
                trouble: None,
            });
            probe.misses = self.misses[site.name()];
            probe.since = Some(state.since);
            probe.runs_on = site.runs_on.as_deref().map(text);
            probe
        };
        self.script.site.iter().map(probe).collect()
    }

    fn queues(&self) -> Queues {
        let queue = |told: &super::script::Queue| {
            let state = &self.queues[&told.name];
            let depth = state.first().parse().ok();
            let head = state
                .words
                .split_whitespace()
                .find_map(|word| word.strip_prefix("head="));
            Queue {
                name: text(&told.name),
                kind: text("postfix"),
                host: told.host.as_deref().map(text),
                depth,
                active: None,
                incoming: None,
                deferred: depth,
                hold: None,
                size: None,
                oldest: None,
                head: head.map(|number| number.parse().unwrap()),
                enqueued: None,
                tries: None,
                reasons: Vec::new(),
                domains: Vec::new(),
                mails: Arc::default(),
                sending: Sending {
                    cycle: told.cycle_seconds.map(Duration::from_secs),
                    in_order: told.cycle_seconds.is_some(),
                    ..Sending::default()
                },
                levels: Levels::default(),
                down: (state.first() == "down").then(|| text("the mail system is down")),
            }
        };
        Queues {
            queues: self.script.queue.iter().map(queue).collect(),
            skipped: 0,
        }
    }
}

fn text(words: &str) -> Text {
    Text::clean(words)
}

fn is_good(word: &str) -> bool {
    word.starts_with('2') || word.starts_with('3')
}

fn outcome(word: &str) -> ProbeOutcome {
    match word.parse() {
        Ok(status) => ProbeOutcome::Answered {
            status,
            first_byte: Duration::from_millis(80),
            redirect: None,
            expected: is_good(word),
            cache: None,
            wanted: (!is_good(word)).then(|| text("200")),
            lack: None,
        },
        Err(_) => ProbeOutcome::Failed(Failure::new(failure(word))),
    }
}

fn failure(words: &str) -> FailureKind {
    match words {
        "unreachable" | "refused" => FailureKind::Unreachable {
            detail: text("connection refused"),
        },
        "timeout" => FailureKind::TimedOut {
            stage: Stage::Connect,
            after: Duration::from_secs(4),
        },
        "unauthorized" => FailureKind::Unauthorized {
            credential: text("token"),
            reason: None,
        },
        "certificate" => FailureKind::Certificate {
            reason: text("it has expired"),
            offered: None,
            expected: Vec::new(),
        },
        code => FailureKind::Status {
            code: code.parse().unwrap(),
            reason: None,
        },
    }
}

fn end(words: &str) -> TaskEnd {
    match words {
        "OK" => TaskEnd::Ok,
        other => TaskEnd::Failed(text(other)),
    }
}

fn person(told: &super::script::Person) -> Person {
    Person {
        login: text(&told.login),
        name: text(&told.login),
        roles: Vec::new(),
        contacts: Vec::new(),
        zone: None,
        languages: Vec::new(),
        away: Vec::new(),
        owns: told.owns.iter().map(|name| text(name)).collect(),
    }
}

fn node(name: &str, state: &str) -> Node {
    Node {
        name: text(name),
        state: match state {
            "online" => NodeState::Online,
            "silent" => NodeState::Silent,
            "offline" => NodeState::Offline,
            other => panic!("a node cannot be {other}"),
        },
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

fn guest(node: &str, vmid: u32, name: &str, state: &State) -> Guest {
    let lock = state
        .words
        .split_whitespace()
        .find_map(|word| word.strip_prefix("lock="));
    Guest {
        vmid,
        kind: GuestKind::Lxc,
        name: Some(text(name)),
        node: text(node),
        state: match state.first() {
            "running" => GuestState::Running,
            "stopped" => GuestState::Stopped,
            "paused" => GuestState::Paused,
            "io-error" => GuestState::IoError,
            "crashed" => GuestState::Crashed,
            "gone" => GuestState::NodeGone,
            "unknown" => GuestState::Unknown,
            "template" => GuestState::Template,
            other => panic!("a guest cannot be {other}"),
        },
        state_word: None,
        cpu: None,
        cores: None,
        memory: None,
        memory_limit: None,
        disk: None,
        disk_size: None,
        uptime: None,
        lock: lock.map(text),
        tags: None,
        pool: None,
        ha: None,
    }
}
