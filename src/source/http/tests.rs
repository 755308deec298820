//! The client against small servers that send raw bytes.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod addresses;
mod answer;
mod tls;
mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::{Http, Method, Request};
use crate::config::shape::{Deadlines, Reach, Trust};
use crate::domain::failure::FailureKind;
use crate::domain::{Bytes, Failure};

/// Waits in tests are short; what is asserted is which one ended.
const SHORT: Deadlines = Deadlines {
    connect: Duration::from_millis(300),
    first_byte: Duration::from_millis(600),
    whole: Duration::from_millis(900),
};

/// Enough for a loaded machine, where no deadline should end anything.
const LONG: Deadlines = Deadlines {
    connect: Duration::from_secs(20),
    first_byte: Duration::from_secs(20),
    whole: Duration::from_secs(30),
};

const CAP: u64 = 64 * 1024;

/// A server that gives each connection, with its number, to `talk`.
async fn serve<F, T>(talk: F) -> SocketAddr
where
    F: Fn(usize, TcpStream) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(number, stream));
            number += 1;
        }
    });
    address
}

/// A server that reads one request on each connection, answers with these bytes and closes.
async fn answering(bytes: impl Into<Vec<u8>>) -> SocketAddr {
    let bytes = bytes.into();
    serve(move |_, mut stream| {
        let bytes = bytes.clone();
        async move {
            head(&mut stream).await;
            let _ = stream.write_all(&bytes).await;
        }
    })
    .await
}

/// A server that takes connections and says nothing.
async fn holding() -> SocketAddr {
    serve(|_, stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    })
    .await
}

/// A port on which nobody listens.
async fn closed_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

/// Reads a request up to the end of its headers.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => read.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(read).unwrap()
}

/// A 200 with this JSON.
fn fine(json: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
        json.len()
    )
}

fn reach(urls: &[String], trust: Trust, deadlines: Deadlines) -> Reach {
    Reach {
        urls: urls.iter().map(|url| Url::parse(url).unwrap()).collect(),
        trust,
        tunnel: None,
        deadlines,
        body_cap: Bytes(CAP),
    }
}

fn client(address: SocketAddr, deadlines: Deadlines) -> Http {
    let urls = [format!("http://{address}/api2/json/")];
    Http::new("golem", &reach(&urls, Trust::System, deadlines))
}

async fn get(address: SocketAddr, deadlines: Deadlines) -> Result<super::Answer, Failure> {
    let http = client(address, deadlines);
    http.send(Request::get("/version?secret=hidden")).await
}

fn post(path: &str) -> Request {
    Request {
        method: Method::Post,
        body: Some(("application/json", "{}".into())),
        ..Request::get(path)
    }
}

async fn failed(address: SocketAddr, deadlines: Deadlines) -> FailureKind {
    let failure = get(address, deadlines).await.unwrap_err();
    assert_eq!(
        failure.request.as_deref(),
        Some(format!("GET /version on {address}").as_str())
    );
    failure.kind
}
