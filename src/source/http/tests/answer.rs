//! What answers mean.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};

use super::super::Answer;
use super::*;
use crate::domain::Moment;

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        reason: None,
        headers: HeaderMap::new(),
        body: body.to_owned().into(),
        asked: "GET /x on golem:8006".into(),
    }
}

fn with(mut answer: Answer, name: HeaderName, value: &str) -> Answer {
    answer
        .headers
        .insert(name, HeaderValue::from_str(value).unwrap());
    answer
}

fn because(mut answer: Answer, reason: &str) -> Answer {
    answer.reason = Some(reason.into());
    answer
}

fn malformed<T: serde::de::DeserializeOwned + std::fmt::Debug>(body: &str) -> String {
    let failure = answer(200, body).json::<T>().unwrap_err();
    assert_eq!(failure.request.as_deref(), Some("GET /x on golem:8006"));
    match failure.kind {
        FailureKind::Malformed { detail } => detail.to_string(),
        other => unreachable!("{other:?}"),
    }
}

#[derive(Debug, serde::Deserialize)]
struct Version {
    #[expect(dead_code, reason = "only its absence is looked at")]
    release: u32,
}

#[test]
fn json_borrows_from_the_body() {
    #[derive(serde::Deserialize)]
    struct Data<'a> {
        data: &'a str,
    }
    let answer = answer(200, r#"{"data":"abc"}"#);
    assert_eq!(answer.json::<Data<'_>>().unwrap().data, "abc");
}

#[test]
fn a_login_page_is_recognised() {
    for body in ["<!DOCTYPE html><html>", "\n  <html lang=\"en\">", "<form>"] {
        let failure = answer(200, body).json::<Version>().unwrap_err();
        assert_eq!(failure.kind, FailureKind::LoginPage, "{body}");
    }
    let page = with(
        answer(200, "Please log in"),
        CONTENT_TYPE,
        "text/html; charset=utf-8",
    );
    assert_eq!(
        page.json::<Version>().unwrap_err().kind,
        FailureKind::LoginPage
    );
}

#[test]
fn wrong_json_is_one_line_without_its_values() {
    assert_eq!(malformed::<Version>(""), "empty answer");
    assert_eq!(malformed::<Version>(" \n "), "empty answer");
    assert_eq!(
        malformed::<Version>("<?xml version=\"1.0\"?><a/>"),
        "XML instead of JSON"
    );
    assert_eq!(
        malformed::<Version>("{\"release\":"),
        "line 1, column 11: the answer is cut off"
    );
    assert_eq!(
        malformed::<Version>("{}"),
        "line 1, column 2: missing field `release`"
    );
    assert_eq!(
        malformed::<Version>("{\n\"release\":\"hunter2, expected secret\"}"),
        "line 2, column 36: string where u32 was expected"
    );
    assert_eq!(
        malformed::<Version>("{\"release\":-5}"),
        "line 1, column 13: integer where u32 was expected"
    );
    assert_eq!(
        malformed::<Vec<u8>>("[1,2"),
        "line 1, column 4: the answer is cut off"
    );
    let long = format!("{{\"release\":\"{}\"}}", "x".repeat(100_000));
    assert!(malformed::<Version>(&long).len() < 200);
    assert!(malformed::<Version>("PVE login failed").starts_with("line 1, column 1: not JSON"));
}

#[test]
fn deep_json_is_refused() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(malformed::<serde_json::Value>(&deep).contains("recursion limit"));
}

#[test]
fn other_compression_is_named() {
    let packed = with(
        answer(200, "\u{1}"),
        reqwest::header::CONTENT_ENCODING,
        "br",
    );
    let kind = packed.json::<Version>().unwrap_err().kind;
    assert_eq!(
        kind,
        FailureKind::Malformed {
            detail: "compressed as br, which was not asked for".into()
        }
    );
}

#[test]
fn refusals_name_credential_and_right() {
    let refused = because(answer(401, ""), "permission denied - invalid PVE ticket");
    let failure = refused.failure("token vigie@pve!tui");
    assert_eq!(
        failure.kind,
        FailureKind::Unauthorized {
            credential: "token vigie@pve!tui".into(),
            reason: Some("permission denied - invalid PVE ticket".into())
        }
    );
    assert!(!failure.is_worth_retrying());

    let right = |answer: Answer| match answer.failure("t").kind {
        FailureKind::Forbidden { right } => right.map(|r| r.to_string()),
        other => unreachable!("{other:?}"),
    };
    assert_eq!(
        right(because(
            answer(403, ""),
            "Permission check failed (/vms/100, VM.PowerMgmt)"
        ))
        .as_deref(),
        Some("VM.PowerMgmt on /vms/100")
    );
    assert_eq!(
        right(answer(
            403,
            r#"{"data":null,"message":"Permission check failed (/, Sys.Audit|Sys.Modify)\n"}"#
        ))
        .as_deref(),
        Some("Sys.Audit|Sys.Modify on /")
    );
    assert_eq!(
        right(because(
            answer(403, ""),
            "Permission check failed (user != root@pam)"
        ))
        .as_deref(),
        Some("Permission check failed (user != root@pam)")
    );
    assert_eq!(right(answer(403, "")), None);
}

#[test]
fn reasons_come_from_bodies_when_the_status_line_has_none() {
    let reason = |answer: Answer| match answer.failure("t").kind {
        FailureKind::Status { reason, .. } => reason.map(|r| r.to_string()),
        other => unreachable!("{other:?}"),
    };
    assert_eq!(
        reason(answer(
            404,
            r#"{"title":"Not Found","status":404,"detail":"These fields have problems: host_name"}"#
        ))
        .as_deref(),
        Some("Not Found: These fields have problems: host_name")
    );
    assert_eq!(
        reason(answer(
            422,
            r#"{"errors":["Subject can't be blank","Tracker is invalid"]}"#
        ))
        .as_deref(),
        Some("Subject can't be blank Tracker is invalid")
    );
    assert_eq!(
        reason(because(
            answer(400, r#"{"data":null,"errors":{"upid":"no such task\n"}}"#),
            "Parameter verification failed."
        ))
        .as_deref(),
        Some("Parameter verification failed. upid: no such task")
    );
    assert_eq!(reason(answer(500, "<html>Internal Server Error")), None);
    assert_eq!(
        reason(answer(500, "{\"message\":\"a\\u001b[2J\\nb\"}")).as_deref(),
        Some("a␛[2J⏎b")
    );
}

#[test]
fn a_server_that_asks_for_time_gets_a_sane_one() {
    let busy = |status, value: &str| {
        with(answer(status, ""), RETRY_AFTER, value)
            .failure("t")
            .kind
    };
    let wait = |seconds: Option<u64>, code| FailureKind::Busy {
        retry_after: seconds.map(Duration::from_secs),
        code,
    };
    assert_eq!(busy(429, "17"), wait(Some(17), 429));
    assert_eq!(busy(503, " 60 "), wait(Some(60), 503));
    assert_eq!(
        busy(503, "7200"),
        wait(Some(900), 503),
        "at most 15 minutes"
    );
    for senseless in [
        "-1",
        "0",
        "soon",
        "1e9",
        "99999999999999999999",
        "864000",
        "Wed, 21 Oct 2015 07:28:00 GMT",
    ] {
        assert_eq!(busy(503, senseless), wait(None, 503), "{senseless}");
    }
    assert_eq!(answer(429, "").failure("t").kind, wait(None, 429));
    assert_eq!(
        answer(503, "").failure("t").kind,
        FailureKind::Status {
            code: 503,
            reason: None
        }
    );
}

#[test]
fn a_date_to_wait_for() {
    let date = Moment::now().plus(Duration::from_mins(5)).timestamp();
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let kind = with(answer(503, ""), RETRY_AFTER, &date).failure("t").kind;
    let FailureKind::Busy {
        retry_after: Some(wait),
        ..
    } = kind
    else {
        unreachable!("{kind:?}")
    };
    assert!((200..=300).contains(&wait.as_secs()), "{wait:?}");
}

#[test]
fn a_redirect_says_where_without_secrets() {
    let to = |location: &str| match with(answer(302, ""), LOCATION, location).failure("t").kind {
        FailureKind::RedirectElsewhere { to } => to.to_string(),
        other => unreachable!("{other:?}"),
    };
    assert_eq!(
        to("https://a:hunter2@sso.example.org/login?token=hunter2#hunter2"),
        "https://sso.example.org/login"
    );
    assert_eq!(
        to("/site/check_mk/login.py?_origtarget=x"),
        "/site/check_mk/login.py"
    );
    assert_eq!(
        answer(304, "").failure("t").kind,
        FailureKind::Status {
            code: 304,
            reason: None
        }
    );
}
