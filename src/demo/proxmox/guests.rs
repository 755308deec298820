//! Guests of a node, one list for each kind, and what one guest tells.

use serde_json::{Value, json};

use super::resources::{Count, Size, merge};
use super::{Call, data, failed, list as send_list};
use crate::demo::answer::{Answer, Step};
use crate::demo::machines::{self, Facts};
use crate::demo::noise::{between, key};
use crate::demo::sample::{Kind, State};

/// `GET /nodes/{node}/{kind}`
pub(super) fn list(call: &Call<'_>, kind: &'static str) -> Answer {
    if call.blind {
        return data(&json!([]));
    }
    let world = std::sync::Arc::clone(call.world);
    let (server, now) = (call.server, call.now);
    let mut place = 0;
    send_list(Box::new(move |out| {
        while let Some(facts) = machines::guest(&world, server, place, now) {
            place += 1;
            if facts.kind.name() == kind {
                out.extend_from_slice(live(&facts).to_string().as_bytes());
                return Step::Row;
            }
        }
        Step::End
    }))
}

/// Everything below `/nodes/{node}/{kind}/{vmid}`; `None` for what is not there.
pub(super) fn one(call: &Call<'_>, kind: &str, vmid: &str, rest: &[&str]) -> Option<Answer> {
    let Ok(number) = vmid.parse::<u32>() else {
        let body = json!({"data": null, "errors": {"vmid": "invalid format - value does not look like a valid VM ID\n"}});
        return Some(
            Answer::new(400, "application/json;charset=UTF-8", body.to_string())
                .reason("Parameter verification failed."),
        );
    };
    let guest = machines::guest_by_vmid(call.world, call.server, number, call.now)
        .filter(|facts| facts.kind.name() == kind);
    let Some(facts) = guest else {
        let directory = match kind {
            "qemu" => "qemu-server",
            other => other,
        };
        let reason = format!(
            "Configuration file 'nodes/{}/{directory}/{vmid}.conf' does not exist",
            call.node()
        );
        return Some(failed(500, &reason));
    };
    if call.blind {
        let reason = format!("Permission check failed (/vms/{vmid}, VM.Audit)");
        return Some(failed(403, &reason));
    }
    Some(match rest {
        ["status", "current"] => status(call, &facts),
        ["config"] => data(&config(call, &facts)),
        ["snapshot"] if !call.old() => data(&json!([
            {"name": "before-upgrade", "description": "before the upgrade to Debian 13",
             "snaptime": call.world.start() - 16 * 86_400},
            {"name": "current", "description": "You are here!", "parent": "before-upgrade",
             "running": u8::from(facts.runs()), "digest": "0"},
        ])),
        ["interfaces"] if facts.kind == Kind::Lxc => interfaces(&facts),
        ["agent", "network-get-interfaces"] if facts.kind == Kind::Qemu => {
            failed(500, "No QEMU guest agent configured")
        }
        ["rrddata"] => rrddata(call, &facts),
        _ => return None,
    })
}

/// A row of a list, and the base of `status/current`. OpenVZ has its VMID and process count as text.
fn live(facts: &Facts<'_>) -> Value {
    let mut row = json!({
        "vmid": facts.vmid,
        "status": if facts.state == State::Paused { "running" } else { facts.status() },
        "name": facts.name,
        "cpus": Count::of(facts.cores),
        "cpu": facts.cpu,
        "mem": facts.memory,
        "maxmem": facts.memory_limit,
        "disk": facts.disk,
        "maxdisk": Size::of(facts),
        "uptime": facts.uptime,
        "netin": facts.net_in,
        "netout": facts.net_out,
        "diskread": facts.net_in / 7,
        "diskwrite": facts.net_out / 9,
    });
    let runs = facts.runs();
    merge(
        &mut row,
        match facts.kind {
            Kind::Openvz => json!({
                "vmid": facts.vmid.to_string(),
                "type": "openvz",
                "swap": 0,
                "maxswap": facts.memory_limit,
                "nproc": if runs { json!((30 + facts.vmid % 60).to_string()) } else { json!(0) },
                "failcnt": if facts.vmid == 204 { 12 } else { 0 },
                "ip": if runs { facts.ip } else { "-" },
            }),
            Kind::Lxc => json!({
                "type": "lxc",
                "swap": facts.memory / 40,
                "maxswap": facts.memory_limit / 2,
                "pressurecpusome": "0.46",
                "pressurememorysome": "0.00",
            }),
            Kind::Qemu => {
                json!({"pressurecpusome": 0.02, "memhost": facts.memory + facts.memory / 20})
            }
        },
    );
    if facts.state == State::Template {
        merge(&mut row, json!({ "template": 1 }));
    }
    if facts.kind != Kind::Openvz {
        if runs {
            merge(&mut row, json!({ "pid": 2000 + facts.vmid }));
        }
        if !facts.tags.is_empty() {
            merge(&mut row, json!({ "tags": facts.tags }));
        }
        if let Some(lock) = facts.lock {
            merge(&mut row, json!({ "lock": lock }));
        }
    }
    row
}

fn status(call: &Call<'_>, facts: &Facts<'_>) -> Answer {
    let mut row = live(facts);
    merge(
        &mut row,
        if call.old() {
            json!({ "ha": 0 })
        } else {
            json!({ "ha": {"managed": 0} })
        },
    );
    if facts.kind == Kind::Qemu {
        merge(&mut row, json!({ "qmpstatus": facts.status() }));
    }
    data(&row)
}

fn config(call: &Call<'_>, facts: &Facts<'_>) -> Value {
    let memory = facts.memory_limit >> 20;
    let gib = facts.disk_size.unwrap_or_default() >> 30;
    let description = format!("{}\n", facts.about);
    let digest = format!("{:016x}{:016x}", key(&facts.name), key(facts.ip));
    match facts.kind {
        Kind::Openvz => json!({
            "hostname": facts.name, "ip_address": facts.ip, "ostemplate": facts.os,
            "memory": memory, "swap": memory, "cpus": Count::of(facts.cores), "disk": gib, "onboot": 1,
            "storage": "local", "quotatime": 0, "quotaugidlimit": 0, "digest": digest,
            "description": description,
        }),
        Kind::Lxc => json!({
            "hostname": facts.name, "ostype": facts.os, "arch": "amd64", "cores": Count::of(facts.cores),
            "memory": memory, "swap": memory / 2, "onboot": 1, "unprivileged": 1,
            "features": "nesting=1", "tags": facts.tags, "digest": digest,
            "rootfs": format!("local-zfs:subvol-{}-disk-0,size={gib}G", facts.vmid),
            "net0": format!(
                "name=eth0,bridge=vmbr0,gw=192.0.2.1,hwaddr=BC:24:11:00:00:{:02X},ip={}/24,type=veth",
                facts.vmid % 256, facts.ip
            ),
            "description": description,
        }),
        Kind::Qemu => json!({
            "name": facts.name, "ostype": "l26", "cores": Count::of(facts.cores), "sockets": 1,
            // Text since 8.
            "memory": if call.old() { json!(memory) } else { json!(memory.to_string()) },
            "onboot": 1, "boot": "order=scsi0", "scsihw": "virtio-scsi-single", "tags": facts.tags,
            "scsi0": format!("local-zfs:vm-{}-disk-0,discard=on,size={gib}G,ssd=1", facts.vmid),
            "net0": format!("virtio=BC:24:11:00:00:{:02X},bridge=vmbr0", facts.vmid % 256),
            "description": description, "digest": digest,
        }),
    }
}

/// A stopped container has none: `null`, not an empty list.
fn interfaces(facts: &Facts<'_>) -> Answer {
    if !facts.runs() {
        return data(&Value::Null);
    }
    data(&json!([
        {"name": "lo", "hwaddr": "00:00:00:00:00:00", "inet": "127.0.0.1/8", "inet6": "::1/128"},
        {
            "name": "eth0",
            "hwaddr": format!("bc:24:11:00:00:{:02x}", facts.vmid % 256),
            "inet": format!("{}/24", facts.ip),
            "ip-addresses": [
                {"ip-address-type": "inet", "ip-address": facts.ip, "prefix": 24},
                {"ip-address-type": "inet6", "ip-address": "fe80::be24:11ff:fe00:1", "prefix": 64},
            ],
        },
    ]))
}

fn rrddata(call: &Call<'_>, facts: &Facts<'_>) -> Answer {
    let day = super::nodes::day;
    let Some(rows) = super::nodes::series(call) else {
        return super::unknown_parameter("timeframe");
    };
    let salt = key(&facts.name);
    let since = call.now - facts.uptime;
    let rows: Vec<Value> = rows
        .into_iter()
        .map(|(time, gap)| {
            if gap || !facts.runs() || time < since {
                return json!({ "time": time });
            }
            json!({
                "time": time,
                "cpu": facts.cpu * between(salt, time, 0.3, 1.9) * day(time),
                "maxcpu": Count::of(facts.cores),
                "mem": facts.memory as f64 * between(salt ^ 1, time, 0.94, 1.04),
                "maxmem": facts.memory_limit as f64,
                "disk": facts.disk as f64,
                "maxdisk": Size::of(facts),
                "netin": between(salt ^ 4, time, 500.0, 40_000.0) * day(time),
                "netout": between(salt ^ 5, time, 900.0, 160_000.0) * day(time),
                "diskread": between(salt ^ 6, time, 0.0, 9_000.0),
                "diskwrite": between(salt ^ 7, time, 0.0, 30_000.0),
            })
        })
        .collect();
    data(&json!(rows))
}
