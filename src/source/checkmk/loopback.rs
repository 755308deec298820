//! A small server on loopback that answers as a test says.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::Client;
use crate::config::shape::{Checkmk, Deadlines, Reach, Trust};
use crate::config::{Secret, SecretSource};
use crate::domain::Bytes;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// `GET` or `POST`.
    pub(super) method: String,
    /// Path with its query, decoded.
    pub(super) path: String,
    /// Header lines in lower case.
    pub(super) head: String,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn has(&self, method: &str, part: &str) -> bool {
        self.method == method && self.path.contains(part)
    }
}

/// Status line and headers, and the body.
pub(super) type Reply = (&'static str, String);

pub(super) fn json(body: &str) -> Reply {
    ("200 OK\r\nContent-Type: application/json", body.to_owned())
}

pub(super) fn problem(status: &'static str, body: &str) -> Reply {
    let head = match status {
        "400" => "400 Bad Request\r\nContent-Type: application/problem+json",
        "401" => "401 Unauthorized\r\nContent-Type: application/problem+json",
        "404" => "404 Not Found\r\nContent-Type: application/problem+json",
        "405" => "405 Method Not Allowed\r\nContent-Type: application/problem+json",
        "500" => "500 Internal Server Error\r\nContent-Type: application/problem+json",
        other => panic!("{other} is not told here"),
    };
    (head, body.to_owned())
}

pub(super) const VERSION: &str =
    r#"{"site":"heute","versions":{"checkmk":"2.4.0p18.cre"},"edition":"raw"}"#;

pub(super) struct Site {
    url: Url,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Site {
    /// A server that answers with what `answer` says.
    pub(super) async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/heute", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let site = Self {
            url: Url::parse(&url).unwrap(),
            asked: Arc::clone(&asked),
        };
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
                tokio::spawn(async move { serve(stream, &*answer, &asked).await });
            }
        });
        site
    }

    pub(super) fn client(&self) -> Client {
        Client::new(
            "monitor",
            &Checkmk {
                reach: Reach {
                    urls: vec![self.url.clone()],
                    trust: Trust::System,
                    tunnel: None,
                    deadlines: Deadlines::default(),
                    body_cap: Bytes(32 << 20),
                },
                user: "vigie".to_owned(),
                secret: SecretSource::Inline(Secret::new("parrot-squawk")),
            },
        )
    }

    /// Requests so far, as `GET path`.
    pub(super) fn requests(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn count(&self, method: &str, part: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.has(method, part)).count()
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: &(impl Fn(&Asked) -> Reply + Sync),
    asked: &Mutex<Vec<Asked>>,
) {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        let mut chunk = [0; 4096];
        let Ok(n @ 1..) = stream.read(&mut chunk).await else {
            return;
        };
        bytes.extend_from_slice(&chunk[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length: usize = head
            .lines()
            .find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            })
            .unwrap_or(0);
        if body.len() >= length {
            break (text, length);
        }
    };
    let (head, body) = head.split_once("\r\n\r\n").unwrap();
    let mut line = head.split(' ');
    let method = line.next().unwrap().to_owned();
    let path = percent_encoding::percent_decode_str(line.next().unwrap())
        .decode_utf8()
        .unwrap()
        .into_owned();
    let request = Asked {
        method,
        path,
        head: head.to_lowercase(),
        body: body.chars().take(length).collect(),
    };
    let (status, body) = answer(&request);
    asked.lock().unwrap().push(request);
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.ok();
}
