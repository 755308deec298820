//! What was done on a node: the history of the sample, the nightly backups, a backup that runs now and
//! then, and who shut the wiki down.

use super::Server;
use super::machines::machine;
use super::noise::mix;
use super::sample::{Kind, State};
use super::world::{WIKI, World};

/// A backup begins this often while the demo runs.
const BACKUP_EVERY: i64 = 60;

/// And takes this long.
const BACKUP_TAKES: i64 = 25;

/// Nights of backups that are remembered.
const NIGHTS: i64 = 3;

/// A task.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) node: String,
    pub(super) kind: String,
    pub(super) id: String,
    /// `user@realm`, or `user@realm!token`.
    pub(super) user: String,
    pub(super) start: i64,
    /// `None` while it runs.
    pub(super) end: Option<i64>,
    /// Exit text; empty while it runs.
    pub(super) status: String,
}

impl Task {
    /// Process number, made up from what it is.
    pub(super) fn pid(&self) -> u64 {
        1000 + mix(self.start.cast_unsigned() ^ super::noise::key(&self.id)) % 4_000_000
    }

    /// The name Proxmox gives it.
    pub(super) fn upid(&self) -> String {
        let Self {
            node,
            kind,
            id,
            user,
            start,
            ..
        } = self;
        let pid = self.pid();
        let ticks = mix(pid) & 0x0fff_ffff;
        format!("UPID:{node}:{pid:08X}:{ticks:08X}:{start:08X}:{kind}:{id}:{user}:")
    }
}

/// The guest whose backup runs now.
pub(super) fn dumping(world: &World, now: i64) -> Option<u32> {
    let elapsed = now - world.start();
    (elapsed >= 0 && elapsed % BACKUP_EVERY < BACKUP_TAKES)
        .then(|| backed_up(world, elapsed / BACKUP_EVERY))
        .flatten()
}

/// The guest that a round of backups during the demo is about.
fn backed_up(world: &World, round: i64) -> Option<u32> {
    let guests: Vec<u32> = world
        .sample
        .golem
        .guest
        .iter()
        .filter(|guest| guest.kind == Kind::Lxc && guest.vmid != WIKI)
        .filter(|guest| guest.state == State::Running)
        .map(|guest| guest.vmid)
        .collect();
    let place = usize::try_from(round).ok()? % guests.len().max(1);
    guests.get(place).copied()
}

/// All tasks of a server's node, newest first.
pub(super) fn tasks(world: &World, server: Server, now: i64) -> Vec<Task> {
    let machine = machine(world, server);
    let mut tasks: Vec<Task> = machine
        .task
        .iter()
        .map(|task| {
            let start = world.ago(task.age);
            Task {
                node: machine.node.clone(),
                kind: task.kind.clone(),
                id: task.id.clone(),
                user: task.user.clone(),
                start,
                end: Some(start + task.took.0),
                status: task.status.clone(),
            }
        })
        .collect();
    nightly(world, server, now, &mut tasks);
    if server == Server::Golem {
        rounds(world, now, &mut tasks);
        for (at, up) in world.wiki_history(now) {
            tasks.push(Task {
                node: machine.node.clone(),
                kind: if up { "vzstart" } else { "vzshutdown" }.to_owned(),
                id: WIKI.to_string(),
                user: "anne@pam".to_owned(),
                start: at - 4,
                end: Some(at),
                status: "OK".to_owned(),
            });
        }
    }
    tasks.sort_by_key(|task| std::cmp::Reverse((task.start, task.id.clone())));
    tasks
}

/// Every night a `vzdump` for each guest, one after the other.
fn nightly(world: &World, server: Server, now: i64, tasks: &mut Vec<Task>) {
    let machine = machine(world, server);
    let start = world.start();
    // Pikachu's backups stopped working long ago; its history in the sample says so.
    if server != Server::Golem {
        return;
    }
    let midnight = start - start.rem_euclid(86_400);
    for night in 0..NIGHTS {
        let mut begin = midnight - night * 86_400 + 3600;
        for guest in &machine.guest {
            if guest.state == State::Template || guest.name == "test" {
                continue;
            }
            let takes = 40 + i64::try_from(guest.disk_gib).unwrap_or(0) * 6;
            // The nights before the start are over; the coming one belongs to the rounds.
            if begin + takes < start && begin + takes < now {
                let failed = guest.name == "cloud" && night == 0;
                tasks.push(Task {
                    node: machine.node.clone(),
                    kind: "vzdump".to_owned(),
                    id: guest.vmid.to_string(),
                    user: "root@pam".to_owned(),
                    start: begin,
                    end: Some(begin + takes),
                    status: if failed {
                        "command 'zstd --rsyncable --threads=1' failed: got signal 13"
                    } else {
                        "OK"
                    }
                    .to_owned(),
                });
            }
            begin += takes + 15;
        }
    }
}

/// The backups that run while the demo does.
fn rounds(world: &World, now: i64, tasks: &mut Vec<Task>) {
    let elapsed = now - world.start();
    if elapsed < 0 {
        return;
    }
    let last = elapsed / BACKUP_EVERY;
    for round in last.saturating_sub(4).max(0)..=last {
        let Some(vmid) = backed_up(world, round) else {
            continue;
        };
        let start = world.start() + round * BACKUP_EVERY;
        let end = start + BACKUP_TAKES;
        let over = end <= now;
        tasks.push(Task {
            node: world.sample.golem.node.clone(),
            kind: "vzdump".to_owned(),
            id: vmid.to_string(),
            user: "root@pam".to_owned(),
            start,
            end: over.then_some(end),
            status: if over { "OK" } else { "" }.to_owned(),
        });
    }
}
