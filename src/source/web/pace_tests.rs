//! When sites are asked: each at its own pace, never many at once, never one waiting for another.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use super::loopback::{answer, client, listen, no_one, probes, read, site};
use crate::config::shape::{Deadlines, Expect};
use crate::domain::{Moment, Severity};
use crate::source::Client as _;

/// A server that answers with the status it is told, and how often it was asked.
async fn moody() -> (String, Arc<AtomicU16>, Arc<AtomicUsize>) {
    let status = Arc::new(AtomicU16::new(200));
    let hits = Arc::new(AtomicUsize::new(0));
    let (told, counted) = (Arc::clone(&status), Arc::clone(&hits));
    let port = listen(move |stream| {
        let status = told.load(Ordering::Relaxed);
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            let text = format!("HTTP/1.1 {status} Word\r\nContent-Length: 0\r\n\r\n");
            answer(stream, &text).await;
        }
    })
    .await;
    (format!("http://127.0.0.1:{port}/"), status, hits)
}

#[tokio::test]
async fn misses_in_a_row_are_counted_and_their_beginning_kept() {
    let (url, status, _) = moody().await;
    let mut site = site(&url, Expect::Fine);
    site.interval = Duration::from_millis(5);
    let client = client(vec![site], no_one(), Deadlines::default());
    let mut seen = Vec::new();
    for next in [200, 200, 502, 503, 500, 200] {
        status.store(next, Ordering::Relaxed);
        let probe = probes(&client).await.remove(0);
        seen.push((probe.misses, probe.severity(), probe.since.unwrap()));
        tokio::time::sleep(Duration::from_millis(10)).await;
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
async fn a_site_is_asked_when_it_is_due_or_when_somebody_asks() {
    let (url, status, hits) = moody().await;
    let mut quick = site(&url, Expect::Fine);
    quick.interval = Duration::from_millis(1500);
    let slow = site(&format!("{url}slow"), Expect::Fine);
    let client = client(vec![quick, slow], no_one(), Deadlines::default());
    let first = read(&client).await;
    assert_eq!(hits.load(Ordering::Relaxed), 2, "both at the beginning");
    let again = read(&client).await;
    assert_eq!(first, again, "nothing was due, so nothing is new");
    tokio::time::sleep(Duration::from_millis(1700)).await;
    let later = read(&client).await;
    assert_eq!(hits.load(Ordering::Relaxed), 3);
    assert!(later[0].at > first[0].at);
    assert_eq!(later[1], first[1], "each probe has its own moment");
    client.hurry();
    let asked = read(&client).await;
    assert_eq!(hits.load(Ordering::Relaxed), 5);
    assert!(asked[1].at > first[1].at);
    // A miss of the slow one is told to be looked at in 15 s, not in 60.
    status.store(500, Ordering::Relaxed);
    let missed = probes(&client).await;
    let wait = |index: usize| missed[index].next.unwrap().until(missed[index].at);
    assert_eq!(wait(1), Duration::from_secs(15));
    assert_eq!(wait(0), Duration::from_millis(1500));
}

#[tokio::test]
async fn a_site_that_hangs_holds_up_no_other() {
    let (url, _, _) = moody().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let hanging = listen(move |stream| {
        let before = counted.fetch_add(1, Ordering::Relaxed);
        async move {
            if before == 0 {
                answer(stream, "HTTP/1.1 204 No Content\r\n\r\n").await;
            } else {
                tokio::time::sleep(Duration::from_mins(1)).await;
            }
        }
    })
    .await;
    let deadlines = Deadlines {
        connect: Duration::from_secs(1),
        first_byte: Duration::from_millis(2600),
        whole: Duration::from_secs(30),
    };
    let client = client(
        vec![
            site(&format!("http://127.0.0.1:{hanging}/"), Expect::Fine),
            site(&url, Expect::Fine),
        ],
        no_one(),
        deadlines,
    );
    let first = probes(&client).await;
    assert_eq!(first.len(), 2);
    let second = probes(&client).await;
    assert_eq!(second[0], first[0], "its last outcome stands meanwhile");
    assert!(second[1].at > first[1].at, "the other has a new one");
    let third = read(&client).await;
    assert_eq!(third[0].misses, 1, "its own comes with a later reading");
    assert_eq!(third[1], second[1]);
}

#[tokio::test]
async fn no_more_at_once_than_allowed() {
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
