//! A look-alike of Redmine 5.0: key, paging, filters, journals, and its silence where others explain.
//!
//! The user of the key prefers the newest journal first, as some do: clients must sort by id.

mod desk;
mod filter;
mod write;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::Answer;
use super::asked::Asked;
use super::trouble::Trouble;
use super::world::World;

pub(super) use desk::Desk;

/// Statuses: number, name, whether it closes.
pub(super) const STATUSES: [(u64, &str, bool); 7] = [
    (1, "New", false),
    (2, "In Progress", false),
    (3, "Resolved", false),
    (4, "Feedback", false),
    (5, "Closed", true),
    (6, "Rejected", true),
    (7, "Waiting for vendor", false),
];

/// Trackers.
pub(super) const TRACKERS: [&str; 4] = ["Bug", "Feature", "Support", "Task"];

/// Priorities.
pub(super) const PRIORITIES: [&str; 5] = ["Low", "Normal", "High", "Urgent", "Immediate"];

/// A saved query: number, name, what it asks for.
type Query = (u64, &'static str, &'static [(&'static str, &'static str)]);

/// Saved queries.
pub(super) const QUERIES: [Query; 1] = [(
    3,
    "For the council",
    &[("project_id", "statutes"), ("status_id", "open")],
)];

/// How slow it is while the wiki is down.
const SLOW: Duration = Duration::from_millis(700);

/// A page that Rails shows for a path it does not know.
const NOT_FOUND: &str = "<!DOCTYPE html>\n<html>\n<head>\n  <meta charset=\"utf-8\" />\n  <title>Redmine 404 error</title>\n\
     </head>\n<body>\n  <h1>Page not found</h1>\n</body>\n</html>\n";

/// Answers a request.
pub(super) fn answer(world: &Arc<World>, asked: &Asked, bend: Option<&Trouble>) -> Answer {
    let now = world.now();
    let answer = route(world, asked, bend, now);
    let answer = answer.header("cache-control", "max-age=0, private, must-revalidate");
    if world.wiki(now).down {
        answer.after(SLOW)
    } else {
        answer
    }
}

fn route(world: &Arc<World>, asked: &Asked, bend: Option<&Trouble>, now: i64) -> Answer {
    let path = asked.path();
    let [directories @ .., last] = path.as_slice() else {
        return Answer::new(
            200,
            "text/html; charset=utf-8",
            "<!DOCTYPE html>\n<html></html>",
        );
    };
    let Some(last) = last.strip_suffix(".json") else {
        return without_suffix(asked);
    };
    let key = asked
        .header("x-redmine-api-key")
        .or_else(|| asked.value("key"));
    if bend == Some(&Trouble::Unauthorized) || key != Some(world.secrets.key.as_str()) {
        return empty(401).header("www-authenticate", "Basic realm=\"Redmine API\"");
    }
    let hostile = match bend {
        Some(Trouble::Hostile(text)) => Some(text.as_str()),
        _ => None,
    };
    let blind = bend == Some(&Trouble::EmptyLists);
    let mut desk = world.desk.lock().unwrap_or_else(PoisonError::into_inner);
    desk.advance(&world.sample, world.start(), now);
    let writer = write::Writer {
        desk: &desk,
        hostile,
    };
    if asked.method != hyper::Method::GET {
        return Answer::new(404, "text/html; charset=utf-8", NOT_FOUND);
    }
    match (directories, last) {
        ([], "issues") if blind => paged("issues", asked, &[], |(): &()| Value::Null),
        ([], "issues") => issues(&writer, asked, None, now),
        (["projects", project], "issues") => issues(&writer, asked, Some(project), now),
        (["issues"], number) => {
            let found = number.parse().ok().and_then(|number| desk.issue(number));
            match found {
                Some(issue) if blind => {
                    let _ = issue;
                    empty(403)
                }
                Some(issue) => {
                    let include = asked.value("include").unwrap_or_default();
                    send(&json!({ "issue": writer.detail(issue, include) }))
                }
                None => empty(404),
            }
        }
        (["users"], "current") => send(&json!({ "user": {
            "id": desk::ME, "login": "svc-vigie", "admin": false, "firstname": "Vigie", "lastname": "Dashboard",
            "created_on": desk::stamp(world.start() - 40_000_000),
            "updated_on": desk::stamp(world.start() - 40_000_000),
            "last_login_on": null, "passwd_changed_on": null, "twofa_scheme": null,
            "api_key": world.secrets.key,
        }})),
        (["users"], number) => match number.parse().ok().and_then(|id| writer.account(id)) {
            Some(account) => send(&json!({ "user": account })),
            None => empty(404),
        },
        ([], "projects") => {
            let projects = if blind { &[][..] } else { &desk.projects };
            paged("projects", asked, projects, |project| {
                writer.project(project)
            })
        }
        (["projects"], name) => match desk.project(name) {
            Some(project) => send(&json!({ "project": writer.project(project) })),
            None => empty(404),
        },
        (["projects", name], "memberships") => match desk.project(name) {
            Some(project) => {
                let members = writer.memberships(project);
                paged("memberships", asked, &members, Value::clone)
            }
            None => empty(404),
        },
        ([], "issue_statuses") => {
            let statuses = STATUSES
                .map(|(id, name, closed)| json!({"id": id, "name": name, "is_closed": closed}));
            send(&json!({ "issue_statuses": statuses }))
        }
        ([], "trackers") => send(&json!({ "trackers": numbered(&TRACKERS) })),
        (["enumerations"], "issue_priorities") => {
            send(&json!({ "issue_priorities": numbered(&PRIORITIES) }))
        }
        ([], "users" | "groups" | "custom_fields") => empty(403),
        _ => Answer::new(404, "text/html; charset=utf-8", NOT_FOUND),
    }
}

fn issues(writer: &write::Writer<'_>, asked: &Asked, project: Option<&str>, now: i64) -> Answer {
    match filter::wanted(writer.desk, asked, project, now) {
        Ok(wanted) => {
            let include = asked.value("include").unwrap_or_default();
            paged("issues", asked, &wanted, |issue| writer.row(issue, include))
        }
        Err(answer) => answer,
    }
}

/// A page of a list: 25 unless asked otherwise, 100 at most; nonsense is 25 again.
fn paged<T>(name: &str, asked: &Asked, all: &[T], write: impl Fn(&T) -> Value) -> Answer {
    let limit = asked
        .number("limit")
        .filter(|limit| *limit > 0)
        .map_or(25, |limit| limit.min(100));
    let page = asked.number("page").filter(|page| *page > 0);
    let offset = asked
        .number("offset")
        .or_else(|| page.map(|page| (page - 1) * limit))
        .map_or(0, |offset| offset.max(0));
    let rows: Vec<Value> = all
        .iter()
        .skip(usize::try_from(offset).unwrap_or(usize::MAX))
        .take(usize::try_from(limit).unwrap_or(0))
        .map(write)
        .collect();
    let mut body = json!({ name: rows });
    let bare = asked.value("nometa") == Some("1") || asked.header("x-redmine-nometa") == Some("1");
    if !bare {
        body["total_count"] = json!(all.len());
        body["offset"] = json!(offset);
        body["limit"] = json!(limit);
    }
    send(&body)
}

/// JSON as Rails writes it: the angle brackets and `&` escaped.
fn send(body: &Value) -> Answer {
    let text = body
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    Answer::new(200, "application/json; charset=utf-8", text)
}

/// 401, 403 and 404 come without a word.
fn empty(status: u16) -> Answer {
    Answer::new(status, "application/json", bytes::Bytes::new())
}

fn without_suffix(asked: &Asked) -> Answer {
    let json = asked
        .header("accept")
        .is_some_and(|accept| accept.contains("json"));
    if json {
        // It says JSON and is not.
        Answer::new(406, "application/json", "Not acceptable")
    } else {
        Answer::new(
            200,
            "text/html; charset=utf-8",
            "<!DOCTYPE html>\n<html><title>Redmine</title></html>",
        )
    }
}

fn numbered(names: &[&str]) -> Value {
    let entry = |(place, name): (usize, &&str)| json!({"id": place + 1, "name": name, "is_default": place == 1, "active": true});
    names.iter().enumerate().map(entry).collect()
}
