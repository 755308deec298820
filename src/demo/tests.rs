//! The lab, asked by hand over a bare TCP stream.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod life;
mod monitor;
mod proxmox;
mod tickets;
mod troubles;

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Lab, Options, Scenario, Server};

/// An answer as it came over the wire.
struct Reply {
    status: u16,
    reason: String,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    fn rows(&self, name: &str) -> Vec<Value> {
        self.json()[name].as_array().expect("a list").clone()
    }
}

async fn lab() -> Lab {
    Lab::start(Options::default()).await.unwrap()
}

async fn outage() -> Lab {
    let options = Options {
        scenario: Scenario::Outage,
        size: None,
    };
    Lab::start(options).await.unwrap()
}

/// Sends one request on a connection of its own.
async fn send(lab: &Lab, server: Server, method: &str, path: &str, rest: &str) -> Reply {
    try_send(lab.port(server), method, path, rest)
        .await
        .unwrap()
}

async fn try_send(port: u16, method: &str, path: &str, rest: &str) -> std::io::Result<Reply> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = format!("{method} {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n{rest}");
    let request = if request.contains("\r\n\r\n") {
        request
    } else {
        request + "\r\n"
    };
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let body = bytes[end + 4..].to_vec();
    let mut words = head.lines().next().unwrap().splitn(3, ' ').skip(1);
    let status = words.next().unwrap().parse().unwrap();
    let reason = words.next().unwrap_or_default().to_owned();
    let body = if head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked")
    {
        unchunked(&body)
    } else {
        body
    };
    Ok(Reply {
        status,
        reason,
        head,
        body,
    })
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = bytes.windows(2).position(|pair| pair == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + size + 4..];
    }
}

/// A GET on golem with the token.
async fn golem(lab: &Lab, path: &str) -> Reply {
    let token = &lab.world.secrets.token;
    let header = format!("Authorization: PVEAPIToken=vigie@pve!tui={token}\r\n");
    send(
        lab,
        Server::Golem,
        "GET",
        &format!("/api2/json{path}"),
        &header,
    )
    .await
}

/// A GET on the Checkmk site.
async fn checkmk(lab: &Lab, path: &str) -> Reply {
    let secret = &lab.world.secrets.automation;
    let headers =
        format!("Authorization: Bearer automation {secret}\r\nAccept: application/json\r\n");
    let path = format!("/look/check_mk/api/1.0{path}");
    send(lab, Server::Checkmk, "GET", &path, &headers).await
}

/// A GET on Redmine.
async fn redmine(lab: &Lab, path: &str) -> Reply {
    let key = &lab.world.secrets.key;
    let header = format!("X-Redmine-API-Key: {key}\r\n");
    send(lab, Server::Redmine, "GET", path, &header).await
}

#[tokio::test]
async fn the_configuration_names_every_server() {
    let lab = lab().await;
    let text = lab.config_toml();
    let config: toml::Table = text.parse().unwrap();
    for server in [
        Server::Golem,
        Server::Pikachu,
        Server::Checkmk,
        Server::Redmine,
    ] {
        assert!(text.contains(&format!("http://127.0.0.1:{}", lab.port(server))));
    }
    let sites = config["web"]["sites"]["site"].as_array().unwrap();
    assert_eq!(sites.len(), 16);
    assert!(sites.iter().all(|site| site["url"].is_str()));
    assert_eq!(sites[0]["expect"].as_integer(), Some(200));
    assert_eq!(
        sites[1]["expect"].as_str(),
        Some("https://www.example.org/")
    );
    let roster = config["roster"]["team"]["file"].as_str().unwrap();
    assert!(std::fs::exists(roster).unwrap());
    let roster = roster.to_owned();
    drop(lab);
    assert!(!std::fs::exists(roster).unwrap());
}

#[tokio::test]
async fn a_dropped_lab_serves_no_more() {
    let lab = lab().await;
    let port = lab.port(Server::Web);
    assert_eq!(try_send(port, "GET", "/www", "").await.unwrap().status, 200);
    drop(lab);
    // The tasks end when the runtime gets to them.
    for _ in 0..100 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    unreachable!("the port is still open");
}

#[tokio::test]
async fn the_web_sites_answer_forward_and_break() {
    let lab = outage().await;
    let www = send(&lab, Server::Web, "GET", "/www", "").await;
    assert_eq!(www.status, 200);
    assert!(www.head.contains("x-cache: HIT"));
    let bare = send(&lab, Server::Web, "GET", "/bare", "").await;
    assert_eq!(bare.status, 301);
    assert!(bare.head.contains("location: https://www.example.org/"));
    assert_eq!(
        send(&lab, Server::Web, "GET", "/wiki", "").await.status,
        502
    );
    assert_eq!(
        send(&lab, Server::Web, "GET", "/nothing", "").await.status,
        404
    );
    lab.skip(Duration::from_secs(100));
    assert_eq!(
        send(&lab, Server::Web, "GET", "/wiki", "").await.status,
        200
    );
}
