//! Which issues a list holds, and in which order. What Redmine does not know it ignores in silence.

use std::cmp::Reverse;

use serde_json::json;

use super::desk::{Desk, Issue, ME};
use super::{STATUSES, empty};
use crate::demo::answer::Answer;
use crate::demo::asked::Asked;
use crate::domain::Moment;

/// The issues a request asks for.
pub(super) fn wanted<'d>(
    desk: &'d Desk,
    asked: &Asked,
    project: Option<&str>,
) -> Result<Vec<&'d Issue>, Answer> {
    let project = match project.or_else(|| asked.value("project_id")) {
        Some(name) => Some(desk.project(name).ok_or_else(|| empty(404))?.id),
        None => None,
    };
    // The trap: without a word about the status, only open issues are listed.
    let status = asked.value("status_id").unwrap_or("open");
    let updated = time_filter(asked, "updated_on")?;
    let created = time_filter(asked, "created_on")?;
    let number = |name: &str, has: &dyn Fn(u64) -> bool, nobody: bool| match asked.value(name) {
        None | Some("*") => true,
        Some("!*") => nobody,
        Some("me") => has(ME),
        Some(text) => text
            .split(['|', ','])
            .any(|part| part.parse().is_ok_and(has)),
    };
    let mut wanted: Vec<&Issue> = desk
        .issues
        .values()
        .filter(|issue| project.is_none_or(|project| issue.project == project))
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
fn time_filter(asked: &Asked, name: &str) -> Result<Between, Answer> {
    let Some(text) = asked.value(name) else {
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
            let label = if name == "updated_on" {
                "Updated"
            } else {
                "Created"
            };
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
