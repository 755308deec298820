//! What an answer means, as far as all three servers agree.

use std::time::Duration;

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER};
use serde_json::error::Category;
use url::Url;

use crate::domain::failure::FailureKind;
use crate::domain::{Failure, Moment, Text};

use super::Answer;

/// The longest that a server may ask us to wait.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// Beyond this a `Retry-After` is a mistake and the ordinary back-off decides.
const SENSELESS_WAIT: Duration = Duration::from_hours(24);

/// Error bodies larger than this are not looked into for a reason.
const LARGEST_ERROR: usize = 64 * 1024;

/// Longest piece of a parser's message that is shown.
const LONGEST_DETAIL: usize = 160;

impl Answer {
    /// The body as JSON of a known shape. A login page, an empty body, HTML or JSON of another shape
    /// is a failure with one line that says what came instead.
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, Failure> {
        let kind = match self.not_json() {
            Some(kind) => kind,
            None => match serde_json::from_slice(&self.body) {
                Ok(value) => return Ok(value),
                Err(error) => malformed(&shape(&error)),
            },
        };
        Err(Failure::new(kind).during(&self.asked))
    }

    /// The failure that this status means, for statuses that no caller treats on its own:
    /// 401, 403, 429 and 503 with `Retry-After`, redirects, others. `credential` names what was refused.
    pub fn failure(&self, credential: &str) -> Failure {
        let reason = self.words();
        let wait = self.header(&RETRY_AFTER).map(retry_after);
        let kind = match (self.status, wait) {
            (401, _) => FailureKind::Unauthorized {
                credential: Text::clean(credential),
                reason,
            },
            (403, _) => FailureKind::Forbidden {
                right: reason.map(|said| missing_right(&said).unwrap_or(said)),
            },
            (429, wait) => FailureKind::Busy {
                retry_after: wait.flatten(),
                code: 429,
            },
            (503, Some(wait)) => FailureKind::Busy {
                retry_after: wait,
                code: 503,
            },
            (300..=399, _) if self.header(&LOCATION).is_some() => FailureKind::RedirectElsewhere {
                to: Text::clean(&without_query(self.header(&LOCATION).unwrap_or_default())),
            },
            (code, _) => FailureKind::Status { code, reason },
        };
        Failure::new(kind).during(&self.asked)
    }

    /// The server's own words: the reason phrase, or what a JSON body says. Proxmox has `message` (since 8.4)
    /// and `errors` by parameter, Checkmk `title` and `detail`, Redmine a list of `errors`.
    fn words(&self) -> Option<Text> {
        let said = self.said();
        match (&self.reason, said) {
            (None, said) => said,
            (Some(reason), Some(said)) if self.status == 400 && !said.contains(&**reason) => {
                Some(Text::clean(&format!("{reason} {said}")))
            }
            (Some(reason), _) => Some(reason.clone()),
        }
    }

    fn said(&self) -> Option<Text> {
        if self.body.len() > LARGEST_ERROR || self.body.first() != Some(&b'{') {
            return None;
        }
        let body: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&self.body).ok()?;
        let text = |name: &str| body.get(name).and_then(serde_json::Value::as_str);
        let mut parts: Vec<String> = Vec::new();
        if let Some(message) = text("message") {
            parts.push(message.trim().to_owned());
        } else if let (Some(title), detail) = (text("title"), text("detail")) {
            let detail = detail.filter(|d| !d.trim().is_empty() && *d != title);
            parts.push(match detail {
                Some(detail) => format!("{title}: {detail}"),
                None => title.to_owned(),
            });
        }
        match body.get("errors") {
            Some(serde_json::Value::Object(errors)) => {
                parts.extend(errors.iter().take(5).filter_map(|(name, why)| {
                    why.as_str().map(|why| format!("{name}: {}", why.trim()))
                }));
            }
            Some(serde_json::Value::Array(errors)) => {
                parts.extend(
                    errors
                        .iter()
                        .take(5)
                        .filter_map(|e| e.as_str().map(str::to_owned)),
                );
            }
            _ => {}
        }
        Text::clean_non_empty(&parts.join(" "))
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What came instead of JSON, if that is plain from the outside.
    fn not_json(&self) -> Option<FailureKind> {
        if let Some(encoding) = self.header(&CONTENT_ENCODING)
            && !encoding.eq_ignore_ascii_case("identity")
        {
            return Some(malformed(&format!(
                "compressed as {encoding}, which was not asked for"
            )));
        }
        let start = self.body.trim_ascii_start();
        let kind = self.header(&CONTENT_TYPE).unwrap_or_default();
        match start.first() {
            None => Some(malformed("empty answer")),
            Some(b'<') if start.starts_with(b"<?xml") && !kind.contains("html") => {
                Some(malformed("XML instead of JSON"))
            }
            Some(b'<') => Some(FailureKind::LoginPage),
            Some(b'{' | b'[' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => None,
            Some(_) if kind.starts_with("text/html") => Some(FailureKind::LoginPage),
            Some(_) => None,
        }
    }
}

fn malformed(detail: &str) -> FailureKind {
    FailureKind::Malformed {
        detail: Text::clean(detail),
    }
}

/// What is wrong with JSON, in one line: where, and what was expected. Values of the answer are left out: they
/// may be long, hostile or secret.
fn shape(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let place = format!(" at line {line} column {column}");
    let said = said.strip_suffix(&place).unwrap_or(&said);
    let what = match error.classify() {
        Category::Eof => "the answer is cut off".to_owned(),
        Category::Syntax | Category::Io => format!("not JSON: {said}"),
        Category::Data => data(said),
    };
    let what: String = what.chars().take(LONGEST_DETAIL).collect();
    format!("line {line}, column {column}: {what}")
}

/// `invalid type: string "secret", expected u64` without the value.
fn data(said: &str) -> String {
    let found = said
        .strip_prefix("invalid type: ")
        .or_else(|| said.strip_prefix("invalid value: "));
    let Some(found) = found else {
        return match said.split_once(", expected ") {
            Some((what, expected)) => {
                let what = what.split(['`', '"']).next().unwrap_or_default().trim();
                format!("{what}, expected {expected}")
            }
            None => said.to_owned(),
        };
    };
    let kind = found.split(['`', '"', ',']).next().unwrap_or_default();
    let expected = found.rsplit_once(", expected ").map_or("", |(_, e)| e);
    format!("{} where {expected} was expected", kind.trim())
}

/// `VM.PowerMgmt on /vms/100` from `Permission check failed (/vms/100, VM.PowerMgmt)`.
fn missing_right(said: &str) -> Option<Text> {
    let (_, rest) = said.split_once("Permission check failed (")?;
    let (inside, _) = rest.rsplit_once(')')?;
    let (path, right) = inside.split_once(',')?;
    path.starts_with('/')
        .then(|| Text::clean(&format!("{} on {}", right.trim(), path.trim())))
}

/// How long `Retry-After` asks to wait: seconds or an HTTP date; `None` when senseless.
fn retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    let wait = if let Ok(seconds) = value.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let date = jiff::fmt::rfc2822::parse(value).ok()?;
        let moment = Moment::from_unix(date.timestamp().as_second())?;
        moment.until(Moment::now())
    };
    (!wait.is_zero() && wait <= SENSELESS_WAIT).then_some(wait.min(LONGEST_WAIT))
}

/// An address without what may hold secrets.
fn without_query(location: &str) -> String {
    let Ok(mut url) = Url::parse(location) else {
        let bare = location.split(['?', '#']).next();
        return bare.unwrap_or_default().to_owned();
    };
    url.set_query(None);
    url.set_fragment(None);
    // Fails only for addresses that cannot have them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}
