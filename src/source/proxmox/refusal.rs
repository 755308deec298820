//! What the statuses mean with which Proxmox VE refuses (`api/proxmox.md`, §1). There is no 404 and no
//! 409; the words are in the reason phrase and, since 8.4, in the body's `message`.

use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};
use crate::source::http::Answer;

use super::wire::lenient::Word;

/// `Ok` for 200, otherwise the failure. `credential` names what was refused, never its value.
pub fn check(answer: &Answer, credential: &str) -> Result<(), Failure> {
    if answer.status == 200 {
        return Ok(());
    }
    Err(failure(answer, credential))
}

/// The failure that a status other than 200 means.
fn failure(answer: &Answer, credential: &str) -> Failure {
    let words = words(answer);
    let kind = match answer.status {
        401 => FailureKind::Unauthorized {
            credential: Text::clean(credential),
            reason: words,
        },
        403 => FailureKind::Forbidden {
            right: words.as_deref().map(right),
        },
        404 => {
            return super::wire::wrong_place("404 Not Found was answered")
                .during(answer.asked.as_str());
        }
        code @ (400 | 500 | 501) => FailureKind::Status {
            code,
            reason: words,
        },
        code @ 595..=599 => FailureKind::Status {
            code,
            reason: Some(onward(code, words.as_deref(), &answer.asked)),
        },
        _ => return answer.failure(credential),
    };
    Failure::new(kind).during(answer.asked.as_str())
}

/// The server's words: the reason phrase; when that is lost (hyper drops one that is not ASCII) or
/// says nothing, `message` and `errors` of the body.
fn words(answer: &Answer) -> Option<Text> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct Body<'a> {
        #[serde(borrow)]
        message: Word<'a>,
        #[serde(borrow)]
        errors: super::wire::lenient::Part<std::collections::BTreeMap<String, Word<'a>>>,
    }
    let body: Body<'_> = serde_json::from_slice(&answer.body).unwrap_or_default();
    let reason = answer
        .reason
        .as_deref()
        .or(body.message.get())
        .map(str::trim)
        .filter(|words| !words.is_empty());
    let parameters: Vec<String> = body
        .errors
        .0
        .unwrap_or_default()
        .iter()
        .map(|(name, error)| format!("{name}: {}", error.get().unwrap_or_default().trim()))
        .collect();
    if parameters.is_empty() {
        return reason.and_then(Text::clean_non_empty);
    }
    let parameters = parameters.join("; ");
    Some(Text::clean(&match reason {
        Some(reason) => format!("{reason} {parameters}"),
        None => parameters,
    }))
}

/// `VM.PowerMgmt on /vms/100` of `Permission check failed (/vms/100, VM.PowerMgmt)`; other words as
/// they are.
fn right(words: &str) -> Text {
    let parsed = words
        .strip_prefix("Permission check failed (")
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|inner| inner.split_once(", "))
        .filter(|(path, _)| path.starts_with('/'));
    match parsed {
        Some((path, privilege)) => Text::clean(&format!("{privilege} on {path}")),
        None => Text::clean(words),
    }
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
    fn errors_only_in_the_reason_phrase_and_errors_only_in_the_body() {
        assert_eq!(
            status_words(refused(500, Some("proxy not allowed"), r#"{"data":null}"#, "")),
            (500, "proxy not allowed".to_owned())
        );
        assert_eq!(
            status_words(refused(500, Some(""), r#"{"message":"größer\n","data":null}"#, "")),
            (500, "größer".to_owned())
        );
        assert_eq!(
            status_words(refused(
                400,
                Some("Parameter verification failed."),
                r#"{"data":null,"errors":{"vmid":"invalid format\n"}}"#,
                ""
            )),
            (400, "Parameter verification failed. vmid: invalid format".to_owned())
        );
    }

    #[test]
    fn a_missing_right_is_named_with_its_place() {
        let right = |reason: &str| match refused(403, Some(reason), r#"{"data":null}"#, "") {
            FailureKind::Forbidden { right: Some(right) } => right.to_string(),
            other => unreachable!("{other:?}"),
        };
        assert_eq!(
            right("Permission check failed (/vms/100, VM.PowerMgmt)"),
            "VM.PowerMgmt on /vms/100"
        );
        assert_eq!(
            right("Permission check failed (user != root@pam)"),
            "Permission check failed (user != root@pam)"
        );
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
        let (code, words) =
            status_words(refused(595, Some("Connection refused"), "", "GET /api2/json/cluster/status"));
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
