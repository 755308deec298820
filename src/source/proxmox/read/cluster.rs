//! What the cluster says of itself: version, quorum, members, rights, and each node's own words.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::domain::node::{Member, NodeDetail, Rights};
use crate::domain::{Bytes, Failure, Fraction, Moment, Text};

use super::super::wire::lenient::{Flag, Part, Real};
use super::super::wire::{self, NodeStatus, StatusRow, VersionAnswer};

/// Privileges a dashboard needs to see everything it shows.
pub const NEEDED: [&str; 3] = ["VM.Audit", "Sys.Audit", "Datastore.Audit"];

/// A version of Proxmox VE as far as decisions hang on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 9 of `9.1.5`.
    pub major: u32,
    /// 1 of `9.1.5`.
    pub minor: u32,
}

impl Version {
    /// The first that knows API tokens and `/access/permissions`.
    pub const TOKENS: Self = Self { major: 6, minor: 2 };

    /// `3.4`, `6.2-4`, `9.1.5`, `8.0~beta1`; `None` when it begins with no number.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text
            .trim()
            .split(|c: char| !c.is_ascii_digit())
            .map(str::parse);
        Some(Self {
            major: numbers.next()?.ok()?,
            minor: numbers.next().and_then(Result::ok).unwrap_or(0),
        })
    }
}

/// Reads `GET /version`: the text to show, and the numbers. Up to 5.x the package's revision stands
/// in `release`, later `release` repeats the beginning of `version`: it is not read.
///
/// # Errors
/// The answer is none of a Proxmox VE.
pub fn parse_version(body: &[u8]) -> Result<(Option<Text>, Option<Version>), Failure> {
    let text = String::from_utf8_lossy(body);
    let answer: VersionAnswer<'_> = wire::object(&text)?;
    let version = answer.version.get();
    if version.is_none() {
        return Err(wire::wrong_place("a /version without a version came"));
    }
    Ok((
        version.and_then(Text::clean_non_empty),
        version.and_then(Version::parse),
    ))
}

/// What `GET /cluster/status` tells.
#[derive(Debug, Default, PartialEq)]
pub struct Status {
    /// Name; `None` when standalone.
    pub name: Option<Text>,
    /// `None` when standalone: not applicable.
    pub quorate: Option<bool>,
    /// Sorted by name.
    pub members: Vec<Member>,
}

/// Reads `GET /cluster/status`, also as 3.4 sends it.
///
/// # Errors
/// The body is not whole, not JSON or has no list of rows.
pub fn parse_status(body: &[u8]) -> Result<Status, Failure> {
    let text = String::from_utf8_lossy(body);
    let mut status = Status::default();
    wire::for_each_row(&text, |row: StatusRow<'_>| {
        match row.kind.get() {
            Some("cluster") => {
                status.name = row.name.get().and_then(Text::clean_non_empty);
                status.quorate = row.quorate.0.or(status.quorate);
            }
            Some("quorum") => status.quorate = row.quorate.0.or(status.quorate),
            Some("node") => {
                let Some(name) = row.name.get().and_then(Text::clean_non_empty) else {
                    return false;
                };
                status.members.push(Member {
                    name,
                    address: row.ip.get().and_then(Text::clean_non_empty),
                    online: row.online.0.or(row.state.0),
                });
            }
            _ => {}
        }
        true
    })?;
    status.members.sort_by(|a, b| a.name.cmp(&b.name));
    status.members.dedup_by(|a, b| a.name == b.name);
    Ok(status)
}

/// Reads the names of online nodes from `GET /nodes`, sorted: for a credential that may not read
/// `/cluster/status`.
///
/// # Errors
/// The body is not whole, not JSON or has no list of rows.
pub fn parse_online_nodes(body: &[u8]) -> Result<Vec<Text>, Failure> {
    let mut names = super::Names::default();
    let mut online: Vec<Text> = super::parse_resources(body, &mut names)?
        .nodes
        .into_iter()
        .filter(|node| node.state == crate::domain::node::NodeState::Online)
        .map(|node| node.name)
        .collect();
    online.sort();
    Ok(online)
}

/// Reads `GET /access/permissions`. The number beside a privilege says whether it is inherited
/// further down: one with 0 is held too.
///
/// # Errors
/// The answer has another shape.
pub fn parse_rights(body: &[u8]) -> Result<Rights, Failure> {
    type Paths<'a> = HashMap<Cow<'a, str>, Part<HashMap<Cow<'a, str>, Flag>>>;
    let text = String::from_utf8_lossy(body);
    let paths: Paths<'_> = wire::object(&text)?;
    let is_held = |privilege: &str| {
        let mut held = paths.values().filter_map(|held| held.0.as_ref());
        held.any(|held| held.contains_key(privilege))
    };
    Ok(Rights {
        known: true,
        missing: NEEDED
            .into_iter()
            .filter(|privilege| !is_held(privilege))
            .map(Text::clean)
            .collect(),
    })
}

/// Reads `GET /nodes/{name}/status`.
///
/// # Errors
/// The answer has another shape.
pub fn parse_node(name: Text, body: &[u8]) -> Result<NodeDetail, Failure> {
    let text = String::from_utf8_lossy(body);
    let status: NodeStatus<'_> = wire::object(&text)?;
    let load = match status.loadavg.0.as_deref() {
        Some([Real(Some(one)), Real(Some(five)), Real(Some(fifteen))]) => {
            Some([*one, *five, *fifteen])
        }
        _ => None,
    };
    let swap = status.swap.0.unwrap_or_default();
    let cpu_model = status.cpuinfo.0.unwrap_or_default().model;
    Ok(NodeDetail {
        name,
        load: load.filter(|load| load.iter().all(|value| *value >= 0.0)),
        io_wait: status.wait.0.and_then(Fraction::new),
        swap: swap
            .used
            .0
            .zip(swap.total.0)
            .map(|(used, total)| (Bytes(used), Bytes(total))),
        pve_version: status
            .pveversion
            .get()
            .map(manager_version)
            .and_then(Text::clean_non_empty),
        kernel: status
            .kversion
            .get()
            .map(kernel_release)
            .and_then(Text::clean_non_empty),
        cpu_model: cpu_model.get().and_then(Text::clean_non_empty),
        missing: None,
    })
}

/// A node that could not be asked, and why.
pub const fn unread_node(name: Text, why: Text) -> NodeDetail {
    NodeDetail {
        name,
        load: None,
        io_wait: None,
        swap: None,
        pve_version: None,
        kernel: None,
        cpu_model: None,
        missing: Some(why),
    }
}

/// `9.1.5` of `pve-manager/9.1.5/0f39f621`.
fn manager_version(text: &str) -> &str {
    text.split('/').nth(1).unwrap_or(text)
}

/// `5.15.108-1-pve` of `Linux 5.15.108-1-pve #1 SMP …`.
fn kernel_release(text: &str) -> &str {
    text.strip_prefix("Linux ")
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or(text)
}

/// How far the server's clock is ahead of ours, in seconds, by the `Date` of an answer that has just
/// come.
pub fn clock_ahead(date: &str, now: Moment) -> Option<i64> {
    let date = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(date.trim())
        .ok()?;
    Some(date.as_second() - now.as_unix())
}

#[cfg(test)]
mod tests;
