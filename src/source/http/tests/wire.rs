//! What comes over the wire: statuses, bodies, time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::header::{AUTHORIZATION, HeaderName};

use super::*;
use crate::domain::failure::Stage;
use crate::source::secret::header_value;

#[tokio::test]
async fn a_request_says_who_asks_and_an_answer_is_whole() {
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    let address = serve(move |_, mut stream| {
        let tell = tell.clone();
        async move {
            let asked = head(&mut stream).await;
            let _ = stream.write_all(fine(r#"{"data":1}"#).as_bytes()).await;
            let _ = tell.send(asked).await;
        }
    })
    .await;
    let http = client(address, LONG);
    let mut request = Request::get("/nodes?full=1");
    request
        .headers
        .push((AUTHORIZATION, header_value("PVEAPIToken=a@b!c=d").unwrap()));
    let answer = http.send(request).await.unwrap();
    assert_eq!((answer.status, &*answer.body), (200, &br#"{"data":1}"#[..]));
    assert_eq!(answer.reason, None);
    assert_eq!(&*answer.asked, format!("GET /nodes on {address}"));

    let asked = told.recv().await.unwrap().to_lowercase();
    assert!(
        asked.starts_with("get /api2/json/nodes?full=1 http/1.1\r\n"),
        "{asked}"
    );
    for line in [
        concat!("user-agent: vigie/", env!("CARGO_PKG_VERSION")),
        "accept: application/json",
        "accept-encoding: gzip",
        "authorization: pveapitoken=a@b!c=d",
    ] {
        assert!(asked.lines().any(|l| l == line), "{line} in {asked}");
    }

    let cost = http.take_traffic();
    assert_eq!((cost.requests, cost.bytes, cost.answered_by), (1, 10, None));
    assert_eq!(http.take_traffic().requests, 0);
}

#[tokio::test]
async fn a_body_is_sent_with_its_length() {
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    let address = serve(move |_, mut stream| {
        let tell = tell.clone();
        async move {
            let asked = head(&mut stream).await;
            let _ = stream.write_all(fine("1").as_bytes()).await;
            let _ = tell.send(asked).await;
        }
    })
    .await;
    let http = client(address, LONG);
    assert_eq!(http.send(post("/access/ticket")).await.unwrap().status, 200);
    let asked = told.recv().await.unwrap().to_lowercase();
    assert!(asked.contains("content-length: 2\r\n"), "{asked}");
    assert!(
        asked.contains("content-type: application/json\r\n"),
        "{asked}"
    );
}

#[tokio::test]
async fn reasons_of_proxmox_are_kept() {
    let address = answering("HTTP/1.1 595 No route to host\r\nConnection: close\r\n\r\n").await;
    let answer = get(address, LONG).await.unwrap();
    assert_eq!(answer.status, 595);
    assert_eq!(answer.reason.as_deref(), Some("No route to host"));

    let address = answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    let answer = get(address, LONG).await.unwrap();
    assert_eq!((answer.status, answer.reason), (404, None));
}

#[tokio::test]
async fn gzip_is_unpacked() {
    // gzip of {"data":[1,2,3]}, made with Python's gzip module.
    let packed = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 74, 73, 44, 73, 84, 178, 138, 54, 212, 49, 210,
        49, 142, 173, 5, 0, 207, 63, 79, 9, 16, 0, 0, 0,
    ];
    let answer = get(answering(gzipped(&packed)).await, LONG).await.unwrap();
    assert_eq!(&*answer.body, br#"{"data":[1,2,3]}"#);
    let broken = failed(
        answering(gzipped(&[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 255, 255])).await,
        LONG,
    )
    .await;
    assert!(
        matches!(broken, FailureKind::Malformed { .. }),
        "{broken:?}"
    );
}

#[tokio::test]
async fn a_gzip_bomb_ends_at_the_cap() {
    let bomb = bomb(4 * 1024 * 1024);
    assert!(
        (bomb.len() as u64) < CAP,
        "the cap is on what it expands to"
    );
    let kind = failed(answering(gzipped(&bomb)).await, LONG).await;
    assert_eq!(kind, FailureKind::TooLarge { cap: CAP });
}

#[tokio::test]
async fn a_body_of_the_cap_passes_and_one_byte_more_does_not() {
    let body = |length: u64| fine(&"1".repeat(usize::try_from(length).unwrap()));
    let answer = get(answering(body(CAP)).await, LONG).await.unwrap();
    assert_eq!(answer.body.len() as u64, CAP);
    let kind = failed(answering(body(CAP + 1)).await, LONG).await;
    assert_eq!(kind, FailureKind::TooLarge { cap: CAP });
}

#[tokio::test]
async fn a_short_body_is_broken() {
    let address = answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":1}").await;
    let kind = failed(address, LONG).await;
    assert!(matches!(kind, FailureKind::Broken { .. }), "{kind:?}");
    let address =
        answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n").await;
    let kind = failed(address, LONG).await;
    assert!(matches!(kind, FailureKind::Broken { .. }), "{kind:?}");
}

#[tokio::test]
async fn the_status_of_an_error_outlives_its_body() {
    let address = answering(
        "HTTP/1.1 403 Permission check failed (/, Sys.Audit)\r\nContent-Length: 100\r\n\r\n{",
    )
    .await;
    let failure = get(address, LONG).await.unwrap().failure("token");
    let right = Some("Sys.Audit on /".into());
    assert_eq!(failure.kind, FailureKind::Forbidden { right });
}

#[tokio::test]
async fn what_is_not_http_is_malformed() {
    let kind = failed(answering("SSH-2.0-OpenSSH_9.2\r\n").await, LONG).await;
    assert!(matches!(kind, FailureKind::Malformed { .. }), "{kind:?}");
}

#[tokio::test]
async fn nobody_listens() {
    let address = closed_port().await;
    assert_eq!(
        failed(address, LONG).await,
        FailureKind::Unreachable {
            detail: format!("{address}: connection refused").as_str().into()
        }
    );
}

#[tokio::test]
async fn a_name_that_is_not_there() {
    // RFC 6761: names below `invalid` never exist.
    let urls = ["http://golem.invalid:8006/".to_owned()];
    let http = Http::new("golem", &reach(&urls, Trust::System, LONG));
    let kind = http.send(Request::get("/version")).await.unwrap_err().kind;
    match kind {
        FailureKind::NameNotFound { host } => assert_eq!(&*host, "golem.invalid"),
        // Without any name server the name cannot be known not to exist.
        FailureKind::Unreachable { detail } => assert_eq!(
            &*detail,
            "no name server tells the address of golem.invalid"
        ),
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test]
async fn each_wait_has_its_stage() {
    let stage = async |address| match failed(address, SHORT).await {
        FailureKind::TimedOut { stage, after } => (stage, after),
        other => unreachable!("{other:?}"),
    };
    let silent = serve(|_, mut stream| async move {
        head(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    assert_eq!(stage(silent).await, (Stage::FirstByte, SHORT.first_byte));

    let stuck = serve(|_, mut stream| async move {
        head(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
            .await;
        std::future::pending::<()>().await;
    })
    .await;
    assert_eq!(stage(stuck).await, (Stage::Body, SHORT.whole));

    // Every byte comes in time, the whole never.
    let dripping = serve(|_, mut stream| async move {
        head(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
            .await;
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(stage(dripping).await, (Stage::Body, SHORT.whole));

    // Headers that drip are no first answer either.
    let dripping = serve(|_, mut stream| async move {
        head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(stage(dripping).await, (Stage::FirstByte, SHORT.first_byte));
}

#[tokio::test]
async fn tls_that_never_comes_is_a_wait_for_the_connection() {
    let address = holding().await;
    let urls = [format!("https://{address}")];
    let http = Http::new("golem", &reach(&urls, Trust::Pins(vec![[7; 32]]), SHORT));
    let kind = http.send(Request::get("/version")).await.unwrap_err().kind;
    assert_eq!(
        kind,
        FailureKind::TimedOut {
            stage: Stage::Connect,
            after: SHORT.connect
        }
    );
}

#[tokio::test]
async fn a_get_is_repeated_once_when_the_connection_was_closed_and_a_post_never() {
    let connections = Arc::new(AtomicUsize::new(0));
    let seen = connections.clone();
    let address = serve(move |number, mut stream| {
        seen.fetch_add(1, Ordering::SeqCst);
        async move {
            head(&mut stream).await;
            // The second connection answers, all others are closed without a word.
            if number == 1 {
                let _ = stream.write_all(fine("2").as_bytes()).await;
            }
        }
    })
    .await;
    let http = client(address, LONG);
    let answer = http.send(Request::get("/version")).await.unwrap();
    assert_eq!(&*answer.body, b"2");
    assert_eq!(connections.load(Ordering::SeqCst), 2);
    assert_eq!(http.take_traffic().requests, 2);

    let kind = http.send(post("/access/ticket")).await.unwrap_err().kind;
    assert!(matches!(kind, FailureKind::Broken { .. }), "{kind:?}");
    assert_eq!(connections.load(Ordering::SeqCst), 3);

    let kind = http.send(Request::get("/version")).await.unwrap_err().kind;
    assert!(matches!(kind, FailureKind::Broken { .. }), "{kind:?}");
    assert_eq!(
        connections.load(Ordering::SeqCst),
        5,
        "once more, not for ever"
    );
}

#[tokio::test]
async fn connections_are_used_again() {
    let connections = Arc::new(AtomicUsize::new(0));
    let seen = connections.clone();
    let address = serve(move |_, mut stream| {
        seen.fetch_add(1, Ordering::SeqCst);
        async move {
            while !head(&mut stream).await.is_empty() {
                let _ = stream.write_all(fine("1").as_bytes()).await;
            }
        }
    })
    .await;
    let http = client(address, LONG);
    for _ in 0..5 {
        http.send(Request::get("/version")).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Arc::new(AtomicUsize::new(0));
    let seen = elsewhere.clone();
    let other = serve(move |_, _| {
        seen.fetch_add(1, Ordering::SeqCst);
        std::future::ready(())
    })
    .await;
    let address = answering(format!(
        "HTTP/1.1 302 Found\r\nLocation: http://{other}/login?back=secret\r\nContent-Length: 0\r\n\r\n"
    ))
    .await;
    let answer = get(address, LONG).await.unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.failure("key").kind,
        FailureKind::RedirectElsewhere {
            to: format!("http://{other}/login").as_str().into()
        }
    );
    assert_eq!(elsewhere.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn cookies_are_not_kept() {
    let address = serve(|_, mut stream| async move {
        loop {
            let asked = head(&mut stream).await;
            if asked.is_empty() {
                return;
            }
            let cookie = asked.to_lowercase().contains("cookie:");
            let body = if cookie { "true " } else { "false" };
            let answer = format!(
                "HTTP/1.1 200 OK\r\nSet-Cookie: session=1\r\nContent-Length: 5\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    })
    .await;
    let http = client(address, LONG);
    for _ in 0..2 {
        let answer = http.send(Request::get("/version")).await.unwrap();
        assert!(!answer.json::<bool>().unwrap());
    }
}

#[tokio::test]
async fn nothing_that_is_printed_for_us_holds_a_secret() {
    let (tls, answered) = (
        "https://user:hunter2@golem.example.org:8006/hunter2".to_owned(),
        answering("HTTP/1.1 200 OK\r\nSet-Cookie: hunter2\r\nContent-Length: 7\r\n\r\nhunter2")
            .await,
    );
    let http = Http::new("golem", &reach(&[tls], Trust::System, LONG));
    let mut request = post("/access/ticket?password=hunter2");
    request.body = Some((
        "application/x-www-form-urlencoded",
        "password=hunter2".into(),
    ));
    // Not even when a caller forgot to mark it.
    request.headers.push((
        HeaderName::from_static("x-redmine-api-key"),
        reqwest::header::HeaderValue::from_static("hunter2"),
    ));
    let answer = get(answered, LONG).await.unwrap();
    let printed = format!("{http:?} {request:?} {answer:?}");
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(printed.contains("golem.example.org:8006"), "{printed}");
    assert!(printed.contains("x-redmine-api-key"), "{printed}");
}

/// An answer with this gzip data.
fn gzipped(packed: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    )
    .into_bytes();
    answer.extend_from_slice(packed);
    answer
}

/// A gzip stream of `size` spaces: one literal, then "repeat 258 times" (RFC 1951, fixed Huffman codes).
fn bomb(size: usize) -> Vec<u8> {
    let mut bytes = vec![31, 139, 8, 0, 0, 0, 0, 0, 2, 3];
    let mut bits: Vec<bool> = Vec::new();
    // Last block, fixed codes; numbers begin with their lowest bit.
    bits.extend([true, true, false]);
    let mut code = |value: u32, length: u32| {
        // Huffman codes begin with their highest bit.
        bits.extend((0..length).rev().map(|bit| value >> bit & 1 == 1));
    };
    code(0x30 + u32::from(b' '), 8);
    for _ in 0..size / 258 {
        // Length 258 is symbol 285, distance 1 is symbol 0.
        code(0b1100_0101, 8);
        code(0, 5);
    }
    code(0, 7);
    bytes.extend(bits.chunks(8).map(|byte| {
        byte.iter()
            .enumerate()
            .fold(0, |sum, (place, &bit)| sum | (u8::from(bit) << place))
    }));
    bytes
}
