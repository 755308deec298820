//! The three readings against scripted servers.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::atomic::{AtomicUsize, Ordering};

use super::fake::{Fake, Reply, password, settings, token};
use super::*;
use crate::config::{Secret, SecretSource};
use crate::domain::guest::GuestState;
use crate::source::Client as _;

const RIGHTS: &str = r#"{"data":{"/":{"VM.Audit":1,"Sys.Audit":1,"Datastore.Audit":1}}}"#;
const TWO_NODES: &str = r#"{"data":[
    {"type":"cluster","id":"cluster","name":"yard","nodes":2,"quorate":1,"version":4},
    {"type":"node","id":"node/pve1","name":"pve1","nodeid":1,"online":1,"local":1,"ip":"192.0.2.1"},
    {"type":"node","id":"node/pve2","name":"pve2","nodeid":2,"online":1,"local":0,"ip":"192.0.2.2"},
    {"type":"node","id":"node/pve3","name":"pve3","nodeid":3,"online":0,"local":0,"ip":"192.0.2.3"}]}"#;
const NODE: &str = r#"{"data":{"loadavg":["0.10","0.20","0.30"],"pveversion":"pve-manager/9.1.5/x","kversion":"Linux 6.14.8-2-pve #1 SMP"}}"#;

/// What a server of this version says of itself, everything else going well.
fn healthy(version: &str, call: &str) -> Reply {
    match call {
        "GET /version" => Reply::ok(format!(
            r#"{{"data":{{"version":"{version}","release":"16"}}}}"#
        )),
        "GET /cluster/status" => Reply::ok(TWO_NODES),
        "GET /access/permissions" => Reply::ok(RIGHTS),
        call if call.starts_with("GET /nodes/") => Reply::ok(NODE),
        call => Reply::unknown(call),
    }
}

async fn cluster(client: &Client) -> Result<Arc<Cluster>, Failure> {
    match client.read(Reading::Cluster).await.outcome? {
        Batch::Cluster(cluster) => Ok(cluster),
        other => unreachable!("{other:?}"),
    }
}

async fn resources(client: &Client) -> Result<Arc<Resources>, Failure> {
    match client.read(Reading::Resources).await.outcome? {
        Batch::Resources(resources) => Ok(resources),
        other => unreachable!("{other:?}"),
    }
}

fn missing(cluster: &Cluster) -> Vec<(&str, Option<&str>)> {
    let missing = |detail: &'_ NodeDetail| detail.missing.is_some();
    cluster
        .nodes
        .iter()
        .filter(|detail| missing(detail))
        .map(|detail| (&*detail.name, detail.missing.as_deref()))
        .collect()
}

#[tokio::test]
async fn a_cluster_in_few_requests() {
    let fake = Fake::start(|asked| healthy("9.1.5", &asked.call)).await;
    let client = fake.client();
    let answered = client.read(Reading::Cluster).await;
    assert_eq!(answered.traffic.requests, 5);
    let Ok(Batch::Cluster(cluster)) = answered.outcome else {
        unreachable!("{:?}", answered.outcome);
    };
    assert_eq!(cluster.version.as_deref(), Some("9.1.5"));
    assert_eq!(cluster.name.as_deref(), Some("yard"));
    assert_eq!(cluster.quorate, Some(true));
    assert_eq!(cluster.members.len(), 3);
    assert_eq!(
        cluster.rights,
        Rights {
            known: true,
            missing: Vec::new()
        }
    );
    let nodes: Vec<_> = cluster
        .nodes
        .iter()
        .map(|node| (&*node.name, node.load, node.kernel.as_deref()))
        .collect();
    let load = Some([0.1, 0.2, 0.3]);
    assert_eq!(
        nodes,
        [
            ("pve1", load, Some("6.14.8-2-pve")),
            ("pve2", load, Some("6.14.8-2-pve"))
        ],
        "the offline node is not asked"
    );
    // The fake server lives on 25 November 2020.
    assert!(cluster.clock_ahead_seconds.unwrap() < -1_000_000);
}

#[tokio::test]
async fn a_node_that_is_not_reached_is_news_about_that_node() {
    let fake = Fake::start(|asked| match asked.call.as_str() {
        "GET /nodes/pve2/status" => Reply::refused("595 No route to host"),
        call => healthy("9.1.5", call),
    })
    .await;
    let other = Fake::start(|asked| healthy("9.1.5", &asked.call)).await;
    let client = Client::new("golem", &settings(&[&fake.url, &other.url], token()));
    let cluster = cluster(&client).await.unwrap();
    assert_eq!(cluster.nodes.len(), 2);
    assert_eq!(
        missing(&cluster),
        [(
            "pve2",
            Some("595 No route to host: the contacted node cannot reach that node")
        )]
    );
    assert_eq!(other.calls(), Vec::<String>::new(), "no fail-over for it");
}

#[tokio::test]
async fn what_one_node_refuses_is_said_of_it() {
    for (status, words) in [
        (
            "403 Permission check failed (/nodes/pve2, Sys.Audit)",
            "lacks Sys.Audit on /nodes/pve2",
        ),
        ("500 proxy not allowed", "500 proxy not allowed"),
        (
            "596 Connection timed out",
            "596 Connection timed out: no answer within 30 s, often because a storage hangs",
        ),
    ] {
        let fake = Fake::start(move |asked| match asked.call.as_str() {
            "GET /nodes/pve2/status" => Reply::refused(status),
            call => healthy("9.1.5", call),
        })
        .await;
        let cluster = cluster(&fake.client()).await.unwrap();
        assert_eq!(missing(&cluster), [("pve2", Some(words))]);
    }
}

#[tokio::test]
async fn version_3_4_is_asked_only_what_it_knows() {
    let fake = Fake::start(|asked| match asked.call.as_str() {
        "POST /access/ticket" => Reply::ok(r#"{"data":{"ticket":"PVE:root@pam:51F00E60::x","username":"root@pam"}}"#),
        "GET /cluster/status" => Reply::ok(
            r#"{"data":[{"type":"node","id":"node/old1","name":"old1","local":1,"nodeid":0,"pmxcfs":1,"state":1,"level":""}]}"#,
        ),
        "GET /access/permissions" => Reply::unknown(&asked.call),
        call => healthy("3.4", call),
    })
    .await;
    let credential = password(SecretSource::Inline(Secret::new("x")));
    let client = Client::new("pikachu", &fake.settings(credential));
    let cluster = cluster(&client).await.unwrap();
    assert_eq!(cluster.version.as_deref(), Some("3.4"));
    assert_eq!((cluster.quorate, cluster.name.clone()), (None, None));
    assert_eq!(cluster.rights, Rights::default());
    assert_eq!(cluster.nodes.len(), 1);
    assert_eq!(
        fake.calls(),
        [
            "POST /access/ticket",
            "GET /version",
            "GET /cluster/status",
            "GET /nodes/old1/status"
        ]
    );
}

#[tokio::test]
async fn rights_that_are_lacking_are_noted_and_the_rest_is_read() {
    let fake = Fake::start(|asked| match asked.call.as_str() {
        "GET /cluster/status" => Reply::refused("403 Permission check failed (/, Sys.Audit)"),
        "GET /access/permissions" => {
            Reply::ok(r#"{"data":{"/nodes/pve1":{"Sys.Audit":1},"/vms":{"VM.Audit":1}}}"#)
        }
        "GET /nodes" => Reply::ok(
            r#"{"data":[{"type":"node","node":"pve2","status":"offline"},{"type":"node","node":"pve1","status":"online"}]}"#,
        ),
        call => healthy("8.4.1", call),
    })
    .await;
    let cluster = cluster(&fake.client()).await.unwrap();
    assert!(cluster.rights.known);
    let missing: Vec<&str> = cluster.rights.missing.iter().map(Text::as_str).collect();
    assert_eq!(missing, ["Datastore.Audit", "Sys.Audit on /"]);
    assert_eq!((cluster.quorate, cluster.members.len()), (None, 0));
    assert_eq!(cluster.nodes.len(), 1);
    assert_eq!(&*cluster.nodes[0].name, "pve1");
}

#[tokio::test]
async fn a_token_without_rights_reads_an_empty_list_and_says_why() {
    let fake = Fake::start(|asked| match asked.call.as_str() {
        "GET /cluster/resources" | "GET /nodes" => Reply::ok(r#"{"data":[]}"#),
        "GET /cluster/status" => Reply::refused("403 Permission check failed (/, Sys.Audit)"),
        "GET /access/permissions" => Reply::ok(r#"{"data":{}}"#),
        call => healthy("9.1.5", call),
    })
    .await;
    let client = fake.client();
    let resources = resources(&client).await.unwrap();
    assert_eq!((resources.guests.len(), resources.skipped), (0, 0));
    let cluster = cluster(&client).await.unwrap();
    assert!(cluster.rights.known);
    let missing: Vec<&str> = cluster.rights.missing.iter().map(Text::as_str).collect();
    assert_eq!(missing, ["VM.Audit", "Sys.Audit", "Datastore.Audit"]);
}

#[tokio::test]
async fn another_place_is_recognised_by_every_reading() {
    for reply in [
        Reply {
            status: "200 OK".to_owned(),
            body: ("text/html", "<!DOCTYPE html><html>Welcome".to_owned()),
        },
        Reply {
            status: "404 Not Found".to_owned(),
            body: ("text/html", "<html>nginx".to_owned()),
        },
        Reply::ok(r#"{"status":"green"}"#),
    ] {
        let told = reply.clone();
        let fake = Fake::start(move |_| told.clone()).await;
        let client = fake.client();
        for reading in [Reading::Resources, Reading::Cluster, Reading::Tasks] {
            let failure = client.read(reading).await.outcome.unwrap_err();
            let FailureKind::WrongPlace { detail } = &failure.kind else {
                unreachable!("{reply:?} gives {failure:?}");
            };
            assert!(detail.contains(":8006"), "{detail}");
            assert!(failure.request.unwrap().starts_with("GET /api2/json/"));
        }
    }
}

#[tokio::test]
async fn a_silent_pvedaemon_is_told_from_a_silent_server() {
    let fake = Fake::start(|asked| match asked.call.as_str() {
        "GET /cluster/status" => Reply::refused("595 Connection refused"),
        call => healthy("9.1.5", call),
    })
    .await;
    let failure = cluster(&fake.client()).await.unwrap_err();
    let FailureKind::Status {
        code: 595,
        reason: Some(reason),
    } = &failure.kind
    else {
        unreachable!("{failure:?}");
    };
    assert!(reason.contains("pvedaemon does not run"), "{reason}");
}

#[tokio::test]
async fn a_large_cluster_is_asked_within_bounds() {
    let rows: Vec<String> = (0..40)
        .map(|n| format!(r#"{{"type":"node","name":"n{n:02}","online":1}}"#))
        .collect();
    let status = format!(r#"{{"data":[{}]}}"#, rows.join(","));
    let asked_nodes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked_nodes);
    let fake = Fake::start(move |asked| match asked.call.as_str() {
        "GET /cluster/status" => Reply::ok(status.clone()),
        call => {
            if call.starts_with("GET /nodes/") {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            healthy("9.1.5", call)
        }
    })
    .await;
    let cluster = cluster(&fake.client()).await.unwrap();
    assert_eq!(asked_nodes.load(Ordering::SeqCst), 32);
    assert!(fake.busiest() <= 4, "{} at once", fake.busiest());
    assert_eq!(cluster.nodes.len(), 40);
    let missing = missing(&cluster);
    assert_eq!(missing.len(), 8);
    assert_eq!(missing[0], ("n32", Some("not asked: more than 32 nodes")));
}

#[tokio::test]
async fn the_address_may_end_with_the_path_of_the_api() {
    let fake = Fake::start(|_| Reply::ok(r#"{"data":[]}"#)).await;
    for suffix in ["", "/", "/api2/json", "/api2/json/"] {
        let url = format!("{}{suffix}", fake.url);
        let client = Client::new("golem", &settings(&[&url], token()));
        resources(&client).await.unwrap();
    }
    for asked in fake.asked() {
        assert!(
            asked
                .head
                .starts_with("GET /api2/json/cluster/resources HTTP"),
            "{}",
            asked.head
        );
    }
}

#[tokio::test]
async fn names_outlive_the_memory_of_the_cluster() {
    let reads = AtomicUsize::new(0);
    let fake = Fake::start(move |_| {
        let (guest, node) = match reads.fetch_add(1, Ordering::SeqCst) {
            0 => (r#""status":"running","name":"wiki","uptime":5"#, "online"),
            1 => (r#""status":"running","name":"wiki","uptime":5"#, "offline"),
            2 => return Reply::refused("500 got no worker"),
            _ => (r#""status":"unknown""#, "offline"),
        };
        Reply::ok(format!(
            r#"{{"data":[{{"type":"lxc","id":"lxc/105","vmid":105,"node":"pve3",{guest}}},{{"type":"node","node":"pve3","status":"{node}"}}]}}"#
        ))
    })
    .await;
    let client = fake.client();
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(resources(&client).await.ok().map(|resources| {
            let guest = &resources.guests[0];
            (guest.name.as_deref() == Some("wiki"), guest.state)
        }));
    }
    assert_eq!(
        seen,
        [
            Some((true, GuestState::Running)),
            Some((true, GuestState::NodeGone)),
            None,
            Some((true, GuestState::NodeGone)),
        ]
    );
}

#[tokio::test]
async fn a_large_answer_is_read_whole() {
    let rows: Vec<String> = (0..3000)
        .map(|n| {
            format!(
                r#"{{"id":"lxc/{0}","type":"lxc","vmid":{0},"node":"p","status":"running","name":"guest-{0}","maxmem":1073741824,"mem":209584128}}"#,
                100 + n
            )
        })
        .collect();
    let body = format!(r#"{{"data":[{}]}}"#, rows.join(","));
    assert!(body.len() > LARGE);
    let fake = Fake::start(move |_| Reply::ok(body.clone())).await;
    let resources = resources(&fake.client()).await.unwrap();
    assert_eq!(resources.guests.len(), 3000);
    assert_eq!(resources.guests[2999].name.as_deref(), Some("guest-3099"));
}

#[tokio::test]
async fn tasks_are_read() {
    let fake = Fake::start(|_| {
        Reply::ok(
            r#"{"data":[{"upid":"UPID:p:00000001:00000001:687A6F07:qmshutdown:100:root@pam:","node":"p","starttime":1752854279,"endtime":1752854281,"type":"qmshutdown","id":"100","user":"root@pam","status":"OK","saved":"1"}]}"#,
        )
    })
    .await;
    let answered = fake.client().read(Reading::Tasks).await;
    let Ok(Batch::Tasks(tasks)) = answered.outcome else {
        unreachable!("{:?}", answered.outcome);
    };
    assert_eq!(tasks.len(), 1);
    assert!(tasks[0].stops_a_guest());
    assert_eq!(tasks[0].vmid(), Some(100));
    let other = fake.client().read(Reading::Tickets).await;
    assert!(matches!(
        other.outcome.unwrap_err().kind,
        FailureKind::Bug { .. }
    ));
}
