//! Tokens and tickets against a scripted server.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use super::super::fake::{Asked, Fake, Reply, password, token};
use super::*;
use crate::config::SecretSource;

const LOGIN: &str = "POST /access/ticket";
const VERSION: &str = "GET /version";

fn ready(fake: &Fake, credential: &ProxmoxCredential) -> (Http, Session) {
    let settings = fake.settings(credential.clone());
    (
        Http::new("golem", &settings.reach),
        Session::new("golem", credential),
    )
}

fn version() -> Request {
    Request::get("/api2/json/version")
}

fn inline(secret: &str) -> SecretSource {
    SecretSource::Inline(Secret::new(secret))
}

fn write_secret(path: &Path, secret: &str) {
    use std::io::Write;
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .unwrap();
    file.write_all(secret.as_bytes()).unwrap();
}

fn ticket(text: &str) -> Reply {
    Reply::ok(format!(
        r#"{{"data":{{"ticket":"{text}","CSRFPreventionToken":"5FBE5EB6:x","username":"root@pam","cap":{{}}}}}}"#
    ))
}

/// A server that knows one password and counts its tickets `PVE:1`, `PVE:2`, …; a ticket is good as a
/// password too. `refuses` may refuse further requests.
async fn ticket_server(refuses: impl Fn(&Asked) -> bool + Send + Sync + 'static) -> Fake {
    let issued = AtomicUsize::new(0);
    Fake::start(move |asked| {
        if refuses(asked) {
            return Reply::refused("401 permission denied - invalid PVE ticket");
        }
        if asked.call == LOGIN {
            let known = asked.body == "username=root%40pam&password=p%C3%A4ss%26%20w%C3%B6rd"
                || asked
                    .body
                    .starts_with("username=root%40pam&password=PVE%3A");
            if !known {
                return Reply::refused("401 authentication failure");
            }
            let number = 1 + issued.fetch_add(1, Ordering::SeqCst);
            return ticket(&format!("PVE:root@pam:{number}::a+b/c=="));
        }
        Reply::ok(r#"{"data":{"version":"7.4-16"}}"#)
    })
    .await
}

fn known_password() -> ProxmoxCredential {
    password(inline("päss& wörd"))
}

#[tokio::test]
async fn a_token_is_sent_and_nothing_else() {
    let fake = Fake::start(|_| Reply::ok(r#"{"data":{}}"#)).await;
    let (http, session) = ready(&fake, &token());
    session.send(&http, version()).await.unwrap();
    session.send(&http, version()).await.unwrap();
    for asked in fake.asked() {
        assert_eq!(
            asked.header("authorization"),
            Some("PVEAPIToken=vigie@pve!tui=uuid-1")
        );
        assert_eq!(asked.header("cookie"), None);
    }
    assert_eq!(fake.calls(), [VERSION, VERSION]);
}

#[tokio::test]
async fn a_wrong_token_is_not_tried_twice() {
    let fake = Fake::start(|_| Reply::refused("401 invalid token value!")).await;
    let (http, session) = ready(&fake, &token());
    let failure = session.send(&http, version()).await.unwrap_err();
    assert_eq!(
        failure.kind,
        FailureKind::Unauthorized {
            credential: "token vigie@pve!tui of golem".into(),
            reason: Some("invalid token value!".into()),
        }
    );
    assert!(
        failure
            .request
            .unwrap()
            .starts_with("GET /api2/json/version on ")
    );
    assert_eq!(fake.calls().len(), 1);
}

#[tokio::test]
async fn a_token_that_was_exchanged_in_its_file_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    write_secret(&path, "vigie@pve!tui=old\n");
    let written = path.clone();
    let fake = Fake::start(move |asked| {
        if asked.head.contains("tui=new") {
            return Reply::ok(r#"{"data":{}}"#);
        }
        write_secret(&written, "vigie@pve!tui=new\n");
        Reply::refused("401 Authentication failed!")
    })
    .await;
    let credential = ProxmoxCredential::Token {
        id: None,
        secret: SecretSource::File(path),
    };
    let (http, session) = ready(&fake, &credential);
    session.send(&http, version()).await.unwrap();
    assert_eq!(fake.calls().len(), 2);
    session.send(&http, version()).await.unwrap();
    assert_eq!(fake.calls().len(), 3);
}

#[tokio::test]
async fn a_wrong_token_is_fetched_anew_on_the_next_reading() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    write_secret(&path, "vigie@pve!tui=old");
    let fake = Fake::start(|asked| {
        if asked.head.contains("tui=new") {
            Reply::ok(r#"{"data":{}}"#)
        } else {
            Reply::refused("401 Authentication failed!")
        }
    })
    .await;
    let credential = ProxmoxCredential::Token {
        id: None,
        secret: SecretSource::File(path.clone()),
    };
    let (http, session) = ready(&fake, &credential);
    session.send(&http, version()).await.unwrap_err();
    write_secret(&path, "vigie@pve!tui=new");
    session.send(&http, version()).await.unwrap();
    assert_eq!(fake.calls().len(), 2);
}

#[tokio::test]
async fn readings_at_the_same_time_share_one_login() {
    let fake = ticket_server(|_| false).await;
    let (http, session) = ready(&fake, &known_password());
    let (a, b, c) = tokio::join!(
        session.send(&http, version()),
        session.send(&http, version()),
        session.send(&http, version())
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!((fake.count(LOGIN), fake.count(VERSION)), (1, 3));
    let asked = fake.asked();
    let login = asked.iter().find(|asked| asked.call == LOGIN).unwrap();
    assert_eq!(
        login.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(login.header("cookie"), None);
    for asked in asked.iter().filter(|asked| asked.call == VERSION) {
        assert_eq!(
            asked.header("cookie"),
            Some("PVEAuthCookie=PVE:root@pam:1::a+b/c==")
        );
        assert_eq!(asked.header("authorization"), None);
    }
}

#[tokio::test]
async fn a_ticket_is_renewed_with_itself() {
    let fake = ticket_server(|_| false).await;
    let (http, mut session) = ready(&fake, &known_password());
    session.renew_after = Duration::ZERO;
    session.send(&http, version()).await.unwrap();
    session.send(&http, version()).await.unwrap();
    let asked = fake.asked();
    assert_eq!(fake.calls(), [LOGIN, VERSION, LOGIN, VERSION]);
    assert_eq!(
        asked[2].body,
        "username=root%40pam&password=PVE%3Aroot%40pam%3A1%3A%3Aa%2Bb%2Fc%3D%3D"
    );
    assert_eq!(
        asked[3].header("cookie"),
        Some("PVEAuthCookie=PVE:root@pam:2::a+b/c==")
    );
}

#[tokio::test]
async fn a_renewal_that_is_refused_falls_back_to_the_password() {
    let fake = ticket_server(|asked| asked.body.contains("password=PVE%3A")).await;
    let (http, mut session) = ready(&fake, &known_password());
    session.renew_after = Duration::ZERO;
    session.send(&http, version()).await.unwrap();
    session.send(&http, version()).await.unwrap();
    assert_eq!(fake.calls(), [LOGIN, VERSION, LOGIN, LOGIN, VERSION]);
}

#[tokio::test]
async fn a_renewal_that_gets_no_answer_leaves_the_ticket_in_use() {
    let fake = Fake::start(
        |asked| match (asked.call.as_str(), asked.body.contains("PVE%3A")) {
            (LOGIN, true) => Reply::refused("595 Connection refused"),
            (LOGIN, false) => ticket("PVE:root@pam:1::x"),
            _ => Reply::ok(r#"{"data":{}}"#),
        },
    )
    .await;
    let (http, mut session) = ready(&fake, &known_password());
    session.renew_after = Duration::ZERO;
    for _ in 0..3 {
        session.send(&http, version()).await.unwrap();
    }
    // The renewal is not tried before every request.
    assert_eq!(fake.calls(), [LOGIN, VERSION, LOGIN, VERSION, VERSION]);
}

#[tokio::test]
async fn an_expired_ticket_is_made_anew_once() {
    let expired = AtomicBool::new(true);
    let fake =
        ticket_server(move |asked| asked.call == VERSION && expired.swap(false, Ordering::SeqCst))
            .await;
    let (http, session) = ready(&fake, &known_password());
    session.send(&http, version()).await.unwrap();
    assert_eq!(fake.calls(), [LOGIN, VERSION, LOGIN, VERSION]);
}

#[tokio::test]
async fn a_ticket_that_is_never_taken_is_not_tried_for_ever() {
    let fake = ticket_server(|asked| asked.call == VERSION).await;
    let (http, session) = ready(&fake, &known_password());
    let failure = session.send(&http, version()).await.unwrap_err();
    assert_eq!(
        failure.kind,
        FailureKind::Unauthorized {
            credential: "password of root@pam at golem".into(),
            reason: Some("permission denied - invalid PVE ticket".into()),
        }
    );
    assert_eq!(fake.calls(), [LOGIN, VERSION, LOGIN, VERSION]);
}

#[tokio::test]
async fn readings_share_the_new_login_after_an_expired_ticket() {
    let fake = ticket_server(|asked| {
        asked
            .header("cookie")
            .is_some_and(|cookie| cookie.contains("root@pam:1:"))
    })
    .await;
    let (http, session) = ready(&fake, &known_password());
    let (a, b, c) = tokio::join!(
        session.send(&http, version()),
        session.send(&http, version()),
        session.send(&http, version())
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(fake.count(LOGIN), 2);
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_by_all_readings_together() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("password");
    write_secret(&path, "wrong");
    let fake = ticket_server(|_| false).await;
    let (http, session) = ready(&fake, &password(SecretSource::File(path.clone())));
    let (a, b, c) = tokio::join!(
        session.send(&http, version()),
        session.send(&http, version()),
        session.send(&http, version())
    );
    for outcome in [a, b, c] {
        assert_eq!(
            outcome.unwrap_err().kind,
            FailureKind::Unauthorized {
                credential: "password of root@pam at golem".into(),
                reason: Some("authentication failure".into()),
            }
        );
    }
    // A reading that starts a little later does not lock the account either.
    session.send(&http, version()).await.unwrap_err();
    assert_eq!(fake.calls(), [LOGIN]);
    write_secret(&path, "päss& wörd");
    session.send(&http, version()).await.unwrap();
    assert_eq!(fake.calls(), [LOGIN, LOGIN, VERSION]);
}

#[tokio::test]
async fn a_second_factor_is_a_failure_of_its_own() {
    for answer in [
        r#"{"data":{"NeedTFA":1,"ticket":"PVE:!tfa!%7B%22totp%22%3Atrue%7D:5FBE:x","username":"root@pam","CSRFPreventionToken":"x"}}"#,
        r#"{"data":{"ticket":"PVE:!tfa!%7B%7D:5FBE:x","username":"root@pam"}}"#,
    ] {
        let fake = Fake::start(move |_| Reply::ok(answer)).await;
        let (http, session) = ready(&fake, &known_password());
        let failure = session.send(&http, version()).await.unwrap_err();
        assert_eq!(
            failure.kind,
            FailureKind::SecondFactor {
                account: "root@pam".into()
            }
        );
        assert!(!failure.is_worth_retrying());
        assert_eq!(fake.calls(), [LOGIN]);
    }
}

#[tokio::test]
async fn a_ticket_that_could_break_a_header_is_refused() {
    for text in [
        r"PVE:x\r\nX-Evil: 1",
        "PVE:a;b",
        "PVE:a b",
        "",
        "PVE:\u{202e}",
    ] {
        let reply = ticket(text);
        let fake = Fake::start(move |_| reply.clone()).await;
        let (http, session) = ready(&fake, &known_password());
        let failure = session.send(&http, version()).await.unwrap_err();
        assert!(
            matches!(failure.kind, FailureKind::Malformed { .. }),
            "{text}"
        );
        assert_eq!(fake.calls(), [LOGIN]);
    }
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let fake = ticket_server(|_| false).await;
    let (http, session) = ready(&fake, &known_password());
    let answer = session.send(&http, version()).await.unwrap();
    let seen = format!("{session:?} {answer:?} {http:?}");
    assert!(seen.contains("golem"));
    for secret in ["päss", "PVE:root"] {
        assert!(!seen.contains(secret), "{seen}");
    }
}
