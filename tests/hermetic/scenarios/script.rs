//! The language of scenarios, as `tests/scenarios/README.md` describes it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A scenario.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What happens, in a sentence.
    #[expect(dead_code, reason = "for readers of the file")]
    pub about: String,
    #[serde(default)]
    pub settings: Settings,
    pub sources: BTreeMap<String, Source>,
    #[serde(default)]
    pub site: Vec<Site>,
    #[serde(default)]
    pub storage: Vec<Storage>,
    #[serde(default)]
    pub check: Vec<Check>,
    #[serde(default)]
    pub queue: Vec<Queue>,
    #[serde(default)]
    pub person: Vec<Person>,
    pub start: Change,
    #[serde(default)]
    pub at: Vec<Change>,
    pub expect: Vec<Expected>,
}

/// What the configuration says.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub hold_seconds: Option<u64>,
    #[serde(default)]
    pub joins: BTreeMap<String, String>,
}

/// A source: its kind, or more.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Source {
    Kind(String),
    Whole {
        kind: String,
        #[serde(default)]
        nodes: Vec<String>,
        address: Option<String>,
    },
}

/// A site that is probed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    pub url: String,
    pub name: Option<String>,
    pub runs_on: Option<String>,
    pub proxy: Option<String>,
    #[serde(default)]
    pub needs: Vec<String>,
    /// Minute at which its certificate ends.
    pub certificate_until: Option<f64>,
    /// Sites with the same one show the same certificate.
    pub fingerprint: Option<String>,
}

impl Site {
    pub fn name(&self) -> &str {
        let host = || self.url.split('/').nth(2).unwrap_or(&self.url);
        self.name.as_deref().unwrap_or_else(host)
    }
}

/// A storage of a node.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    pub node: String,
    pub name: String,
    pub kind: String,
    #[serde(default)]
    pub shared: bool,
    pub content: String,
}

/// A service of Checkmk that has a command, so that it may be a web or mail check.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    pub service: String,
    pub command: String,
}

/// A mail queue at its own place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    pub name: String,
    pub host: Option<String>,
    /// Seconds from one run of its sender to the next; its mails then leave in order.
    pub cycle_seconds: Option<u64>,
}

/// Somebody of the roster.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub login: String,
    #[serde(default)]
    pub owns: Vec<String>,
}

/// What is so from a minute on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(default)]
    pub minute: f64,
    /// `NODE = "online"`, `"silent"`, `"offline"`
    #[serde(default)]
    pub nodes: BTreeMap<String, String>,
    /// `"NODE/VMID NAME" = "running"`, `"stopped"`, …, also `"running lock=backup"`
    #[serde(default)]
    pub guests: BTreeMap<String, String>,
    /// `"NODE/STORAGE" = "40%"`, `"unavailable"`
    #[serde(default)]
    pub storages: BTreeMap<String, String>,
    /// `HOST = "up"`, `"down"`, with the words `soft`, `downtime`, `acknowledged`
    #[serde(default)]
    pub hosts: BTreeMap<String, String>,
    /// `"HOST: SERVICE" = "crit"`, with the same words
    #[serde(default)]
    pub services: BTreeMap<String, String>,
    /// `SITE = "200"`, `"502"`, `"timeout"`, `"refused"`, `"certificate"`
    #[serde(default)]
    pub probes: BTreeMap<String, String>,
    /// `QUEUE = "214"`, `"214 head=17"` (the number of the first in line), `"down"`
    #[serde(default)]
    pub queues: BTreeMap<String, String>,
    #[serde(default)]
    pub tasks: Vec<Task>,
    /// `TASK ID = "OK"`
    #[serde(default)]
    pub ends: BTreeMap<String, String>,
    /// `SOURCE = "unreachable"`, `"timeout"`, `"502"`, `"unauthorized"`, `"certificate"`
    #[serde(default)]
    pub fails: BTreeMap<String, String>,
    /// Sources that answer again.
    #[serde(default)]
    pub answers: Vec<String>,
}

/// A task of Proxmox. Without `end` it runs.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Task {
    #[serde(default)]
    pub id: String,
    pub node: String,
    pub kind: String,
    pub guest: Option<u32>,
    #[serde(default = "root")]
    pub user: String,
    pub end: Option<String>,
}

fn root() -> String {
    "root@pam".to_owned()
}

/// What must be seen at a minute.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub minute: f64,
    pub incidents: Vec<Wanted>,
    pub held_back: Option<u32>,
    /// Keys of problems that a person keeps apart.
    #[serde(default)]
    pub apart: Vec<String>,
}

/// An incident that must be there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    pub cause: String,
    pub severity: Option<String>,
    pub below: Option<usize>,
    pub sites: Option<usize>,
    pub queues: Option<usize>,
    pub guests: Option<usize>,
    pub alive: Option<usize>,
    pub people: Option<usize>,
    pub handled: Option<String>,
    pub since: Option<f64>,
    pub words: Option<String>,
}
