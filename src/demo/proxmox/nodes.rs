//! The version, the cluster's own state, and what a node tells of itself.

use serde_json::{Value, json};

use super::resources::{merge, node_row};
use super::{Call, data, failed};
use crate::demo::Server;
use crate::demo::answer::Answer;
use crate::demo::machines;
use crate::demo::noise::{between, key};
use crate::demo::past::busy;
use crate::demo::tasks;
use crate::demo::world::part;

/// `GET /version`. Up to 5 `release` is the package's revision, not part of the version.
pub(super) fn version(call: &Call<'_>) -> Answer {
    data(&if call.old() {
        json!({"version": "3.4", "release": "16", "repoid": "40ccc11c", "keyboard": "de"})
    } else {
        json!({"version": "9.1.5", "release": "9.1", "repoid": "80cf92a64bef6889"})
    })
}

/// `GET /cluster/status` of a node that stands alone: no cluster entry, no quorum to speak of.
pub(super) fn cluster_status(call: &Call<'_>) -> Answer {
    if call.blind {
        return failed(403, "Permission check failed (/, Sys.Audit)");
    }
    let machine = machines::machine(call.world, call.server);
    let mut node = json!({
        "type": "node",
        "id": format!("node/{}", machine.node),
        "name": machine.node,
        "nodeid": 0,
        "local": 1,
        "level": "",
    });
    merge(
        &mut node,
        if call.old() {
            json!({"state": 1, "pmxcfs": 1})
        } else {
            json!({"online": 1, "ip": machine.address})
        },
    );
    data(&json!([node]))
}

/// `GET /nodes`
pub(super) fn nodes(call: &Call<'_>) -> Answer {
    let mut row = node_row(call.world, call.server, call.now);
    if call.blind {
        // Without Sys.Audit a node is listed without its figures.
        row = json!({"id": row["id"], "node": row["node"], "type": "node", "status": "online", "level": ""});
    }
    if !call.old() {
        let pair = |place: u64| {
            format!(
                "{:02X}",
                key(call.node()).rotate_left(8) >> (place % 56) & 0xff
            )
        };
        let fingerprint = (0..32).map(pair).collect::<Vec<_>>().join(":");
        merge(&mut row, json!({ "ssl_fingerprint": fingerprint }));
    }
    data(&json!([row]))
}

/// `GET /nodes/{node}/status`
pub(super) fn status(call: &Call<'_>) -> Answer {
    let machine = machines::machine(call.world, call.server);
    if call.blind {
        let reason = format!(
            "Permission check failed (/nodes/{}, Sys.Audit)",
            machine.node
        );
        return failed(403, &reason);
    }
    let facts = machines::node(call.world, call.server, call.now);
    let free = facts.memory_total - facts.memory.min(facts.memory_total);
    let disk_free = facts.disk_total - facts.disk.min(facts.disk_total);
    let swap = 4_294_963_200_u64;
    let mut status = json!({
        "idle": 0,
        "cpu": facts.cpu,
        "wait": facts.wait,
        "uptime": facts.uptime,
        "loadavg": facts.load.map(|load| format!("{load:.2}")),
        "kversion": machine.kernel,
        "pveversion": if call.old() {
            "pve-manager/3.4-16/40ccc11c"
        } else {
            "pve-manager/9.1.5/80cf92a64bef6889"
        },
        "memory": {"total": facts.memory_total, "used": facts.memory, "free": free},
        "swap": {"total": swap, "used": part(swap, 0.03), "free": part(swap, 0.97)},
        "rootfs": {
            "total": facts.disk_total,
            "used": facts.disk,
            "avail": disk_free,
            // 3.4 computes it wrongly: available less used.
            "free": if call.old() { disk_free.saturating_sub(facts.disk) } else { disk_free },
        },
        "ksm": {"shared": 0},
        "cpuinfo": {
            "model": machine.cpu_model, "mhz": machine.mhz, "cpus": machine.cores,
            "sockets": 1, "hvm": "1", "user_hz": 100,
        },
    });
    if !call.old() {
        merge(
            &mut status,
            json!({
                "current-kernel": {
                    "sysname": "Linux", "machine": "x86_64", "release": "6.17.2-1-pve",
                    "version": "#1 SMP PREEMPT_DYNAMIC PMX 6.17.2-1",
                },
                "boot-info": {"mode": "legacy-bios"},
            }),
        );
        status["memory"]["available"] = json!(free);
        status["cpuinfo"]["cores"] = json!(machine.cores / 2);
        status["cpuinfo"]["flags"] = json!("fpu vme de pse tsc msr pae mce cx8 apic");
    }
    data(&status)
}

/// `GET /nodes/{node}/storage`
pub(super) fn storages(call: &Call<'_>) -> Answer {
    if call.blind {
        return data(&json!([]));
    }
    let wanted = call.asked.value("content");
    let machine = machines::machine(call.world, call.server);
    let rows: Vec<Value> = machine
        .storage
        .iter()
        .filter(|storage| {
            wanted.is_none_or(|wanted| storage.content.split(',').any(|kind| kind == wanted))
        })
        .map(|storage| {
            let (used, total) = machines::storage_bytes(storage);
            let mut row = json!({
                "storage": storage.name, "type": storage.kind, "content": storage.content,
                "active": 1, "enabled": 1, "shared": u8::from(storage.shared),
                "total": total, "used": used, "avail": total - used,
            });
            if !call.old() {
                merge(&mut row, json!({ "used_fraction": storage.used }));
            }
            row
        })
        .collect();
    data(&json!(rows))
}

/// `GET /nodes/{node}/storage/{storage}/content`: the backups.
pub(super) fn content(call: &Call<'_>, storage: &str) -> Answer {
    let machine = machines::machine(call.world, call.server);
    let Some(storage) = machine.storage.iter().find(|known| known.name == storage) else {
        return failed(500, &format!("storage '{storage}' does not exist"));
    };
    let asked = call.asked.value("content");
    if !storage.content.contains("backup") || asked.is_some_and(|kind| kind != "backup") {
        return data(&json!([]));
    }
    let rows: Vec<Value> = tasks::tasks(call.world, call.server, call.now)
        .into_iter()
        .filter(|task| task.kind == "vzdump" && task.status == "OK" && !task.id.is_empty())
        .filter(|task| call.asked.value("vmid").is_none_or(|vmid| vmid == task.id))
        .filter_map(|task| {
            let vmid: u32 = task.id.parse().ok()?;
            let guest = machines::guest_by_vmid(call.world, call.server, vmid, call.now)?;
            let stamp = crate::domain::Moment::from_unix(task.start)?
                .timestamp()
                .strftime("%Y_%m_%d-%H_%M_%S")
                .to_string();
            let (kind, end) = match guest.kind.name() {
                "qemu" => ("qemu", "vma.zst"),
                "openvz" => ("openvz", "tgz"),
                other => (other, "tar.zst"),
            };
            let mut row = json!({
                "volid": format!("{}:backup/vzdump-{kind}-{vmid}-{stamp}.{end}", storage.name),
                "content": "backup",
                "format": end,
                "size": part(guest.disk.max(2 << 30), 0.45),
            });
            if !call.old() {
                merge(
                    &mut row,
                    json!({"ctime": task.start, "vmid": vmid, "subtype": kind, "notes": guest.name}),
                );
            }
            Some(row)
        })
        .collect();
    data(&json!(rows))
}

/// `GET /nodes/{node}/disks/list`
pub(super) fn disks() -> Answer {
    let disk = |path: &str, serial: &str, wearout: Value| {
        json!({
            "devpath": path, "model": "SAMSUNG_MZ7LM480", "serial": serial, "vendor": "ATA",
            "size": 480_103_981_056_u64, "health": "PASSED", "wearout": wearout, "type": "ssd",
            "used": "ZFS", "gpt": 1, "osdid": -1, "rpm": 0,
        })
    };
    data(&json!([
        disk("/dev/sda", "S2HSNX0H100001", json!(87)),
        disk("/dev/sdb", "S2HSNX0H100002", json!("N/A")),
    ]))
}

/// `GET /nodes/{node}/rrddata`: floats, with gaps; the last bucket is often empty.
pub(super) fn rrddata(call: &Call<'_>) -> Answer {
    let Some(rows) = series(call) else {
        return super::unknown_parameter("timeframe");
    };
    let machine = machines::machine(call.world, call.server);
    let facts = machines::node(call.world, call.server, call.now);
    let salt = key(&machine.node);
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|(time, gap)| {
            if gap {
                return json!({ "time": time });
            }
            json!({
                "time": time,
                "cpu": machine.cpu * between(salt, time, 0.5, 1.6) * day(time),
                "maxcpu": machine.cores,
                "iowait": between(salt ^ 2, time, 0.0, 0.03),
                "loadavg": machine.load * between(salt ^ 3, time, 0.6, 1.6),
                "memtotal": facts.memory_total as f64,
                "memused": facts.memory_total as f64 * machine.memory_used * between(salt ^ 1, time, 0.97, 1.03),
                "roottotal": facts.disk_total as f64,
                "rootused": facts.disk as f64,
                "netin": between(salt ^ 4, time, 80_000.0, 900_000.0) * day(time),
                "netout": between(salt ^ 5, time, 200_000.0, 2_500_000.0) * day(time),
            })
        })
        .collect();
    data(&json!(rows))
}

/// How much is going on at that time of the day.
pub(super) fn day(time: i64) -> f64 {
    0.6 + 0.8 * busy(time)
}

/// Times of a graph, oldest first, and which are empty; `None` when `timeframe` is missing or unknown.
pub(super) fn series(call: &Call<'_>) -> Option<Vec<(i64, bool)>> {
    let current = call.server != Server::Pikachu;
    let (step, count) = match call.asked.value("timeframe")? {
        "hour" => (60, 70),
        "day" if current => (60, 1440),
        "day" => (1800, 70),
        "week" => (10_800, 70),
        "month" => (43_200, 70),
        "year" => (604_800, 70),
        _ => return None,
    };
    let last = call.now - call.now.rem_euclid(step);
    let times = (0..count).rev().map(|back| (last - back * step, back == 0));
    // 3.4 leaves incomplete entries out.
    Some(times.filter(|(_, gap)| current || !gap).collect())
}
