//! Probes without TLS.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use url::Url;

use super::loopback::{
    Said, always, answer, begin, client, failed, lack, listen, no_one, one, probes, said, site, the,
};
use crate::config::shape::{Address, Deadlines, Expect, Header, Method};
use crate::config::{Secret, SecretSource};
use crate::domain::failure::{FailureKind, Stage};
use crate::domain::web::{Body, Families, Family, Lack, ProbeOutcome, Upgrade};
use crate::domain::{Batch, Failure, Reading, Severity, Text};
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
    assert_eq!(
        probe.body,
        Body {
            read: 2,
            complete: true,
            announced: Some(2)
        }
    );
    assert!(matches!(probe.families.v4, Family::Connected { .. }));
    assert_eq!(probe.families.v6, Family::Absent);
    let timing = probe.timing;
    assert_eq!(
        (timing.resolve, timing.tls),
        (None, None),
        "neither name nor TLS"
    );
    let (connect, first) = (timing.connect.unwrap(), timing.first_byte.unwrap());
    assert!(connect + first <= timing.whole, "{timing:?}");
    assert!(*first_byte <= timing.whole);
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
            wanted: Some("200")
        }
    );
    assert!(said(&one(&bad_gateway, Expect::Status(502)).await).expected);
}

#[tokio::test]
async fn redirects_elsewhere_are_compared_and_never_followed() {
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
    let probe = one(&url, wrong).await;
    assert_eq!(
        said(&probe),
        Said {
            status: 301,
            expected: false,
            redirect: Some("https://www.example.org/start"),
            wanted: Some("a redirect to https://www.example.org/")
        }
    );
    assert_eq!(lack(&probe), Some(&Lack::Redirect));
    let probe = one(&url, Expect::Fine).await;
    assert_eq!(lack(&probe), Some(&Lack::Redirect));
    assert_eq!(hits.load(Ordering::Relaxed), 3);
}

/// A server whose paths lead on: `/a` to `/b`, `/b` to `/c?key=1`, which is there; `/round` in a circle;
/// `/n` to `/n+1` for ever.
async fn winding() -> (String, Arc<AtomicUsize>) {
    let hits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&hits);
    let port = listen(move |mut stream| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            let asked = begin(&mut stream, "").await;
            let path = asked.split(' ').nth(1).unwrap_or_default().to_owned();
            let to = match path.as_str() {
                "/a" => "/b".to_owned(),
                "/b" => "/c?key=1".to_owned(),
                "/round" => "/there".to_owned(),
                "/there" => "/round".to_owned(),
                other => match other.trim_start_matches('/').parse::<u32>() {
                    Ok(number) => format!("/{}", number + 1),
                    Err(_) => String::new(),
                },
            };
            let text = if to.is_empty() {
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage".to_owned()
            } else {
                format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
            };
            stream.write_all(text.as_bytes()).await.ok();
            stream.shutdown().await.ok();
        }
    })
    .await;
    (format!("http://127.0.0.1:{port}"), hits)
}

#[tokio::test]
async fn redirects_within_the_site_are_followed() {
    let (base, hits) = winding().await;
    let mut site = site(&format!("{base}/a"), Expect::Fine);
    site.must_contain = Some("page".to_owned());
    let probe = the(site).await;
    assert_eq!(
        said(&probe),
        Said {
            status: 200,
            expected: true,
            redirect: Some(&*format!("{base}/c")),
            wanted: None
        }
    );
    assert_eq!(hits.load(Ordering::Relaxed), 3);
    assert_eq!(probe.url.as_str(), format!("{base}/a"));
    // Whoever wants the redirect itself gets it judged.
    let there = Expect::Redirect(Url::parse(&format!("{base}/b")).unwrap());
    assert!(said(&one(&format!("{base}/a"), there).await).expected);
    assert_eq!(hits.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn redirects_in_a_circle_or_without_end_are_told() {
    let (base, hits) = winding().await;
    let probe = one(&format!("{base}/round"), Expect::Fine).await;
    assert_eq!(lack(&probe), Some(&Lack::Loop { hops: 1 }));
    assert!(!said(&probe).expected);
    assert_eq!(hits.load(Ordering::Relaxed), 2);
    let probe = one(&format!("{base}/7"), Expect::Fine).await;
    assert_eq!(lack(&probe), Some(&Lack::Loop { hops: 5 }));
    assert_eq!(said(&probe).redirect, Some(&*format!("{base}/13")));
    assert_eq!(hits.load(Ordering::Relaxed), 8);
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
        tokio::time::sleep(Duration::from_mins(1)).await;
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
    assert_eq!(stages, [Stage::FirstByte, Stage::Body, Stage::Tls]);
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
        tokio::time::sleep(Duration::from_mins(1)).await;
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
    let body = probes[0].body;
    assert_eq!(
        (body.read, body.complete, body.announced),
        (bytes, false, None)
    );
}

#[tokio::test]
async fn readings_of_other_systems_are_refused() {
    let client = client(Vec::new(), no_one(), Deadlines::default());
    assert!(probes(&client).await.is_empty());
    let failure = client.read(Reading::Queues).await.outcome.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Bug { .. }));
}

/// A server that answers 200 and hands over what it was asked.
async fn told() -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let port = listen(move |stream| {
        let tell = tell.clone();
        async move {
            let asked = answer(stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
            tell.send(asked.to_lowercase()).ok();
        }
    })
    .await;
    (port, told)
}

#[tokio::test]
async fn a_given_address_is_asked_in_the_name_of_the_site() {
    let (port, mut told) = told().await;
    let mut site = site("http://wiki.example.org/start", Expect::Fine);
    site.address = vec![Address {
        host: url::Host::parse("127.0.0.1").unwrap(),
        port,
    }];
    let probe = the(site).await;
    assert!(said(&probe).expected);
    assert_eq!(
        probe.address.as_deref(),
        Some(&*format!("127.0.0.1:{port}"))
    );
    assert_eq!(probe.url.as_str(), "http://wiki.example.org/start");
    let asked = told.recv().await.unwrap();
    assert!(asked.contains("host: wiki.example.org\r\n"), "{asked}");
}

#[tokio::test]
async fn method_and_headers_are_those_of_the_configuration() {
    let (port, mut told) = told().await;
    let mut site = site(&format!("http://127.0.0.1:{port}/"), Expect::Fine);
    site.method = Method::Head;
    let header = |name: &str, value: SecretSource| Header {
        name: name.to_owned(),
        value,
    };
    let inline = |text: &str| SecretSource::Inline(Secret::new(text));
    site.headers = vec![
        header("accept-language", inline("de")),
        header("authorization", inline("Basic aHVudGVyMg==")),
        header("accept", inline("text/html")),
    ];
    let probe = the(site.clone()).await;
    assert!(said(&probe).expected);
    assert_eq!(probe.body.announced, Some(2));
    assert_eq!(probe.body.read, 0);
    let asked = told.recv().await.unwrap();
    assert!(asked.starts_with("head / http/1.1\r\n"), "{asked}");
    assert!(asked.contains("accept-language: de\r\n"), "{asked}");
    assert!(asked.contains("authorization: basic ahvudgvymg==\r\n"));
    assert!(asked.contains("accept: text/html\r\n") && !asked.contains("*/*"));
    assert!(!format!("{probe:?}{site:?}").contains("aHVudGVyMg"));

    site.headers = vec![header(
        "authorization",
        SecretSource::File("/nowhere/vigie.secret".into()),
    )];
    let FailureKind::Secret { detail } = failed(&the(site).await).clone() else {
        panic!("a secret that is not there");
    };
    assert!(detail.contains("header authorization of sites"), "{detail}");
}

#[tokio::test]
async fn headers_with_secrets_stay_where_they_belong() {
    let (elsewhere, mut told) = told().await;
    let port = listen(move |mut stream| async move {
        let asked = begin(&mut stream, "").await;
        assert!(asked.contains("x-key: hunter2"), "{asked}");
        let text = format!(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{elsewhere}/\r\nContent-Length: 0\r\n\r\n"
        );
        stream.write_all(text.as_bytes()).await.ok();
        stream.shutdown().await.ok();
    })
    .await;
    let mut site = site(&format!("http://127.0.0.1:{port}/"), Expect::Fine);
    site.headers = vec![Header {
        name: "x-key".to_owned(),
        value: SecretSource::Inline(Secret::new("hunter2")),
    }];
    // Another port of the same host: followed, but without the header.
    assert!(said(&the(site).await).expected);
    let asked = told.recv().await.unwrap();
    assert!(asked.starts_with("get / "), "{asked}");
    assert!(!asked.contains("hunter2"), "{asked}");
}

#[tokio::test]
async fn texts_are_looked_for_in_the_page() {
    let url = always("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nFatal error: ").await;
    let with = |must: Option<&str>, must_not: Option<&str>| {
        let mut site = site(&url, Expect::Fine);
        site.must_contain = must.map(str::to_owned);
        site.must_not_contain = must_not.map(str::to_owned);
        the(site)
    };
    assert!(said(&with(Some("Fatal"), None).await).expected);
    let missing = with(Some("Welcome"), None).await;
    assert_eq!(lack(&missing), Some(&Lack::TextMissing("Welcome".into())));
    let present = with(None, Some("Fatal error")).await;
    assert_eq!(
        lack(&present),
        Some(&Lack::TextPresent("Fatal error".into()))
    );
    assert_eq!(present.severity(), Severity::Warning);
}

#[tokio::test]
async fn text_beyond_what_is_read_is_missing() {
    let endless = listen(|mut stream| async move {
        begin(&mut stream, "HTTP/1.1 200 OK\r\n\r\n").await;
        stream.write_all(&vec![b'x'; 256 * 1024]).await.ok();
        stream.write_all(b"needle").await.ok();
    })
    .await;
    let mut site = site(&format!("http://127.0.0.1:{endless}/"), Expect::Fine);
    site.must_contain = Some("needle".to_owned());
    assert_eq!(
        lack(&the(site).await),
        Some(&Lack::TextMissing("needle".into()))
    );
}

#[tokio::test]
async fn what_http_does_is_told_beside_the_site() {
    let fine = always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let up =
        always("HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1/x\r\nContent-Length: 0\r\n\r\n")
            .await;
    let asked = |http: &str| {
        let mut site = site(&fine, Expect::Fine);
        site.upgrade = Some(Url::parse(http).unwrap());
        the(site)
    };
    let probe = asked(&up).await;
    let to = "https://127.0.0.1/x".into();
    assert_eq!(probe.upgrade, Some(Upgrade::Done { to }));
    assert_eq!(probe.flaws, []);
    let probe = asked(&fine).await;
    assert_eq!(probe.upgrade, Some(Upgrade::Clear { status: 200 }));
    assert_eq!(probe.flaws.len(), 1);
    assert_eq!(probe.severity(), Severity::Ok, "the site itself is fine");
    let probe = asked(&nobody).await;
    let Some(Upgrade::Failed(Failure {
        kind: FailureKind::Unreachable { .. },
        ..
    })) = probe.upgrade
    else {
        panic!("{probe:?}");
    };
}

#[tokio::test]
async fn one_family_broken_is_no_miss() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        return;
    };
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, "HTTP/1.1 204 No Content\r\n\r\n"));
        }
    });
    let mut site = site("http://wiki.example.org/", Expect::Fine);
    site.address = ["127.0.0.1", "[::1]"]
        .map(|host| Address {
            host: url::Host::parse(host).unwrap(),
            port,
        })
        .into();
    let probe = the(site).await;
    assert!(said(&probe).expected);
    let Families { v4, v6 } = &probe.families;
    assert!(matches!(v4, Family::Failed { .. }), "{v4:?}");
    assert!(matches!(v6, Family::Connected { .. }), "{v6:?}");
    assert_eq!(probe.flaws.len(), 1);
    assert_eq!(probe.severity(), Severity::Ok);
    assert_eq!(
        probe.address.as_deref(),
        Some(&*format!("127.0.0.1:{port} and 1 more"))
    );
}
