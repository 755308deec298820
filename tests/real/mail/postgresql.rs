//! PostgreSQL, read as an account that may see some columns only.

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection};
use tokio::sync::{Mutex, MutexGuard};

use vigie::domain::Moment;
use vigie::domain::failure::{FailureKind, Stage};

use super::{client, queue, refused};
use crate::given;

async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

fn port() -> u16 {
    let address = given("VIGIE_TEST_POSTGRESQL");
    address.rsplit_once(':').unwrap().1.parse().unwrap()
}

fn directory() -> String {
    given("VIGIE_TEST_POSTGRESQL_DIR")
}

const COLUMNS: &str = "table = \"queue_v2\"\nid = \"id\"\ntime = \"created_at\"\ntries = \"tries\"\nerror = \"last_error\"";

fn lines(user: &str, more: &str) -> String {
    let host = if more.contains("socket = ") {
        String::new()
    } else {
        format!("host = \"127.0.0.1\"\nport = {}\n", port())
    };
    let password = if more.contains("password = ") {
        ""
    } else {
        "password = \"lab\"\n"
    };
    format!(
        "kind = \"table\"\nsystem = \"postgresql\"\n{host}database = \"site\"\nuser = \"{user}\"\n{password}{more}"
    )
}

async fn run(sql: &str) {
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port())
        .username("sender")
        .password("lab")
        .database("site")
        .ssl_mode(PgSslMode::Disable);
    let mut sender: PgConnection = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut sender)
        .await
        .unwrap();
}

#[tokio::test]
async fn rows_that_come_and_go_are_counted() {
    let _alone = alone().await;
    run("TRUNCATE queue_v2 RESTART IDENTITY").await;
    let client = client(&lines("dash", COLUMNS));
    let empty = queue(&client).await;
    assert_eq!(
        (empty.depth, empty.head, empty.oldest),
        (Some(0), None, None)
    );
    run(
        "INSERT INTO queue_v2 (created_at, recipient, tries, last_error) VALUES \
         (to_timestamp(1795032713.236), 'a@b.example', 7, '452 <a@b.example> full'), \
         (now(), 'c@d.example', 0, NULL), (now(), 'e@f.example', 0, '')",
    )
    .await;
    let full = queue(&client).await;
    assert_eq!(
        (full.depth, full.head, full.enqueued),
        (Some(3), Some(1), Some(3))
    );
    assert_eq!((full.tries, full.deferred), (Some(7), Some(1)));
    assert_eq!(full.oldest, Some(Moment::from_millis(1_795_032_713_236)));
    let [reason] = full.reasons.as_slice() else {
        panic!("{:?}", full.reasons)
    };
    assert_eq!((&*reason.what, reason.mails), ("452 … full", 1));
    assert_eq!(reason.oldest, Some(Moment::from_millis(1_795_032_713_236)));
    run("DELETE FROM queue_v2 WHERE id < 3; INSERT INTO queue_v2 (recipient) VALUES ('x')").await;
    let later = queue(&client).await;
    assert_eq!(
        (later.depth, later.head, later.enqueued),
        (Some(2), Some(3), Some(4))
    );
}

#[tokio::test]
async fn each_refusal_is_its_own() {
    let _alone = alone().await;
    let kind = refused(&lines(
        "dash",
        &format!("password = \"hunter2\"\n{COLUMNS}"),
    ))
    .await;
    assert!(matches!(kind, FailureKind::Unauthorized { .. }), "{kind:?}");

    let kind = refused(&lines("dash_none", "table = \"queue_v2\"\nid = \"id\"")).await;
    let FailureKind::NotGranted { grant, .. } = kind else {
        panic!("{kind:?}")
    };
    assert_eq!(
        grant.as_str(),
        "GRANT SELECT (\"id\") ON \"queue_v2\" TO \"dash_none\";"
    );
    run(&grant).await;
    let found = queue(&client(&lines(
        "dash_none",
        "table = \"queue_v2\"\nid = \"id\"",
    )))
    .await;
    assert!(found.depth.is_some());
    run("REVOKE ALL ON queue_v2 FROM dash_none").await;

    let kind = refused(&lines("dash", "table = \"nope\"\nid = \"id\"")).await;
    let FailureKind::WrongPlace { detail } = kind else {
        panic!("{kind:?}")
    };
    assert_eq!(detail.as_str(), "site has no table nope; check its name");
    let kind = refused(&lines("dash", "table = \"queue_v2\"\nid = \"nope\"")).await;
    assert!(matches!(kind, FailureKind::WrongPlace { .. }), "{kind:?}");
    let slow = "timeout = \"2s\"\nquery = \"SELECT 1 AS depth FROM pg_sleep(60)\"";
    let kind = refused(&lines("dash", slow)).await;
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
    // Reading is all that a session may, whatever the account may.
    let kind = refused(&lines(
        "sender",
        "query = \"SELECT nextval('queue_v2_id_seq') AS depth\"",
    ))
    .await;
    let FailureKind::Malformed { detail } = kind else {
        panic!("{kind:?}")
    };
    assert!(detail.contains("read-only transaction"), "{detail}");
    // No line of pg_hba.conf lets this account in.
    let kind = refused(&lines("admin", COLUMNS)).await;
    assert!(matches!(kind, FailureKind::Forbidden { .. }), "{kind:?}");
}

#[tokio::test]
async fn sockets_and_tls_by_our_own_rules() {
    let _alone = alone().await;
    let socket = format!("socket = \"{}/socket/.s.PGSQL.{}\"", directory(), port());
    queue(&client(&lines("dash", &format!("{socket}\n{COLUMNS}")))).await;
    let ca = format!("ca = \"{}/ca.pem\"", directory());
    queue(&client(&lines("dash", &format!("{ca}\n{COLUMNS}")))).await;
    let wrong = format!("fingerprint = \"{}\"", ["00"; 32].join(":"));
    let kind = refused(&lines("dash", &format!("{wrong}\n{COLUMNS}"))).await;
    let FailureKind::Certificate {
        offered: Some(offered),
        ..
    } = kind
    else {
        panic!("{kind:?}")
    };
    let right = format!("fingerprint = \"{offered}\"");
    queue(&client(&lines("dash", &format!("{right}\n{COLUMNS}")))).await;
    let wrong = format!("{ca}\npassword = \"hunter2\"\n{COLUMNS}");
    let kind = refused(&lines("dash", &wrong)).await;
    assert!(matches!(kind, FailureKind::Unauthorized { .. }), "{kind:?}");
}
