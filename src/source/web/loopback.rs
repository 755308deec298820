//! Small servers on loopback to be probed, good and bad.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::future::Future;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::Client;
use crate::config::shape::{Deadlines, Expect, Site, Trust, Web};
use crate::domain::failure::FailureKind;
use crate::domain::web::{Lack, Probe, ProbeOutcome};
use crate::domain::{Batch, Reading};
use crate::source::Client as _;

pub(super) fn site(url: &str, expect: Expect) -> Site {
    Site {
        expect,
        runs_on: Some("105".to_owned()),
        ..Site::new("wiki", Url::parse(url).unwrap())
    }
}

pub(super) fn client(mut sites: Vec<Site>, trust: Trust, deadlines: Deadlines) -> Client {
    for site in &mut sites {
        site.deadlines = deadlines;
    }
    Client::new(
        "sites",
        &Web {
            sites,
            trust,
            parallel: 6,
        },
    )
}

/// Asks all sites now.
pub(super) async fn probes(client: &Client) -> Vec<Probe> {
    client.hurry();
    read(client).await
}

/// Asks the sites that are due.
pub(super) async fn read(client: &Client) -> Vec<Probe> {
    match client.read(Reading::Probes).await.outcome.unwrap() {
        Batch::Probes(probes) => probes.to_vec(),
        other => panic!("{other:?}"),
    }
}

pub(super) async fn one(url: &str, expect: Expect) -> Probe {
    the(site(url, expect)).await
}

/// The outcome of one site.
pub(super) async fn the(site: Site) -> Probe {
    let client = client(vec![site], no_one(), Deadlines::default());
    probes(&client).await.remove(0)
}

/// Trust that needs no file of the machine.
pub(super) fn no_one() -> Trust {
    Trust::Pins(vec![[0; 32]])
}

/// Takes connections and gives each to `serve`.
pub(super) async fn listen<F: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(TcpStream) -> F + Send + 'static,
) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    port
}

/// Reads a request and begins its answer; gives the request.
pub(super) async fn begin(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    answer: &str,
) -> String {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        let mut byte = [0; 1];
        if stream.read_exact(&mut byte).await.is_err() {
            return String::new();
        }
        asked.push(byte[0]);
    }
    stream.write_all(answer.as_bytes()).await.ok();
    String::from_utf8(asked).unwrap()
}

/// Reads a request, sends `answer` and closes; gives the request.
pub(super) async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &str,
) -> String {
    let asked = begin(&mut stream, answer).await;
    stream.shutdown().await.ok();
    asked
}

/// A plain server that always sends this.
pub(super) async fn always(text: &'static str) -> String {
    let port = listen(move |stream| async move {
        answer(stream, text).await;
    })
    .await;
    format!("http://127.0.0.1:{port}/")
}

/// An answer in short.
#[derive(Debug, PartialEq)]
pub(super) struct Said<'a> {
    pub(super) status: u16,
    pub(super) expected: bool,
    pub(super) redirect: Option<&'a str>,
    pub(super) wanted: Option<&'a str>,
}

pub(super) fn said(probe: &Probe) -> Said<'_> {
    match &probe.outcome {
        ProbeOutcome::Answered {
            status,
            redirect,
            expected,
            wanted,
            ..
        } => Said {
            status: *status,
            expected: *expected,
            redirect: redirect.as_deref(),
            wanted: wanted.as_deref(),
        },
        ProbeOutcome::Failed(failure) => panic!("{failure:?}"),
    }
}

/// What an answer lacks.
pub(super) fn lack(probe: &Probe) -> Option<&Lack> {
    match &probe.outcome {
        ProbeOutcome::Answered { lack, .. } => lack.as_ref(),
        ProbeOutcome::Failed(failure) => panic!("{failure:?}"),
    }
}

pub(super) fn failed(probe: &Probe) -> &FailureKind {
    match &probe.outcome {
        ProbeOutcome::Failed(failure) => &failure.kind,
        answered @ ProbeOutcome::Answered { .. } => panic!("{answered:?}"),
    }
}
