//! The client against small servers on loopback that answer as the sheet says.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Client;
use super::loopback::{Asked, Reply, Site, VERSION, json, problem};
use crate::domain::check::{HostState, MonitoredHosts, MonitoredServices, ServiceState};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::{Batch, Reading, Text};
use crate::source::Client as _;

async fn problems(client: &Client) -> Result<Arc<MonitoredServices>, Failure> {
    match client.read(Reading::Problems).await.outcome? {
        Batch::Problems(services) => Ok(services),
        other => panic!("{other:?}"),
    }
}

async fn hosts(client: &Client) -> Result<Arc<MonitoredHosts>, Failure> {
    match client.read(Reading::MonitoredHosts).await.outcome? {
        Batch::MonitoredHosts(hosts) => Ok(hosts),
        other => panic!("{other:?}"),
    }
}

const ONE_SERVICE: &str = r#"{"domainType":"service","id":"all","value":[{"links":[],"extensions":
    {"host_name":"wiki","description":"CPU load","state":2,"state_type":1,"check_command":"check_mk-cpu_loads"}}]}"#;

fn usual(asked: &Asked) -> Reply {
    if asked.path.ends_with("/version") {
        json(VERSION)
    } else if asked.path.contains("/service/") {
        json(ONE_SERVICE)
    } else {
        json(r#"{"domainType":"host","value":[{"extensions":{"name":"wiki","state":0}}]}"#)
    }
}

#[tokio::test]
async fn a_get_carries_columns_query_and_bearer_but_no_body() {
    let site = Site::start(usual).await;
    let answered = site.client().read(Reading::Problems).await;
    assert_eq!(answered.traffic.requests, 2);
    let Ok(Batch::Problems(services)) = answered.outcome else {
        panic!("{:?}", answered.outcome);
    };
    assert_eq!(services.services[0].state, ServiceState::Crit);
    let requests = site.requests();
    assert_eq!(requests[0].path, "/heute/check_mk/api/1.0/version");
    let list = &requests[1];
    assert!(list.path.starts_with(
        "/heute/check_mk/api/1.0/domain-types/service/collections/all?columns=host_name&columns=description&"
    ));
    assert!(
        list.path
            .ends_with(r#"&query={"op":"!=","left":"state","right":"0"}"#)
    );
    assert!(
        list.head
            .contains("authorization: bearer vigie parrot-squawk")
    );
    assert!(list.head.contains("accept: application/json"));
    assert!(!list.head.contains("content-type"), "{}", list.head);
    assert!(!list.head.contains("content-length"), "{}", list.head);
    assert_eq!(list.body, "");
}

#[tokio::test]
async fn where_get_is_gone_post_is_used_and_remembered() {
    let site = Site::start(|asked| {
        if asked.has("GET", "/collections/all") {
            problem("405", r#"{"title":"Method Not Allowed","status":405}"#)
        } else {
            usual(asked)
        }
    })
    .await;
    let client = site.client();
    for _ in 0..3 {
        assert_eq!(problems(&client).await.unwrap().services.len(), 1);
    }
    assert_eq!(site.count("GET", "/service/"), 1);
    assert_eq!(site.count("POST", "/service/"), 3);
    let requests = site.requests();
    let post = requests.iter().find(|r| r.method == "POST").unwrap();
    assert_eq!(
        post.path,
        "/heute/check_mk/api/1.0/domain-types/service/collections/all"
    );
    assert!(post.head.contains("content-type: application/json"));
    let body: serde_json::Value = serde_json::from_str(&post.body).unwrap();
    assert_eq!(body["query"]["left"], "state");
    assert_eq!(body["columns"][0], "host_name");
}

#[tokio::test]
async fn unknown_columns_are_dropped_one_by_one_and_remembered() {
    let site = Site::start(|asked| {
        if asked.path.contains("columns=staleness") {
            problem(
                "400",
                r#"{"title":"Bad Request","fields":{"columns":{"9":["Unknown column: services.staleness"]}}}"#,
            )
        } else if asked.path.contains("columns=host_labels") {
            problem(
                "400",
                r#"{"title":"Bad Request","fields":{"query.columns":{"type":"value_error","loc":["query","columns"],"msg":"Value error, Unknown column: services.host_labels","input":["host_labels"]}}}"#,
            )
        } else {
            usual(asked)
        }
    })
    .await;
    let client = site.client();
    assert_eq!(problems(&client).await.unwrap().services.len(), 1);
    assert_eq!(site.count("GET", "/service/"), 3);
    assert_eq!(problems(&client).await.unwrap().services.len(), 1);
    assert_eq!(site.count("GET", "/service/"), 4);
}

#[tokio::test]
async fn a_column_that_is_needed_is_not_given_up() {
    let site = Site::start(|asked| {
        if asked.path.contains("/service/") {
            problem(
                "400",
                r#"{"title":"Bad Request","detail":"These fields have problems: columns","fields":{"columns":{"0":["Unknown column: services.state"]}}}"#,
            )
        } else {
            usual(asked)
        }
    })
    .await;
    let failure = problems(&site.client()).await.unwrap_err();
    assert_eq!(
        failure.kind,
        FailureKind::Status {
            code: 400,
            reason: Some(Text::clean(
                "Bad Request: These fields have problems: columns: Unknown column: services.state"
            ))
        }
    );
    assert_eq!(site.count("GET", "/service/"), 1);
}

#[tokio::test]
async fn a_wrong_secret_is_tried_once_by_readings_that_start_together() {
    let site = Site::start(|_| {
        problem(
            "401",
            r#"{"title":"Wrong credentials (Bearer header)","status":401,"detail":""}"#,
        )
    })
    .await;
    let client = site.client();
    let (a, b) = tokio::join!(problems(&client), hosts(&client));
    for failure in [a.unwrap_err(), b.unwrap_err()] {
        assert_eq!(
            failure.kind,
            FailureKind::Unauthorized {
                credential: Text::clean("user vigie of monitor"),
                reason: Some(Text::clean("Wrong credentials (Bearer header)")),
            }
        );
        assert!(!format!("{failure:?}").contains("parrot"));
    }
    assert_eq!(site.requests().len(), 1);
}

#[tokio::test]
async fn a_site_that_does_not_exist_is_a_wrong_place() {
    let site = Site::start(|_| {
        (
            "404 Not Found\r\nContent-Type: text/html",
            "<html>Not Found</html>".to_owned(),
        )
    })
    .await;
    let failure = problems(&site.client()).await.unwrap_err();
    let FailureKind::WrongPlace { detail } = failure.kind else {
        panic!("{failure:?}");
    };
    assert!(
        detail.contains("no Checkmk site `heute` on 127.0.0.1"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_site_that_is_removed_later_is_a_wrong_place_too() {
    let gone = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&gone);
    let site = Site::start(move |asked| {
        if told.load(Ordering::Relaxed) {
            problem("404", "")
        } else {
            usual(asked)
        }
    })
    .await;
    let client = site.client();
    assert_eq!(problems(&client).await.unwrap().services.len(), 1);
    gone.store(true, Ordering::Relaxed);
    let first = problems(&client).await.unwrap_err();
    assert!(matches!(first.kind, FailureKind::Status { code: 404, .. }));
    let second = problems(&client).await.unwrap_err();
    assert!(matches!(second.kind, FailureKind::WrongPlace { .. }));
    gone.store(false, Ordering::Relaxed);
    assert_eq!(problems(&client).await.unwrap().services.len(), 1);
}

#[tokio::test]
async fn a_login_page_is_no_data() {
    for reply in [
        (
            "200 OK\r\nContent-Type: text/html; charset=UTF-8",
            "<!DOCTYPE html><form>".to_owned(),
        ),
        (
            "200 OK\r\nContent-Type: application/json",
            "\n <html>".to_owned(),
        ),
        (
            "302 Found\r\nLocation: /heute/check_mk/login.py?_origtarget=x",
            String::new(),
        ),
    ] {
        let site = Site::start(move |asked| {
            if asked.path.contains("/service/") {
                reply.clone()
            } else {
                usual(asked)
            }
        })
        .await;
        let failure = problems(&site.client()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::LoginPage);
    }
}

#[tokio::test]
async fn a_stopped_site_and_a_crash_say_so() {
    for (reply, code, words) in [
        (
            (
                "503 Service Unavailable\r\nContent-Type: text/html",
                "<html>".to_owned(),
            ),
            503,
            "the site is stopped or starting",
        ),
        (
            problem(
                "500",
                r#"{"title":"Internal Server Error","status":500,"detail":"This is an intentional failure.","ext":{"crash_id":"1-2"}}"#,
            ),
            500,
            "Internal Server Error: This is an intentional failure.: crash report 1-2",
        ),
    ] {
        let site = Site::start(move |asked| {
            if asked.path.contains("/service/") {
                reply.clone()
            } else {
                usual(asked)
            }
        })
        .await;
        let failure = problems(&site.client()).await.unwrap_err();
        assert_eq!(
            failure.kind,
            FailureKind::Status {
                code,
                reason: Some(Text::clean(words))
            }
        );
        assert!(failure.request.unwrap().contains("collections/all"));
    }
}

#[tokio::test]
async fn a_truncated_list_is_no_list() {
    let site = Site::start(|asked| {
        if asked.path.contains("/service/") {
            json(r#"{"value":[{"extensions":{"host_name":"a","#)
        } else {
            usual(asked)
        }
    })
    .await;
    let failure = problems(&site.client()).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Malformed { .. }));
    assert_eq!(
        failure.request.as_deref().map(|r| r.starts_with("GET ")),
        Some(true)
    );
}

#[tokio::test]
async fn hosts_come_with_the_version_which_is_asked_once() {
    let site = Site::start(usual).await;
    let client = site.client();
    for _ in 0..3 {
        let hosts = hosts(&client).await.unwrap();
        assert_eq!(hosts.version.as_deref(), Some("2.4.0p18"));
        assert_eq!(hosts.hosts[0].state, HostState::Up);
    }
    assert_eq!(site.count("GET", "/version"), 1);
}

#[tokio::test]
async fn a_version_that_may_not_be_read_stops_nothing() {
    let site = Site::start(|asked| {
        if asked.path.ends_with("/version") {
            problem("500", r#"{"title":"Internal Server Error"}"#)
        } else {
            usual(asked)
        }
    })
    .await;
    let hosts = hosts(&site.client()).await.unwrap();
    assert_eq!(hosts.version, None);
    assert_eq!(hosts.hosts.len(), 1);
}

#[tokio::test]
async fn a_site_that_falls_silent_keeps_its_hosts_and_problems() {
    let silent = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&silent);
    let site = Site::start(move |asked| {
        let row = |site: &str, host: &str| {
            format!(
                r#"{{"extensions":{{"name":"{host}","host_name":"{host}","description":"CPU","state":1,"labels":{{"cmk/site":"{site}"}},"host_labels":{{"cmk/site":"{site}"}}}}}}"#
            )
        };
        let mut rows = vec![row("main", "a")];
        if !told.load(Ordering::Relaxed) {
            rows.push(row("far", "b"));
        }
        if asked.path.ends_with("/version") {
            json(VERSION)
        } else {
            json(&format!(r#"{{"value":[{}]}}"#, rows.join(",")))
        }
    })
    .await;
    let client = site.client();
    assert_eq!(hosts(&client).await.unwrap().silent_sites, [] as [Text; 0]);
    assert_eq!(problems(&client).await.unwrap().services.len(), 2);
    silent.store(true, Ordering::Relaxed);
    for _ in 0..2 {
        let now = hosts(&client).await.unwrap();
        assert_eq!(now.silent_sites, [Text::clean("far")]);
        assert_eq!(now.hosts.len(), 2);
        assert_eq!(problems(&client).await.unwrap().services.len(), 2);
    }
    silent.store(false, Ordering::Relaxed);
    assert_eq!(hosts(&client).await.unwrap().silent_sites, [] as [Text; 0]);
}

#[tokio::test]
async fn readings_of_other_systems_are_refused() {
    let site = Site::start(usual).await;
    let failure = site
        .client()
        .read(Reading::Tickets)
        .await
        .outcome
        .unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Bug { .. }));
    assert!(site.requests().is_empty());
}
