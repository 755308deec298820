//! `postqueue` as a program that prints what we want: very much, broken, or nothing of the kind.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use vigie::config;
use vigie::config::shape::System;
use vigie::domain::failure::FailureKind;
use vigie::domain::queue::Queues;
use vigie::domain::{Batch, Failure, Moment, Reading};
use vigie::source::Client as _;
use vigie::source::mail::Client;

/// What a `postqueue` that runs this script gives.
async fn read(directory: &Path, script: &str) -> Result<Queues, Failure> {
    let program = directory.join("postqueue");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let path = program.display();
    let text = format!("[mail.out]\nkind = \"postfix\"\npostqueue = \"{path}\"\n");
    let config = config::parse(&text, Path::new("test.toml")).unwrap_or_else(|e| panic!("{e}"));
    let System::Mail(mail) = &config.sources[0].system else {
        panic!("{text}");
    };
    let client = Client::new("out", mail);
    match client.read(Reading::Queues).await.outcome? {
        Batch::Queues(queues) => Ok((*queues).clone()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_hundred_thousand_deferred_mails_are_counted_and_the_oldest_listed() {
    let directory = tempfile::tempdir().unwrap();
    let listing = directory.path().join("listing");
    let mut file = std::io::BufWriter::new(fs::File::create(&listing).unwrap());
    let first = 1_795_000_000_i64;
    for n in 0..100_000_i64 {
        let (id, arrived) = (format!("{n:010X}"), first + n * 7919 % 100_000);
        writeln!(
            file,
            r#"{{"queue_name": "deferred", "queue_id": "{id}", "arrival_time": {arrived}, "message_size": 9120, "forced_expire": false, "sender": "lists@example.org", "recipients": [{{"address": "member{n}@d{}.example", "delay_reason": "host mx.example[192.0.2.71] said: 452 4.2.2 <member{n}@d.example>: mailbox full, please come back later when somebody has read something (in reply to RCPT TO command)"}}]}}"#,
            n % 50,
        )
        .unwrap();
    }
    drop(file);
    // More than was ever kept of a command's output at once.
    assert!(fs::metadata(&listing).unwrap().len() > 32 << 20);
    let queues = read(directory.path(), &format!("cat '{}'", listing.display()))
        .await
        .unwrap();
    let [queue] = queues.queues.as_slice() else {
        panic!("{queues:?}");
    };
    assert_eq!(
        (queues.skipped, queue.depth, queue.deferred),
        (0, Some(100_000), Some(100_000))
    );
    let [reason] = queue.reasons.as_slice() else {
        panic!("one reason, whoever it is about: {:?}", queue.reasons);
    };
    assert_eq!(
        (reason.mails, reason.oldest),
        (100_000, Moment::from_unix(first))
    );
    assert_eq!(queue.domains.len(), 20, "the most frequent of fifty");
    assert!(queue.domains.iter().all(|group| group.mails == 2000));
    assert_eq!(queue.mails.len(), 200);
    assert_eq!(queue.mails[0].arrived, Moment::from_unix(first));
    assert_eq!(queue.mails[199].arrived, Moment::from_unix(first + 199));
}

#[tokio::test]
async fn lines_that_are_broken_cost_themselves_and_are_counted() {
    let directory = tempfile::tempdir().unwrap();
    let listing = directory.path().join("listing");
    // As Postfix before 3.7.11 prints a control character, a line that was cut, and an unknown queue.
    let lines = concat!(
        r#"{"queue_name": "deferred", "queue_id": "A1", "arrival_time": 1795293000, "message_size": 1, "sender": "a@b.example", "recipients": [{"address": "x@full.example", "delay_reason": "bell \u07 rings"}]}"#,
        "\n",
        r#"{"queue_name": "deferred", "queue_id": "A2", "arrival_time": "soon", "message_size": -3, "sender": 7, "recipients": [{"address": "x@full.example"}]}"#,
        "\n",
        r#"{"queue_name": "attic", "queue_id": "A3", "recipients": []}"#,
        "\n",
        r#"{"queue_name": "deferred", "queue_id": "A4", "recip"#,
    );
    fs::write(&listing, lines).unwrap();
    let queues = read(directory.path(), &format!("cat '{}'", listing.display()))
        .await
        .unwrap();
    let queue = &queues.queues[0];
    assert_eq!(
        (queues.skipped, queue.depth, queue.deferred),
        (2, Some(2), Some(1))
    );
    assert_eq!(queue.mails.len(), 1);
    assert_eq!(
        (queue.mails[0].arrived, &queue.mails[0].sender),
        (None, &None)
    );
}

#[tokio::test]
async fn nonsense_and_refusals_are_no_empty_queue() {
    let directory = tempfile::tempdir().unwrap();
    let words = async |script: &str| match read(directory.path(), script).await.unwrap_err().kind {
        FailureKind::Command { detail, .. } => detail.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(
        words("echo welcome to this machine")
            .await
            .contains("no listing of a queue")
    );
    let refused =
        "echo 'postqueue: fatal: User x(1) is not allowed to view the mail queue' >&2; exit 69";
    assert!(words(refused).await.contains("authorized_mailq_users"));
    let down =
        "echo 'postqueue: fatal: Queue report unavailable - mail system is down' >&2; exit 69";
    let queues = read(directory.path(), down).await.unwrap();
    assert!(queues.queues[0].down.is_some() && queues.queues[0].depth.is_none());
    // An old one knows no -j and prints the table for people.
    let old = "case $1 in -j) echo \"postqueue: invalid option -- 'j'\" >&2; exit 69;; esac\n\
               echo 'Mail queue is empty'";
    let queues = read(directory.path(), old).await.unwrap();
    assert_eq!(queues.queues[0].depth, Some(0));
}
