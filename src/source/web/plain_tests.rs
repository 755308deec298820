//! Probes without TLS.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use url::Url;

use super::loopback::{
    Said, always, answer, begin, client, failed, listen, no_one, one, probes, said, site,
};
use crate::config::shape::{Deadlines, Expect};
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::web::ProbeOutcome;
use crate::domain::{Batch, Moment, Reading, Severity, Text};
use crate::source::Client as _;

#[tokio::test]
async fn a_site_that_answers() {
    let url =
        always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Cache: HIT\r\nAge: 7\r\n\r\nok").await;
    let client = client(
        vec![site(&url, Expect::Fine)],
        no_one(),
        Deadlines::default(),
    );
    let answered = client.read(Reading::Probes).await;
    assert_eq!((answered.traffic.requests, answered.traffic.bytes), (1, 2));
    let Ok(Batch::Probes(probes)) = answered.outcome else {
        panic!("{:?}", answered.outcome);
    };
    let probe = &probes[0];
    assert_eq!(
        said(probe),
        Said {
            status: 200,
            expected: true,
            redirect: None,
            wanted: None
        }
    );
    let ProbeOutcome::Answered {
        cache, first_byte, ..
    } = &probe.outcome
    else {
        panic!("{probe:?}");
    };
    assert_eq!(cache.as_deref(), Some("HIT, age 7 s"));
    assert!(*first_byte > Duration::ZERO);
    assert_eq!(probe.severity(), Severity::Ok);
    assert_eq!(probe.runs_on.as_deref(), Some("105"));
    assert_eq!(probe.url.as_str(), url);
    assert_eq!((probe.misses, probe.certificate.as_ref()), (0, None));
}

#[tokio::test]
async fn the_request_is_a_plain_get_without_credentials() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let port = listen(move |stream| {
        let tell = tell.clone();
        async move {
            let asked = answer(stream, "HTTP/1.1 204 No Content\r\n\r\n").await;
            tell.send(asked).ok();
        }
    })
    .await;
    let url = format!("http://anne:secret@127.0.0.1:{port}/a%20b?x=1#part");
    let probe = one(&url, Expect::Fine).await;
    assert_eq!(said(&probe).status, 204);
    let asked = told.recv().await.unwrap().to_lowercase();
    assert!(asked.starts_with("get /a%20b?x=1 http/1.1\r\n"), "{asked}");
    assert!(asked.contains(&format!("host: 127.0.0.1:{port}\r\n")));
    assert!(asked.contains("user-agent: vigie/"));
    assert!(asked.contains(" (probe)\r\n"));
    assert!(!asked.contains("authorization"));
    assert_eq!(
        probe.url.as_str(),
        format!("http://127.0.0.1:{port}/a%20b?x=1")
    );
}

#[tokio::test]
async fn answers_that_are_not_wanted() {
    let bad_gateway = always("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(
        said(&one(&bad_gateway, Expect::Fine).await),
        Said {
            status: 502,
            expected: false,
            redirect: None,
            wanted: Some("200, or a redirect within 127.0.0.1")
        }
    );
    assert!(said(&one(&bad_gateway, Expect::Status(502)).await).expected);
}

#[tokio::test]
async fn redirects_are_compared_and_never_followed() {
    let hits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&hits);
    let port = listen(move |stream| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            answer(
                stream,
                "HTTP/1.1 301 Moved\r\nLocation: https://www.example.org/start?t=1\r\nContent-Length: 0\r\n\r\n",
            )
            .await;
        }
    })
    .await;
    let url = format!("http://127.0.0.1:{port}/");
    let right = Expect::Redirect(Url::parse("https://www.example.org/start?t=1").unwrap());
    assert!(said(&one(&url, right).await).expected);
    let wrong = Expect::Redirect(Url::parse("https://www.example.org/").unwrap());
    assert_eq!(
        said(&one(&url, wrong).await),
        Said {
            status: 301,
            expected: false,
            redirect: Some("https://www.example.org/start"),
            wanted: Some("a redirect to https://www.example.org/")
        }
    );
    assert!(!said(&one(&url, Expect::Fine).await).expected);
    let itself = always("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n").await;
    assert!(said(&one(&itself, Expect::Fine).await).expected);
    assert_eq!(hits.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let probe = one(&format!("http://127.0.0.1:{port}/?key=1"), Expect::Fine).await;
    assert_eq!(
        *failed(&probe),
        FailureKind::Unreachable {
            detail: Text::clean(&format!("127.0.0.1:{port}: connection refused"))
        }
    );
    let ProbeOutcome::Failed(failure) = &probe.outcome else {
        panic!("{probe:?}");
    };
    assert_eq!(
        failure.request.as_deref(),
        Some(format!("GET http://127.0.0.1:{port}/").as_str())
    );
}

#[tokio::test]
async fn servers_that_hang_end_at_their_deadline() {
    let silent = listen(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let dripping = listen(|mut stream| async move {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
        begin(&mut stream, head).await;
        while stream.write_all(b".").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let deadlines = Deadlines {
        connect: Duration::from_secs(1),
        first_byte: Duration::from_secs(1),
        whole: Duration::from_millis(1500),
    };
    let client = client(
        vec![
            site(&format!("http://127.0.0.1:{silent}/"), Expect::Fine),
            site(&format!("http://127.0.0.1:{dripping}/"), Expect::Fine),
            site(&format!("https://127.0.0.1:{silent}/"), Expect::Fine),
        ],
        no_one(),
        deadlines,
    );
    let stages: Vec<_> = probes(&client)
        .await
        .iter()
        .map(|probe| match failed(probe) {
            FailureKind::TimedOut { stage, .. } => *stage,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(stages, [Stage::FirstByte, Stage::Body, Stage::Connect]);
}

#[tokio::test]
async fn broken_answers() {
    let nothing = listen(|stream| async move {
        answer(stream, "").await;
    })
    .await;
    let probe = one(&format!("http://127.0.0.1:{nothing}/"), Expect::Fine).await;
    assert_eq!(
        *failed(&probe),
        FailureKind::Broken {
            detail: Text::clean("the server closed the connection without an answer")
        }
    );
    let short = always("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort").await;
    assert_eq!(
        *failed(&one(&short, Expect::Fine).await),
        FailureKind::Broken {
            detail: Text::clean("the answer ends before its end")
        }
    );
    // A mail server waits for the request, or does not.
    let mail = listen(|mut stream| async move {
        stream
            .write_all(b"220 mail.example.org ESMTP\r\n")
            .await
            .ok();
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    let mail = format!("http://127.0.0.1:{mail}/");
    let late = always("220 mail.example.org ESMTP\r\n").await;
    for url in [mail, late] {
        let probe = one(&url, Expect::Fine).await;
        let FailureKind::Malformed { detail } = failed(&probe) else {
            panic!("{probe:?}");
        };
        assert!(detail.starts_with("no HTTP answer"), "{detail}");
    }
}

#[tokio::test]
async fn a_body_without_end_is_cut_and_fine() {
    let endless = listen(|mut stream| async move {
        begin(&mut stream, "HTTP/1.1 200 OK\r\n\r\n").await;
        let block = [b'x'; 16 * 1024];
        while stream.write_all(&block).await.is_ok() {}
    })
    .await;
    let client = client(
        vec![site(&format!("http://127.0.0.1:{endless}/"), Expect::Fine)],
        no_one(),
        Deadlines::default(),
    );
    let answered = client.read(Reading::Probes).await;
    let bytes = answered.traffic.bytes;
    let Ok(Batch::Probes(probes)) = answered.outcome else {
        panic!("{:?}", answered.outcome);
    };
    assert!(said(&probes[0]).expected);
    assert!((256 * 1024..600 * 1024).contains(&bytes), "{bytes}");
}

#[tokio::test]
async fn misses_in_a_row_are_counted_and_their_beginning_kept() {
    let status = Arc::new(AtomicU16::new(200));
    let told = Arc::clone(&status);
    let port = listen(move |stream| {
        let status = told.load(Ordering::Relaxed);
        async move {
            let text = format!("HTTP/1.1 {status} Word\r\nContent-Length: 0\r\n\r\n");
            answer(stream, &text).await;
        }
    })
    .await;
    let client = client(
        vec![site(&format!("http://127.0.0.1:{port}/"), Expect::Fine)],
        no_one(),
        Deadlines::default(),
    );
    let mut seen = Vec::new();
    for next in [200, 200, 502, 503, 500, 200] {
        status.store(next, Ordering::Relaxed);
        let probe = probes(&client).await.remove(0);
        seen.push((probe.misses, probe.severity(), probe.since.unwrap()));
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    let misses: Vec<_> = seen.iter().map(|(m, s, _)| (*m, *s)).collect();
    assert_eq!(
        misses,
        [
            (0, Severity::Ok),
            (0, Severity::Ok),
            (1, Severity::Warning),
            (2, Severity::Warning),
            (3, Severity::Critical),
            (0, Severity::Ok)
        ]
    );
    let since: Vec<Moment> = seen.iter().map(|(.., since)| *since).collect();
    assert_eq!(since[0], since[1]);
    assert!(since[1] < since[2]);
    assert_eq!((since[2], since[2]), (since[3], since[4]));
    assert!(since[4] < since[5]);
}

#[tokio::test]
async fn at_most_six_at_once() {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (counted, peak) = (Arc::clone(&now), Arc::clone(&most));
    let port = listen(move |stream| {
        let (now, most) = (Arc::clone(&counted), Arc::clone(&peak));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            answer(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        }
    })
    .await;
    let sites = (0..20)
        .map(|n| site(&format!("http://127.0.0.1:{port}/{n}"), Expect::Fine))
        .collect();
    let client = client(sites, no_one(), Deadlines::default());
    let probes = probes(&client).await;
    let urls: Vec<String> = probes.iter().map(|p| p.url.as_str().to_owned()).collect();
    assert_eq!(urls[19], format!("http://127.0.0.1:{port}/19"));
    assert_eq!(urls[0], format!("http://127.0.0.1:{port}/0"));
    assert!((2..=6).contains(&most.load(Ordering::SeqCst)));
}

#[tokio::test]
async fn readings_of_other_systems_are_refused() {
    let client = client(Vec::new(), no_one(), Deadlines::default());
    assert!(probes(&client).await.is_empty());
    let failure = client.read(Reading::Queues).await.outcome.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Bug { .. }));
}
