//! MariaDB with the tables of the PHP sender, read as an account that may see numbers only.

use std::str::FromStr;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, MySqlConnection};
use tokio::sync::{Mutex, MutexGuard};

use vigie::domain::failure::{FailureKind, Stage};
use vigie::domain::{Moment, Severity};
use vigie::estate::queues::Verdict;

use super::{Fast, client, queue, refused};
use crate::given;

/// One test at a time: they share the tables.
async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

fn port() -> u16 {
    let address = given("VIGIE_TEST_MARIADB");
    let (_, port) = address.rsplit_once(':').unwrap();
    u16::from_str(port).unwrap()
}

fn directory() -> String {
    given("VIGIE_TEST_MARIADB_DIR")
}

/// The lines of a source; `more` replaces nothing.
fn lines(kind: &str, database: &str, user: &str, more: &str) -> String {
    let port = port();
    let host = if more.contains("host = ") || more.contains("socket = ") {
        String::new()
    } else {
        format!("host = \"127.0.0.1\"\nport = {port}\n")
    };
    let password = if more.contains("password = ") {
        ""
    } else {
        "password = \"lab\"\n"
    };
    format!(
        "kind = \"{kind}\"\n{host}database = \"{database}\"\nuser = \"{user}\"\n{password}{more}"
    )
}

/// The sender's own connection.
async fn sender() -> MySqlConnection {
    let options = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(port())
        .username("sender")
        .password("lab")
        .ssl_mode(MySqlSslMode::Disabled);
    options.connect().await.unwrap()
}

async fn run(sender: &mut MySqlConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(sender)
        .await
        .unwrap();
}

async fn write(sender: &mut MySqlConnection, mails: u32) {
    for _ in 0..mails {
        let insert = "INSERT INTO admidio.adm_mail_queue (mto, msubject, mbody) VALUES ('YQ==', 'Yg==', 'Yw==')";
        run(sender, insert).await;
    }
}

/// As the PHP sender takes them: the first ten by number.
async fn send(sender: &mut MySqlConnection, mails: u32) {
    let delete = format!("DELETE FROM admidio.adm_mail_queue ORDER BY mid ASC LIMIT {mails}");
    run(sender, &delete).await;
}

async fn clear(sender: &mut MySqlConnection) {
    run(sender, "TRUNCATE admidio.adm_mail_queue").await;
}

#[tokio::test]
async fn rows_that_come_and_go_are_counted() {
    let _alone = alone().await;
    let mut sender = sender().await;
    clear(&mut sender).await;
    let client = client(&lines("admidio", "admidio", "dash", ""));
    let empty = queue(&client).await;
    assert_eq!(
        (empty.depth, empty.head, empty.enqueued),
        (Some(0), None, Some(0))
    );
    write(&mut sender, 31).await;
    let full = queue(&client).await;
    assert_eq!(
        (full.depth, full.head, full.enqueued),
        (Some(31), Some(1), Some(31))
    );
    assert_eq!(full.oldest, None, "the table tells no time");
    send(&mut sender, 10).await;
    write(&mut sender, 2).await;
    let later = queue(&client).await;
    assert_eq!(
        (later.depth, later.head, later.enqueued),
        (Some(23), Some(11), Some(33))
    );
    // Sent to the last: how many there were is still known.
    send(&mut sender, 100).await;
    let sent = queue(&client).await;
    assert_eq!(
        (sent.depth, sent.head, sent.enqueued),
        (Some(0), None, Some(33))
    );
    sender.close().await.unwrap();
}

#[tokio::test]
async fn a_table_that_tells_more() {
    let _alone = alone().await;
    let mut sender = sender().await;
    run(
        &mut sender,
        "TRUNCATE site.queue_v2; \
         INSERT INTO site.queue_v2 (created_at, unix_time, recipient, tries, last_error, state) VALUES \
         (FROM_UNIXTIME(1795032713.236), 1795032000, 'anne@full.example', 4321, '452 <anne@full.example> full \u{1b}[2J', 'failed'), \
         (FROM_UNIXTIME(1795032999), 1795032999, 'b@full.example', 1, '452 <b@full.example> full \u{1b}[2J', 'queued'), \
         (NOW(), UNIX_TIMESTAMP(), 'c@ok.example', 0, NULL, 'queued'), \
         (NOW(), UNIX_TIMESTAMP(), 'd@ok.example', 0, '', 'sending')",
    )
    .await;
    let columns = "system = \"mariadb\"\ntable = \"queue_v2\"\nid = \"id\"\ntries = \"tries\"\nerror = \"last_error\"";
    let table = lines(
        "table",
        "site",
        "dash",
        &format!("{columns}\ntime = \"created_at\""),
    );
    let found = queue(&client(&table)).await;
    assert_eq!(
        (found.depth, found.deferred, found.tries),
        (Some(4), Some(2), Some(4321))
    );
    assert_eq!(found.oldest, Some(Moment::from_millis(1_795_032_713_236)));
    let [reason] = found.reasons.as_slice() else {
        panic!("{:?}", found.reasons)
    };
    assert_eq!((&*reason.what, reason.mails), ("452 … full ␛[2J", 2));
    assert_eq!(reason.oldest, Some(Moment::from_millis(1_795_032_713_236)));
    // Whole seconds, and only some of the rows.
    let more = format!("{columns}\ntime = \"unix_time\"\nwhere = \"state <> 'failed'\"");
    let found = queue(&client(&lines("table", "site", "dash", &more))).await;
    assert_eq!((found.depth, found.enqueued), (Some(3), None));
    assert_eq!(found.oldest, Moment::from_unix(1_795_032_999));
    // A statement of one's own.
    let query = "system = \"mariadb\"\nquery = \"SELECT COUNT(id) AS depth, MAX(tries) AS tries FROM queue_v2\"";
    let found = queue(&client(&lines("table", "site", "dash", query))).await;
    assert_eq!((found.depth, found.tries), (Some(4), Some(4321)));
}

#[tokio::test]
async fn each_refusal_is_its_own() {
    let _alone = alone().await;
    let kind = refused(&lines(
        "admidio",
        "admidio",
        "dash",
        "password = \"hunter2\"",
    ))
    .await;
    let FailureKind::Unauthorized { credential, .. } = kind else {
        panic!("{kind:?}")
    };
    assert_eq!(credential.as_str(), "password of newsletter (user dash)");

    let kind = refused(&lines("admidio", "admidio", "dash_none", "")).await;
    let FailureKind::NotGranted { what, grant } = kind else {
        panic!("{kind:?}")
    };
    assert_eq!(what.as_str(), "adm_mail_queue (mid)");
    assert_eq!(
        grant.as_str(),
        "GRANT SELECT (`mid`) ON `admidio`.`adm_mail_queue` TO 'dash_none'@'127.0.0.1';"
    );
    // The statement it names is enough.
    let mut sender = sender().await;
    run(&mut sender, &grant).await;
    queue(&client(&lines("admidio", "admidio", "dash_none", ""))).await;
    run(
        &mut sender,
        "REVOKE SELECT (mid) ON admidio.adm_mail_queue FROM 'dash_none'@'127.0.0.1'",
    )
    .await;

    let missing = "table = \"nope\"";
    let kind = refused(&lines("admidio", "admidio", "sender", missing)).await;
    let FailureKind::WrongPlace { detail } = kind else {
        panic!("{kind:?}")
    };
    assert_eq!(detail.as_str(), "admidio has no table nope; check its name");
    // Who may read nothing else is not told whether it is there.
    let kind = refused(&lines("admidio", "admidio", "dash", missing)).await;
    assert!(matches!(kind, FailureKind::NotGranted { .. }), "{kind:?}");

    let kind = refused(&lines("admidio", "nowhere", "sender", "")).await;
    assert!(matches!(kind, FailureKind::WrongPlace { .. }), "{kind:?}");
    let kind = refused(&lines(
        "admidio",
        "admidio",
        "dash",
        "host = \"db.nowhere.invalid\"",
    ))
    .await;
    let FailureKind::NameNotFound { host } = kind else {
        // Machines without any name server cannot tell.
        assert!(matches!(kind, FailureKind::Unreachable { .. }), "{kind:?}");
        return;
    };
    assert_eq!(host.as_str(), "db.nowhere.invalid");
}

#[tokio::test]
async fn nothing_listens_and_no_socket() {
    let kind = refused(&lines(
        "admidio",
        "admidio",
        "dash",
        "host = \"127.0.0.1\"\nport = 1",
    ))
    .await;
    let FailureKind::Unreachable { detail } = kind else {
        panic!("{kind:?}")
    };
    assert_eq!(detail.as_str(), "127.0.0.1:1: connection refused");
    let kind = refused(&lines(
        "admidio",
        "admidio",
        "dash",
        "socket = \"/nowhere/mysqld.sock\"",
    ))
    .await;
    let FailureKind::Unreachable { detail } = kind else {
        panic!("{kind:?}")
    };
    assert_eq!(
        detail.as_str(),
        "/nowhere/mysqld.sock: there is no such socket"
    );
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_by_the_server() {
    let _alone = alone().await;
    let more = "system = \"mariadb\"\ntimeout = \"2s\"\nquery = \"SELECT SLEEP(60) AS depth\"";
    let begun = std::time::Instant::now();
    let kind = refused(&lines("table", "site", "dash", more)).await;
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
    assert!(begun.elapsed() < Duration::from_secs(10));
    // And nothing can be changed, whatever the account may.
    let more =
        "system = \"mariadb\"\ntable = \"queue_v2\"\nid = \"id\"\nwhere = \"GET_LOCK('x', 0) = 1\"";
    queue(&client(&lines("table", "site", "sender", more))).await;
}

#[tokio::test]
async fn a_connection_that_was_closed_is_opened_again() {
    let _alone = alone().await;
    let client = client(&lines("mail_queue", "site", "dash", ""));
    queue(&client).await;
    let mut sender = sender().await;
    let kill = "SELECT CONCAT('KILL ', GROUP_CONCAT(id SEPARATOR '; KILL ')) FROM information_schema.processlist WHERE user = 'dash'";
    let kill: String = sqlx::query_scalar(kill)
        .fetch_one(&mut sender)
        .await
        .unwrap();
    run(&mut sender, &kill).await;
    assert_eq!(queue(&client).await.depth, Some(0));
}

#[tokio::test]
async fn sockets_and_tls_by_our_own_rules() {
    let _alone = alone().await;
    let socket = format!("socket = \"{}/mysqld.sock\"", directory());
    queue(&client(&lines("admidio", "admidio", "dash", &socket))).await;

    let ca = format!("ca = \"{}/ca.pem\"", directory());
    queue(&client(&lines("admidio", "admidio", "dash", &ca))).await;
    let mut sender = sender().await;
    run(&mut sender, "ALTER USER 'dash'@'127.0.0.1' REQUIRE SSL").await;
    queue(&client(&lines("admidio", "admidio", "dash", &ca))).await;
    let kind = refused(&lines("admidio", "admidio", "dash", "")).await;
    assert!(matches!(kind, FailureKind::Unauthorized { .. }), "{kind:?}");
    run(&mut sender, "ALTER USER 'dash'@'127.0.0.1' REQUIRE NONE").await;

    // A pin that is not the server's: what it offers is named, and then trusted.
    let wrong = format!("fingerprint = \"{}\"", ["00"; 32].join(":"));
    let kind = refused(&lines("admidio", "admidio", "dash", &wrong)).await;
    let FailureKind::Certificate {
        offered: Some(offered),
        expected,
        ..
    } = kind
    else {
        panic!("{kind:?}")
    };
    assert_eq!(expected.len(), 1);
    let right = format!("fingerprint = \"{offered}\"");
    queue(&client(&lines("admidio", "admidio", "dash", &right))).await;
    // Another machine's certificate: the system knows no such issuer.
    let other = format!(
        "host = \"127.0.0.2\"\nport = {}\nca = \"{}/ca.pem\"",
        port(),
        directory()
    );
    let kind = refused(&lines("admidio", "admidio", "dash", &other)).await;
    assert!(
        matches!(
            kind,
            FailureKind::Unreachable { .. } | FailureKind::Certificate { .. }
        ),
        "{kind:?}"
    );
    let wrong_password = format!("password = \"hunter2\"\n{ca}");
    let kind = refused(&lines("admidio", "admidio", "dash", &wrong_password)).await;
    assert!(matches!(kind, FailureKind::Unauthorized { .. }), "{kind:?}");
}

/// The whole life of a newsletter, thirty times as fast: written, sent ten by ten, and then the sender stops.
#[tokio::test]
async fn a_newsletter_drains_and_then_does_not() {
    let _alone = alone().await;
    let mut sender = sender().await;
    clear(&mut sender).await;
    write(&mut sender, 200).await;
    let client = client(&lines("admidio", "admidio", "dash", ""));
    let mut estate = Fast::new();

    // A run every two seconds, read four times between two of them.
    let mut tick = tokio::time::interval(Duration::from_millis(500));
    let mut last_left = estate.now();
    let mut depth = 200;
    let mut drained = 0;
    for half in 0..29_u32 {
        tick.tick().await;
        if half % 4 == 2 {
            send(&mut sender, 10).await;
        }
        let (row, at) = estate.read(&client).await;
        let now = row.depth.unwrap();
        // The table tells no time: the first mails were there when we first looked.
        assert!(now <= 130 || row.oldest_at_least, "{row:?}");
        if half == 20 {
            let known = estate.restart().await;
            assert_eq!(known.verdict, row.verdict, "still known");
            assert_eq!(
                (known.depth, known.oldest, known.oldest_at_least),
                (row.depth, row.oldest, row.oldest_at_least)
            );
        }
        if now < depth {
            (depth, last_left) = (now, at);
        }
        assert!(!matches!(row.verdict, Verdict::NotDraining(_)), "{row:?}");
        if half >= 14 {
            let Verdict::Draining(left) = row.verdict else {
                panic!("{:?}", row.verdict)
            };
            let wanted = now as f64 * 6.0;
            let off = (left.as_secs_f64() / wanted - 1.0).abs();
            assert!(off < 0.15, "{left:?} for {now}");
            assert_eq!(
                row.severity(&vigie::estate::Estate::default()),
                Severity::Ok
            );
            drained += 1;
        }
    }
    assert_eq!((depth, drained), (130, 15));

    // The sender stops. Half a cycle before the third is over, vigie is started anew.
    let mut restarted = false;
    let mut said = None;
    for _ in 0..24 {
        tick.tick().await;
        let (row, at) = estate.read(&client).await;
        let waited = at.until(last_left);
        if let Verdict::NotDraining(stuck) = row.verdict {
            assert!(waited >= Duration::from_mins(3), "after {waited:?} already");
            assert!(stuck.cycles >= 3);
            said = Some((waited, row));
            break;
        }
        assert!(waited < Duration::from_secs(200), "{:?}", row.verdict);
        if waited > Duration::from_secs(150) && !restarted {
            let known = estate.restart().await;
            assert_eq!(
                (known.oldest, known.oldest_at_least),
                (row.oldest, row.oldest_at_least)
            );
            restarted = true;
        }
    }
    let known = estate.restart().await;
    assert!(
        matches!(known.verdict, Verdict::NotDraining(_)),
        "still known: {known:?}"
    );
    let (waited, row) = said.unwrap();
    assert!(restarted && waited < Duration::from_mins(4), "{waited:?}");
    assert_eq!(
        row.severity(&vigie::estate::Estate::default()),
        Severity::Warning
    );

    // It runs again: one mail is enough.
    send(&mut sender, 10).await;
    let (row, _) = estate.read(&client).await;
    assert!(
        !matches!(row.verdict, Verdict::NotDraining(_)),
        "{:?}",
        row.verdict
    );
    send(&mut sender, 1000).await;
    let (row, _) = estate.read(&client).await;
    assert_eq!((row.verdict, row.depth), (Verdict::Empty, Some(0)));
}
