//! The client against the embedded lab: 9.1 with a token, 3.4 with a ticket.

use std::path::Path;
use std::sync::Arc;

use vigie::config;
use vigie::config::shape::System;
use vigie::demo::{Lab, Options, Server, Trouble};
use vigie::domain::failure::FailureKind;
use vigie::domain::guest::{GuestKind, GuestState};
use vigie::domain::node::{Cluster, NodeState, Resources, Rights};
use vigie::domain::task::Task;
use vigie::domain::{Batch, Failure, Reading, Text};
use vigie::source::Client as _;
use vigie::source::proxmox::Client;

async fn lab() -> Lab {
    Lab::start(Options::default()).await.unwrap()
}

/// A client as the lab's own configuration wants it; `change` may spoil the secret.
fn client(lab: &Lab, server: Server, change: impl Fn(&str) -> String) -> Client {
    let name = match server {
        Server::Golem => "golem",
        _ => "pikachu",
    };
    let toml = lab.config_toml();
    let spoilt: Vec<String> = toml
        .lines()
        .map(|line| match line.split_once(" = \"") {
            Some((key @ ("token" | "password"), secret)) => {
                format!("{key} = \"{}\"", change(secret.trim_end_matches('"')))
            }
            _ => line.to_owned(),
        })
        .collect();
    let config = config::parse(&spoilt.join("\n"), Path::new("lab.toml")).unwrap();
    let source = config.sources.iter().find(|s| s.name == name).unwrap();
    let System::Proxmox(settings) = &source.system else {
        unreachable!("{name}");
    };
    Client::new(name, settings)
}

async fn resources(client: &Client) -> Result<Arc<Resources>, Failure> {
    match client.read(Reading::Resources).await.outcome? {
        Batch::Resources(resources) => Ok(resources),
        other => unreachable!("{other:?}"),
    }
}

async fn cluster(client: &Client) -> Result<Arc<Cluster>, Failure> {
    match client.read(Reading::Cluster).await.outcome? {
        Batch::Cluster(cluster) => Ok(cluster),
        other => unreachable!("{other:?}"),
    }
}

async fn tasks(client: &Client) -> Result<Arc<Vec<Task>>, Failure> {
    match client.read(Reading::Tasks).await.outcome? {
        Batch::Tasks(tasks) => Ok(tasks),
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test]
async fn golem_is_read_with_its_token() {
    let lab = lab().await;
    let client = client(&lab, Server::Golem, str::to_owned);
    let (resources, cluster, tasks) =
        tokio::join!(resources(&client), cluster(&client), tasks(&client));
    let (resources, cluster, tasks) = (resources.unwrap(), cluster.unwrap(), tasks.unwrap());

    assert_eq!(resources.skipped, 0);
    assert_eq!(resources.nodes.len(), 1);
    let node = &resources.nodes[0];
    assert_eq!((&*node.name, node.state), ("golem", NodeState::Online));
    assert!(!node.figures_denied && node.cpu.is_some() && node.memory_total.is_some());
    let wiki = resources
        .guests
        .iter()
        .find(|guest| guest.vmid == 105)
        .unwrap();
    assert_eq!(wiki.name.as_deref(), Some("wiki"));
    assert_eq!(
        (wiki.kind, wiki.state),
        (GuestKind::Lxc, GuestState::Running)
    );
    assert!(
        resources
            .guests
            .iter()
            .any(|guest| guest.kind == GuestKind::Qemu)
    );
    assert!(!resources.storages.is_empty());

    assert!(cluster.version.as_deref().unwrap().starts_with("9.1"));
    assert_eq!((cluster.quorate, cluster.members.len()), (None, 1));
    assert_eq!(
        cluster.rights,
        Rights {
            known: true,
            missing: Vec::new()
        }
    );
    assert_eq!(cluster.nodes.len(), 1);
    assert_eq!(cluster.nodes[0].missing, None);
    assert!(cluster.nodes[0].load.is_some());
    assert!(cluster.clock_ahead_seconds.unwrap().abs() <= 5);

    assert!(!tasks.is_empty());
    assert!(tasks.is_sorted_by(|a, b| a.started >= b.started));
}

#[tokio::test]
async fn pikachu_is_read_with_one_ticket() {
    let lab = lab().await;
    let client = client(&lab, Server::Pikachu, str::to_owned);
    let (first, cluster, tasks) =
        tokio::join!(resources(&client), cluster(&client), tasks(&client));
    let first = first.unwrap();
    assert_eq!(first.skipped, 0);
    assert_eq!(first.nodes[0].state, NodeState::Online);
    assert!(
        first
            .guests
            .iter()
            .any(|guest| guest.kind == GuestKind::OpenVz)
    );
    let cluster = cluster.unwrap();
    assert_eq!(cluster.version.as_deref(), Some("3.4"));
    assert_eq!(cluster.quorate, None);
    assert!(!cluster.rights.known);
    assert_eq!(
        lab.requests_to(Server::Pikachu, "/api2/json/access/permissions"),
        0
    );
    tasks.unwrap();
    assert_eq!(
        lab.requests_to(Server::Pikachu, "/api2/json/access/ticket"),
        1
    );

    lab.expire_tickets();
    let again = resources(&client).await.unwrap();
    assert_eq!(again.guests.len(), first.guests.len());
    assert_eq!(
        lab.requests_to(Server::Pikachu, "/api2/json/access/ticket"),
        2
    );
}

#[tokio::test]
async fn wrong_credentials_are_named() {
    let lab = lab().await;
    for (server, credential) in [
        (Server::Golem, "token vigie@pve!tui of golem"),
        (Server::Pikachu, "password of vigie@pve at pikachu"),
    ] {
        let client = client(&lab, server, |secret| format!("{secret}x"));
        let failure = resources(&client).await.unwrap_err();
        let FailureKind::Unauthorized {
            credential: named,
            reason: Some(_),
        } = &failure.kind
        else {
            unreachable!("{failure:?}");
        };
        assert_eq!(&**named, credential);
        assert_eq!(lab.requests(server), 1);
    }
}

#[tokio::test]
async fn an_empty_list_by_lack_of_privileges_says_so() {
    let lab = lab().await;
    lab.misbehave(Server::Golem, Some(Trouble::EmptyLists))
        .await;
    let client = client(&lab, Server::Golem, str::to_owned);
    let resources = resources(&client).await.unwrap();
    assert_eq!(resources.guests.len(), 0);
    let cluster = cluster(&client).await.unwrap();
    assert!(cluster.rights.known);
    let missing: Vec<&str> = cluster.rights.missing.iter().map(Text::as_str).collect();
    assert!(missing.contains(&"VM.Audit"), "{missing:?}");
}

#[tokio::test]
async fn troubles_are_failures_and_pass() {
    let lab = lab().await;
    let client = client(&lab, Server::Golem, str::to_owned);
    let before = resources(&client).await.unwrap().guests.len();
    for trouble in [
        Trouble::Down,
        Trouble::Truncated,
        Trouble::Garbage,
        Trouble::EmptyBody,
        Trouble::LoginPage,
        Trouble::Redirect("http://192.0.2.1/".to_owned()),
        Trouble::Busy("30".to_owned()),
        Trouble::Status(595, "Connection refused".to_owned(), String::new()),
    ] {
        lab.misbehave(Server::Golem, Some(trouble.clone())).await;
        for reading in [Reading::Resources, Reading::Cluster, Reading::Tasks] {
            let outcome = client.read(reading).await.outcome;
            let failure = outcome.err().unwrap_or_else(|| unreachable!("{trouble:?}"));
            assert!(failure.is_worth_retrying(), "{trouble:?} gives {failure:?}");
            assert!(failure.request.is_some(), "{trouble:?} gives {failure:?}");
        }
    }
    lab.misbehave(Server::Golem, None).await;
    assert_eq!(resources(&client).await.unwrap().guests.len(), before);
}

#[tokio::test]
async fn hostile_names_are_inert() {
    let lab = lab().await;
    let hostile = "\u{1b}[2J\u{7}\u{202e}\n";
    lab.misbehave(Server::Golem, Some(Trouble::Hostile(hostile.to_owned())))
        .await;
    let client = client(&lab, Server::Golem, str::to_owned);
    let resources = resources(&client).await.unwrap();
    let mut shown = 0;
    for name in resources
        .guests
        .iter()
        .filter_map(|guest| guest.name.as_ref())
    {
        assert!(!name.chars().any(char::is_control), "{name:?}");
        shown += usize::from(name.contains("␛[2J␇·⏎"));
    }
    assert!(shown > 0);
}

#[tokio::test]
async fn ten_thousand_guests_come_in_one_request() {
    let lab = Lab::start(Options {
        size: Some(10_000),
        ..Options::default()
    })
    .await
    .unwrap();
    let client = client(&lab, Server::Golem, str::to_owned);
    let answered = client.read(Reading::Resources).await;
    assert_eq!(answered.traffic.requests, 1);
    let Ok(Batch::Resources(resources)) = answered.outcome else {
        unreachable!("{:?}", answered.outcome);
    };
    assert_eq!((resources.guests.len(), resources.skipped), (10_000, 0));
    assert!(
        resources
            .guests
            .iter()
            .all(|guest| { guest.state != GuestState::Unknown && guest.name.is_some() })
    );
}
