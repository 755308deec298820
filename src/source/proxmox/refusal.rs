//! What the statuses mean with which Proxmox VE refuses (`api/proxmox.md`, §1). There is no 404 and no
//! 409; the words are in the reason phrase and, since 8.4, in the body's `message`.

use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};
use crate::source::http::Answer;

/// `Ok` for 200, otherwise the failure. `credential` names what was refused, never its value.
pub fn check(answer: &Answer, credential: &str) -> Result<(), Failure> {
    if answer.status == 200 {
        return Ok(());
    }
    Err(failure(answer, credential))
}

/// The failure that a status other than 200 means.
fn failure(answer: &Answer, credential: &str) -> Failure {
    let mut failure = answer.failure(credential);
    match &mut failure.kind {
        FailureKind::Status { code: 404, .. } => {
            failure.kind = super::wire::wrong_place("404 Not Found was answered").kind;
        }
        FailureKind::Status {
            code: code @ 595..=599,
            reason,
        } => *reason = Some(onward(*code, reason.as_deref(), &answer.asked)),
        // Before 6.2 the header with the token is not even looked at.
        FailureKind::Unauthorized {
            reason: Some(reason),
            ..
        } if &**reason == "No ticket" && credential.starts_with("token ") => {
            *reason = Text::clean(
                "No ticket: either the token is malformed or this Proxmox VE is older than 6.2 and knows no tokens; use user and password",
            );
        }
        _ => {}
    }
    failure
}

/// Why a request got no further than the contacted node.
fn onward(code: u16, words: Option<&str>, asked: &str) -> Text {
    let words = words.unwrap_or("no reason given");
    let to_a_node = asked.contains("/nodes/");
    Text::clean(&match (code, words) {
        (595, "Connection refused") if to_a_node => format!(
            "{words}: pveproxy of that node, or pvedaemon of the contacted one, does not run"
        ),
        (595, "Connection refused") => format!(
            "{words}: pveproxy answers, but its pvedaemon does not run (systemctl status pvedaemon)"
        ),
        (595, _) if to_a_node => format!("{words}: the contacted node cannot reach that node"),
        (596, "Connection timed out") => {
            format!("{words}: no answer within 30 s, often because a storage hangs")
        }
        _ => words.to_owned(),
    })
}

/// A failure in a few words, for the one node it concerns.
pub fn in_short(failure: &Failure) -> Text {
    let words = match &failure.kind {
        FailureKind::Status {
            code,
            reason: Some(reason),
        } => format!("{code} {reason}"),
        FailureKind::Status { code, reason: None } | FailureKind::Busy { code, .. } => {
            format!("status {code}")
        }
        FailureKind::Forbidden { right: Some(right) } => format!("lacks {right}"),
        FailureKind::Forbidden { right: None } => "lacks a right".to_owned(),
        FailureKind::TimedOut { after, .. } => format!("no answer within {} s", after.as_secs()),
        FailureKind::Broken { detail }
        | FailureKind::Unreachable { detail }
        | FailureKind::Malformed { detail } => detail.to_string(),
        FailureKind::TooLarge { cap } => format!("answer larger than {cap} bytes"),
        _ => "could not be asked".to_owned(),
    };
    Text::clean(&words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    fn refused(status: u16, reason: Option<&str>, body: &'static str, path: &str) -> FailureKind {
        let answer = Answer {
            status,
            reason: reason.map(Text::clean),
            headers: HeaderMap::new(),
            body: bytes::Bytes::from_static(body.as_bytes()),
            asked: Text::clean(path),
        };
        failure(&answer, "token v@pve!tui").kind
    }

    fn status_words(kind: FailureKind) -> (u16, String) {
        match kind {
            FailureKind::Status {
                code,
                reason: Some(reason),
            } => (code, reason.to_string()),
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn errors_are_in_the_reason_phrase_or_in_the_body() {
        assert_eq!(
            status_words(refused(
                500,
                Some("proxy not allowed"),
                r#"{"data":null}"#,
                ""
            )),
            (500, "proxy not allowed".to_owned())
        );
        assert_eq!(
            status_words(refused(
                500,
                None,
                r#"{"message":"größer\n","data":null}"#,
                ""
            )),
            (500, "größer".to_owned())
        );
        assert_eq!(
            refused(
                403,
                Some("Permission check failed (/, Sys.Audit)"),
                r#"{"data":null}"#,
                ""
            ),
            FailureKind::Forbidden {
                right: Some("Sys.Audit on /".into())
            }
        );
    }

    #[test]
    fn a_server_that_knows_no_tokens_is_explained() {
        let FailureKind::Unauthorized {
            reason: Some(reason),
            ..
        } = refused(401, Some("No ticket"), "", "GET /version")
        else {
            unreachable!();
        };
        assert!(reason.contains("older than 6.2"), "{reason}");
    }

    #[test]
    fn a_refused_credential_is_named() {
        assert_eq!(
            refused(401, Some("invalid token value!"), "", "GET /version"),
            FailureKind::Unauthorized {
                credential: "token v@pve!tui".into(),
                reason: Some("invalid token value!".into()),
            }
        );
    }

    #[test]
    fn onward_errors_say_who_did_not_answer() {
        let (code, words) = status_words(refused(
            595,
            Some("Connection refused"),
            "",
            "GET /api2/json/cluster/status",
        ));
        assert_eq!(code, 595);
        assert!(words.contains("pvedaemon does not run"), "{words}");
        let (_, words) = status_words(refused(
            595,
            Some("No route to host"),
            "",
            "GET /api2/json/nodes/pve2/status",
        ));
        assert!(words.contains("cannot reach that node"), "{words}");
        let (code, words) = status_words(refused(596, Some("Connection timed out"), "", "GET /x"));
        assert_eq!(code, 596);
        assert!(words.contains("storage hangs"), "{words}");
        let (_, words) = status_words(refused(595, None, "", "GET /x"));
        assert_eq!(words, "no reason given");
    }

    #[test]
    fn not_found_is_another_place() {
        assert!(matches!(
            refused(404, None, "<html>nginx</html>", "GET /version"),
            FailureKind::WrongPlace { .. }
        ));
    }
}
