//! Nodes, guests and storages as they are at a moment, before a version of Proxmox VE words them.

use std::borrow::Cow;

use super::Server;
use super::noise::{between, key, mix, unit};
use super::sample::{Guest, Kind, Machine, State, Storage};
use super::tasks;
use super::world::{WIKI, World, part, whole};

/// Figures move this often. The real pvestatd tells every ten seconds; a demo should not be that quiet.
const STEP: i64 = 4;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// VMID of the first generated guest.
const FIRST_GENERATED: u32 = 1000;

/// A guest at a moment.
pub(super) struct Facts<'a> {
    pub(super) vmid: u32,
    pub(super) kind: Kind,
    pub(super) name: Cow<'a, str>,
    pub(super) state: State,
    pub(super) cpu: f64,
    pub(super) cores: f64,
    pub(super) memory: u64,
    pub(super) memory_limit: u64,
    pub(super) disk: u64,
    /// `None`: no limit.
    pub(super) disk_size: Option<u64>,
    pub(super) uptime: i64,
    pub(super) net_in: u64,
    pub(super) net_out: u64,
    pub(super) lock: Option<&'static str>,
    pub(super) tags: &'a str,
    pub(super) pool: Option<&'a str>,
    pub(super) ip: &'a str,
    pub(super) os: &'a str,
    pub(super) about: &'a str,
}

impl Facts<'_> {
    /// The server's word for the state.
    pub(super) const fn status(&self) -> &'static str {
        match self.state {
            State::Running => "running",
            State::Stopped | State::Template => "stopped",
            State::Mounted => "mounted",
            State::Paused => "paused",
        }
    }

    /// Whether it runs, as far as figures go.
    pub(super) const fn runs(&self) -> bool {
        matches!(self.state, State::Running | State::Paused)
    }
}

/// The machine behind a server.
pub(super) fn machine(world: &World, server: Server) -> &Machine {
    if server == Server::Pikachu {
        &world.sample.pikachu
    } else {
        &world.sample.golem
    }
}

/// Number of guests on a server.
pub(super) fn guest_count(world: &World, server: Server) -> usize {
    match world.options.size {
        Some(size) if server == Server::Golem => size,
        _ => machine(world, server).guest.len(),
    }
}

/// The guest at a place in the list; `None` beyond its end.
pub(super) fn guest(world: &World, server: Server, place: usize, now: i64) -> Option<Facts<'_>> {
    if place >= guest_count(world, server) {
        return None;
    }
    match machine(world, server).guest.get(place) {
        Some(guest) => Some(sampled(world, guest, now)),
        None => Some(generated(
            world,
            place - machine(world, server).guest.len(),
            now,
        )),
    }
}

/// The guest with a VMID.
pub(super) fn guest_by_vmid(
    world: &World,
    server: Server,
    vmid: u32,
    now: i64,
) -> Option<Facts<'_>> {
    let machine = machine(world, server);
    let place = machine
        .guest
        .iter()
        .position(|guest| guest.vmid == vmid)
        .or_else(|| {
            let generated = vmid.checked_sub(FIRST_GENERATED)?;
            Some(machine.guest.len() + usize::try_from(generated).ok()?)
        })?;
    guest(world, server, place, now)
}

fn sampled<'a>(world: &World, guest: &'a Guest, now: i64) -> Facts<'a> {
    let step = now - now.rem_euclid(STEP);
    let wiki = (guest.vmid == WIKI && guest.kind == Kind::Lxc).then(|| world.wiki(now));
    let (state, booted) = match wiki {
        Some(wiki) if wiki.down => (State::Stopped, now),
        Some(wiki) => (
            State::Running,
            wiki.since.unwrap_or_else(|| world.ago(guest.up)),
        ),
        None => (guest.state, world.ago(guest.up)),
    };
    let runs = matches!(state, State::Running | State::Paused);
    let salt = key(&guest.name);
    let memory_limit = guest.memory_mib * MIB;
    let cpu = if state == State::Running {
        guest.cpu * between(salt, step, 0.3, 1.9)
    } else {
        0.0
    };
    let uptime = if runs { (now - booted).max(0) } else { 0 };
    let disk_size = (guest.disk_gib > 0).then_some(guest.disk_gib * GIB);
    let traffic = |rate: f64| u64::try_from(whole(rate * (uptime as f64))).unwrap_or(0);
    Facts {
        vmid: guest.vmid,
        kind: guest.kind,
        name: Cow::Borrowed(&guest.name),
        state,
        cpu,
        cores: guest.cores,
        memory: if runs {
            part(
                memory_limit,
                guest.memory_used * between(salt ^ 1, step, 0.94, 1.04),
            )
        } else {
            0
        },
        memory_limit,
        // The host cannot see into a KVM disk, and a stopped container's disk is not mounted.
        disk: if guest.kind == Kind::Qemu || !runs {
            0
        } else {
            part(disk_size.unwrap_or(20 * GIB), guest.disk_used)
        },
        disk_size,
        uptime,
        net_in: traffic(900.0 + 40_000.0 * guest.cpu),
        net_out: traffic(2_000.0 + 160_000.0 * guest.cpu),
        lock: (tasks::dumping(world, now) == Some(guest.vmid)).then_some("backup"),
        tags: &guest.tags,
        pool: guest.pool.as_deref(),
        ip: &guest.ip,
        os: &guest.os,
        about: &guest.about,
    }
}

fn generated(world: &World, number: usize, now: i64) -> Facts<'_> {
    let step = now - now.rem_euclid(STEP);
    let vmid = FIRST_GENERATED.saturating_add(u32::try_from(number).unwrap_or(u32::MAX));
    let salt = mix(u64::from(vmid));
    let kind = if vmid.is_multiple_of(5) {
        Kind::Qemu
    } else {
        Kind::Lxc
    };
    let state = match vmid {
        _ if vmid.is_multiple_of(251) => State::Template,
        _ if vmid.is_multiple_of(505) => State::Paused,
        _ if vmid.is_multiple_of(37) => State::Stopped,
        _ => State::Running,
    };
    let runs = matches!(state, State::Running | State::Paused);
    let memory_limit = (1 + salt % 8) * 512 * MIB;
    let disk_size = (4 + salt % 60) * GIB;
    // A wave for each of 100,000 guests would cost more than sending it: one in eight moves at a time.
    let moment = step - i64::try_from(salt % 8).unwrap_or(0) * STEP;
    let cpu = unit(salt ^ moment.div_euclid(8 * STEP).cast_unsigned()).powi(4);
    Facts {
        vmid,
        kind,
        name: Cow::Owned(generated_name(number)),
        state,
        cpu: if state == State::Running { cpu } else { 0.0 },
        cores: if salt.is_multiple_of(11) {
            0.5
        } else {
            f64::from(u8::try_from(1 + salt % 4).unwrap_or(1))
        },
        memory: if runs {
            part(memory_limit, 0.2 + 0.7 * unit(salt ^ 1))
        } else {
            0
        },
        memory_limit,
        disk: if kind == Kind::Qemu || !runs {
            0
        } else {
            part(disk_size, 0.1 + 0.8 * unit(salt ^ 2))
        },
        disk_size: Some(disk_size),
        uptime: if runs {
            now - world.start() + 3600 + i64::try_from(salt % 8_000_000).unwrap_or(0)
        } else {
            0
        },
        net_in: salt >> 24,
        net_out: salt >> 22,
        lock: None,
        tags: if vmid.is_multiple_of(3) {
            "prod;web"
        } else {
            "test"
        },
        pool: None,
        ip: "192.0.2.250",
        os: "debian",
        about: "",
    }
}

/// Name of a generated guest, and of the Checkmk host that it is.
pub(super) fn generated_name(number: usize) -> String {
    const WORDS: [&str; 8] = ["web", "db", "cache", "mail", "build", "git", "log", "queue"];
    let word = WORDS.get(number % WORDS.len()).copied().unwrap_or("web");
    format!("{word}{number:06}")
}

/// A node at a moment.
pub(super) struct NodeFacts {
    pub(super) cpu: f64,
    pub(super) memory: u64,
    pub(super) memory_total: u64,
    pub(super) disk: u64,
    pub(super) disk_total: u64,
    pub(super) uptime: i64,
    pub(super) load: [f64; 3],
    pub(super) wait: f64,
}

/// The node of a server.
pub(super) fn node(world: &World, server: Server, now: i64) -> NodeFacts {
    let machine = machine(world, server);
    let step = now - now.rem_euclid(STEP);
    let salt = key(&machine.node);
    let memory_total = machine.memory_mib * MIB;
    let disk_total = machine.disk_gib * GIB;
    let load = |offset: i64| machine.load * between(salt ^ 3, step - offset, 0.6, 1.6);
    NodeFacts {
        cpu: machine.cpu * between(salt, step, 0.5, 1.6),
        memory: part(
            memory_total,
            machine.memory_used * between(salt ^ 1, step, 0.97, 1.03),
        ),
        memory_total,
        disk: part(disk_total, machine.disk_used),
        disk_total,
        uptime: now - world.ago(machine.up),
        load: [load(0), load(120), load(400)],
        wait: between(salt ^ 2, step, 0.0, 0.03),
    }
}

/// Bytes in use on a storage, and in all.
pub(super) fn storage_bytes(storage: &Storage) -> (u64, u64) {
    let total = storage.total_gib * GIB;
    (part(total, storage.used), total)
}
