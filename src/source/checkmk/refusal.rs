//! Answers of Checkmk that are no data: problem JSON in its two dialects, pages of the web server.

use serde_json::Value;

use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Text};

use super::super::http::Answer;

/// The failure that an answer other than 200 means.
pub(super) fn failure(answer: &Answer, credential: &str) -> Failure {
    let problem = Problem::of(answer);
    let reason = problem.as_ref().and_then(Problem::words);
    let kind = match answer.status {
        401 => FailureKind::Unauthorized {
            credential: Text::clean(credential),
            reason,
        },
        403 => FailureKind::Forbidden { right: reason },
        301..=308 if location(answer).contains("login.py") => FailureKind::LoginPage,
        // The web server of the machine answers for a site that does not run, and in HTML.
        502 | 503 if problem.is_none() && answer.headers.get("retry-after").is_none() => {
            FailureKind::Status {
                code: answer.status,
                reason: Some(Text::clean("the site is stopped or starting")),
            }
        }
        400 | 402 | 404..=428 | 430..=501 | 504..=599 => FailureKind::Status {
            code: answer.status,
            reason: reason.or_else(|| answer.reason.clone()),
        },
        _ => return answer.failure(credential),
    };
    Failure::new(kind).during(&answer.asked)
}

/// A page came where JSON should be: the login page of Checkmk or of a proxy before it.
pub(super) fn page_instead_of_json(answer: &Answer) -> Option<Failure> {
    let content_type = answer
        .headers
        .get("content-type")
        .map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase());
    let starts_like_a_page = answer
        .body
        .iter()
        .find(|b| !b.is_ascii_whitespace())
        .is_some_and(|b| *b == b'<');
    let kind = match content_type {
        _ if starts_like_a_page => FailureKind::LoginPage,
        Some(kind) if kind.contains("json") => return None,
        Some(kind) if kind.contains("html") => FailureKind::LoginPage,
        Some(kind) => FailureKind::Malformed {
            detail: Text::clean(&format!("`{kind}` came instead of JSON")),
        },
        None => return None,
    };
    Some(Failure::new(kind).during(&answer.asked))
}

fn location(answer: &Answer) -> String {
    answer
        .headers
        .get("location")
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default()
}

/// Columns that a 400 calls unknown, out of those `asked` for in this order.
pub(super) fn unknown_columns<'c>(body: &[u8], asked: &[&'c str]) -> Vec<&'c str> {
    let Some(fields) = Problem::parse(body).and_then(|problem| problem.fields) else {
        return Vec::new();
    };
    let mut words = Vec::new();
    flatten(&fields, &mut words);
    // "Unknown column: services.performance_data", in the pydantic dialect with "Value error, " before.
    let named = words.iter().filter_map(|words| {
        let (_, after) = words.split_once("Unknown column: ")?;
        let name = after
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
            .next()?;
        Some(name.rsplit_once('.').map_or(name, |(_, column)| column))
    });
    let mut unknown: Vec<&str> = asked
        .iter()
        .copied()
        .filter(|column| named.clone().any(|name| name == *column))
        .collect();
    if unknown.is_empty() {
        // Only its place in the list is named: {"columns":{"3":[…]}}, or "loc":["body","columns",3].
        unknown = places(&fields)
            .into_iter()
            .filter_map(|place| asked.get(place).copied())
            .collect();
    }
    unknown
}

/// Places in the list of columns that `fields` names.
fn places(fields: &Value) -> Vec<usize> {
    let mut places = Vec::new();
    for (field, what) in fields.as_object().into_iter().flatten() {
        if field == "columns" || field == "query.columns" || field == "body.columns" {
            for key in what.as_object().into_iter().flatten().map(|(key, _)| key) {
                places.extend(key.parse::<usize>());
            }
        }
        if field.contains("columns") {
            let loc = what.get("loc").and_then(Value::as_array);
            places.extend(
                loc.into_iter()
                    .flatten()
                    .filter_map(Value::as_u64)
                    .filter_map(|place| usize::try_from(place).ok()),
            );
        }
    }
    places
}

/// What a refusal says, in one line.
#[cfg(test)]
pub(super) fn words(body: &[u8]) -> Option<Text> {
    Problem::parse(body).and_then(|problem| problem.words())
}

/// An error as Checkmk writes it (`application/problem+json`). `fields` is free JSON.
struct Problem {
    title: String,
    detail: String,
    fields: Option<Value>,
    crash: Option<String>,
}

impl Problem {
    fn of(answer: &Answer) -> Option<Self> {
        Self::parse(&answer.body)
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let Value::Object(mut problem) = serde_json::from_slice(body).ok()? else {
            return None;
        };
        let mut text = |key: &str| match problem.remove(key) {
            Some(Value::String(text)) => text.trim().to_owned(),
            _ => String::new(),
        };
        let (title, detail) = (text("title"), text("detail"));
        let crash = problem
            .get("ext")
            .and_then(|ext| ext.get("crash_id"))
            .and_then(Value::as_str)
            .map(str::to_owned);
        let fields = problem.remove("fields");
        (!title.is_empty() || !detail.is_empty()).then_some(Self {
            title,
            detail,
            fields,
            crash,
        })
    }

    /// All it says in one line.
    fn words(&self) -> Option<Text> {
        let mut parts = vec![self.title.clone()];
        if self.detail != self.title {
            parts.push(self.detail.clone());
        }
        if let Some(fields) = &self.fields {
            let mut words = Vec::new();
            flatten(fields, &mut words);
            words.dedup();
            parts.push(words.join(", "));
        }
        if let Some(crash) = &self.crash {
            parts.push(format!("crash report {crash}"));
        }
        parts.retain(|part| !part.trim().is_empty());
        Text::clean_non_empty(&parts.join(": "))
    }
}

/// The messages in `fields`, whichever dialect: lists of texts at any depth, or objects with `msg`.
fn flatten<'v>(fields: &'v Value, words: &mut Vec<&'v str>) {
    match fields {
        Value::String(text) => words.push(text),
        Value::Array(list) => list.iter().for_each(|value| flatten(value, words)),
        Value::Object(object) => {
            // What was sent comes back in `input`; that is no message.
            if let Some(Value::String(text)) = object.get("msg") {
                words.push(text);
            } else {
                object.values().for_each(|value| flatten(value, words));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_dialects_name_their_column() {
        let asked = ["name", "state", "staleness", "foo"];
        for body in [
            r#"{"title":"Bad Request","status":400,"detail":"These fields have problems: columns","fields":{"columns":{"0":["Unknown column: services.staleness"]}}}"#,
            r#"{"title":"Bad Request","fields":{"columns":["Unknown column: hosts.staleness"]}}"#,
            r#"{"title":"Bad Request","fields":{"body.columns":{"type":"value_error","loc":["body","columns"],"msg":"Value error, Unknown column: hosts.staleness","input":["staleness","foo"]}}}"#,
            r#"{"title":"Bad Request","fields":{"columns":{"2":["Diese Spalte gibt es nicht"]}}}"#,
            r#"{"title":"Bad Request","fields":{"query.columns":{"msg":"?","loc":["query","columns",2]}}}"#,
        ] {
            assert_eq!(
                unknown_columns(body.as_bytes(), &asked),
                ["staleness"],
                "{body}"
            );
        }
    }

    #[test]
    fn other_refusals_name_no_column() {
        for body in [
            r#"{"title":"Bad Request","fields":{"query":["Not valid JSON"]}}"#,
            r#"{"title":"Bad Request","fields":{"columns":["Unknown column: hosts.never_asked"]}}"#,
            r#"{"title":"Bad Request","fields":null}"#,
            r#"{"title":"Bad Request"}"#,
            "[]",
            "<html>",
            "",
        ] {
            assert_eq!(
                unknown_columns(body.as_bytes(), &["name", "state"]),
                Vec::<&str>::new(),
                "{body}"
            );
        }
    }

    #[test]
    fn the_words_of_a_problem_are_one_line() {
        let words = |body: &str| words(body.as_bytes()).map(|w| w.as_str().to_owned());
        assert_eq!(
            words(r#"{"title":"Couldn't log in.","detail":"Couldn't log in."}"#).as_deref(),
            Some("Couldn't log in.")
        );
        assert_eq!(
            words(r#"{"title":"Internal Server Error","detail":"boom\nbang","ext":{"crash_id":"17-4"}}"#)
                .as_deref(),
            Some("Internal Server Error: boom⏎bang: crash report 17-4")
        );
        assert_eq!(
            words(r#"{"title":"Bad Request","detail":"","fields":{"a":{"0":["x","y"]}}}"#)
                .as_deref(),
            Some("Bad Request: x, y")
        );
        assert_eq!(words(r#"{"title":""}"#), None);
    }
}
