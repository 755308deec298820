//! From wire to domain: what `/cluster/resources` means, by version.

pub mod cluster;
pub mod rrd;
pub mod state;
pub mod tasks;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::domain::guest::{Guest, GuestKind, GuestState};
use crate::domain::node::{Node, NodeState, Resources, Storage};
use crate::domain::{Bytes, Cores, Failure, Fraction, Text};

use super::wire::lenient::Whole;
use super::wire::{self, ResourceRow};

/// Names of guests as last told. A cluster forgets the name of a guest five minutes after its node
/// died; here it is kept as long as the guest is listed.
#[derive(Debug, Default)]
pub struct Names {
    /// Sorted by VMID.
    known: Vec<(u32, Text)>,
}

impl Names {
    fn get(&self, vmid: u32) -> Option<&Text> {
        let place = self.known.binary_search_by_key(&vmid, |known| known.0);
        Some(&self.known[place.ok()?].1)
    }

    /// Keeps the names of these guests, sorted by VMID, and forgets all others.
    fn keep(&mut self, guests: &[Guest]) {
        self.known.clear();
        self.known.extend(
            guests
                .iter()
                .filter_map(|guest| Some((guest.vmid, guest.name.clone()?))),
        );
        self.known.shrink_to_fit();
    }
}

/// Reads the body of `GET /cluster/resources`, any version. Rows that make no sense are counted in
/// [`Resources::skipped`]; entries of kinds that are not shown (pools, networks) are not.
///
/// # Errors
/// The body is not whole, not JSON or has no list of rows.
pub fn parse_resources(body: &[u8], names: &mut Names) -> Result<Resources, Failure> {
    let text = String::from_utf8_lossy(body);
    let mut reader = Reader::new(names);
    let skipped = wire::for_each_row(&text, |row: ResourceRow<'_>| reader.take(&row))?;
    let mut resources = reader.finish();
    resources.skipped = skipped;
    names.keep(&resources.guests);
    Ok(resources)
}

/// Collects rows; what hangs on the state of a node is settled in [`Reader::finish`], since guests
/// come before their nodes.
struct Reader<'n> {
    names: &'n Names,
    shared: Shared,
    nodes: Vec<Node>,
    guests: Vec<Guest>,
    storages: Vec<Storage>,
    seen_guests: HashSet<u32>,
    seen_nodes: HashSet<Text>,
    seen_storages: HashSet<(Text, Text)>,
}

impl<'n> Reader<'n> {
    fn new(names: &'n Names) -> Self {
        Self {
            names,
            shared: Shared::default(),
            nodes: Vec::new(),
            guests: Vec::with_capacity(names.known.len()),
            storages: Vec::new(),
            seen_guests: HashSet::with_capacity(names.known.len()),
            seen_nodes: HashSet::new(),
            seen_storages: HashSet::new(),
        }
    }

    /// Whether the row made sense.
    fn take(&mut self, row: &ResourceRow<'_>) -> bool {
        let id = row.id.get().unwrap_or_default();
        let Some(kind) = row.kind.get().or_else(|| id.split_once('/').map(|id| id.0)) else {
            return false;
        };
        match kind {
            "node" => self.node(row, id),
            "lxc" => self.guest(row, id, GuestKind::Lxc),
            "qemu" => self.guest(row, id, GuestKind::Qemu),
            "openvz" => self.guest(row, id, GuestKind::OpenVz),
            "storage" => self.storage(row, id),
            _ => true,
        }
    }

    fn node(&mut self, row: &ResourceRow<'_>, id: &str) -> bool {
        let name = row
            .node
            .get()
            .or_else(|| Some(id.strip_prefix("node/").unwrap_or(id)));
        let Some(name) = self.shared.text(name) else {
            return false;
        };
        if !self.seen_nodes.insert(name.clone()) {
            return false;
        }
        let state = state::of_node(row.status.get(), row.uptime.0.is_some());
        let bare = row.cpu.0.is_none() && row.mem.0.is_none() && row.maxmem.0.is_none();
        self.nodes.push(Node {
            name,
            state,
            cpu: row.cpu.0.and_then(Fraction::new),
            cores: row.maxcpu.0.and_then(Cores::new),
            memory: bytes(row.mem),
            memory_total: bytes(row.maxmem),
            disk: bytes(row.disk),
            disk_total: bytes(row.maxdisk),
            uptime: row.uptime.0.map(Duration::from_secs),
            figures_denied: state == NodeState::Online && bare,
            ha: self.shared.text(row.hastate.get()),
        });
        true
    }

    fn guest(&mut self, row: &ResourceRow<'_>, id: &str, kind: GuestKind) -> bool {
        let vmid = row
            .vmid
            .0
            .or_else(|| id.split_once('/')?.1.parse().ok())
            .and_then(|vmid| u32::try_from(vmid).ok())
            .filter(|vmid| *vmid > 0);
        let (Some(vmid), Some(node)) = (vmid, self.shared.text(row.node.get())) else {
            return false;
        };
        if !self.seen_guests.insert(vmid) {
            return false;
        }
        let (state, state_word) = if row.template.is_set() {
            (GuestState::Template, None)
        } else {
            state::of_guest(row.status.get())
        };
        let uptime = row
            .uptime
            .0
            .filter(|seconds| *seconds > 0 || state == GuestState::Running);
        let guest = Guest {
            vmid,
            kind,
            name: self.name(vmid, row.name.get()),
            node,
            state,
            state_word: self.shared.text(state_word),
            cpu: row.cpu.0.and_then(Fraction::new),
            cores: row.maxcpu.0.and_then(Cores::new),
            memory: bytes(row.mem),
            memory_limit: bytes(row.maxmem),
            // KVM always says 0, a container that is not mounted too: neither is an empty disk.
            disk: bytes(row.disk).filter(|disk| disk.0 > 0),
            disk_size: bytes(row.maxdisk),
            uptime: uptime.map(Duration::from_secs),
            lock: self.shared.text(row.lock.get()),
            tags: self.tags(row.tags.get()),
            pool: self.shared.text(row.pool.get()),
            ha: self.shared.text(row.hastate.get()),
        };
        self.guests.push(guest);
        true
    }

    /// The name as told now, sharing the text that is already kept; otherwise the one told earlier.
    fn name(&self, vmid: u32, told: Option<&str>) -> Option<Text> {
        let kept = self.names.get(vmid);
        match (told, kept) {
            (Some(told), Some(kept)) if told == kept.as_str() => Some(kept.clone()),
            (Some(told), _) => Text::clean_non_empty(told).or_else(|| kept.cloned()),
            (None, _) => kept.cloned(),
        }
    }

    /// Tags as the server itself splits them, sorted.
    fn tags(&mut self, tags: Option<&str>) -> Option<Text> {
        let tags = tags?;
        if !tags.contains([';', ',']) && !tags.contains(char::is_whitespace) {
            return self.shared.text(Some(tags));
        }
        let mut split: Vec<&str> = tags
            .split(|c: char| c == ';' || c == ',' || c.is_whitespace())
            .filter(|tag| !tag.is_empty())
            .collect();
        split.sort_unstable();
        split.dedup();
        self.shared.text(Some(&split.join(" ")))
    }

    fn storage(&mut self, row: &ResourceRow<'_>, id: &str) -> bool {
        let (id_node, id_name) = id
            .strip_prefix("storage/")
            .and_then(|id| id.split_once('/'))
            .unzip();
        let name = self.shared.text(row.storage.get().or(id_name));
        let node = self.shared.text(row.node.get().or(id_node));
        let (Some(name), Some(node)) = (name, node) else {
            return false;
        };
        if !self.seen_storages.insert((node.clone(), name.clone())) {
            return false;
        }
        let content = row.content.get().map(|content| {
            let mut kinds: Vec<&str> = content
                .split(',')
                .map(str::trim)
                .filter(|kind| !kind.is_empty())
                .collect();
            kinds.sort_unstable();
            kinds.join(",")
        });
        self.storages.push(Storage {
            name,
            node,
            kind: self.shared.text(row.plugintype.get()),
            shared: row.shared.is_set(),
            active: row.status.get().map(|status| status == "available"),
            used: bytes(row.disk),
            total: bytes(row.maxdisk),
            content: self.shared.text(content.as_deref()),
        });
        true
    }

    fn finish(self) -> Resources {
        let Self {
            mut nodes,
            mut guests,
            mut storages,
            ..
        } = self;
        nodes.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        guests.sort_unstable_by_key(|guest| guest.vmid);
        storages.sort_unstable_by(|a, b| (&a.node, &a.name).cmp(&(&b.node, &b.name)));
        guests.shrink_to_fit();
        let not_online: HashMap<&str, NodeState> = nodes
            .iter()
            .filter(|node| node.state != NodeState::Online)
            .map(|node| (node.name.as_str(), node.state))
            .collect();
        if !not_online.is_empty() {
            for guest in &mut guests {
                if not_online.contains_key(guest.node.as_str()) {
                    last_known(guest);
                }
            }
            // That the node is gone is no news about the storage.
            for storage in &mut storages {
                if not_online.contains_key(storage.node.as_str()) {
                    storage.active = None;
                }
            }
        }
        Resources {
            nodes,
            guests,
            storages,
            skipped: 0,
        }
    }
}

/// A guest on a node that is not there: for five minutes the cluster repeats `running` and the last
/// figures. What is true only at the moment goes, what it is made of stays.
fn last_known(guest: &mut Guest) {
    if guest.state != GuestState::Template {
        guest.state = GuestState::NodeGone;
    }
    guest.state_word = None;
    guest.cpu = None;
    guest.memory = None;
    guest.uptime = None;
}

fn bytes(value: Whole) -> Option<Bytes> {
    value.0.map(Bytes)
}

/// Texts that many rows have in common (nodes, pools, tags) are kept once.
#[derive(Debug, Default)]
struct Shared(HashSet<Text>);

impl Shared {
    fn text(&mut self, foreign: Option<&str>) -> Option<Text> {
        let foreign = foreign?;
        if let Some(text) = self.0.get(foreign) {
            return Some(text.clone());
        }
        let text = Text::clean_non_empty(foreign)?;
        if let Some(text) = self.0.get(&text) {
            return Some(text.clone());
        }
        self.0.insert(text.clone());
        Some(text)
    }
}

#[cfg(test)]
mod tests;
