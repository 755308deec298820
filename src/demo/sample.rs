//! The sample data in the binary, as it is written in `sample-data/`.
//!
//! Times there are ages (`3d`, `12m`, `1h 30m`; `-9d` lies ahead), so that the demo is alive on any day.

use std::collections::BTreeMap;
use std::io;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

/// A length of time in seconds; negative: ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Age(pub(super) i64);

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_age(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is not an age such as `1h 30m`")))
    }
}

fn parse_age(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut sum = 0_i64;
    for part in text.split_whitespace() {
        let digits = part.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match part.strip_prefix(digits)? {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return None,
        };
        sum += digits.parse::<i64>().ok()? * unit;
    }
    Some(sign * sum)
}

/// A Proxmox VE node.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Machine {
    pub(super) node: String,
    pub(super) address: String,
    pub(super) up: Age,
    pub(super) cores: u32,
    pub(super) cpu: f64,
    pub(super) memory_mib: u64,
    pub(super) memory_used: f64,
    pub(super) disk_gib: u64,
    pub(super) disk_used: f64,
    pub(super) load: f64,
    pub(super) cpu_model: String,
    pub(super) mhz: String,
    pub(super) kernel: String,
    #[serde(default)]
    pub(super) guest: Vec<Guest>,
    #[serde(default)]
    pub(super) storage: Vec<Storage>,
    #[serde(default)]
    pub(super) task: Vec<Task>,
}

/// A container or virtual machine.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Guest {
    pub(super) vmid: u32,
    pub(super) kind: Kind,
    pub(super) name: String,
    #[serde(default)]
    pub(super) state: State,
    pub(super) cores: f64,
    pub(super) memory_mib: u64,
    pub(super) memory_used: f64,
    /// 0 on OpenVZ: no limit.
    pub(super) disk_gib: u64,
    pub(super) disk_used: f64,
    #[serde(default)]
    pub(super) cpu: f64,
    #[serde(default)]
    pub(super) up: Age,
    #[serde(default)]
    pub(super) tags: String,
    #[serde(default)]
    pub(super) pool: Option<String>,
    #[serde(default)]
    pub(super) ip: String,
    #[serde(default)]
    pub(super) os: String,
    #[serde(default)]
    pub(super) about: String,
}

/// Kind of a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Lxc,
    Qemu,
    Openvz,
}

impl Kind {
    /// As Proxmox writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Lxc => "lxc",
            Self::Qemu => "qemu",
            Self::Openvz => "openvz",
        }
    }
}

/// What a guest does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    #[default]
    Running,
    Stopped,
    Mounted,
    Paused,
    Template,
}

/// A storage of a node.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Storage {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) content: String,
    #[serde(default)]
    pub(super) shared: bool,
    pub(super) total_gib: u64,
    pub(super) used: f64,
}

/// A task in a node's history.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Task {
    pub(super) kind: String,
    #[serde(default)]
    pub(super) id: String,
    pub(super) user: String,
    pub(super) age: Age,
    pub(super) took: Age,
    pub(super) status: String,
}

/// What Checkmk monitors.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Monitor {
    pub(super) host: Vec<Host>,
    /// Services that several hosts have.
    pub(super) set: BTreeMap<String, Vec<Service>>,
    /// Services of one host, added to its sets or, by description, in place of one.
    pub(super) service: Vec<Service>,
}

/// A monitored host.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Host {
    pub(super) name: String,
    #[serde(default)]
    pub(super) alias: String,
    pub(super) address: String,
    pub(super) sets: Vec<String>,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) parents: Vec<String>,
    pub(super) up: Age,
    /// Name of the guest it is, when that is another.
    #[serde(default)]
    pub(super) guest: Option<String>,
    #[serde(default)]
    pub(super) state: u8,
    #[serde(default)]
    pub(super) since: Option<Age>,
    #[serde(default)]
    pub(super) acknowledged: Option<Word>,
    #[serde(default)]
    pub(super) downtime: Option<Word>,
}

/// A monitored service. `output` and `perf` may hold `{v}` (the wobbling value), `{n}` (the same, whole),
/// `{host}`, and `{queue}` (the depth of a queue).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    #[serde(default)]
    pub(super) host: String,
    pub(super) name: String,
    pub(super) command: String,
    pub(super) output: String,
    #[serde(default)]
    pub(super) details: String,
    #[serde(default)]
    pub(super) perf: String,
    #[serde(default)]
    pub(super) low: f64,
    #[serde(default)]
    pub(super) high: f64,
    #[serde(default)]
    pub(super) state: u8,
    /// Age of the last change of state; unset: as old as the host's uptime.
    #[serde(default)]
    pub(super) since: Option<Age>,
    #[serde(default)]
    pub(super) soft: bool,
    #[serde(default)]
    pub(super) flapping: bool,
    #[serde(default)]
    pub(super) stale: bool,
    #[serde(default)]
    pub(super) pending: bool,
    #[serde(default)]
    pub(super) acknowledged: Option<Word>,
    #[serde(default)]
    pub(super) downtime: Option<Word>,
    /// What it says while its guest is down; empty: it says nothing new.
    #[serde(default)]
    pub(super) broken: String,
    /// Which mail queue it counts.
    #[serde(default)]
    pub(super) queue: Option<Queue>,
    /// Depths of the queue that are a warning, and critical.
    #[serde(default)]
    pub(super) levels: Option<[i64; 2]>,
}

/// What a person wrote to the monitor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Word {
    pub(super) by: String,
    pub(super) age: Age,
    pub(super) text: String,
}

/// The mail queues of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Queue {
    /// Postfix.
    Postfix,
    /// The newsletter's table; gets stuck while the wiki is down.
    Newsletter,
    /// The site's own table.
    Site,
}

/// The web sites.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sites {
    pub(super) site: Vec<Site>,
}

/// A web site.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Site {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) runs_on: String,
    #[serde(default)]
    pub(super) redirect: Option<String>,
    pub(super) certificate_days: i64,
    pub(super) seconds: f64,
    pub(super) bytes: u32,
    #[serde(default)]
    pub(super) cache: Option<String>,
}

/// The outgoing Postfix.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outgoing {
    mail: Vec<Waiting>,
}

/// A mail that waits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waiting {
    pub(super) sender: String,
    pub(super) to: Vec<String>,
    pub(super) age: Age,
    pub(super) bytes: u64,
    pub(super) reason: String,
}

/// What Redmine holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Desk {
    /// Logins whose accounts are locked.
    pub(super) locked: Vec<String>,
    /// People with an account beside those of the roster.
    pub(super) person: Vec<Member>,
    pub(super) project: Vec<Project>,
    pub(super) issue: Vec<Issue>,
    /// Notes that come in while the demo runs, one after the other.
    pub(super) coming: Vec<Coming>,
}

/// A project.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Project {
    pub(super) id: u64,
    pub(super) identifier: String,
    pub(super) name: String,
    pub(super) description: String,
    /// Logins and their role.
    pub(super) members: BTreeMap<String, String>,
}

/// An issue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Issue {
    pub(super) id: u64,
    pub(super) project: String,
    #[serde(default)]
    pub(super) tracker: Option<String>,
    pub(super) status: String,
    #[serde(default)]
    pub(super) priority: Option<String>,
    pub(super) author: String,
    #[serde(default)]
    pub(super) assigned: Option<String>,
    pub(super) subject: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) age: Age,
    #[serde(default)]
    pub(super) due: Option<Age>,
    #[serde(default)]
    pub(super) done: u8,
    #[serde(default)]
    pub(super) private: bool,
    #[serde(default)]
    pub(super) field: BTreeMap<String, String>,
    /// The issue it is a part of.
    #[serde(default)]
    pub(super) parent: Option<u64>,
    /// Kinds of relation and the issues at their other end.
    #[serde(default)]
    pub(super) relation: BTreeMap<String, Vec<u64>>,
    #[serde(default)]
    pub(super) file: Vec<IssueFile>,
    /// Hours spent and estimated.
    #[serde(default)]
    pub(super) hours: Option<[f64; 2]>,
    #[serde(default)]
    pub(super) category: Option<String>,
    #[serde(default)]
    pub(super) version: Option<String>,
    /// The key's own user watches it.
    #[serde(default)]
    pub(super) watched: bool,
    #[serde(default)]
    pub(super) journal: Vec<Journal>,
    /// Only there in the outage.
    #[serde(default)]
    pub(super) outage: bool,
}

/// A file of an issue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueFile {
    pub(super) name: String,
    pub(super) bytes: u64,
    #[serde(default)]
    pub(super) about: String,
}

/// An entry in an issue's history.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    pub(super) by: String,
    #[serde(default)]
    pub(super) age: Age,
    #[serde(default)]
    pub(super) note: String,
    #[serde(default)]
    pub(super) private: bool,
    #[serde(default)]
    pub(super) status: Option<[String; 2]>,
    #[serde(default)]
    pub(super) assigned: Option<[String; 2]>,
    #[serde(default)]
    pub(super) done: Option<[u8; 2]>,
}

/// A change that comes in while the demo runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Coming {
    pub(super) issue: u64,
    pub(super) by: String,
    #[serde(default)]
    pub(super) note: String,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) assigned: Option<String>,
    #[serde(default)]
    pub(super) done: Option<u8>,
}

/// A person of the roster, as far as Redmine needs one.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Member {
    pub(super) login: String,
    pub(super) name: String,
}

#[derive(Deserialize)]
struct Team {
    person: Vec<Member>,
}

/// The roster as it is written, for [`super::roster`].
pub(super) const TEAM: &str = include_str!("../../sample-data/team.toml");
/// The calendar that it names.
pub(super) const CALENDAR: (&str, &str) =
    ("on-call.ics", include_str!("../../sample-data/on-call.ics"));

/// All sample data.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) golem: Machine,
    pub(super) pikachu: Machine,
    pub(super) monitor: Monitor,
    pub(super) sites: Sites,
    pub(super) waiting: Vec<Waiting>,
    pub(super) desk: Desk,
    pub(super) team: Vec<Member>,
}

impl Sample {
    /// Reads it from the binary.
    pub(super) fn read() -> io::Result<Self> {
        let team: Team = parse("team.toml", TEAM)?;
        Ok(Self {
            golem: parse("golem.toml", include_str!("../../sample-data/golem.toml"))?,
            pikachu: parse(
                "pikachu.toml",
                include_str!("../../sample-data/pikachu.toml"),
            )?,
            monitor: parse(
                "checkmk.toml",
                include_str!("../../sample-data/checkmk.toml"),
            )?,
            sites: parse("sites.toml", include_str!("../../sample-data/sites.toml"))?,
            waiting: parse::<Outgoing>("queue.toml", include_str!("../../sample-data/queue.toml"))?
                .mail,
            desk: parse(
                "tickets.toml",
                include_str!("../../sample-data/tickets.toml"),
            )?,
            team: team.person,
        })
    }
}

fn parse<T: DeserializeOwned>(name: &str, text: &str) -> io::Result<T> {
    toml::from_str(text).map_err(|error| io::Error::other(format!("sample-data/{name}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_in_both_directions() {
        assert_eq!(parse_age("1h 30m"), Some(5400));
        assert_eq!(parse_age("-9d"), Some(-9 * 86_400));
        assert_eq!(parse_age("3 days"), None);
        assert_eq!(parse_age("12"), None);
    }
}
