//! Against SQLite files, which are the real thing wherever they are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};

use super::*;
use crate::domain::Moment;

async fn file(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    options.connect().await.unwrap()
}

async fn run(file: &mut SqliteConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(file)
        .await
        .unwrap();
}

fn client(path: &Path, rows: MailRows) -> Client {
    Client::new(
        "newsletter",
        &MailTable {
            database: Database::File(path.to_owned()),
            rows,
            timeout: Duration::from_secs(5),
        },
    )
}

fn numbers(table: &str) -> MailRows {
    MailRows::Columns {
        table: table.to_owned(),
        id: Some("mid".to_owned()),
        time: None,
        tries: None,
        error: None,
        filter: None,
    }
}

async fn read(client: &Client) -> Result<Queue, Failure> {
    client.queue(&mut Traffic::default()).await
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("queue.sqlite");
    (dir, path)
}

#[tokio::test]
async fn rows_that_come_and_go_are_counted() {
    let (_dir, path) = place();
    let mut sender = file(&path).await;
    run(
        &mut sender,
        "CREATE TABLE adm_mail_queue (mid INTEGER PRIMARY KEY AUTOINCREMENT, mto TEXT)",
    )
    .await;
    let client = client(&path, numbers("adm_mail_queue"));
    let empty = read(&client).await.unwrap();
    assert_eq!((empty.depth, empty.head), (Some(0), None));
    run(
        &mut sender,
        "INSERT INTO adm_mail_queue (mto) VALUES ('a'), ('b'), ('c')",
    )
    .await;
    let full = read(&client).await.unwrap();
    assert_eq!(
        (full.depth, full.head, full.enqueued),
        (Some(3), Some(1), Some(3))
    );
    run(&mut sender, "DELETE FROM adm_mail_queue").await;
    let sent = read(&client).await.unwrap();
    assert_eq!(
        (sent.depth, sent.head, sent.enqueued),
        (Some(0), None, Some(3))
    );
}

#[tokio::test]
async fn without_a_counter_the_greatest_number_seen_counts() {
    let (_dir, path) = place();
    let mut sender = file(&path).await;
    run(
        &mut sender,
        "CREATE TABLE q (mid INTEGER PRIMARY KEY); INSERT INTO q VALUES (7), (9)",
    )
    .await;
    let client = client(&path, numbers("q"));
    assert_eq!(read(&client).await.unwrap().enqueued, Some(9));
    run(&mut sender, "DELETE FROM q WHERE mid = 9").await;
    let queue = read(&client).await.unwrap();
    assert_eq!(
        (queue.depth, queue.head, queue.enqueued),
        (Some(1), Some(7), Some(9))
    );
}

#[tokio::test]
async fn times_are_dates_or_seconds() {
    let (_dir, path) = place();
    let mut sender = file(&path).await;
    run(
        &mut sender,
        "CREATE TABLE q (id INTEGER PRIMARY KEY, at, tries INTEGER, error TEXT, state TEXT); \
         INSERT INTO q VALUES (1, '2026-11-21 20:06:19', 3, 'no relay', 'queued'), (2, '2026-11-22 01:00:00', 0, NULL, 'queued')",
    )
    .await;
    let rows = MailRows::Columns {
        table: "q".to_owned(),
        id: Some("id".to_owned()),
        time: Some("at".to_owned()),
        tries: Some("tries".to_owned()),
        error: Some("error".to_owned()),
        filter: Some("state = 'queued'".to_owned()),
    };
    let client = client(&path, rows);
    let queue = read(&client).await.unwrap();
    assert_eq!(queue.oldest, Moment::from_rfc3339("2026-11-21T20:06:19Z"));
    assert_eq!((queue.tries, queue.deferred), (Some(3), Some(1)));
    let [reason] = queue.reasons.as_slice() else {
        unreachable!("{:?}", queue.reasons);
    };
    assert_eq!((&*reason.what, reason.mails), ("no relay", 1));
    assert_eq!(reason.oldest, Moment::from_rfc3339("2026-11-21T20:06:19Z"));
    assert_eq!(queue.enqueued, None, "a condition hides what came");
    run(&mut sender, "UPDATE q SET at = 1795032713").await;
    let queue = read(&client).await.unwrap();
    assert_eq!(queue.oldest, Moment::from_unix(1_795_032_713));
}

#[tokio::test]
async fn each_refusal_is_its_own() {
    let (dir, path) = place();
    let kind = async |path: &Path, rows| read(&client(path, rows)).await.unwrap_err().kind;
    let FailureKind::File { detail, .. } = kind(&path, numbers("q")).await else {
        unreachable!()
    };
    assert!(detail.contains("cannot be opened"), "{detail}");
    let mut sender = file(&path).await;
    run(&mut sender, "CREATE TABLE q (mid INTEGER PRIMARY KEY)").await;
    let FailureKind::WrongPlace { detail } = kind(&path, numbers("nope")).await else {
        unreachable!()
    };
    assert!(detail.contains("no table nope"), "{detail}");
    let text = dir.path().join("text");
    std::fs::write(
        &text,
        "this is no database, but quite a long text ".repeat(200),
    )
    .unwrap();
    let FailureKind::File { detail, .. } = kind(&text, numbers("q")).await else {
        unreachable!()
    };
    assert_eq!(detail.as_str(), "it is no SQLite database");
    // Nothing can be written, whatever the query.
    let write = MailRows::Query(
        "WITH x AS (SELECT 1) INSERT INTO q SELECT 5 FROM x RETURNING 1 AS depth".to_owned(),
    );
    assert!(matches!(kind(&path, write).await, FailureKind::File { .. }));
    let rows =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS depth FROM n";
    let many = kind(&path, MailRows::Query(rows.to_owned())).await;
    assert!(matches!(many, FailureKind::Malformed { .. }), "{many:?}");
    let other = kind(&path, MailRows::Query("SELECT 3 AS mails".to_owned())).await;
    assert!(matches!(other, FailureKind::Malformed { .. }), "{other:?}");
}

#[tokio::test]
async fn a_statement_that_never_ends_is_ended() {
    let (_dir, path) = place();
    let mut sender = file(&path).await;
    run(&mut sender, "CREATE TABLE q (mid INTEGER PRIMARY KEY)").await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) AS depth FROM n";
    let mut table = client(&path, MailRows::Query(endless.to_owned()));
    table.opener = Opener::new(
        "newsletter",
        &Database::File(path),
        Duration::from_millis(100),
    );
    let kind = read(&table).await.unwrap_err().kind;
    assert!(
        matches!(
            kind,
            FailureKind::TimedOut {
                stage: Stage::FirstByte,
                ..
            }
        ),
        "{kind:?}"
    );
}
