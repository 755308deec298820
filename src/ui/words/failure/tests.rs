use std::fmt::Write;
use std::time::Duration;

use super::*;

const PIN: &str = "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99";

fn text(words: &str) -> Text {
    Text::clean(words)
}

fn timed_out(stage: Stage, seconds: u64) -> FailureKind {
    FailureKind::TimedOut {
        stage,
        after: Duration::from_secs(seconds),
    }
}

fn all() -> Vec<FailureKind> {
    let detail = |words: &str| text(words);
    vec![
        FailureKind::NameNotFound {
            host: text("golem.example.org"),
        },
        FailureKind::Unreachable {
            detail: detail("192.0.2.7:8006: connection refused"),
        },
        timed_out(Stage::Resolve, 4),
        timed_out(Stage::Connect, 4),
        timed_out(Stage::Tls, 4),
        timed_out(Stage::FirstByte, 12),
        timed_out(Stage::Body, 30),
        FailureKind::Broken {
            detail: detail("reset by the other side after 1204 of 9033 bytes."),
        },
        FailureKind::Certificate {
            reason: detail("unknown issuer"),
            offered: Some(text(PIN)),
            expected: vec![],
        },
        FailureKind::Certificate {
            reason: detail("fingerprint differs"),
            offered: Some(text(PIN)),
            expected: vec![text(&PIN.replace("AA", "00")), text("11:22")],
        },
        FailureKind::Certificate {
            reason: detail("expired"),
            offered: None,
            expected: vec![],
        },
        FailureKind::Tls {
            detail: detail("the server speaks only TLS 1.0"),
        },
        FailureKind::Unauthorized {
            credential: text("token vigie@pve!look"),
            reason: Some(text("invalid token value!")),
        },
        FailureKind::Unauthorized {
            credential: text("the API key"),
            reason: None,
        },
        FailureKind::SecondFactor {
            account: text("anne@pam"),
        },
        FailureKind::Forbidden {
            right: Some(text("Sys.Audit on /nodes/golem")),
        },
        FailureKind::Forbidden { right: None },
        FailureKind::NotGranted {
            what: text("mid of adm_mail_queue"),
            grant: text("GRANT SELECT (mid) ON admidio.adm_mail_queue TO 'dash'@'%';"),
        },
        FailureKind::LoginPage,
        FailureKind::RedirectElsewhere {
            to: text("https://login.example.net"),
        },
        FailureKind::Status {
            code: 404,
            reason: Some(text("Not Found")),
        },
        FailureKind::Status {
            code: 595,
            reason: Some(text("No route to host")),
        },
        FailureKind::Status {
            code: 400,
            reason: None,
        },
        FailureKind::Busy {
            retry_after: Some(Duration::from_secs(90)),
            code: 429,
        },
        FailureKind::Busy {
            retry_after: None,
            code: 503,
        },
        FailureKind::TooLarge { cap: 32 << 20 },
        FailureKind::Malformed {
            detail: detail("ends in the middle of a text at byte 40960"),
        },
        FailureKind::WrongPlace {
            detail: detail("this is Checkmk's site `main`; end the URL with /main"),
        },
        FailureKind::Secret {
            detail: detail("the environment variable GOLEM_TOKEN is not set"),
        },
        FailureKind::Command {
            command: text("postqueue"),
            detail: detail("ended with 69: mail system is down"),
        },
        FailureKind::File {
            path: text("team.toml"),
            detail: detail("line 12: there is no group `sytem`"),
        },
        FailureKind::Mistakes {
            path: text("/etc/vigie/team.toml"),
            list: vec![Mistake {
                line: 12,
                column: 11,
                what: text("there is no group \"sytem\", did you mean \"system\"?"),
                excerpt: text("group = \"sytem\" # 海"),
                caret: (8, 7),
            }],
            more: 2,
        },
        FailureKind::Bug {
            detail: detail("index out of bounds"),
        },
    ]
}

#[test]
fn every_failure_says_what_happened_and_what_to_do() {
    let mut out = String::new();
    for kind in all() {
        let said = failure(&Failure::new(kind));
        writeln!(out, "{said}\n").unwrap_or_default();
        assert!(said.what.ends_with('.') && !said.what.ends_with(".."));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn every_failure_in_a_short_line() {
    let lines: Vec<String> = all()
        .into_iter()
        .map(|kind| failure_short(&Failure::new(kind)))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    for line in &lines {
        assert!(line.chars().count() <= 60, "{line}");
    }
}

#[test]
fn the_request_is_named() {
    let kind = timed_out(Stage::FirstByte, 12);
    let asked = Failure::new(kind).during("GET /cluster/resources on golem.example.org:8006");
    assert_eq!(
        failure(&asked).what,
        "The connection stands, but no answer came within 12 s (GET /cluster/resources on golem.example.org:8006)."
    );
}

#[test]
fn an_unknown_certificate_shows_the_line_to_add_on_its_own() {
    let said = failure(&Failure::new(FailureKind::Certificate {
        reason: text("unknown issuer"),
        offered: Some(text(PIN)),
        expected: vec![],
    }));
    let line = format!("fingerprint = \"{PIN}\"");
    let next = said.next.unwrap_or_default();
    assert!(next.lines().any(|candidate| candidate == line), "{next}");
}

#[test]
fn long_details_are_cut_to_a_line() {
    let long = failure_short(&Failure::new(FailureKind::Malformed {
        detail: text(&"very ".repeat(100)),
    }));
    assert_eq!(long.chars().count(), 60);
    assert!(long.ends_with('…'));
}
