//! Which issues a list holds, and in which order. What Redmine does not know it ignores in silence.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde_json::json;

use super::desk::{Desk, Issue, ME, OPERATORS};
use super::{QUERIES, STATUSES, empty};
use crate::demo::answer::Answer;
use crate::demo::asked::Asked;
use crate::domain::Moment;

/// The issues a request asks for.
pub(super) fn wanted<'d>(
    desk: &'d Desk,
    asked: &Asked,
    project: Option<&str>,
    now: i64,
) -> Result<Vec<&'d Issue>, Answer> {
    let conditions = conditions(asked)?;
    let said = |name: &str| conditions.get(name).map(String::as_str);
    let mut projects: Vec<u64> = Vec::new();
    for name in (project.or(said("project_id")).into_iter()).flat_map(|names| names.split('|')) {
        projects.push(desk.project(name).ok_or_else(|| empty(404))?.id);
    }
    // The trap: without a word about the status, only open issues are listed.
    let status = said("status_id").unwrap_or("open");
    let updated = time_filter(said("updated_on"), "Updated")?;
    let created = time_filter(said("created_on"), "Created")?;
    // So many days ago or more, as the only form that is asked for.
    let due = said("due_date").and_then(|text| text.strip_prefix("<t-"));
    let due = due.and_then(|days| days.parse::<i64>().ok());
    let due = due.map(|days| now - days * 86_400);
    let number = |name: &str, has: &dyn Fn(u64) -> bool, nobody: bool| match said(name) {
        None | Some("*") => true,
        Some("!*") => nobody,
        Some("me") => has(ME) || has(OPERATORS),
        Some("!me") => !has(ME) && !has(OPERATORS),
        Some(text) => text
            .split(['|', ','])
            .any(|part| part.parse().is_ok_and(has)),
    };
    let mut wanted: Vec<&Issue> = desk
        .issues
        .values()
        .filter(|issue| projects.is_empty() || projects.contains(&issue.project))
        .filter(|issue| due.is_none_or(|at| issue.due.is_some_and(|due| due <= at)))
        .filter(|issue| {
            number(
                "watcher_id",
                &|id| issue.watched && id == ME,
                !issue.watched,
            )
        })
        .filter(|issue| status_fits(status, issue.status))
        .filter(|issue| updated.fits(issue.updated) && created.fits(issue.created))
        .filter(|issue| number("issue_id", &|id| issue.id == id, false))
        .filter(|issue| number("author_id", &|id| issue.author == id, false))
        .filter(|issue| number("tracker_id", &|id| issue.tracker == id, false))
        .filter(|issue| number("priority_id", &|id| issue.priority == id, false))
        .filter(|issue| {
            let nobody = issue.assigned.is_none();
            number("assigned_to_id", &|id| issue.assigned == Some(id), nobody)
        })
        .collect();
    wanted.sort_by_key(|issue| Reverse(issue.id));
    let sort = asked.value("sort").unwrap_or_default();
    for key in sort.split(',').rev() {
        let (name, descending) = match key.split_once(':') {
            Some((name, way)) => (name, way == "desc"),
            None => (key, false),
        };
        let of = |issue: &Issue| match name {
            "id" => Some(i64::try_from(issue.id).unwrap_or(i64::MAX)),
            "updated_on" => Some(issue.updated),
            "created_on" => Some(issue.created),
            "priority" => i64::try_from(issue.priority).ok(),
            "status" => i64::try_from(issue.status).ok(),
            _ => None,
        };
        wanted.sort_by(|a, b| {
            let order = of(a).cmp(&of(b));
            if descending { order.reverse() } else { order }
        });
    }
    Ok(wanted)
}

/// What is asked for, by field: in the long form (`f[]`, `op[…]`, `v[…][]`), which makes the short one be ignored, or
/// in the short one; or by a saved query, which makes both be ignored.
fn conditions(asked: &Asked) -> Result<HashMap<String, String>, Answer> {
    let mut conditions = HashMap::new();
    if let Some(number) = asked.value("query_id") {
        let (.., filters) = QUERIES
            .iter()
            .find(|(id, ..)| id.to_string() == number)
            .ok_or_else(|| empty(404))?;
        for (field, value) in *filters {
            conditions.insert((*field).to_owned(), (*value).to_owned());
        }
        return Ok(conditions);
    }
    for field in asked.values("f[]") {
        let operator = asked.value(&format!("op[{field}]")).unwrap_or("=");
        let key = format!("v[{field}][]");
        let values = asked.values(&key).collect::<Vec<_>>().join("|");
        let said = match operator {
            "=" => values,
            "o" => "open".to_owned(),
            "c" => "closed".to_owned(),
            other => format!("{other}{values}"),
        };
        conditions.insert(field.to_owned(), said);
    }
    if conditions.is_empty() {
        conditions.extend(asked.query.iter().cloned());
    }
    Ok(conditions)
}

fn status_fits(filter: &str, status: u64) -> bool {
    let closed = STATUSES
        .iter()
        .any(|(id, _, closed)| *id == status && *closed);
    match filter {
        "*" => true,
        "open" | "o" => !closed,
        "closed" | "c" => closed,
        list => match list.strip_prefix('!') {
            Some(not) => !listed(not, status),
            None => listed(list, status),
        },
    }
}

/// `1|2`; a comma makes it no number at all.
fn listed(list: &str, status: u64) -> bool {
    list.split('|').any(|part| part.parse() == Ok(status))
}

/// From and until, both included.
struct Between(i64, i64);

impl Between {
    fn fits(&self, at: i64) -> bool {
        (self.0..=self.1).contains(&at)
    }
}

/// A filter on a moment; anything but a day or a moment with `Z` is a 422.
fn time_filter(text: Option<&str>, label: &str) -> Result<Between, Answer> {
    let Some(text) = text else {
        return Ok(Between(i64::MIN, i64::MAX));
    };
    let read = |text: &str| {
        let whole = match text.len() {
            10 => format!("{text}T00:00:00Z"),
            _ => text.to_owned(),
        };
        let plain = whole.ends_with('Z') && !whole.contains('.');
        let moment = plain.then(|| Moment::from_rfc3339(&whole)).flatten();
        moment.map(Moment::as_unix).ok_or_else(|| {
            let body = json!({ "errors": [format!("{label} is invalid")] });
            Answer::new(422, "application/json; charset=utf-8", body.to_string())
        })
    };
    Ok(if let Some(range) = text.strip_prefix("><") {
        let (from, until) = range.split_once('|').unwrap_or((range, range));
        Between(read(from)?, read(until)?)
    } else if let Some(from) = text.strip_prefix(">=") {
        Between(read(from)?, i64::MAX)
    } else if let Some(until) = text.strip_prefix("<=") {
        Between(i64::MIN, read(until)?)
    } else {
        let day = read(text)?;
        Between(day, day + 86_399)
    })
}
