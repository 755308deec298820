//! A large estate in trouble: every guest monitored, every check failing, some nodes down.

use std::sync::Arc;
use std::time::Duration;

use vigie::domain::check::{
    Handling, HostState, MonitoredHost, MonitoredHosts, MonitoredService, MonitoredServices,
    ServiceCounts, ServiceState,
};
use vigie::domain::guest::{Guest, GuestKind, GuestState};
use vigie::domain::node::{Node, NodeState, Resources};
use vigie::domain::observation::Traffic;
use vigie::domain::web::{Probe, ProbeOutcome};
use vigie::domain::{Batch, Moment, Observation, Reading, SourceId, SourceKind, Text};
use vigie::estate::{Keeper, keeper};

const NOW: Moment = Moment::from_millis(1_790_000_200_000);
/// Nodes; every tenth is down.
const NODES: usize = 40;

fn text(words: &str) -> Text {
    Text::clean(words)
}

/// A keeper with this many guests, each with a Checkmk host, this many failing services and a
/// probed site for each tenth guest.
pub fn keeper(guests: usize, services: usize) -> Keeper {
    let configured = [
        ("golem", SourceKind::Proxmox),
        ("monitor", SourceKind::Checkmk),
        ("sites", SourceKind::Web),
    ];
    let sources = keeper::sources(
        configured
            .into_iter()
            .map(|(name, kind)| (name, kind, Duration::from_secs(10), String::new())),
        |_, _, refresh| refresh,
    );
    let mut keeper = Keeper::new(sources, NOW);
    let batches = [
        Batch::Resources(Arc::new(resources(guests))),
        Batch::MonitoredHosts(Arc::new(hosts(guests))),
        Batch::Problems(Arc::new(failing(guests, services))),
        Batch::Probes(Arc::new((0..guests / 10).map(probe).collect())),
    ];
    for batch in batches {
        let reading = batch.reading();
        keeper.apply(Observation {
            source: SourceId(match reading {
                Reading::Resources => 0,
                Reading::Probes => 2,
                _ => 1,
            }),
            reading,
            at: NOW,
            took: Duration::from_millis(50),
            traffic: Traffic::default(),
            outcome: Ok(batch),
            next: None,
        });
    }
    keeper
}

fn is_down(node: usize) -> bool {
    node.is_multiple_of(10)
}

fn resources(guests: usize) -> Resources {
    let node = |index: usize| Node {
        name: text(&format!("n{index}")),
        state: if is_down(index) {
            NodeState::Offline
        } else {
            NodeState::Online
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
    };
    let guest = |index: usize| Guest {
        vmid: u32::try_from(100 + index).unwrap_or(u32::MAX),
        kind: GuestKind::Lxc,
        name: Some(text(&format!("guest{index}.example.org"))),
        node: text(&format!("n{}", index % NODES)),
        state: if is_down(index % NODES) {
            GuestState::NodeGone
        } else {
            GuestState::Running
        },
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
    };
    Resources {
        nodes: (0..NODES).map(node).collect(),
        guests: (0..guests).map(guest).collect(),
        ..Resources::default()
    }
}

fn hosts(guests: usize) -> MonitoredHosts {
    let host = |index: usize| MonitoredHost {
        name: text(&format!("guest{index}")),
        alias: Some(text(&format!("Guest number {index}"))),
        address: Some(text(&format!(
            "10.{}.{}.{}",
            index >> 16,
            index >> 8 & 255,
            index & 255
        ))),
        site: None,
        state: if is_down(index % NODES) {
            HostState::Down
        } else {
            HostState::Up
        },
        handling: Handling::default(),
        since: Some(NOW),
        checked: Some(NOW),
        output: None,
        services: ServiceCounts::default(),
    };
    MonitoredHosts {
        hosts: (0..guests).map(host).collect(),
        ..MonitoredHosts::default()
    }
}

fn failing(guests: usize, services: usize) -> MonitoredServices {
    const NAMES: [&str; 5] = ["Memory", "CPU load", "Nginx", "Filesystem /", "MySQL"];
    let each = services / guests.max(1);
    let service = |index: usize| MonitoredService {
        host: text(&format!("guest{}", index / each.max(1))),
        name: text(&format!("{} {}", NAMES[index % NAMES.len()], index % 50)),
        site: None,
        state: if index.is_multiple_of(3) {
            ServiceState::Crit
        } else {
            ServiceState::Warn
        },
        host_state: HostState::Up,
        handling: Handling::default(),
        since: Some(NOW.minus(Duration::from_secs(index as u64 % 3600))),
        checked: Some(NOW),
        output: None,
        command: None,
        perfdata: Vec::new(),
    };
    MonitoredServices {
        services: (0..services).map(service).collect(),
        skipped: 0,
    }
}

fn probe(index: usize) -> Probe {
    let name = format!("guest{}.example.org", index * 10);
    let outcome = ProbeOutcome::Answered {
        status: 502,
        first_byte: Duration::from_millis(80),
        redirect: None,
        expected: false,
        cache: None,
        wanted: None,
        lack: None,
    };
    let url = text(&format!("https://{name}/"));
    let mut probe = Probe::new(text(&name), url, NOW, outcome);
    probe.misses = 3;
    probe.since = Some(NOW);
    probe
}
