//! Several addresses of one source.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::domain::failure::Stage;
use crate::source::tunnel::Tunnel;
use crate::source::tunnel::tests::fake;

fn both(first: SocketAddr, second: SocketAddr) -> Http {
    let urls = [format!("http://{first}"), format!("http://{second}")];
    Http::new("golem", &reach(&urls, Trust::System, SHORT))
}

/// A server that counts its connections and answers.
async fn counting(count: Arc<AtomicUsize>) -> SocketAddr {
    serve(move |_, mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            while !head(&mut stream).await.is_empty() {
                let _ = stream.write_all(fine("1").as_bytes()).await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn the_next_address_is_asked_and_remembered() {
    let living = answering(fine("1")).await;
    let http = both(closed_port().await, living);
    for requests in [2, 1] {
        let answer = http.send(Request::get("/version")).await.unwrap();
        assert_eq!(&*answer.asked, format!("GET /version on {living}"));
        let cost = http.take_traffic();
        assert_eq!(cost.requests, requests, "the dead one is asked once only");
        assert_eq!(cost.answered_by.as_deref(), Some(&*living.to_string()));
    }
}

#[tokio::test]
async fn a_login_goes_to_the_next_address_too_when_nothing_was_sent() {
    let http = both(closed_port().await, answering(fine("1")).await);
    assert_eq!(http.send(post("/access/ticket")).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_login_that_was_sent_is_not_sent_elsewhere() {
    let count = Arc::new(AtomicUsize::new(0));
    let closing = serve(|_, mut stream| async move {
        head(&mut stream).await;
    })
    .await;
    let http = both(closing, counting(count.clone()).await);
    let kind = http.send(post("/access/ticket")).await.unwrap_err().kind;
    assert!(matches!(kind, FailureKind::Broken { .. }), "{kind:?}");
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_error_status_is_an_answer_and_no_reason_to_go_elsewhere() {
    let count = Arc::new(AtomicUsize::new(0));
    let failing = answering("HTTP/1.1 595 No route to host\r\n\r\n").await;
    let http = both(failing, counting(count.clone()).await);
    assert_eq!(
        http.send(Request::get("/nodes/a/status"))
            .await
            .unwrap()
            .status,
        595
    );
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn when_all_are_dead_the_preferred_one_is_named() {
    let (first, second) = (closed_port().await, closed_port().await);
    let http = both(first, second);
    let failure = http.send(Request::get("/version")).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Unreachable { .. }));
    assert_eq!(
        failure.request.as_deref(),
        Some(format!("GET /version on {first}").as_str())
    );
}

#[tokio::test]
async fn one_that_takes_connections_and_says_nothing_is_left_for_the_next_request() {
    let silent = holding().await;
    let http = both(silent, answering(fine("1")).await);
    let failure = http.send(Request::get("/version")).await.unwrap_err();
    assert_eq!(
        failure.kind,
        FailureKind::TimedOut {
            stage: Stage::FirstByte,
            after: SHORT.first_byte
        }
    );
    assert_eq!(
        http.send(Request::get("/version")).await.unwrap().status,
        200
    );
}

static NEAR_END: std::sync::OnceLock<u16> = std::sync::OnceLock::new();

#[tokio::test]
async fn a_tunnel_stands_in_for_the_address() {
    // Three things of a real tunnel: a program that keeps running, a listener, and what is behind it.
    let server = answering(fine("1")).await;
    NEAR_END.set(server.port()).unwrap();
    let shape = crate::config::shape::Tunnel {
        ssh: "root@pikachu".to_owned(),
        to_host: "127.0.0.1".to_owned(),
        to_port: 85,
    };
    let mut reach = reach(
        &["https://pikachu.example.org:8006/api2/json".to_owned()],
        Trust::System,
        LONG,
    );
    reach.tunnel = Some(shape.clone());
    let mut http = Http::new("pikachu", &reach);
    let choose = || Ok(*NEAR_END.get().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let ssh = fake(dir.path(), "exec sleep 600");
    http.tunnel = Some(Tunnel::with(&shape, ssh, choose));
    let answer = http.send(Request::get("/version")).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(
        &*answer.asked,
        "GET /version on 127.0.0.1:85 through ssh root@pikachu"
    );

    http.tunnel = Some(Tunnel::with(&shape, "/nowhere/ssh".into(), choose));
    let failure = http.send(Request::get("/version")).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Command { .. }));
    assert_eq!(failure.request.as_deref(), Some(&*answer.asked));
}
