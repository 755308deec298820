//! Recorded answers of real servers, where `VIGIE_RECORDED` names their directory: all of them that
//! this client reads are parsed and compared with what stands here.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod exchanges;

use std::path::{Path, PathBuf};

use super::read::cluster::{
    parse_node, parse_online_nodes, parse_rights, parse_status, parse_version,
};
use super::read::tasks::parse_tasks;
use super::wire::{self, TicketAnswer};
use super::*;
use crate::domain::guest::{Guest, GuestKind, GuestState};
use crate::domain::node::NodeState;
use crate::domain::task::TaskEnd;
use crate::domain::{Bytes, Cores};

fn recorded() -> Option<PathBuf> {
    Some(PathBuf::from(std::env::var_os("VIGIE_RECORDED")?).join("proxmox"))
}

fn bytes(directory: &Path, file: &str) -> Vec<u8> {
    std::fs::read(directory.join(file)).unwrap_or_else(|error| unreachable!("{file}: {error}"))
}

fn resources_of(directory: &Path, file: &str) -> Resources {
    parse_resources(&bytes(directory, file), &mut Names::default()).unwrap()
}

fn guests(resources: &Resources) -> Vec<(u32, &str, &str, GuestState)> {
    let row = |guest: &'_ Guest| (guest.vmid, guest.state);
    resources
        .guests
        .iter()
        .map(|guest| {
            let (vmid, state) = row(guest);
            (
                vmid,
                guest.name.as_deref().unwrap_or("-"),
                &*guest.node,
                state,
            )
        })
        .collect()
}

fn nodes(resources: &Resources) -> Vec<(&str, NodeState, bool)> {
    resources
        .nodes
        .iter()
        .map(|node| (&*node.name, node.state, node.figures_denied))
        .collect()
}

#[test]
fn the_cluster_of_7_4() {
    let Some(directory) = recorded() else { return };
    let directory = directory.join("pve7x");
    let resources = resources_of(&directory, "get_cluster_resources.2.json");
    assert_eq!(resources.skipped, 0);
    assert_eq!(
        guests(&resources),
        [
            (100, "server1", "node2", GuestState::Running),
            (101, "leap154", "node1", GuestState::Template),
            (102, "machine-test", "node1", GuestState::Stopped),
            (200, "VM 200", "node1", GuestState::Stopped),
        ]
    );
    assert!(resources.guests.iter().all(|guest| guest.disk.is_none()));
    assert_eq!(resources.guests[0].memory, Some(Bytes(842_551_296)));
    assert_eq!(
        resources.guests[0].uptime.map(|uptime| uptime.as_secs()),
        Some(874_350)
    );
    assert_eq!(
        resources.guests[2].tags.as_deref(),
        Some("go-proxmox+cloud-init")
    );
    assert_eq!(
        nodes(&resources),
        ["node1", "node2", "node3", "node4"].map(|name| (name, NodeState::Online, false))
    );
    assert_eq!(resources.nodes[1].cores, Cores::new(12.0));
    assert_eq!(resources.storages.len(), 12);
    assert!(
        resources
            .storages
            .iter()
            .all(|storage| storage.active == Some(true))
    );
    let first = &resources.storages[0];
    assert_eq!(
        (&*first.node, &*first.name, first.shared),
        ("node1", "cloud-init", false)
    );

    // A mock with a node that is only an id.
    let bare = resources_of(&directory, "get_cluster_resources.json");
    assert_eq!(nodes(&bare), [("node1", NodeState::Offline, false)]);

    let online = parse_online_nodes(&bytes(&directory, "get_nodes.json")).unwrap();
    let online: Vec<&str> = online.iter().map(Text::as_str).collect();
    assert_eq!(online, ["node1", "node2", "node3", "node4"]);

    let status = parse_status(&bytes(&directory, "get_cluster_status.json")).unwrap();
    assert_eq!(status.name.as_deref(), Some("clustername"));
    assert_eq!(status.quorate, Some(true));
    let members: Vec<_> = status
        .members
        .iter()
        .map(|member| (&*member.name, member.address.as_deref(), member.online))
        .collect();
    assert_eq!(
        members,
        [
            ("node1", Some("192.168.1.1"), Some(true)),
            ("node2", Some("192.168.1.2"), Some(true)),
            ("node3", Some("192.168.1.3"), Some(true)),
            ("node4", Some("192.168.1.4"), Some(true)),
        ]
    );

    let detail = parse_node(
        "node1".into(),
        &bytes(&directory, "get_nodes_node1_status.json"),
    )
    .unwrap();
    assert_eq!(detail.load, Some([0.0, 0.0, 0.0]));
    assert_eq!(detail.swap, Some((Bytes(0), Bytes(0))));
    assert_eq!(detail.pve_version.as_deref(), Some("7.4-16"));
    assert_eq!(detail.kernel.as_deref(), Some("5.15.108-1-pve"));
    assert_eq!(
        detail.cpu_model.as_deref(),
        Some("Intel(R) Core(TM) i7-6700 CPU @ 3.40GHz")
    );
    let unknown = parse_node(
        "x".into(),
        &bytes(&directory, "get_nodes_doesntexist_status.json"),
    );
    assert!(matches!(
        unknown.unwrap_err().kind,
        FailureKind::Malformed { .. }
    ));

    let (version, numbers) =
        parse_version(&bytes(&directory, "get_nodes_node1_version.json")).unwrap();
    assert_eq!(version.as_deref(), Some("7.4-16"));
    assert!(numbers > Some(Version::TOKENS));

    let rights = parse_rights(&bytes(&directory, "get_access_permissions.json")).unwrap();
    assert_eq!(
        rights,
        Rights {
            known: true,
            missing: Vec::new()
        }
    );
    for mock in ["2", "3", "4"] {
        let file = format!("get_access_permissions.{mock}.json");
        let rights = parse_rights(&bytes(&directory, &file)).unwrap();
        assert_eq!(rights.missing.len(), 3, "{file}");
    }
    let body = bytes(&directory, "post_access_ticket.json");
    let body = String::from_utf8(body).unwrap();
    let ticket: TicketAnswer<'_> = wire::object(&body).unwrap();
    assert!(
        ticket
            .ticket
            .get()
            .unwrap()
            .starts_with("PVE:root@pam:64E10CBA::")
    );
    assert_eq!(ticket.need_tfa.0, None);
}

/// Lists of guests of one node have the rows of `/cluster/resources` but for `type`, `node` and `id`:
/// good for the types that lie.
#[test]
fn lists_of_guests_by_node() {
    let Some(directory) = recorded() else { return };
    let row = |kind: &str, text: &str| {
        let text = text.replace(
            r#""vmid""#,
            &format!(r#""node":"n","type":"{kind}","vmid""#),
        );
        parse_resources(text.as_bytes(), &mut Names::default()).unwrap()
    };
    let old = String::from_utf8(bytes(
        &directory,
        "pve3-openvz-nledez/GET_nodes_otherone_openvz.json",
    ))
    .unwrap()
    .replace(r#""type":"openvz","#, "");
    let old = row("openvz", &old);
    assert_eq!(
        guests(&old),
        [
            (100, "test.dummy.tld", "n", GuestState::Running),
            (101, "test2.dummy.tld", "n", GuestState::Running),
            (102, "test3.other.domain", "n", GuestState::Stopped),
        ]
    );
    assert!(
        old.guests
            .iter()
            .all(|guest| guest.kind == GuestKind::OpenVz)
    );
    assert_eq!(old.guests[0].disk, Some(Bytes(387_194_880)));
    assert_eq!(old.guests[0].disk_size, Some(Bytes(4_294_967_296)));
    assert_eq!(
        old.guests[0].uptime.map(|uptime| uptime.as_secs()),
        Some(19_449)
    );

    let old = |file: &str, kind: &str| {
        let text = String::from_utf8(bytes(&directory.join("constructed"), file)).unwrap();
        row(kind, &text.replace(&format!(r#""type": "{kind}","#), ""))
    };
    let openvz = old("pve3.4/nodes__old1__openvz.json", "openvz");
    assert_eq!(
        guests(&openvz),
        [
            (101, "www.example.org", "n", GuestState::Running),
            (102, "mounted.example.org", "n", GuestState::Mounted),
        ]
    );
    assert_eq!(openvz.guests[1].disk_size, None);
    assert_eq!(
        guests(&old("pve3.4/nodes__old1__qemu.json", "qemu")),
        [(110, "win2003", "n", GuestState::Running)]
    );
    assert_eq!(
        guests(&old("pve9_nodes_lxc.json", "lxc")),
        [(200, "wiki", "n", GuestState::Running)]
    );

    for (number, exchange) in exchanges::Exchange::all(&directory) {
        let (kind, expected) = match number {
            25 => ("lxc", (100, "CT100", "n", GuestState::Stopped)),
            35 => ("qemu", (100, "VM 100", "n", GuestState::Stopped)),
            _ => continue,
        };
        let text = std::str::from_utf8(exchange.body()).unwrap();
        let text = text.replace(r#""type": "lxc","#, "");
        let resources = row(kind, &text);
        assert_eq!(guests(&resources), [expected]);
        let guest = &resources.guests[0];
        assert_eq!(
            (&guest.lock, guest.memory_limit),
            (&None, Some(Bytes(536_870_912)))
        );
    }
}

#[test]
fn the_constructed_3_4() {
    let Some(directory) = recorded() else { return };
    let directory = directory.join("constructed/pve3.4");
    let resources = resources_of(&directory, "cluster__resources.json");
    assert_eq!(resources.skipped, 0);
    assert_eq!(
        guests(&resources),
        [
            (101, "www.example.org", "old1", GuestState::Running),
            (102, "mounted.example.org", "old1", GuestState::Mounted),
            (110, "win2003", "old1", GuestState::Running),
            (120, "-", "old2", GuestState::NodeGone),
        ]
    );
    assert_eq!(resources.guests[0].pool.as_deref(), Some("web"));
    assert_eq!(
        resources.guests[1].disk_size, None,
        "unlimited does not fit 64 bits"
    );
    assert_eq!(
        nodes(&resources),
        [
            ("old1", NodeState::Online, false),
            ("old2", NodeState::Offline, false)
        ]
    );
    let storages: Vec<_> = resources
        .storages
        .iter()
        .map(|storage| (&*storage.name, storage.active, storage.used))
        .collect();
    assert_eq!(
        storages,
        [
            ("local", None, Some(Bytes(1_200_000_000_000))),
            ("nfsbackup", None, None),
        ]
    );

    let alone = parse_status(&bytes(&directory, "cluster__status.json")).unwrap();
    assert_eq!(
        (alone.name, alone.quorate, alone.members.len()),
        (None, None, 1)
    );
    let clustered = parse_status(&bytes(&directory, "cluster__status.clustered.json")).unwrap();
    assert_eq!(clustered.name.as_deref(), Some("oldcluster"));
    assert_eq!(clustered.quorate, Some(true));
    let online: Vec<_> = clustered
        .members
        .iter()
        .map(|member| member.online)
        .collect();
    assert_eq!(online, [Some(true), Some(false)]);

    let detail = parse_node(
        "old1".into(),
        &bytes(&directory, "nodes__old1__status.json"),
    )
    .unwrap();
    assert_eq!(detail.load, Some([0.61, 0.72, 0.80]));
    assert_eq!(detail.pve_version.as_deref(), Some("3.4-16"));
    assert_eq!(detail.kernel.as_deref(), Some("2.6.32-48-pve"));

    let (version, numbers) = parse_version(&bytes(&directory, "version.json")).unwrap();
    assert_eq!(version.as_deref(), Some("3.4"));
    assert!(numbers < Some(Version::TOKENS));
    assert_eq!(
        parse_online_nodes(&bytes(&directory, "nodes.json")).unwrap(),
        [Text::clean("old1")]
    );

    let tasks = parse_tasks(&bytes(&directory, "cluster__tasks.json")).unwrap();
    let ends: Vec<_> = tasks.iter().map(|task| (&*task.kind, &task.end)).collect();
    assert_eq!(
        ends,
        [
            ("vzstart", &TaskEnd::Running),
            ("vzdump", &TaskEnd::Failed("job errors".into())),
        ]
    );
    for file in [
        "access__ticket.post.json",
        "../../pve3-openvz-nledez/POST_access_ticket.json",
    ] {
        let body = String::from_utf8(bytes(&directory, file)).unwrap();
        let answer: TicketAnswer<'_> = wire::object(&body).unwrap();
        let ticket = answer.ticket.get().unwrap();
        assert!(ticket.starts_with("PVE:root@pam:51F00E60::"), "{file}");
    }
}

#[test]
fn the_constructed_9_in_trouble() {
    let Some(directory) = recorded() else { return };
    let directory = directory.join("constructed");
    let resources = resources_of(&directory, "pve9_cluster_resources_degraded.json");
    assert_eq!(resources.skipped, 0);
    assert_eq!(
        guests(&resources),
        [
            (100, "proxy", "pve1", GuestState::Running),
            (101, "paused-by-backup", "pve1", GuestState::Paused),
            (102, "disk-full", "pve1", GuestState::IoError),
            (103, "-", "pve3", GuestState::NodeGone),
            (200, "wiki", "pve1", GuestState::Running),
            (201, "-", "pve3", GuestState::NodeGone),
            (900, "tpl", "pve1", GuestState::Template),
        ]
    );
    assert!(resources.guests[0].memory > resources.guests[0].memory_limit);
    assert_eq!(resources.guests[0].tags.as_deref(), Some("prod web"));
    assert_eq!(resources.guests[1].lock.as_deref(), Some("backup"));
    assert_eq!(resources.guests[4].cores, Cores::new(0.5));
    assert_eq!(resources.guests[5].ha.as_deref(), Some("fence"));
    assert_eq!(
        nodes(&resources),
        [
            ("pve1", NodeState::Online, false),
            ("pve2", NodeState::Silent, false),
            ("pve3", NodeState::Offline, false),
            ("pve4", NodeState::Online, true),
        ]
    );
    assert_eq!(
        resources.storages[0].content.as_deref(),
        Some("backup,iso,vztmpl")
    );
    assert_eq!(
        (resources.storages[1].active, resources.storages[1].shared),
        (Some(false), true)
    );

    let tasks = parse_tasks(&bytes(&directory, "pve9_cluster_tasks.json")).unwrap();
    let rows: Vec<_> = tasks
        .iter()
        .map(|task| (&*task.kind, task.vmid(), &*task.user, &task.end))
        .collect();
    assert_eq!(
        rows,
        [
            ("vzdump", None, "root@pam", &TaskEnd::Running),
            ("qmigrate", Some(104), "root@pam", &TaskEnd::Unknown),
            (
                "vzdump",
                None,
                "root@pam",
                &TaskEnd::Warnings("WARNINGS: 2".into())
            ),
            (
                "vzstart",
                Some(200),
                "vigie@pve!tui",
                &TaskEnd::Failed("startup for container '200' failed".into())
            ),
            ("qmshutdown", Some(100), "root@pam", &TaskEnd::Ok),
        ]
    );
}

#[test]
fn the_constructed_errors() {
    #[derive(serde::Deserialize)]
    struct Entry {
        when: String,
        status: u16,
        reason: Option<String>,
        body: Option<String>,
    }
    let Some(directory) = recorded() else { return };
    let entries: Vec<Entry> =
        serde_json::from_slice(&bytes(&directory, "constructed/errors.json")).unwrap();
    let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
    for entry in &entries {
        let answer = Answer {
            status: entry.status,
            reason: entry.reason.as_deref().map(Text::clean),
            headers: reqwest::header::HeaderMap::new(),
            body: bytes::Bytes::from(entry.body.clone().unwrap_or_default()),
            asked: Text::clean("GET /api2/json/cluster/status"),
        };
        let kind = match refusal::check(&answer, "token x").map_err(|failure| failure.kind) {
            Ok(()) => "fine",
            Err(FailureKind::Unauthorized {
                reason: Some(_), ..
            }) => "unauthorized",
            Err(FailureKind::Forbidden { right: Some(right) }) => {
                assert!(right.contains(" on /"), "{}: {right}", entry.when);
                "forbidden"
            }
            Err(FailureKind::Status {
                code,
                reason: Some(reason),
            }) => {
                assert_eq!(code, entry.status);
                let words = entry.reason.as_deref().unwrap_or_default();
                assert!(reason.starts_with(words), "{}: {reason}", entry.when);
                "status"
            }
            Err(other) => unreachable!("{}: {other:?}", entry.when),
        };
        *kinds.entry(kind).or_default() += 1;
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            ("fine", 2),
            ("forbidden", 2),
            ("status", 17),
            ("unauthorized", 7)
        ]
    );
}
