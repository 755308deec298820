//! `GET /cluster/resources`: everything in one list, row by row.

use std::sync::Arc;

use serde::Serialize;

use super::{Call, list};
use crate::demo::Server;
use crate::demo::answer::{Answer, Step};
use crate::demo::machines::{self, Facts};
use crate::demo::sample::{Kind, State};
use crate::demo::world::{World, whole};

/// What OpenVZ reports for "no limit": more than a `u64` holds.
pub(super) const UNLIMITED: f64 = 9.444_732_965_739_29e21;

/// Bytes, or the float that OpenVZ sends for "no limit".
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Size {
    Bytes(u64),
    Unlimited(f64),
}

impl Size {
    /// Of a disk.
    pub(super) fn of(facts: &Facts<'_>) -> Self {
        facts
            .disk_size
            .map_or(Self::Unlimited(UNLIMITED), Self::Bytes)
    }
}

/// A number of cores: whole unless a limit makes it a part.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Count {
    Whole(i64),
    Part(f64),
}

impl Count {
    /// Of so many cores.
    pub(super) fn of(cores: f64) -> Self {
        if cores.fract() == 0.0 {
            Self::Whole(whole(cores))
        } else {
            Self::Part(cores)
        }
    }
}

/// A guest's row.
#[derive(Serialize)]
struct GuestRow<'a> {
    id: String,
    vmid: u32,
    node: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    name: &'a str,
    template: u8,
    uptime: i64,
    cpu: f64,
    maxcpu: Count,
    mem: u64,
    maxmem: u64,
    disk: u64,
    maxdisk: Size,
    netin: u64,
    netout: u64,
    diskread: u64,
    diskwrite: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    memhost: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<&'a str>,
}

/// The list.
pub(super) fn resources(call: &Call<'_>) -> Answer {
    if call.blind {
        return list(Box::new(|_| Step::End));
    }
    let world = Arc::clone(call.world);
    let (server, now) = (call.server, call.now);
    let hostile = call.hostile.map(str::to_owned);
    let wanted = call.asked.value("type").map(str::to_owned);
    let wants = move |kind: &str| wanted.as_deref().is_none_or(|wanted| wanted == kind);
    let mut others = Vec::new();
    if wants("node") {
        others.push(node_row(&world, server, now));
    }
    if wants("storage") {
        others.extend(storage_rows(&world, server));
    }
    if call.asked.value("type").is_none() {
        others.extend(pool_rows(&world, server, now));
        if !call.old() {
            let node = call.node();
            others.push(serde_json::json!({
                "id": format!("network/{node}/zone/localnetwork"), "type": "network",
                "network": "localnetwork", "network-type": "zone", "zone-type": "localnetwork",
                "node": node, "status": "ok",
            }));
        }
    }
    let mut place = 0;
    let mut others = others.into_iter();
    let guests = wants("vm");
    list(Box::new(move |out| {
        if guests && let Some(facts) = machines::guest(&world, server, place, now) {
            place += 1;
            let node = &machines::machine(&world, server).node;
            write_guest(out, server, node, &facts, hostile.as_deref());
            return Step::Row;
        }
        let Some(row) = others.next() else {
            return Step::End;
        };
        out.extend_from_slice(row.to_string().as_bytes());
        Step::Row
    }))
}

fn write_guest(
    out: &mut Vec<u8>,
    server: Server,
    node: &str,
    facts: &Facts<'_>,
    hostile: Option<&str>,
) {
    let current = server != Server::Pikachu;
    let name = hostile.map_or_else(
        || facts.name.clone(),
        |text| format!("{}{text}", facts.name).into(),
    );
    let runs = facts.runs();
    let row = GuestRow {
        id: format!("{}/{}", facts.kind.name(), facts.vmid),
        vmid: facts.vmid,
        node,
        kind: facts.kind.name(),
        // 3.4 leaves the state of a guest out when it has no figures of it.
        status: (current || runs || facts.state == State::Mounted).then(|| facts.status()),
        name: &name,
        template: u8::from(facts.state == State::Template),
        uptime: facts.uptime,
        cpu: facts.cpu,
        maxcpu: Count::of(facts.cores),
        mem: facts.memory,
        maxmem: facts.memory_limit,
        disk: facts.disk,
        maxdisk: Size::of(facts),
        netin: facts.net_in,
        netout: facts.net_out,
        diskread: facts.net_in / 7,
        diskwrite: facts.net_out / 9,
        memhost: (current && facts.kind == Kind::Qemu && runs)
            .then_some(facts.memory + facts.memory / 20),
        tags: (current && !facts.tags.is_empty()).then_some(facts.tags),
        lock: facts.lock.filter(|_| current),
        pool: facts.pool,
    };
    // Writing into a Vec does not fail.
    let _ = serde_json::to_writer(out, &row);
}

/// The node's row; 3.4 has no `status` there, a running node is one that has an uptime.
pub(super) fn node_row(world: &World, server: Server, now: i64) -> serde_json::Value {
    let machine = machines::machine(world, server);
    let facts = machines::node(world, server, now);
    let mut row = serde_json::json!({
        "id": format!("node/{}", machine.node),
        "node": machine.node,
        "type": "node",
        "uptime": facts.uptime,
        "cpu": facts.cpu,
        "mem": facts.memory,
        "disk": facts.disk,
        "level": "",
        "maxcpu": machine.cores,
        "maxmem": facts.memory_total,
        "maxdisk": facts.disk_total,
    });
    if server != Server::Pikachu {
        merge(
            &mut row,
            serde_json::json!({"status": "online", "cgroup-mode": 2, "hastate": "online"}),
        );
    }
    row
}

fn storage_rows(world: &World, server: Server) -> Vec<serde_json::Value> {
    let machine = machines::machine(world, server);
    let node = &machine.node;
    let row = |storage: &crate::demo::sample::Storage| {
        let (used, total) = machines::storage_bytes(storage);
        let mut row = serde_json::json!({
            "id": format!("storage/{node}/{}", storage.name),
            "storage": storage.name,
            "node": node,
            "type": "storage",
            "disk": used,
            "maxdisk": total,
        });
        if server != Server::Pikachu {
            merge(
                &mut row,
                serde_json::json!({
                    "status": "available",
                    "plugintype": storage.kind,
                    "shared": u8::from(storage.shared),
                    "content": storage.content,
                }),
            );
        }
        row
    };
    machine.storage.iter().map(row).collect()
}

fn pool_rows(world: &World, server: Server, now: i64) -> Vec<serde_json::Value> {
    let machine = machines::machine(world, server);
    let mut pools: Vec<&str> = machine
        .guest
        .iter()
        .filter_map(|guest| guest.pool.as_deref())
        .collect();
    pools.sort_unstable();
    pools.dedup();
    let row = |pool: &str| {
        let members = (0..machine.guest.len())
            .filter_map(|place| machines::guest(world, server, place, now))
            .filter(|facts| facts.pool == Some(pool) && facts.runs());
        let (mut mem, mut maxmem, mut maxcpu, mut uptime) = (0, 0, 0.0, 0);
        for facts in members {
            mem += facts.memory;
            maxmem += facts.memory_limit;
            maxcpu += facts.cores;
            uptime = uptime.max(facts.uptime);
        }
        serde_json::json!({
            "id": format!("/pool/{pool}"), "pool": pool, "type": "pool",
            "mem": mem, "maxmem": maxmem, "maxcpu": Count::of(maxcpu), "cpu": 0.04, "uptime": uptime,
        })
    };
    pools.into_iter().map(row).collect()
}

/// Adds the fields of one object to another.
pub(super) fn merge(into: &mut serde_json::Value, from: serde_json::Value) {
    if let (Some(into), serde_json::Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}
