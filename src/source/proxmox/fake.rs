//! A server on a loopback port that answers as a test tells it to, and remembers what it was asked.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::config::shape::{Deadlines, Proxmox, ProxmoxCredential, Reach, Trust};
use crate::config::{Secret, SecretSource};
use crate::domain::Bytes;

use super::Client;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `GET /version`: method and path below `/api2/json`.
    pub call: String,
    /// Head in full.
    pub head: String,
    /// Body.
    pub body: String,
}

impl Asked {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.to_ascii_lowercase() == name).then(|| value.trim())
        })
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Status code and reason phrase.
    pub status: String,
    /// Content type and body.
    pub body: (&'static str, String),
}

impl Reply {
    /// 200 with JSON.
    pub fn ok(body: impl Into<String>) -> Self {
        Self {
            status: "200 OK".to_owned(),
            body: ("application/json;charset=UTF-8", body.into()),
        }
    }

    /// A status with its reason and the body that goes with most of them.
    pub fn refused(status: &str) -> Self {
        let body = match status.split(' ').next() {
            Some("401" | "595" | "596") => "",
            _ => r#"{"data":null}"#,
        };
        Self {
            status: status.to_owned(),
            ..Self::ok(body)
        }
    }

    /// What Proxmox answers to calls it does not know.
    pub fn unknown(call: &str) -> Self {
        Self::refused(&format!("501 Method '{call}' not implemented"))
    }
}

/// The server. Ends with the test's runtime.
#[derive(Debug, Clone)]
pub struct Fake {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    log: Arc<Log>,
}

#[derive(Debug, Default)]
struct Log {
    asked: Mutex<Vec<Asked>>,
    now: AtomicUsize,
    busiest: AtomicUsize,
}

impl Fake {
    /// Starts a server with this behaviour.
    pub async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Log::default());
        let (answer, kept) = (Arc::new(answer), Arc::clone(&log));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&kept));
                tokio::spawn(async move { serve(stream, &*answer, &log).await });
            }
        });
        Self { url, log }
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.log.asked.lock().unwrap().clone()
    }

    /// The calls of [`Self::asked`].
    pub fn calls(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.call).collect()
    }

    /// How often this was called.
    pub fn count(&self, call: &str) -> usize {
        self.calls().iter().filter(|asked| *asked == call).count()
    }

    /// Most requests that were under way at the same time.
    pub fn busiest(&self) -> usize {
        self.log.busiest.load(Ordering::SeqCst)
    }

    /// Settings that reach it.
    pub fn settings(&self, credential: ProxmoxCredential) -> Proxmox {
        settings(&[&self.url], credential)
    }

    /// A client with a token.
    pub fn client(&self) -> Client {
        Client::new("golem", &self.settings(token()))
    }
}

/// Settings for these addresses.
pub fn settings(urls: &[&str], credential: ProxmoxCredential) -> Proxmox {
    Proxmox {
        reach: Reach {
            urls: urls.iter().map(|url| url.parse().unwrap()).collect(),
            trust: Trust::System,
            tunnel: None,
            deadlines: Deadlines::default(),
            body_cap: Bytes(16 << 20),
        },
        credential,
    }
}

/// A token.
pub fn token() -> ProxmoxCredential {
    ProxmoxCredential::Token {
        id: Some("vigie@pve!tui".to_owned()),
        secret: SecretSource::Inline(Secret::new("uuid-1")),
    }
}

/// A user with a password.
pub fn password(password: SecretSource) -> ProxmoxCredential {
    ProxmoxCredential::Password {
        user: "root@pam".to_owned(),
        password,
    }
}

async fn serve(mut stream: TcpStream, answer: &(dyn Fn(&Asked) -> Reply + Send + Sync), log: &Log) {
    let mut read = Vec::new();
    let head_end = loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return;
        }
    };
    let head = String::from_utf8_lossy(&read[..head_end]).into_owned();
    let mut asked = Asked {
        call: head
            .split(' ')
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
            .replace("/api2/json", ""),
        head,
        body: String::new(),
    };
    let length: usize = asked
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    while read.len() < head_end + length {
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return;
        }
    }
    asked.body = String::from_utf8_lossy(&read[head_end..]).into_owned();
    let reply = answer(&asked);
    log.asked.lock().unwrap().push(asked);
    let now = 1 + log.now.fetch_add(1, Ordering::SeqCst);
    log.busiest.fetch_max(now, Ordering::SeqCst);
    // Long enough that requests sent at the same time meet here.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    log.now.fetch_sub(1, Ordering::SeqCst);
    let (kind, body) = &reply.body;
    let message = format!(
        "HTTP/1.1 {}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nDate: Wed, 25 Nov 2020 13:31:10 GMT\r\nConnection: close\r\n\r\n{body}",
        reply.status,
        body.len()
    );
    // The client may have gone away: that is its business.
    let _ = stream.write_all(message.as_bytes()).await;
}
